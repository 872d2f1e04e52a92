"""What each command does: its options in, the answer for machines and for people out."""

from sbd.commands.answer import Answer
from sbd.commands.front import BEST, run_front
from sbd.commands.plans import (
    run_compare,
    run_demo,
    run_export,
    run_failures,
    run_propose,
    run_verify,
)
from sbd.commands.sites import run_site
from sbd.commands.speeds import run_assess, run_sensitivity
from sbd.commands.years import run_cost, run_deploy

__all__ = [
    "BEST",
    "Answer",
    "run_assess",
    "run_compare",
    "run_cost",
    "run_demo",
    "run_deploy",
    "run_export",
    "run_failures",
    "run_front",
    "run_propose",
    "run_sensitivity",
    "run_site",
    "run_verify",
]
