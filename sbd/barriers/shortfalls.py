"""A layout -> refused, where people would be held up on a line along which they walk or cycle."""

from sbd.errors import InfeasiblePlanError, Relaxation
from sbd.model.proposal import Layout


def refuse_shortfalls(layout: Layout) -> None:
    """Raise InfeasiblePlanError where a desire line has no gap as wide as its country asks.

    Names each line with its place and the width that is possible where the cheapest barrier stands;
    that none elsewhere would do is not shown.
    """
    missing = layout.access_shortfalls
    if missing:
        told = "; ".join(map(str, missing))
        raise InfeasiblePlanError(
            f"{told}; accept that width there, forbid the ground beside it so that the barrier "
            "stands elsewhere, or lead people through another gap",
            [
                Relaxation(
                    f"clear width on desire line {each.desire_id}",
                    each.wanted_m,
                    round(each.found_m, 2),
                    "m",
                )
                for each in missing
            ],
        )
