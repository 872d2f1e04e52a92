"""Case -> checks of access: people on wheels and deliveries still get where they have to."""

import numpy as np
import shapely
from numpy.typing import NDArray

from sbd.model.hours import overlap_min, window_min
from sbd.model.verdict import Check
from sbd.verify import narrows
from sbd.verify.breach import Finding, at, zone_asked
from sbd.verify.case import Case
from sbd.verify.narrows import Shapes
from sbd.verify.spots import ground_beside, names_of
from sbd.verify.wishes import Wishes

NAMED = 5


def wheelchair_check(case: Case, width_m: float) -> tuple[Check, list[str]]:
    """Ask for every piece of the zone and every door that a wheelchair could reach before.

    What it could not reach without any unit either is a condition and not charged to the plan.
    """
    zone = zone_asked(case.arena, width_m)
    doors = ground_beside(case.arena, case.site.demands.geometry.to_numpy(), width_m)
    places = np.concatenate([zone, doors])
    before = case.find_places(width_m, places, case.none())
    now = case.find_places(width_m, places)
    lost = before.surely & ~now.surely
    wanted = bool(before.surely[: len(zone)].any())
    names = names_of(case.site.demands, "demand_id")
    advice = _out_of_reach("wheelchair", names[~before.surely[len(zone) :]], width_m)
    if not wanted:
        note = f"too narrow without any unit: {case.words(before, case.none(), wanted=True)}"
        advice.append(f"wheelchair: {note}")
    elif lost.any():
        note = "; ".join(_lost(case, now, lost, len(zone), names))
    else:
        note = (
            f"{int(before.surely[: len(zone)].sum())} of {len(zone)} pieces of the zone and "
            f"{int(before.surely[len(zone) :].sum())} of {len(doors)} doors, as without any unit"
        )
    check = Check(
        name="wheelchair",
        question=(
            f"With everything shut, does a wheelchair ({width_m:g} m) get to every part of the "
            "zone and to every door that it reaches without any unit?"
        ),
        width_m=width_m,
        passes=_answer(now, lost) if wanted else False,
        wanted=wanted,
        note=note,
    )
    return check, advice


def delivery_checks(case: Case, wishes: Wishes) -> tuple[list[Check], list[str]]:
    """Ask for every place of delivery by its own width; nothing without any.

    With all gates open, and of what may come in hours in which no crossing opens, with all shut.
    """
    table = case.site.deliveries
    if table.empty:
        return [], []
    check, advice = _deliveries(case, np.ones(len(table), dtype=bool), gates=True)
    late = np.array(
        [
            any(overlap_min(window_min(*row), window_min(*hours)) for hours in wishes.shut_hours)
            for row in table[["opens", "closes"]].itertuples(index=False)
        ]
    )
    if not late.any():
        return [check], advice
    return [check, _deliveries(case, late, gates=False)[0]], advice


def _deliveries(case: Case, asked: NDArray[np.bool_], *, gates: bool) -> tuple[Check, list[str]]:
    table = case.site.deliveries[asked].reset_index(drop=True)
    names = names_of(table, "delivery_id")
    standing = ~case.openable if gates else ~case.none()
    faults, unsure, advice = [], False, []
    widths_m = table["width_m"].to_numpy(dtype=float)
    for width_m in np.unique(widths_m).tolist():
        number = np.flatnonzero(widths_m == width_m)
        points = table.geometry.to_numpy()[number]
        places = ground_beside(case.arena, points, width_m)
        before = case.find_places(width_m, places, case.none())
        now = case.find_places(width_m, places, standing)
        lost = before.surely & ~now.surely
        unsure |= _answer(now, lost) is None
        faults += [
            f"{names[number[k]]}: {_narrowest(case, now, places[k])}" for k in np.flatnonzero(lost)
        ]
        advice += _out_of_reach("deliveries", names[number[~before.surely]], width_m)
    when = "all gates open" if gates else "everything shut, in hours in which no crossing opens"
    check = Check(
        name="deliveries" if gates else "deliveries_shut",
        question=(
            f"With {when}, does every delivery of that time get to its place, as wide as it is, "
            "that gets there without any unit?"
        ),
        width_m=0.0,
        passes=(None if unsure else False) if faults else True,
        wanted=True,
        note=_cut(faults) if faults else f"all {len(table)} places of delivery, by discs",
    )
    return check, advice


def _answer(now: Finding, lost: NDArray[np.bool_]) -> bool | None:
    """Return whether nothing is lost; None where all that is lost is lost by one method only."""
    if not lost.any():
        return True
    return None if (now.by_rooms[lost] | (now.by_erosion[lost] > 0)).all() else False


def _lost(
    case: Case, now: Finding, lost: NDArray[np.bool_], pieces: int, names: NDArray[np.object_]
) -> list[str]:
    """Return what is cut off, in words, each with the widest way that is left."""
    zone, doors = np.flatnonzero(lost[:pieces]), np.flatnonzero(lost[pieces:])
    said = []
    if len(zone):
        area_m2 = shapely.area(now.zone[zone]).sum()
        said.append(
            f"{area_m2:.0f} m² of the zone are cut off; " + _narrowest(case, now, now.zone[zone[0]])
        )
    said += [f"{names[k]} is cut off; {_narrowest(case, now, now.zone[pieces + k])}" for k in doors]
    return said[: NAMED + 1]


def _narrowest(case: Case, now: Finding, place: shapely.Geometry) -> str:
    """Return the widest way that is left to a place, with where it is narrowest."""
    shapes: Shapes = np.array([place], dtype=object)
    found = narrows.widest_way(now.rooms, case.arena.sources, shapes, now.width_m)
    where = at(shapely.get_coordinates(shapely.point_on_surface(place))[0])
    if found is None:
        return f"no way is left to it {where}"
    return f"the widest way to it {where} is {found[0]:.3f} m, {case.owners.name_of(found[1])}"


def _out_of_reach(what: str, names: NDArray[np.object_], width_m: float) -> list[str]:
    if not len(names):
        return []
    return [f"{what}: {width_m:g} m do not get to {_cut(names)} even without any unit"]


def _cut(texts: list[str] | NDArray[np.object_]) -> str:
    more = f" and {len(texts) - NAMED} more" if len(texts) > NAMED else ""
    return "; ".join(str(text) for text in texts[:NAMED]) + more
