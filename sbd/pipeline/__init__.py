"""The flow on one screen: place -> Site -> Assessment -> Proposal -> files.

Each step can be entered alone. The command line, the Python objects and the service all call these
functions and nothing below them, so that all give the same answer.
"""

from sbd.approach.edits import Answer, Editor, Stage
from sbd.approach.sensitivity import Sensitivity
from sbd.barriers.front import FrontPoint, best_under_budget
from sbd.barriers.session import PlacementSession
from sbd.catalogue.vehicles import DEFAULT_VEHICLES
from sbd.pipeline.choices import (
    front,
    front_table,
    open_best,
    open_point,
    placement_session,
)
from sbd.pipeline.plans import certificate, export, propose, verify, with_failures
from sbd.pipeline.sites import (
    place_request,
    site_demo,
    site_from_extract,
    site_from_layers,
    site_from_service,
    with_own_layers,
)
from sbd.pipeline.speeds import (
    assess,
    edit,
    sensitivity,
    warm_up,
    with_fields,
    write_rasters,
)
from sbd.pipeline.wishes import (
    DEFAULT_REQUEST,
    GAP_LIMIT_M,
    plan_request,
    planners_hand,
)
from sbd.pipeline.years import (
    break_even_days,
    deployment,
    life_cycle,
    products_with,
    read_calendar,
    year_plan,
)
from sbd.proposal import compare, summary, summary_text

__all__ = [
    "DEFAULT_REQUEST",
    "DEFAULT_VEHICLES",
    "GAP_LIMIT_M",
    "Answer",
    "Editor",
    "FrontPoint",
    "PlacementSession",
    "Sensitivity",
    "Stage",
    "assess",
    "best_under_budget",
    "break_even_days",
    "certificate",
    "compare",
    "deployment",
    "edit",
    "export",
    "front",
    "front_table",
    "life_cycle",
    "open_best",
    "open_point",
    "place_request",
    "placement_session",
    "plan_request",
    "planners_hand",
    "products_with",
    "propose",
    "read_calendar",
    "sensitivity",
    "site_demo",
    "site_from_extract",
    "site_from_layers",
    "site_from_service",
    "summary",
    "summary_text",
    "verify",
    "warm_up",
    "with_failures",
    "with_fields",
    "with_own_layers",
    "write_rasters",
    "year_plan",
]
