"""Stages 1 and 2 of 9: raw layers -> Site."""

from sbd.site.assemble import build_site
from sbd.site.city import site_from_layers
from sbd.site.own_layers import with_layers
from sbd.site.request import ZoneRequest, study_polygon_wgs84

__all__ = [
    "ZoneRequest",
    "build_site",
    "site_from_layers",
    "study_polygon_wgs84",
    "with_layers",
]
