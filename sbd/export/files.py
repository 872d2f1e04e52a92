"""Proposal in, the chosen files in one folder out."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sbd.export.atomic import write_text
from sbd.export.formats import Format
from sbd.export.geojson import write_geojson
from sbd.export.geopackage import write_proposal
from sbd.export.jsontext import to_json
from sbd.export.map import render_map
from sbd.export.paper import lines_picture, render_sheet
from sbd.export.raster import write_field_rasters
from sbd.export.summary import write_summary
from sbd.export.workbook import write_list, write_workbook
from sbd.model.proposal import Proposal
from sbd.model.sheet import Sheet
from sbd.progress import Progress, ignore

log = logging.getLogger(__name__)

# The sheet with which people walk over the place.
PICTURED = "deployment"


def export_files(
    proposal: Proposal,
    folder: Path,
    *,
    formats: Iterable[Format] = tuple(Format),
    summary: Mapping[str, Any],
    summary_text: str,
    sheets: Sequence[Sheet] = (),
    certificate: Mapping[str, Any] | None = None,
    progress: Progress = ignore,
) -> list[Path]:
    """Write a proposal in each format into a folder, which is made if it is not there.

    Each file appears whole or not at all. A proposal that was read from a file has no speed fields,
    and so no raster.

    Parameters
    ----------
    summary, summary_text
        What the proposal stage says of the plan, for machines and for people.
    sheets
        Documents for those who build, place and pay.
    certificate
        What the judge hands out for anyone to check.

    Returns
    -------
    list of Path
        The files, in the order of `Format`.

    Raises
    ------
    OutputError
        A file can't be written; those written before it stay.
    """
    folder = Path(folder)
    writers: dict[Format, Callable[[], list[Path]]] = {
        Format.GEOJSON: lambda: write_geojson(proposal, folder),
        Format.GPKG: lambda: [write_proposal(proposal, folder / "proposal.gpkg")],
        Format.MAP: lambda: [write_text(folder / "map.html", render_map(proposal))],
        Format.SUMMARY: lambda: write_summary(summary, summary_text, folder),
        Format.SHEETS: lambda: write_sheets(proposal, sheets, folder),
        Format.CERTIFICATE: lambda: _certificate(certificate, folder),
        Format.RASTER: lambda: write_field_rasters(
            proposal.assessment.fields,
            proposal.crs,
            folder,
            attribution=proposal.site.attribution,
        ),
    }
    wanted = [name for name in Format if name in set(formats)]
    written: list[Path] = []
    for number, name in enumerate(wanted):
        progress("export", number / len(wanted), f"writing {name}")
        written += writers[name]()
    progress("export", 1.0, f"{len(written)} files")
    log.info("wrote %d files to %s", len(written), folder)
    return written


def write_sheets(proposal: Proposal, sheets: Sequence[Sheet], folder: Path) -> list[Path]:
    """Write each sheet as a spreadsheet, as a page to print and, if it has a list, as that.

    The page of the deployment shows the plan, too.
    """
    written: list[Path] = []
    for sheet in sheets:
        stem = Path(folder) / sheet.name
        picture = lines_picture(proposal) if sheet.name == PICTURED else ""
        written.append(write_workbook(sheet, stem.with_suffix(".xlsx")))
        page = render_sheet(sheet, picture=picture)
        written.append(write_text(stem.with_suffix(".html"), page))
        written += [
            write_list(table, stem.with_suffix(".csv"))
            for table in sheet.tables
            if table.title == sheet.listed
        ]
    return written


def _certificate(certificate: Mapping[str, Any] | None, folder: Path) -> list[Path]:
    if certificate is None:
        return []
    text = to_json(certificate, indent=1) + "\n"
    return [write_text(folder / "certificate.json", text)]
