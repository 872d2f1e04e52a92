"""The words for what a proposal can be written as."""

from enum import StrEnum


class Format(StrEnum):
    """What a proposal can be written as."""

    GEOJSON = "geojson"  # placement.geojson, footprints.geojson, lines.geojson
    GPKG = "gpkg"  # proposal.gpkg
    MAP = "map"  # map.html
    SUMMARY = "summary"  # summary.json, summary.txt
    SHEETS = "sheets"  # of each sheet an .xlsx, an .html to print and a .csv
    CERTIFICATE = "certificate"  # certificate.json; none where there is none
    RASTER = "raster"  # speed_<vehicle>.tif, energy_<vehicle>.tif; none without speed fields
