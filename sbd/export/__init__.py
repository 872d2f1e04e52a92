"""Stage 9 of 9: Proposal -> files."""

from sbd.export.files import Format, export_files
from sbd.export.geojson import write_geojson
from sbd.export.geopackage import write_assessment, write_proposal, write_site
from sbd.export.map import render_assessment_map, render_map, review_assessment_map, review_map
from sbd.export.plot import plot_assessment, plot_proposal, plot_site
from sbd.export.raster import write_field_rasters
from sbd.export.summary import write_summary

__all__ = [
    "Format",
    "export_files",
    "plot_assessment",
    "plot_proposal",
    "plot_site",
    "render_assessment_map",
    "render_map",
    "review_assessment_map",
    "review_map",
    "write_assessment",
    "write_field_rasters",
    "write_geojson",
    "write_proposal",
    "write_site",
    "write_summary",
]
