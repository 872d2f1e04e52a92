"""`sbd site`: a place into a SITE.gpkg."""

import argparse

from sbd import pipeline
from sbd.commands.answer import Answer, writable_file
from sbd.errors import InputError
from sbd.export.geopackage import write_site
from sbd.model.site import Site
from sbd.progress import Progress
from sbd.settings import Settings
from sbd.site import ZoneRequest
from sbd.sources.overpass import MapService
from sbd.sources.zonefile import read_zone


def run_site(options: argparse.Namespace, progress: Progress) -> Answer:
    """Make a SITE.gpkg."""
    target = writable_file(options.output)
    site = _site_of(options, progress)
    for path in options.also:
        site = pipeline.with_own_layers(site, path)
    write_site(site, target)
    report = site.report.astype(object).where(site.report.notna(), None).to_dict(orient="records")
    counts = {name: len(layer) for name, layer in site.layers.items()}
    text = [f"{site.name}: {site.zone_shape.area:.0f} m2 to protect, written to {target}"]
    text += [f"  {row['topic']:<9} {row['item']}: {row['note']}" for row in report]
    return Answer(
        {
            "site": str(target),
            "name": site.name,
            "crs": site.crs.to_string(),
            "zone_area_m2": round(float(site.zone_shape.area), 1),
            "layers": counts,
            "report": report,
        },
        "\n".join(text),
    )


def _site_of(options: argparse.Namespace, progress: Progress) -> Site:
    shared = {
        "margin_m": options.margin,
        "crs": options.crs,
        "close": options.close,
        "keep_open": options.keep_open,
        "progress": progress,
    }
    if options.layers:
        return pipeline.site_from_layers(options.layers, **shared)
    if options.place:
        service = MapService.from_settings(Settings.from_environment())
        request = pipeline.place_request(options.place, service, radius_m=options.radius)
        return pipeline.site_from_service(request, service, **shared)
    return pipeline.site_from_extract(options.extract, _request_of(options), **shared)


def _request_of(options: argparse.Namespace) -> ZoneRequest:
    if options.zone and options.center:
        raise InputError("site: both --zone and --center; give one of them")
    if options.zone:
        return ZoneRequest.drawn(read_zone(options.zone))
    if not options.center:
        raise InputError("site: no place in the extract; give --center LAT,LON or --zone FILE")
    return ZoneRequest(center=_latitude_longitude(options.center), radius_m=options.radius)


def _latitude_longitude(text: str) -> tuple[float, float]:
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"--center {text!r}: write it as LAT,LON, like 60.1713,24.9442") from None
    return latitude, longitude
