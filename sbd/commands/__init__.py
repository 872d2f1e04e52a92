"""What each command does: its options in, the answer for machines and for people out."""

BEST = "best"  # for the point of a front that a budget buys
