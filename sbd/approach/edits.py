"""Solved field and obstacles in; the field after they came or went out, at once and then exactly.

Labels only rise where ground is freed, so a field goes on from where it was. Where ground is taken
they may fall, and only a new start is safe; the field before stays an upper bound meanwhile. Either
way the exact answer is, bit by bit, the field of the edited surface solved from nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from sbd.approach.clearance import Terrain, as_met_by, free_cells, make_terrain
from sbd.approach.field import check_memory, check_settings, check_widths
from sbd.approach.impact import Impacts, impacts_at
from sbd.approach.perimeter import OutlinePoints, outline_points
from sbd.approach.rules import rules_for
from sbd.approach.solution import Solution, field_of, resolve, resolve_on_cells, solve
from sbd.errors import InputError
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound, SpeedField
from sbd.model.surface import DrivableSurface
from sbd.model.vehicle import Vehicle
from sbd.progress import Progress, ignore, part_of
from sbd.site.shapes import merged, within, without

PREVIEW_RESOLUTION_M = 1.0
PREVIEW_HEADINGS = 32
_LEAST_M2 = 1e-3  # what is smaller neither takes nor frees ground

Shape: TypeAlias = Polygon | MultiPolygon


@dataclass(frozen=True, slots=True)
class Edits:
    """What was put up and taken away since the start, on the ground of the start.

    Parameters
    ----------
    ground : Polygon or MultiPolygon
        Drivable ground before the first edit.
    freed : tuple of polygons
        Where whatever stood was taken away.
    placed : tuple of polygons
        What was put up and still stands; stands on freed ground, too.
    """

    ground: Shape
    freed: tuple[Shape, ...] = ()
    placed: tuple[Shape, ...] = ()

    def ground_within(self, study_area: Shape) -> Shape:
        """Return the drivable ground after the edits; that of the start after undoing all."""
        ground = self.ground
        if self.freed:
            ground = within(merged(np.array([ground, *self.freed], dtype=object)), study_area)
        if self.placed:
            ground = without(ground, merged(np.array(self.placed, dtype=object)))
        return ground

    def and_placed(self, shapes: Sequence[Shape]) -> "Edits":
        """Return the edits with obstacles put up."""
        return replace(self, placed=(*self.placed, *shapes))

    def and_removed(self, shape: Shape) -> "Edits":
        """Return the edits with an obstacle taken away.

        One that was put up with this very outline goes, and what it stood on stays; any other
        outline frees all ground inside it.
        """
        same = [bool(shapely.equals(shape, other)) for other in self.placed]
        if any(same):
            gone = same.index(True)
            return replace(self, placed=self.placed[:gone] + self.placed[gone + 1 :])
        rest = [shapely.difference(other, shape) for other in self.placed]
        kept = tuple(part for part in rest if part.area > _LEAST_M2)
        return replace(self, freed=(*self.freed, shape), placed=kept)


@dataclass(frozen=True, slots=True, eq=False)
class EditableField:
    """A solved field whose obstacles can be put up and taken away; every edit gives a new one.

    Parameters
    ----------
    surface : DrivableSurface
        With the ground after the edits; its other layers stay as they were.
    exact : bool
        False after `added`: the field is then an upper bound of the one that `settled` gives.
    """

    surface: DrivableSurface
    edits: Edits
    terrain: Terrain
    solution: Solution
    exact: bool = True

    @classmethod
    def start(
        cls,
        surface: DrivableSurface,
        vehicle: Vehicle,
        settings: FieldSettings,
        *,
        bound: Bound,
        progress: Progress = ignore,
    ) -> "EditableField":
        """Return the solved field of a surface, ready for edits.

        Raises InputError for settings that are not offered, or where it would not fit in memory.
        """
        check_settings(settings)
        check_widths([vehicle], settings)
        check_memory(surface, settings, fields=2)  # before and after an edit
        terrain = make_terrain(surface, settings, widest_m=vehicle.width_m)
        solution = solve(terrain, vehicle, bound=bound, progress=progress)
        return cls(surface, Edits(surface.ground), terrain, solution)

    @property
    def field(self) -> SpeedField:
        """The speed field: exact, or an upper bound where `exact` is False."""
        return field_of(self.solution)

    def added(self, shapes: Sequence[Shape]) -> "EditableField":
        """Return the field with obstacles put up: at once, as an upper bound.

        The labels are those from before. Cells that the obstacles free (a gap between two walls is
        measured more finely than the room beside one) are added to them first.

        Parameters
        ----------
        shapes : sequence of polygons
            In the reference system of the surface.

        Raises
        ------
        InputError
            A shape that is no polygon, empty, crossing itself, outside the study area, or that
            covers the zone.
        """
        check_shapes(shapes, self.surface)
        left = shapely.difference(self.surface.zone, shapely.union_all(list(shapes)))
        if left.area < _LEAST_M2:
            raise InputError(
                "obstacles: they cover the whole zone, so nothing is left to protect; make them "
                "smaller"
            )
        after = self._with_edits(self.edits.and_placed(shapes))
        vehicle, bound = self.solution.vehicle, self.solution.rules.bound
        met = as_met_by(after.terrain, vehicle)
        free = free_cells(met, width_m=vehicle.width_m, bound=bound)
        # Rules stay: what obstacles change in them can only lower labels.
        solution = resolve_on_cells(self.solution, after.terrain, free | self.solution.free)
        return replace(after, solution=solution, exact=False)

    def removed(self, shapes: Sequence[Shape], *, progress: Progress = ignore) -> "EditableField":
        """Return the exact field with obstacles taken away; see `Edits.and_removed`.

        Raises
        ------
        InputError
            As `added`, or where nothing solid stands inside a shape.
        """
        check_shapes(shapes, self.surface)
        edits = self.edits
        for number, shape in enumerate(shapes, start=1):
            ground = edits.ground_within(self.surface.study_area)
            solid = shapely.difference(shapely.intersection(shape, self.surface.study_area), ground)
            if solid.area < _LEAST_M2:
                raise InputError(
                    f"obstacle {number}: nothing stands there; give the outline of a solid thing"
                )
            edits = edits.and_removed(shape)
        return self._with_edits(edits).settled(progress=progress)

    def settled(self, *, progress: Progress = ignore) -> "EditableField":
        """Return the exact field; bit by bit that of the edited surface solved from nothing.

        A progress that raises CancelledError leaves this field as it is.
        """
        before, after = self.solution.rules, None
        rules = rules_for(self.terrain, self.solution.vehicle, before.bound)
        # An obstacle over the only entry, say, shortens the longest approach.
        same = (
            rules.entry_label == before.entry_label
            and rules.scale.top_label == before.scale.top_label
            and np.array_equal(rules.gain, before.gain)
            and np.array_equal(rules.cap, before.cap)
        )
        if same:
            after = resolve(self.solution, self.terrain, progress=progress)
        else:
            vehicle = self.solution.vehicle
            after = solve(self.terrain, vehicle, bound=before.bound, progress=progress)
        return replace(self, solution=after, exact=True)

    def impacts(self, *, step_m: float = 1.0) -> tuple[OutlinePoints, Impacts]:
        """Return the points along the zone's outline that are off walls, and what arrives there."""
        points = outline_points(self.surface.zone, self.terrain, step_m=step_m)
        return points, impacts_at(self.field, points.place_m, points.inwards)

    def _with_edits(self, edits: Edits) -> "EditableField":
        """Return the edited surface and terrain with the solution from before."""
        ground = edits.ground_within(self.surface.study_area)
        if ground.area < _LEAST_M2:
            raise InputError("obstacles: no drivable ground is left; make them smaller")
        surface = replace(self.surface, ground=ground)
        terrain = make_terrain(
            surface, self.terrain.settings, widest_m=self.solution.vehicle.width_m
        )
        return replace(self, surface=surface, edits=edits, terrain=terrain)


class Stage(StrEnum):
    """How far the answer to an edit is."""

    BOUND = "bound"  # the field from before, nowhere below the answer
    PREVIEW = "preview"  # exact on coarse cells
    FINAL = "final"  # exact at the settings asked for


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """One answer to an edit.

    Parameters
    ----------
    shown : EditableField
        Its field and its impacts are the answer.
    editor : Editor
        Takes the next edit, also before the last answer is there.
    """

    stage: Stage
    shown: EditableField
    editor: "Editor"


@dataclass(frozen=True, slots=True, eq=False)
class Editor:
    """A field twice: coarse for a quick preview, fine for the figures."""

    preview: EditableField
    final: EditableField

    @classmethod
    def start(
        cls,
        surface: DrivableSurface,
        vehicle: Vehicle,
        settings: FieldSettings,
        *,
        bound: Bound,
        progress: Progress = ignore,
    ) -> "Editor":
        """Return both fields of a surface; see `EditableField.start`."""
        coarse = replace(settings, resolution_m=PREVIEW_RESOLUTION_M, headings=PREVIEW_HEADINGS)
        preview = EditableField.start(
            surface, vehicle, coarse, bound=bound, progress=part_of(progress, 0.0, 0.2)
        )
        final = EditableField.start(
            surface, vehicle, settings, bound=bound, progress=part_of(progress, 0.2, 1.0)
        )
        return cls(preview, final)

    def edited(
        self,
        *,
        add: Sequence[Shape] = (),
        remove: Sequence[Shape] = (),
        progress: Progress = ignore,
    ) -> Iterator[Answer]:
        """Return the answers to an edit as they come: bound (after adding only), preview, final.

        What is removed goes before what is added. Shapes are checked before anything is solved, and
        this editor stays as it was.

        Raises
        ------
        InputError
            See `EditableField.added` and `EditableField.removed`.
        """
        preview = self.preview.removed(remove) if remove else self.preview
        preview = preview.added(add) if add else preview
        return self._answers(preview, add=add, remove=remove, progress=progress)

    def _answers(
        self,
        preview: EditableField,
        *,
        add: Sequence[Shape],
        remove: Sequence[Shape],
        progress: Progress,
    ) -> Iterator[Answer]:
        final = self.final
        if add and not remove:
            final = final.added(add)
            yield Answer(Stage.BOUND, final, Editor(preview, final))
        preview = preview.settled(progress=part_of(progress, 0.0, 0.2))
        if remove:
            # Quick enough to come before the preview is shown, so that one editor holds both.
            final = final.removed(remove, progress=part_of(progress, 0.2, 0.4))
            final = final.added(add) if add else final
        yield Answer(Stage.PREVIEW, preview, Editor(preview, final))
        final = final.settled(progress=part_of(progress, 0.4, 1.0))
        yield Answer(Stage.FINAL, final, Editor(preview, final))


def check_shapes(shapes: Sequence[Shape], surface: DrivableSurface) -> None:
    """Raise InputError unless each shape is a polygon, at least partly in the study area."""
    if not len(shapes):
        raise InputError("obstacles: none given; give at least one polygon")
    for number, shape in enumerate(shapes, start=1):
        fault = _fault_of(shape, surface)
        if fault:
            raise InputError(f"obstacle {number}: {fault}")


def _fault_of(shape: object, surface: DrivableSurface) -> str:
    if not isinstance(shape, Polygon | MultiPolygon):
        kind = getattr(shape, "geom_type", type(shape).__name__)
        return f"a {kind}; give its outline as a polygon"
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        return "a corner is not a number; draw it again"
    if not shape.is_valid:
        return f"not a simple outline ({shapely.is_valid_reason(shape)}); draw it without crossings"
    if shape.area < _LEAST_M2:
        return (
            f"an area of {shape.area:.4f} m2, at least {_LEAST_M2:g} m2 are needed; draw it again"
        )
    if shapely.intersection(shape, surface.study_area).area < _LEAST_M2:
        return (
            "outside the study area; draw it inside, in metres of "
            f"{surface.crs.to_string()}, or take a larger margin"
        )
    return ""
