"""Name or area -> raw layers from Nominatim and Overpass, or from the cache of their answers."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyproj
import shapely
from shapely import MultiPolygon, Point, Polygon

from sbd.errors import InputError, SourceError
from sbd.model.raw import RawLayers
from sbd.progress import Progress, ignore
from sbd.sources.assemble import Coverage, assemble
from sbd.sources.elements import Elements, Node, Relation, way_of_known_nodes
from sbd.sources.mapservice import WAY_OUT, MapService, ask, kept_whole, osmnx_session, post
from sbd.sources.tagging import KEYS, PLACES, ROUTES, matters

__all__ = ["FoundPlace", "MapService", "fetch_area", "geocode"]

# A square with its run-ups is a few square kilometres; a city is too much for a shared server.
LARGEST_AREA_KM2 = 25.0

# What osmnx is told to keep; its own lists leave out barriers, kerbs, bollards and widths.
TAGS: dict[str, bool | list[str]] = {**dict.fromkeys(sorted(KEYS), True), "place": list(PLACES)}

_GLOBE = pyproj.Geod(ellps="WGS84")
_ROUTES_FILE = "routes.json"
_PLACE_FILE = "place.json"


@dataclass(frozen=True, slots=True, eq=False)
class FoundPlace:
    """What a name stands for.

    Parameters
    ----------
    name : str
        In full, as the service writes it.
    outline : Polygon, MultiPolygon or None
        In longitude and latitude; None where the place is known as a point or a line.
    """

    name: str
    latitude_deg: float
    longitude_deg: float
    outline: Polygon | MultiPolygon | None


def geocode(text: str, *, service: MapService, progress: Progress = ignore) -> FoundPlace:
    """Return the place that a name stands for, the most important one where there are several.

    Raises
    ------
    InputError
        The service knows no such name.
    SourceError
        It can't be reached, and the cache does not know the name.
    """
    if not text.strip():
        raise InputError("place: the name is empty; give one, for example 'Marienplatz, München'")
    folder = service.cache / "nominatim" / _key(text)
    if not folder.is_dir():
        service.require_network(f"place {text!r}")
        with kept_whole(folder) as draft:
            place = _ask_name(text, draft, service, progress)
            (draft / _PLACE_FILE).write_text(json.dumps(place, ensure_ascii=False), "utf-8")
    place = _load(folder / _PLACE_FILE)
    outline = shapely.from_wkt(place["outline"]) if place["outline"] else None
    return FoundPlace(place["name"], place["latitude_deg"], place["longitude_deg"], outline)


def fetch_area(
    area: Polygon | MultiPolygon, *, service: MapService, progress: Progress = ignore
) -> RawLayers:
    """Return what OpenStreetMap says of an area today, or said when the answer was kept.

    The box around the area is asked for, so that a zone redrawn within it needs no new request.

    Parameters
    ----------
    area : Polygon or MultiPolygon
        In longitude and latitude; up to 25 square kilometres.

    Raises
    ------
    InputError
        The area is too large, or the map knows nothing there.
    SourceError
        No service answers, and the cache does not hold the area.
    """
    box = _box_around(area)
    folder = service.cache / "overpass" / _key([box.bounds, TAGS, ROUTES])
    if not folder.is_dir():
        service.require_network(f"map around {_words(box)}")
        progress("read", 0.05, f"asking Overpass for {_words(box)}")
        with kept_whole(folder) as draft:
            _ask_features(box, draft, service, progress)
            _require_content(box, draft, service)
            progress("read", 0.6, "asking Overpass for bus and tram routes")
            _ask_routes(box, draft, service, progress)
    progress("read", 0.8, "putting the answers together")
    answers = [_load(path) for path in sorted(folder.glob("*.json"))]
    dates = [str(a.get("osm3s", {}).get("timestamp_osm_base", ""))[:10] for a in answers]
    layers = assemble(
        _elements(thing for answer in answers for thing in answer["elements"]),
        Coverage(box, stated=True),
        area=area,
        source="OpenStreetMap through Overpass",
        date=min(filter(None, dates), default="unknown"),
    )
    if layers.features.empty:
        raise InputError(f"map around {_words(area)}: nothing is mapped there; check the place")
    progress("read", 1.0, f"{len(layers.features)} map objects")
    return layers


def _ask_name(text: str, folder: Path, service: MapService, progress: Progress) -> dict[str, Any]:
    def request() -> gpd.GeoDataFrame:
        with osmnx_session(service, folder) as osmnx:
            return osmnx.geocode_to_gdf(text, which_result=1)

    try:
        row = ask(request, service.nominatim_url, service, progress).iloc[0]
    except (ValueError, KeyError, TypeError) as error:
        if not any(folder.iterdir()):  # an answer without any place is kept all the same
            raise SourceError(f"{service.nominatim_url}: no list of places; {WAY_OUT}") from error
        raise InputError(
            f"place {text!r}: the map knows no such name; write it as 'square, city', or {WAY_OUT} "
            "and --center LAT,LON"
        ) from error
    outline = row.geometry if isinstance(row.geometry, Polygon | MultiPolygon) else None
    return {
        "name": str(row["display_name"]),
        "latitude_deg": float(row["lat"]),
        "longitude_deg": float(row["lon"]),
        "outline": None if outline is None else outline.wkt,
    }


def _ask_features(box: Polygon, folder: Path, service: MapService, progress: Progress) -> None:
    def request() -> None:
        with osmnx_session(service, folder) as osmnx:
            try:
                osmnx.features_from_polygon(box, TAGS)
            except InterruptedError:
                return  # its way to say that the answers are kept and nothing was built
            except ValueError as error:
                raise SourceError(
                    f"{service.overpass_url}: the answer is no map data; {WAY_OUT}"
                ) from error

    ask(request, service.overpass_url, service, progress)


def _require_content(box: Polygon, folder: Path, service: MapService) -> None:
    """Raise for an answer without any object, so that it is not kept: the map may grow."""
    answers = [_load(path) for path in folder.glob("*.json")]
    if not all(isinstance(answer.get("elements"), list) for answer in answers):
        raise SourceError(f"{service.overpass_url}: the answer is no map data; {WAY_OUT}")
    if not any(answer["elements"] for answer in answers):
        raise InputError(f"map around {_words(box)}: nothing is mapped there; check the place")


def _ask_routes(box: Polygon, folder: Path, service: MapService, progress: Progress) -> None:
    """Keep the route relations by themselves.

    osmnx drops them, and asked as features each bus line would come with its ways to the last stop.
    """
    west, south, east, north = box.bounds
    query = (
        f"[out:json][timeout:{max(1, round(service.timeout_s))}];"
        f'relation["type"="route"]["route"~"^({"|".join(ROUTES)})$"]'
        f"({south:.5f},{west:.5f},{north:.5f},{east:.5f});out body;"
    )
    url = service.overpass_url.rstrip("/") + "/interpreter"
    answer = ask(lambda: post(url, query, service), url, service, progress)
    (folder / _ROUTES_FILE).write_text(json.dumps(answer), "utf-8")


def _box_around(area: Polygon | MultiPolygon) -> Polygon:
    """Return the box around an area, widened to whole thousandths of a degree (at most 111 m)."""
    west, south, east, north = area.bounds
    area_m2, _ = _GLOBE.geometry_area_perimeter(shapely.box(west, south, east, north))
    size_km2 = abs(area_m2) / 1e6
    if size_km2 > LARGEST_AREA_KM2:
        raise InputError(
            f"area: {size_km2:.0f} km2 around {_words(area)}; Overpass is asked for up to "
            f"{LARGEST_AREA_KM2:g} km2; name a square instead of a city, or {WAY_OUT}"
        )
    # floor and ceiling by whole thousandths, so that the same place gives the same request
    low = [(value * 1000) // 1 / 1000 for value in (west, south)]
    high = [-((-value * 1000) // 1) / 1000 for value in (east, north)]
    return shapely.box(low[0], low[1], high[0], high[1])


def _words(shape: shapely.Geometry) -> str:
    centre: Point = shape.centroid
    return f"{centre.y:.4f}, {centre.x:.4f}"


def _key(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _load(path: Path) -> dict[str, Any]:
    try:
        answer = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(
            f"{path}: the cached answer is damaged; delete the folder {path.parent.name} and "
            "ask again"
        ) from error
    if not isinstance(answer, dict):
        raise SourceError(f"{path}: not an answer of a map service; delete {path.parent.name}")
    return answer


def _elements(things: Iterable[dict[str, Any]]) -> Elements:
    """Return Overpass' objects, each once."""
    known = {(str(thing["type"]), int(thing["id"])): thing for thing in things}
    places = {
        number: (float(thing["lon"]), float(thing["lat"]))
        for (kind, number), thing in known.items()
        if kind == "node"
    }
    nodes, ways, relations = [], {}, []
    for (kind, number), thing in known.items():
        tags = thing.get("tags", {})
        if kind == "node" and matters(tags):
            nodes.append(Node(number, tags, Point(places[number])))
        elif kind == "way":
            refs = [(ref, places.get(ref)) for ref in thing.get("nodes", ())]
            ways[number] = way_of_known_nodes(number, tags, refs)
        elif kind == "relation":
            members = ((m["type"][0], m["ref"], m["role"]) for m in thing.get("members", ()))
            relations.append(Relation(number, tags, tuple(members)))
    return Elements(nodes, ways, relations)
