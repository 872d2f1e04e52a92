"""A scene in, the page of a consultation out: one file, no script, nothing from elsewhere."""

from collections import Counter
from collections.abc import Iterable

import jinja2
import shapely
from markupsafe import Markup

from api.public.colours import colour_of
from api.public.furniture import Furniture, Piece
from api.public.scene import Drawing, Pin, Scene, drawing

_SCALE_BARS_M = (5, 10, 20, 50, 100, 200)

_ACCESSIBLE = {
    True: "Yes: every way that a wheelchair needs stays open.",
    False: "Not yet: this is still being worked on.",
    None: "Not examined yet.",
}

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="sensitivity" content="{{ words }}">
<title>{{ title }}</title>
<style>
:root { --ink: #22303c; --soft: #5d6b78; --line: #dcd6ca; --leaf: #2f6f62; }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: #faf8f4; font: 16px/1.55 system-ui, sans-serif; }
header { padding: 2.4rem 1.2rem 1.6rem; color: #fff;
  background: linear-gradient(110deg, #24564c, #3d8577); }
header div, main, footer { max-width: 68rem; margin: 0 auto; }
h1 { margin: 0 0 .3rem; font-size: 2rem; line-height: 1.2; }
header p { margin: 0; opacity: .92; }
main { padding: 1.4rem 1.2rem; display: grid; gap: 1.4rem; grid-template-columns: 1fr; }
@media (min-width: 60rem) { main { grid-template-columns: 2fr 1fr; } }
section { padding: 1.1rem 1.2rem; background: #fff; border: 1px solid var(--line);
  border-radius: .7rem; }
.wide { grid-column: 1 / -1; }
h2 { margin: 0 0 .7rem; font-size: 1.1rem; }
svg.map { display: block; width: 100%; height: auto; max-height: 78vh; border-radius: .4rem; }
ul, ol { margin: 0; padding: 0; list-style: none; }
li + li { margin-top: .6rem; }
.kinds li { display: flex; gap: .7rem; align-items: flex-start; }
.kinds i { flex: none; width: 1rem; height: 1rem; margin-top: .3rem; border-radius: .2rem; }
.kinds i.round { border-radius: 50%; }
.kinds b::first-letter { text-transform: uppercase; }
small, .soft { color: var(--soft); }
.comments li { display: grid; grid-template-columns: 2rem 1fr; gap: .6rem; }
.comments b { display: grid; place-items: center; width: 1.8rem; height: 1.8rem; color: #fff;
  background: #b3541e; border-radius: 50%; font-size: .85rem; }
.comments p { margin: 0; white-space: pre-line; overflow-wrap: anywhere; }
footer { padding: 0 1.2rem 2rem; color: var(--soft); font-size: .85rem; }
</style>
</head>
<body>
<header><div><h1>{{ title }}</h1>
<p>What would stand on the square, for everybody to look at and to comment on.</p></div></header>
<main>
<section><h2>The plan</h2>{{ map }}</section>
<section><h2>What would be put up</h2>
{% if kinds %}<ul class="kinds">
{% for kind, count in kinds %}<li><i class="{{ 'round' if kind.is_round }}"
style="background:{{ colour(kind) }}"></i><span><b>{{ kind.word }}</b>, {{ count }}<br>
<small>{{ kind.size }}</small></span></li>
{% endfor %}</ul>{% else %}<p class="soft">Nothing.</p>{% endif %}
<h2 style="margin-top:1.6rem">By wheelchair</h2><p style="margin:0">{{ accessible }}</p>
</section>
<section class="wide"><h2>Comments</h2>
{% if pins %}<ol class="comments">
{% for pin in pins %}<li><b>{{ pin.number }}</b><div><p>{{ pin.text }}</p>
<small>{{ pin.day.isoformat() }}{% if not pin.at_deg %}, on the plan as a whole{% endif %}</small>
</div></li>
{% endfor %}</ol>{% else %}<p class="soft">There are none yet.</p>{% endif %}
</section>
</main>
<footer>{{ words }} Places are given to about 10 cm, sizes as they are usual. {{ attribution }}
</footer>
</body>
</html>
"""


def consultation_page(scene: Scene, *, title: str, words: str, is_accessible: bool | None) -> str:
    """Return the page; every text that people wrote is escaped."""
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.from_string(_PAGE).render(
        title=title,
        words=words,
        map=Markup(_map(scene)),
        kinds=_kinds(scene.pieces),
        colour=lambda kind: colour_of(kind.word),
        accessible=_ACCESSIBLE[is_accessible],
        pins=scene.pins,
        attribution=scene.attribution,
    )


def _kinds(pieces: Iterable[Piece]) -> list[tuple[Furniture, int]]:
    counts = Counter(piece.furniture for piece in pieces)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].word))


def _map(scene: Scene) -> str:
    drawn = drawing(scene)
    shapes = [
        *(_polygon(shape, drawn, 'fill="#cfe3ec"') for shape in drawn.water),
        *(_polygon(shape, drawn, 'fill="#e4edd9"') for shape in drawn.zone),
        *(
            _polygon(shape, drawn, 'fill="#ded6c8" stroke="#c4b9a6" stroke-width="0.3"')
            for shape in drawn.buildings
        ),
        *(
            _piece(piece, shape, drawn)
            for piece, shape in zip(scene.pieces, drawn.outlines, strict=True)
        ),
        *(_pin(pin, drawn, {pin.number: pin for pin in scene.pins}) for pin in drawn.pins),
        _scale_bar(drawn),
    ]
    size = f"0 0 {drawn.width_m:.1f} {drawn.height_m:.1f}"
    label = "Map of the square with the furniture that is planned"
    return (
        f'<svg class="map" viewBox="{size}" role="img" aria-label="{label}" '
        f'xmlns="http://www.w3.org/2000/svg"><rect width="100%" height="100%" fill="#f6f2ea"/>'
        f"{''.join(shapes)}</svg>"
    )


def _piece(piece: Piece, shape: shapely.Polygon, drawn: Drawing) -> str:
    # A bollard of its true size could not be seen on a screen.
    stroke = max(drawn.width_m, drawn.height_m) / 260
    colour = colour_of(piece.furniture.word)
    look = f'fill="{colour}" stroke="{colour}" stroke-width="{stroke:.2f}" stroke-linejoin="round"'
    title = f"<title>{piece.furniture.word}, {piece.furniture.size}</title>"
    return f"<g>{title}{_polygon(shape, drawn, look)}</g>"


def _pin(pin: tuple[int, float, float], drawn: Drawing, pins: dict[int, Pin]) -> str:
    number, x, y = pin
    radius = max(drawn.width_m, drawn.height_m) / 55
    at = f'cx="{x:.1f}" cy="{drawn.height_m - y:.1f}"'
    return (
        f'<circle {at} r="{radius:.1f}" fill="#b3541e" stroke="#fff" stroke-width="0.4"/>'
        f'<text x="{x:.1f}" y="{drawn.height_m - y + radius * 0.38:.1f}" fill="#fff" '
        f'font-family="sans-serif" font-size="{radius * 1.1:.1f}" text-anchor="middle">'
        f"{pins[number].number}</text>"
    )


def _scale_bar(drawn: Drawing) -> str:
    length = max((m for m in _SCALE_BARS_M if m <= drawn.width_m / 4), default=_SCALE_BARS_M[0])
    x, y, size = 4.0, drawn.height_m - 4.0, max(drawn.width_m, drawn.height_m) / 50
    return (
        f'<path d="M{x} {y - 1:.1f}v1h{length}v-1" fill="none" stroke="#22303c" '
        f'stroke-width="{size / 8:.2f}"/>'
        f'<text x="{x}" y="{y - 1.6:.1f}" font-family="sans-serif" font-size="{size:.1f}" '
        f'fill="#22303c">{length} m</text>'
    )


def _polygon(shape: shapely.Polygon, drawn: Drawing, look: str) -> str:
    rings = [shape.exterior, *shape.interiors]
    path = "".join(_ring(shapely.get_coordinates(ring), drawn.height_m) for ring in rings)
    return f'<path d="{path}" fill-rule="evenodd" {look}/>'


def _ring(corners: Iterable[Iterable[float]], height_m: float) -> str:
    points = " ".join(f"{x:.2f} {height_m - y:.2f}" for x, y in corners)
    return f"M{points}z"
