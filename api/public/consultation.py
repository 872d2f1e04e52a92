"""What a plan holds in, the files of its public copy out, all of it picked.

What goes in may be the whole plan; what comes out is furniture, usual widths, pictures, and
comments that were written for the public.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import shapely

from api.public.furniture import DECIMALS, Piece, pieces_of
from api.public.labels import LABEL_FILE, label, stamped_png
from api.public.material import Material, Remark
from api.public.page import consultation_page
from api.public.picture import picture
from api.public.scene import Pin, Scene
from api.store.talk import Audience
from sbd.export.jsontext import to_json
from sbd.model.words import ODBL_ATTRIBUTION

OWN_MAP = "Map: the city's own data"

# Of what stands around, only these, and only as shapes.
_BACKDROP = {"building": "buildings", "water": "water"}
_WHEELCHAIR = "wheelchair"


def public_files(material: Material) -> dict[str, bytes]:
    """Return the files of a public copy by name.

    `plan.geojson`, `comments.geojson`, `plan.png`, `consultation.html` and the label.
    """
    scene = _scene(material)
    words = label(Audience.PUBLIC)
    page = consultation_page(
        scene,
        title=material.title,
        words=words,
        is_accessible=_is_accessible(material.verdict),
    )
    return {
        "consultation.html": page.encode(),
        "plan.geojson": _collection(map(_feature, scene.pieces), words),
        "comments.geojson": _collection(map(_comment, scene.pins), words),
        "plan.png": stamped_png(picture(scene), words),
        LABEL_FILE: f"{words}\n".encode(),
    }


def _scene(material: Material) -> Scene:
    around: dict[str, list[shapely.Geometry]] = {name: [] for name in _BACKDROP.values()}
    for shape, properties in material.solids:
        name = _BACKDROP.get(str(properties.get("kind")))
        if name is not None:
            around[name].append(shape)
    public = [remark for remark in material.remarks if remark.audience == Audience.PUBLIC]
    public.sort(key=lambda remark: remark.created)
    is_open_map = material.attribution == ODBL_ATTRIBUTION
    return Scene(
        pieces=pieces_of(material.units),
        zone=material.zone,
        buildings=around["buildings"],
        water=around["water"],
        pins=[_pin(number, remark) for number, remark in enumerate(public, start=1)],
        attribution=ODBL_ATTRIBUTION if is_open_map else OWN_MAP,
    )


def _pin(number: int, remark: Remark) -> Pin:
    place = remark.place
    is_point = place is not None and place.geom_type == "Point" and not place.is_empty
    at_deg = (round(place.x, DECIMALS), round(place.y, DECIMALS)) if place and is_point else None
    return Pin(number, remark.text, remark.created.date(), at_deg)


def _is_accessible(verdict: Mapping[str, Any]) -> bool | None:
    """Return whether wheelchairs still get everywhere; None where nobody looked."""
    checks = verdict.get("checks")
    for check in checks if isinstance(checks, list) else ():
        if isinstance(check, Mapping) and check.get("name") == _WHEELCHAIR:
            return check.get("holds") is True
    return None


def _feature(piece: Piece) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": piece.number,
        "geometry": shapely.geometry.mapping(piece.outline),
        "properties": {
            "furniture": piece.furniture.word,
            "size": piece.furniture.size,
            "usual_width_m": piece.furniture.width_m,
        },
    }


def _comment(pin: Pin) -> dict[str, Any]:
    place = None if pin.at_deg is None else {"type": "Point", "coordinates": list(pin.at_deg)}
    return {
        "type": "Feature",
        "id": pin.number,
        "geometry": place,
        "properties": {"comment": pin.text, "date": pin.day.isoformat()},
    }


def _collection(features: Iterable[dict[str, Any]], words: str) -> bytes:
    collection = {"type": "FeatureCollection", "sensitivity": words, "features": list(features)}
    return to_json(json.loads(json.dumps(collection))).encode()
