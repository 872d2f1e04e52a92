"""Proposal or Assessment in, one web page out that opens from a file with no network."""

from collections.abc import Sequence
from html import escape
from typing import Any

import folium
import jinja2
import shapely
from branca.element import MacroElement
from folium.map import CustomPane
from folium.raster_layers import ImageOverlay
from folium.template import Template
from folium.utilities import JsCode

from sbd.export.crossings import openable_pieces
from sbd.export.features import to_wgs84
from sbd.export.jsontext import to_json
from sbd.export.legend import Group, legend_groups
from sbd.export.looks import BANNERS
from sbd.export.map_layers import LOOKS, MapLayer, all_layers
from sbd.export.map_plan import closure_layers, proposal_layers
from sbd.export.map_site import site_layers
from sbd.export.map_speeds import assessment_layers
from sbd.export.page import Inline, OfflineMap, figure_of, own_asset, render_page
from sbd.export.raster import speed_image
from sbd.model.assessment import Assessment
from sbd.model.proposal import Proposal
from sbd.model.site import Site

BACKDROP, SPEEDS = "sbd-backdrop", "sbd-speeds"
DEEPEST_ZOOM = 23  # a bollard is 30 pixels wide
AROUND_M = 60.0  # shown around the zone on opening
LABEL_ZOOM = 16  # below it, street names cover the streets
WIDTH_ZOOM = 22  # from it on, the width of a gap finds room in the gap


def render_map(proposal: Proposal) -> str:
    """Return the page of a plan: one HTML text with everything inside."""
    return render_page(review_map(proposal))


def render_assessment_map(site: Site, assessment: Assessment) -> str:
    """Return the page of an assessment, for a site with no plan yet."""
    return render_page(review_assessment_map(site, assessment))


def review_map(proposal: Proposal) -> OfflineMap:
    """Return the map of a plan; it shows in a notebook and takes more folium layers."""
    site, verdict = proposal.site, proposal.verdict
    head = _filled(
        "head.html",
        title=f"Protection plan: {site.name}",
        facts=_facts(proposal),
        banner=BANNERS[verdict.standing],
        verdict=verdict,
    )
    groups = (
        site_layers(site),
        closure_layers(proposal),
        assessment_layers(proposal.assessment),
        proposal_layers(proposal),
    )
    layers = all_layers(groups)
    return _assemble(site, proposal.assessment, layers, head, with_plan=True)


def review_assessment_map(site: Site, assessment: Assessment) -> OfflineMap:
    """Return the map of an assessment; it shows in a notebook and takes more folium layers."""
    title = f"Vehicle approaches: {site.name}"
    head = _filled("head.html", title=title, facts=[], banner=None, verdict=None)
    groups = (site_layers(site), assessment_layers(assessment))
    layers = all_layers(groups)
    return _assemble(site, assessment, layers, head, with_plan=False)


class _StartScript(MacroElement):
    """Runs after every layer is on the map."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        sbd.start({{ this._parent.get_name() }}, {{ this.options | tojavascript }});
        {% endmacro %}
        """
    )

    def __init__(self, **options: Any) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca types only its figures
        self._name = "Start"
        self.options = options


def _assemble(
    site: Site, assessment: Assessment, layers: Sequence[MapLayer], head: str, *, with_plan: bool
) -> OfflineMap:
    bounds = _bounds(site)
    page_map = OfflineMap(
        location=[sum(pair) / 2 for pair in zip(*bounds, strict=True)],
        zoom_start=17,
        max_zoom=DEEPEST_ZOOM,
        prefer_canvas=True,
        font_size="13px",
        zoom_control="topleft",
    )
    # The backdrop and the speeds lie on canvases of their own, which take no clicks.
    CustomPane(BACKDROP, z_index=300, pointer_events=False).add_to(page_map)
    CustomPane(SPEEDS, z_index=350, pointer_events=False).add_to(page_map)
    drawn = [_vector(layer, order) for order, layer in enumerate(layers)]
    for layer in (*_speed_images(assessment), *drawn):
        layer.add_to(page_map)
    in_order: dict[str, Any] = {"sort_layers": True, "sort_function": JsCode("sbd.byOrder")}
    folium.LayerControl(collapsed=False, **in_order).add_to(page_map)
    _StartScript(
        layers=drawn,
        bounds=bounds,
        attribution=site.attribution,
        label_zoom=LABEL_ZOOM,
        width_zoom=WIDTH_ZOOM,
    ).add_to(page_map)
    looks = {feature["properties"]["look"] for layer in layers for feature in layer.features}
    _dress(page_map, site, head, legend_groups(looks, with_plan=with_plan))
    return page_map


def _dress(page_map: OfflineMap, site: Site, head: str, groups: Sequence[Group]) -> None:
    """Put the style, the script, the head and the legend into the page around the map."""
    figure = figure_of(page_map)
    figure.title = escape(f"{site.name}: protection against vehicles")
    looks = to_json(LOOKS)
    figure.header.add_child(Inline(f"<style>\n{own_asset('map.css')}</style>"), name="sbd_css")
    figure.header.add_child(
        Inline(f"<script>\n{own_asset('map.js')}sbd.looks = {looks};\n</script>"), name="sbd_js"
    )
    figure.html.add_child(Inline(head), name="sbd_head")
    legend = _filled("legend.html", groups=groups)
    figure.html.add_child(Inline(legend), name="sbd_legend")


def _vector(layer: MapLayer, order: int) -> folium.GeoJson:
    where: dict[str, Any] = {"pane": BACKDROP, "interactive": False} if layer.backdrop else {}
    return folium.GeoJson(
        {"type": "FeatureCollection", "features": layer.features},
        # Leaflet takes the name as HTML, and a vehicle's name is the user's.
        name=escape(layer.name),
        show=layer.shown,
        on_each_feature=JsCode("sbd.describe"),
        style=JsCode("sbd.style"),
        point_to_layer=JsCode("sbd.point"),
        order=order,
        **where,
    )


def _speed_images(assessment: Assessment) -> list[ImageOverlay]:
    """Return the speed at every place as pictures, one a vehicle; none from a file."""
    pictures = [(field, speed_image(field, assessment.crs)) for field in assessment.fields]
    return [
        ImageOverlay(
            picture.data_uri,
            [list(corner) for corner in picture.bounds_deg],
            name=escape(f"Speed everywhere, {field.vehicle.name}"),
            show=False,
            opacity=0.75,
            pane=SPEEDS,
            order=0,
        )
        for field, picture in pictures
    ]


def _bounds(site: Site) -> list[list[float]]:
    """Return south-west and north-east of the zone and its surroundings, latitude first."""
    around = site.zone.set_geometry(site.zone.buffer(AROUND_M))
    west, south, east, north = shapely.total_bounds(to_wgs84(around, decimals=6))
    return [[south, west], [north, east]]


def _facts(proposal: Proposal) -> list[str]:
    """Return the plan in figures, in words."""
    barriers, gaps = proposal.barriers, proposal.verdict.gaps["width_mm"]
    # A sum of different currencies would be no figure.
    prices = barriers.groupby("currency")[["cost_low", "cost_high"]].sum()
    return [
        f"{proposal.layout} layout",
        _count(len(barriers), "barrier line"),
        _count(len(proposal.units), "unit"),
        _count(len(openable_pieces(barriers, proposal.footprints)), "openable crossing"),
        _count(len(proposal.closures), "street") + " no longer open to all",
        *([] if gaps.empty else [f"widest gap {gaps.max():.0f} mm"]),
        *(
            f"{low:,.0f} to {high:,.0f} {currency}"
            for currency, low, high in prices.itertuples(name=None)
        ),
    ]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _filled(name: str, **values: Any) -> str:
    """Return one of the package's templates filled in, with every value escaped."""
    template = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    ).from_string(own_asset(name))
    return template.render(**values)
