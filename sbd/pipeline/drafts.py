"""Site + wishes -> a draft under a planner's hand: changes are answered at once, then in full."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from sbd.barriers.drawn import Load, Rest, cheapest_rest, loads_on
from sbd.barriers.prepared import Prepared, prepare
from sbd.barriers.session import PlacementSession
from sbd.catalogue.products import Product, load_products
from sbd.errors import InfeasiblePlanError, InputError
from sbd.model.assessment import Assessment
from sbd.model.request import Hand, PlanRequest
from sbd.model.site import Site
from sbd.model.vehicle import Vehicle
from sbd.model.verdict import Verdict
from sbd.pipeline.choices import placement_session
from sbd.pipeline.speeds import surface_of, with_fields
from sbd.pipeline.wishes import DEFAULT_REQUEST, with_rules
from sbd.progress import Progress, ignore, part_of
from sbd.proposal.ledger import ledger_of
from sbd.verify import judge_layout
from sbd.verify.glance import Bench, Glance

__all__ = ["AtOnce", "Change", "Cut", "Deed", "Drafting", "State", "ledger_of"]

# Ground around the units of a line that was taken away, on which no other is looked for [m].
BESIDE_M = 0.5

_COLUMNS = ["unit_id", "line_id", "product_id", "openable"]


class Deed(StrEnum):
    """What a planner's hand does."""

    MOVE = "move"
    ADD = "add"
    REMOVE = "remove"
    PIN = "pin"
    RELEASE = "release"
    FORBID = "forbid"


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One move of a planner's hand.

    Parameters
    ----------
    line_id : str
        Of move, remove, pin, release; the name of the new line of add (made where it is empty).
    east_m, north_m : float
        How far a line moves.
    units : GeoDataFrame or None
        Of add: footprints with `product_id`, maybe `openable`, in the system of the site.
    ground : polygon or None
        Of forbid.
    """

    deed: Deed
    line_id: str = ""
    east_m: float = 0.0
    north_m: float = 0.0
    units: gpd.GeoDataFrame | None = None
    ground: BaseGeometry | None = None


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """A draft between two changes: its units, which lines stay, and where nothing may stand."""

    footprints: gpd.GeoDataFrame
    drawn: frozenset[str] = frozenset()  # lines moved or added
    pinned: frozenset[str] = frozenset()
    forbidden: tuple[BaseGeometry, ...] = ()
    cleared: tuple[BaseGeometry, ...] = ()  # where lines were that were taken away

    @property
    def kept(self) -> gpd.GeoDataFrame:
        """Units that stay whatever else is planned."""
        return self.footprints[self.footprints["line_id"].isin(self.drawn | self.pinned)]


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """What the cheapest plan costs beside what the hand holds.

    Parameters
    ----------
    rest : Rest or None
        None where nothing closes the place; `reason` then says where.
    exact : bool
        Whether the ground was meshed around the units that stay.
    """

    rest: Rest | None
    reason: str
    exact: bool


@dataclass(frozen=True, slots=True, eq=False)
class AtOnce:
    """The answer to a change in a moment: bounds and what is sure, the rest named as undecided."""

    cut: Cut
    glance: Glance
    loads: tuple[Load, ...]  # on lines that were moved or added


class Drafting:
    """A place held ready for a planner's hand. Used by one caller at a time."""

    def __init__(
        self,
        site: Site,
        session: PlacementSession,
        request: PlanRequest,
        products: Sequence[Product],
        heights: Path | None,
    ) -> None:
        self._site, self._request, self._products = site, request, tuple(products)
        self._prepared = session.prepared
        self._surface = surface_of(site, heights)
        layout = session.plan()
        self._bench = Bench.of(site, request, products)
        self.start = State(_plain(layout.footprints))
        self._barriers = layout.barriers
        self.free_cost = session.answer().cost

    @classmethod
    def of(
        cls,
        site: Site,
        assessment: Assessment | None = None,
        request: PlanRequest = DEFAULT_REQUEST,
        *,
        vehicles: Sequence[str | Vehicle] | None = None,
        products: Sequence[Product] | None = None,
        heights: Path | None = None,
        progress: Progress = ignore,
    ) -> "Drafting":
        """Return a place with its cheapest plan drawn; arguments and errors are `propose`'s.

        Chicanes and second lines are not drawn.
        """
        catalogue = load_products() if products is None else tuple(products)
        wanted = with_rules(request)
        solved = with_fields(site, assessment, vehicles, heights, part_of(progress, 0.0, 0.8))
        session = placement_session(
            site,
            solved,
            wanted,
            products=catalogue,
            heights=heights,
            progress=part_of(progress, 0.8, 0.9),
        )
        return cls(site, session, wanted, catalogue, heights)

    def changed(self, state: State, change: Change) -> State:
        """Return the draft after a change; the one before stays as it was.

        Raises InputError for a line that is not there, and for units of no known product.
        """
        if change.deed is Deed.FORBID:
            if change.ground is None or change.ground.is_empty:
                raise InputError("forbid: no ground; draw an outline")
            return replace(state, forbidden=(*state.forbidden, change.ground))
        if change.deed is Deed.ADD:
            return self._added(state, change)
        return _CHANGED[change.deed](state, change, _rows(state, change.line_id))

    def at_once(self, state: State) -> AtOnce:
        """Return what can be said of a draft in a moment."""
        drawn = state.footprints[state.footprints["line_id"].isin(state.drawn)]
        return AtOnce(
            cut=self._cut(self._prepared, state, exact=False),
            glance=self._bench.glance(state.footprints, self._hand(state)),
            loads=loads_on(drawn, self._prepared.demand, self._products),
        )

    def cut(self, state: State) -> Cut:
        """Return the cut with the ground meshed around the units that stay; takes seconds.

        As `propose` takes pinned units: struck from any side, and one that is too weak for that is
        no part of a line. So it may cost more than the answer at once.
        """
        kept = state.kept
        if kept.empty:
            return self._cut(self._prepared, state, exact=True)
        hand = replace(self._request.hand, pinned=self._pins(kept))
        try:
            prepared = prepare(
                self._surface,
                self._prepared.demand,
                replace(self._request, hand=hand),
                products=self._products,
            )
        except (InputError, InfeasiblePlanError) as error:
            return Cut(None, str(error), exact=True)
        return self._cut(prepared, state, exact=True, kept=())

    def verdict(self, state: State, *, progress: Progress = ignore) -> Verdict:
        """Return the whole verdict of the independent judge; takes seconds.

        Lines that still stand as planned are judged by what strikes them there; of those that were
        moved or drawn the judge has no such figures, and says so.
        """
        as_planned = state.footprints is self.start.footprints
        return judge_layout(
            self._site,
            state.footprints,
            request=replace(self._request, hand=self._hand(state)),
            barriers=self._barriers if as_planned else None,
            products=self._products,
            progress=progress,
        )

    def _cut(
        self,
        prepared: Prepared,
        state: State,
        *,
        exact: bool,
        kept: Sequence[BaseGeometry] | None = None,
    ) -> Cut:
        shapes = list(state.kept.geometry) if kept is None else list(kept)
        try:
            rest = cheapest_rest(prepared, shapes, (*state.forbidden, *state.cleared))
        except InfeasiblePlanError as error:
            return Cut(None, str(error), exact)
        return Cut(rest, "", exact)

    def _hand(self, state: State) -> Hand:
        ground = [*state.forbidden]
        if self._request.hand.forbidden is not None:
            ground.append(self._request.hand.forbidden)
        kept = self._pins(state.kept)
        return replace(
            self._request.hand,
            pinned=None if kept is None or kept.empty else kept,
            forbidden=shapely.union_all(ground) if ground else None,
        )

    def _pins(self, kept: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
        asked = self._request.hand.pinned
        if asked is None:
            return kept
        both = pd.concat([_plain(asked), kept], ignore_index=True)
        return gpd.GeoDataFrame(both, geometry="geometry", crs=kept.crs)

    def _added(self, state: State, change: Change) -> State:
        if change.units is None or change.units.empty:
            raise InputError("add: no unit; draw at least one")
        known = {product.product_id for product in self._products}
        if unknown := sorted(set(change.units["product_id"]) - known):
            raise InputError(f"add: of no product in the list: {', '.join(map(str, unknown))}")
        taken = set(state.footprints["line_id"])
        number = next(n for n in range(1, len(taken) + 2) if f"D{n}" not in taken)
        name = change.line_id or f"D{number}"
        if name in taken:
            raise InputError(f"line {name}: there already; choose another name")
        units = change.units.reset_index(drop=True).to_crs(state.footprints.crs)
        units = units.assign(
            line_id=name,
            unit_id=[f"{name}-{n}" for n in range(1, len(units) + 1)],
            openable=units["openable"].astype(bool) if "openable" in units else False,
        )
        return replace(
            state,
            footprints=_joined(state.footprints, _plain(units)),
            drawn=state.drawn | {name},
        )


def _moved(state: State, change: Change, rows: pd.Series) -> State:
    placed = state.footprints.copy()
    shapes = placed.geometry[rows].translate(change.east_m, change.north_m)
    placed.loc[rows, "geometry"] = shapes
    return replace(state, footprints=placed, drawn=state.drawn | {change.line_id})


def _removed(state: State, change: Change, rows: pd.Series) -> State:
    gone = state.footprints.geometry[rows].to_numpy()
    left = gpd.GeoDataFrame(state.footprints[~rows].reset_index(drop=True))
    return replace(
        state,
        footprints=left,
        drawn=state.drawn - {change.line_id},
        pinned=state.pinned - {change.line_id},
        cleared=(*state.cleared, shapely.union_all(shapely.buffer(gone, BESIDE_M))),
    )


def _pinned(state: State, change: Change, _rows: pd.Series) -> State:
    return replace(state, pinned=state.pinned | {change.line_id})


def _released(state: State, change: Change, _rows: pd.Series) -> State:
    held = {change.line_id}
    return replace(state, pinned=state.pinned - held, drawn=state.drawn - held)


_CHANGED = {
    Deed.MOVE: _moved,
    Deed.REMOVE: _removed,
    Deed.PIN: _pinned,
    Deed.RELEASE: _released,
}


def _rows(state: State, line_id: str) -> pd.Series:
    rows: pd.Series = state.footprints["line_id"] == line_id
    if not rows.any():
        names = ", ".join(dict.fromkeys(state.footprints["line_id"]))
        raise InputError(f"line {line_id!r}: not in the draft; it has {names or 'none'}")
    return rows


def _plain(footprints: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return only what a draft keeps of units; what struck them belongs to where they stood."""
    shapes = footprints.geometry.to_numpy()
    table = pd.DataFrame(footprints.drop(columns=footprints.geometry.name)).reset_index(drop=True)
    if "openable" not in table:
        table = table.assign(openable=False)
    kept = [name for name in _COLUMNS if name in table]
    return gpd.GeoDataFrame(table[kept], geometry=shapes, crs=footprints.crs)


def _joined(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    both = pd.concat([one, other], ignore_index=True)
    return gpd.GeoDataFrame(both, geometry="geometry", crs=one.crs)
