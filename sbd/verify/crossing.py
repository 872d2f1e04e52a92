"""Case + an openable lane -> whether a fire engine drives through it, turning as engines turn."""

import math
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from sbd.model.verdict import Check
from sbd.verify.breach import Finding, at
from sbd.verify.case import Case
from sbd.verify.narrows import Floats, Shapes, face_at
from sbd.verify.removal import OUTSIDE, ZONE, face_labels
from sbd.verify.swept import (
    AT_ONCE,
    CLOSER,
    MARGIN_M,
    REACH_M,
    STEP_M,
    Drive,
    Engine,
    Opening,
    drive_through,
)

# Names of these checks begin with it.
SWEPT = "swept:"
# Furniture that an engine drives over or that opens for it.
NO_HINDRANCE = ("kerb", "gate", "lift_gate", "entrance")
# A tree or a lamp is a point on the map; its trunk or post has about this radius [m], assumed.
POST_M = 0.15
# How far from the opening both sides are looked for [m].
SIDES_M = np.arange(1.0, 6.1, 0.5)


def swept_check(
    case: Case,
    shut: Finding,
    lane: str,
    opened: NDArray[np.bool_],
    engine: Engine,
    *,
    also: NDArray[np.bool_],
) -> tuple[Check, list[str]]:
    """Return whether an engine turns through a lane from the street into the zone.

    Parameters
    ----------
    shut : Finding
        Of the threat with everything shut, which tells the street from the zone.
    opened : (n,) bool array
        The units of the lane.
    engine : Engine
        With the lane that it needs.
    also : (n,) bool array
        Every unit that is out of the way then, of this lane and of others.

    Returns
    -------
    Check, list of str
        The second says what furniture stands in its way, if the way needs it gone.
    """
    width_m = engine.lane_m
    question = (
        f"Does a fire engine turn from the street through {lane} to the zone: a body of "
        f"{engine.front_m + engine.tail_m:.1f} x {engine.width_m:g} m, in a lane of {width_m:g} m "
        f"with {MARGIN_M:g} m to spare on either side, inner radius {engine.inner_radius_m:g} m "
        "or more?"
    )
    opening = _opening(case, shut, opened, engine, also)
    if opening is None:
        note = "no street on one side of it and zone on the other"
        return Check(f"{SWEPT}{lane}", question, width_m, False, True, note), []
    drive, furniture = _drive(case, opening, engine)
    check = Check(
        name=f"{SWEPT}{lane}",
        question=question,
        width_m=width_m,
        passes=len(drive.poses) > 0,
        wanted=True,
        note=way_in_words(drive),
    )
    advice = [f"{SWEPT}{lane}: only where {', '.join(furniture)} give way"] if furniture else []
    return check, advice


def _drive(case: Case, opening: Opening, engine: Engine) -> tuple[Drive, list[str]]:
    """Return a way, and the furniture that has to give way for it.

    A closer look, which takes longer, is had only where the first finds no way at all.
    """
    furnished = _furnished(case, opening)
    for look in (AT_ONCE, CLOSER):
        for ground in (furnished, opening):
            drive = drive_through(ground, engine, look)
            if len(drive.poses):
                return drive, [] if ground is furnished else struck(case, drive, engine)
    return drive, []


def way_in_words(drive: Drive) -> str:
    """Return what was found, or why nothing was."""
    if drive.reason:
        return drive.reason
    return (
        f"a way of {STEP_M * (len(drive.poses) - 1):.0f} m; the rear axle starts "
        f"{at(drive.poses[0])}; nothing comes nearer to the body than {drive.clear_m:.2f} m"
    )


def _opening(
    case: Case,
    shut: Finding,
    opened: NDArray[np.bool_],
    engine: Engine,
    also: NDArray[np.bool_],
) -> Opening | None:
    label = face_labels(case, shut)
    units = case.shapes[opened]
    middle = shapely.get_coordinates(shapely.centroid(shapely.union_all(units)))[0]
    inward = _inward(shut, label, middle, _heading_of_row(case, shut, opened, middle))
    if inward is None:
        return None
    obstacles, names = obstacles_near(case, middle, REACH_M + 2 * engine.front_m, ~also)
    zone = shapely.union_all(shut.zone)
    shapely.prepare(zone)

    def side(points: Floats) -> NDArray[np.int8]:
        return np.asarray(label[face_at(shut.rooms, points)])

    def far(points: Floats) -> NDArray[np.bool_]:
        return np.asarray(np.hypot(*(points - middle).T) >= REACH_M)

    def outside(points: Floats) -> NDArray[np.bool_]:
        # Beyond the rim, where nothing is known, an engine gets through an entry only.
        beyond = ~shapely.intersects(case.arena.study, shapely.points(points))
        return np.asarray(far(points) & ((side(points) == OUTSIDE) | beyond))

    def inside(points: Floats) -> NDArray[np.bool_]:
        arrived = far(points) | shapely.intersects(zone, shapely.points(points))
        return np.asarray(arrived & (side(points) == ZONE))

    return Opening(
        middle=middle,
        inward=inward,
        obstacles=obstacles,
        names=names,
        outside=outside,
        inside=inside,
    )


def obstacles_near(
    case: Case, middle: Floats, reach_m: float, standing: NDArray[np.bool_]
) -> tuple[Shapes, NDArray[np.object_]]:
    """Return what stands within reach, cut to it, and its names; furniture is not asked."""
    window = shapely.Point(middle).buffer(reach_m)
    found = [
        *zip(case.arena.solid_ids, case.arena.solids, strict=True),
        *zip(case.table["unit_id"][standing], case.shapes[standing], strict=True),
        ("the rim", case.arena.rim),
    ]
    names = np.array([str(name) for name, _ in found], dtype=object)
    shapes = np.array([shape for _, shape in found], dtype=object)
    near = shapely.intersects(window, shapes)
    return shapely.intersection(shapes[near], window), names[near]


def _heading_of_row(case: Case, shut: Finding, opened: NDArray[np.bool_], middle: Floats) -> float:
    """Return the direction of the row at the lane: its units and the gaps beside them."""
    corners = [shapely.get_coordinates(case.shapes[opened])]
    if len(shut.rooms.segments):
        owner, drawn = case.owners.of_points(shut.rooms.segments.reshape(-1, 2))
        beside = np.isin(owner.reshape(-1, 2), np.flatnonzero(opened)).any(axis=1)
        corners.append(drawn.reshape(-1, 2, 2)[beside].reshape(-1, 2))
    off = np.concatenate(corners) - middle
    _, vectors = np.linalg.eigh(off.T @ off)
    return math.atan2(vectors[1, -1], vectors[0, -1])


def _inward(shut: Finding, label: NDArray[np.int8], middle: Floats, row: float) -> float | None:
    """Return the heading across the row that leads from outside to the zone."""
    normal = np.array([-math.sin(row), math.cos(row)])
    ahead, behind = (
        label[face_at(shut.rooms, middle + sign * SIDES_M[:, None] * normal)] for sign in (1, -1)
    )
    votes = (ahead == ZONE).sum() + (behind == OUTSIDE).sum()
    against = (ahead == OUTSIDE).sum() + (behind == ZONE).sum()
    if votes == against:
        return None
    return math.atan2(*(normal if votes > against else -normal)[::-1])


def _furnished(case: Case, opening: Opening) -> Opening:
    """Return the opening with furniture among the obstacles."""
    shapes, names = furniture_of(case)
    near = shapely.dwithin(shapes, shapely.Point(opening.middle), 2 * REACH_M)
    return replace(
        opening,
        obstacles=np.concatenate([opening.obstacles, shapes[near]]),
        names=np.concatenate([opening.names, names[near]]),
    )


def furniture_of(case: Case) -> tuple[Shapes, NDArray[np.object_]]:
    """Return what furniture hinders an engine, as areas, and its names."""
    table = case.site.furniture[~case.site.furniture["kind"].isin(NO_HINDRANCE)]
    shapes = table.geometry.to_numpy()
    flat = shapely.get_dimensions(shapes) < 2
    names = (table["kind"] + " " + table["furniture_id"]).to_numpy(dtype=object)
    return np.where(flat, shapely.buffer(shapes, POST_M), shapes), names


def struck(case: Case, drive: Drive, engine: Engine) -> list[str]:
    """Return the names of the furniture that a way runs over."""
    if not len(drive.poses):
        return []
    shapes, names = furniture_of(case)
    swept = shapely.union_all(engine.between(drive.poses[:-1], drive.poses[1:]))
    return sorted(names[shapely.intersects(swept, shapes)].tolist())
