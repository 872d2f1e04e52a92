"""Site, Assessment or Proposal in, a still picture on matplotlib axes out."""

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import matplotlib.pyplot as plt
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path

from sbd.export.crossings import openable_pieces
from sbd.export.looks import BANNERS, ORANGE, class_colour, class_labels, speed_class
from sbd.export.map_layers import LOOKS
from sbd.export.map_site import carriageways
from sbd.export.map_speeds import hardest_vehicle, label_place
from sbd.export.perimeter import pieces, stretches
from sbd.model.assessment import Assessment
from sbd.model.proposal import Proposal
from sbd.model.site import Site

AROUND_M = 70.0  # shown around the zone
HEIGHT_IN, LEGEND_IN = 8.0, 2.6  # inches

# Drawing order, from the bottom up.
_BELOW, _ZONE, _CLOSED, _CORRIDOR, _EDGE, _LINE, _UNIT, _WORDS = range(1, 9)

_FIXED: dict[str, Any] = {"color": "black", "linewidth": 3.5}
_OPENABLE: dict[str, Any] = {"color": ORANGE, "linewidth": 3.5, "linestyle": (0, (1.4, 0.8))}
_DIAMOND: dict[str, Any] = {
    "marker": "D",
    "markersize": 9,
    "markeredgewidth": 2.5,
    "markerfacecolor": "white",
    "markeredgecolor": ORANGE,
}
_CLOSED_DASHES = {"closed": (0, (0.5, 0.7)), "openable lane": (0, (2.0, 0.7))}
_CLOSED_WORDS = {"closed": "street closed", "openable lane": "street with an openable lane"}


def plot_site(site: Site, ax: Axes | None = None) -> Axes:
    """Draw a site: ground, solids, carriageways and the zone to protect.

    Draws on `ax`, or on a new figure.
    """
    ax = ax or _axes(site.zone)
    _draw_site(site, ax)
    _finish(ax, site.zone, site.attribution, [*_site_handles(), *_kinds_of(site)], site.name)
    return ax


def plot_assessment(
    assessment: Assessment, ax: Axes | None = None, *, site: Site | None = None
) -> Axes:
    """Draw the speeds and the approaches of the vehicle that hits hardest, on its site if given."""
    shown = assessment.perimeter if site is None else site.zone
    ax = ax or _axes(shown)
    handles: list[Line2D | Patch] = []
    if site is not None:
        _draw_site(site, ax)
        handles = [*_site_handles(), *_kinds_of(site)]
    speeds = _draw_speeds(assessment, ax)
    title = f"{site.name + ': how' if site else 'How'} fast {hardest_vehicle(assessment)} arrives"
    _finish(ax, shown, assessment.attribution, [*speeds, *handles], title)
    return ax


def plot_proposal(proposal: Proposal, ax: Axes | None = None) -> Axes:
    """Draw a plan with its verdict, on today's speeds of the vehicle that hits hardest.

    Units are drawn in their true size and are far too small to see on a whole square, so each line
    is drawn too, and each openable crossing has a diamond.
    """
    site = proposal.site
    ax = ax or _axes(site.zone)
    _draw_site(site, ax)
    closed = _draw_closures(proposal.closures, ax)
    speeds = _draw_speeds(proposal.assessment, ax)
    plan = [*_draw_plan(proposal, ax), *closed]
    banner = BANNERS[proposal.verdict.standing]
    title = f"{site.name}: {banner.sign} {banner.word}\n{proposal.layout} layout"
    _finish(ax, site.zone, site.attribution, [*plan, *speeds, *_site_handles()], title)
    return ax


def plot_lines(proposal: Proposal, ax: Axes | None = None) -> Axes:
    """Draw where the lines stand, each with its number, and nothing of the threat.

    For those who place the units; draws on `ax`, or on a new figure.
    """
    site = proposal.site
    shown = proposal.barriers if len(proposal.barriers) else site.zone
    ax = ax or _axes(shown)
    _draw_site(site, ax)
    handles = _draw_plan(proposal, ax)
    for line_id, shape in zip(
        proposal.barriers["line_id"], proposal.barriers.geometry, strict=True
    ):
        _badge(ax, shape.interpolate(0.25, normalized=True), str(line_id))
    _finish(ax, shown, site.attribution, [*handles, *_site_handles()], "")
    return ax


def _axes(shown: gpd.GeoDataFrame) -> Axes:
    """Return axes on a new figure as high and as wide as what is shown needs."""
    west, south, east, north = shown.total_bounds if len(shown) else (0.0, 0.0, 1.0, 1.0)
    shape = (east - west + 2 * AROUND_M) / (north - south + 2 * AROUND_M)
    width = HEIGHT_IN * min(max(shape, 0.5), 2.5)
    _, ax = plt.subplots(figsize=(width + LEGEND_IN, HEIGHT_IN), layout="constrained")
    return ax


def _draw_site(site: Site, ax: Axes) -> None:
    _area(site.study_area, "ground", ax, _BELOW)
    _area(carriageways(site), "street", ax, _BELOW)
    for kind, look in _SOLIDS.items():
        _area(site.solids[site.solids["kind"] == kind], look, ax, _BELOW)
    _area(site.zone, "zone", ax, _ZONE)
    _lines(site.entries, ax, _CLOSED, color=LOOKS["entry"]["color"], linewidth=4)


_SOLIDS = {
    "building": "building",
    "water": "water",
    "wall": "wall",
    "retaining_wall": "wall",
    "drop": "other",
    "other": "other",
}


def _area(layer: gpd.GeoDataFrame, look: str, ax: Axes, zorder: int) -> None:
    """Draw polygons in a look of the map; geopandas would draw the whole figure each time."""
    path = LOOKS[look]
    outlines = PathCollection(
        [_path_of(shape) for shape in shapely.get_parts(layer.geometry.to_numpy())],
        facecolors=[(path["fillColor"], path["fillOpacity"])],
        edgecolors=path["color"],
        linewidths=path["weight"] / 2,
        linestyles="--" if "dashArray" in path else "-",
        zorder=zorder,
    )
    ax.add_collection(outlines, autolim=False)


def _path_of(shape: shapely.Polygon) -> Path:
    """Return a polygon with its holes as one path; the holes run the other way round."""
    turned = shapely.orient_polygons(shape)
    rings = [turned.exterior, *turned.interiors]
    return Path.make_compound_path(*(Path(shapely.get_coordinates(ring)) for ring in rings))


def _lines(layer: gpd.GeoDataFrame, ax: Axes, zorder: int, **look: Any) -> None:
    """Draw lines one by one, as dashes count from the start of each."""
    for part in shapely.get_parts(layer.geometry.to_numpy()):
        x, y = shapely.get_coordinates(part).T
        ax.plot(x, y, zorder=zorder, solid_capstyle="butt", **look)


def _draw_speeds(assessment: Assessment, ax: Axes) -> list[Line2D]:
    """Draw perimeter and corridors; return the legend of the classes that occur."""
    vehicle = hardest_vehicle(assessment)
    corridors = assessment.corridors[assessment.corridors["vehicle"] == vehicle]
    corridors = corridors.sort_values("rank", ascending=False, kind="stable")
    corridor_classes = speed_class(corridors["speed_kmh"])
    for number in np.unique(corridor_classes):
        shown = corridors[corridor_classes == number]
        _lines(shown, ax, _CORRIDOR, color=class_colour(int(number)), linewidth=2.5)
    for shape, rank in zip(corridors.geometry, corridors["rank"], strict=True):
        _badge(ax, label_place(shape), str(rank))
    edge = assessment.perimeter[assessment.perimeter["vehicle"] == vehicle]
    joined = stretches(pieces(edge))
    for number, shown in joined.groupby("speed_class"):
        _lines(shown, ax, _EDGE, color=class_colour(number), linewidth=2.0 + number / 2)
    present = np.union1d(joined["speed_class"].astype(int), corridor_classes)
    return [
        Line2D([], [], color=class_colour(int(n)), linewidth=2.0 + n / 2, label=class_labels()[n])
        for n in present
    ]


def _badge(ax: Axes, place: shapely.Point, text: str) -> None:
    ax.annotate(
        text,
        (place.x, place.y),
        ha="center",
        va="center",
        fontsize=8,
        fontweight="bold",
        color="white",
        bbox={"boxstyle": "circle,pad=0.25", "facecolor": "#1a1a1a", "edgecolor": "white"},
        zorder=_WORDS,
        annotation_clip=True,
    )


def _draw_closures(closures: gpd.GeoDataFrame, ax: Axes) -> list[Line2D]:
    """Draw what the plan takes from traffic; return the legend of what occurs."""
    handles = []
    for treatment, dash in _CLOSED_DASHES.items():
        shown = closures[closures["treatment"] == treatment]
        if not shown.empty:
            look: dict[str, Any] = {
                "color": LOOKS["closed"]["color"],
                "alpha": 0.6,
                "linewidth": 6,
                "linestyle": dash,
            }
            _lines(shown, ax, _CLOSED, **look)
            handles.append(Line2D([], [], label=_CLOSED_WORDS[treatment], **look))
    return handles


def _draw_plan(proposal: Proposal, ax: Axes) -> list[Line2D]:
    """Draw lines, units and openable crossings; return their legend."""
    barriers = proposal.barriers
    openable = openable_pieces(barriers, proposal.footprints)
    for shown, look in ((barriers, _FIXED), (openable, _OPENABLE)):
        _lines(shown, ax, _LINE, color="white", linewidth=6)
        _lines(shown, ax, _LINE, **look)
    opens = proposal.footprints["openable"]
    _area(proposal.footprints[~opens], "fixed unit", ax, _UNIT)
    _area(proposal.footprints[opens], "openable unit", ax, _UNIT)
    handles = [] if barriers.empty else [Line2D([], [], label="barrier line", **_FIXED)]
    if not openable.empty:
        middles = openable.interpolate(0.5, normalized=True)
        ax.plot(middles.x, middles.y, linestyle="", zorder=_WORDS, **_DIAMOND)
        handles.append(Line2D([], [], label="openable crossing", **_OPENABLE, **_DIAMOND))
    return handles


def _site_handles() -> list[Patch]:
    return [_patch("zone", "zone to protect"), _patch("building", "building")]


def _kinds_of(site: Site) -> list[Patch]:
    kinds = set(site.solids["kind"])
    return [_patch(look, look) for look in ("water", "wall") if look in {_SOLIDS[k] for k in kinds}]


def _patch(look: str, words: str) -> Patch:
    path = LOOKS[look]
    return Patch(
        facecolor=(path["fillColor"], path["fillOpacity"]), edgecolor=path["color"], label=words
    )


def _finish(
    ax: Axes,
    shown: gpd.GeoDataFrame,
    attribution: str,
    handles: Iterable[Line2D | Patch],
    title: str,
) -> None:
    """Set the view on what is shown, the scale bar, the legend and the attribution."""
    if not shown.empty:
        west, south, east, north = shown.total_bounds
        ax.set_xlim(west - AROUND_M, east + AROUND_M)
        ax.set_ylim(south - AROUND_M, north + AROUND_M)
    ax.set_aspect("equal")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_facecolor("#c9c9c9")
    ax.set_title(title, loc="left", fontsize=13, fontweight="bold")
    ax.set_ylabel("")
    ax.set_xlabel(f"RESTRICTED · {attribution}", loc="right", fontsize=8)
    _scale_bar(ax)
    ax.legend(
        handles=list(handles), loc="upper left", bbox_to_anchor=(1.01, 1.0), fontsize=9,
        frameon=False, borderaxespad=0.0, handlelength=2.6,
    )  # fmt: skip


def _scale_bar(ax: Axes) -> None:
    """Draw a bar of a round length, about a fifth of the picture wide."""
    (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
    width = east - west
    length = max(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if step <= width / 4)
    x, y = west + 0.03 * width, south + 0.03 * (north - south)
    ax.plot(
        [x, x + length], [y, y], color="black", linewidth=4, solid_capstyle="butt", zorder=_WORDS
    )
    ax.text(
        x + length / 2,
        y + 0.012 * (north - south),
        f"{length} m",
        ha="center",
        va="bottom",
        fontsize=9,
        bbox={"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 1},
        zorder=_WORDS,
    )
