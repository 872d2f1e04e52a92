"""An upload and what it is for in, nothing out; a file that is something else is refused."""

from collections.abc import Callable
from pathlib import Path

from api.checks.bounds import USUAL, Bounds
from api.checks.geopackages import check_geopackage
from api.checks.rasters import check_geotiff
from api.checks.squeezed import check_squeezed
from api.checks.texts import check_geojson, check_list, check_osm_xml
from api.checks.zips import check_workbook
from api.errors import UploadKindError
from api.store.places import UploadKind

_PBF_FIRST_BLOB = b"OSMHeader"
_HEAD_BYTES = 64

Check = Callable[[Path, Bounds], None]


def check_upload_content(path: Path, kind: UploadKind, bounds: Bounds = USUAL) -> None:
    """Refuse a file whose content is not what its name says, or which would do harm when read.

    Looks at the content itself; the name only says which content is promised. Nothing outside of
    the file is read, and the file is not changed.

    Parameters
    ----------
    path : Path
        The file, alone in a folder of the service, under its stored name.
    kind : UploadKind
        What it is for.

    Raises
    ------
    UploadKindError
        It is something else than its name says, or of a kind that is not read here.
    InputError
        It grows too large when it is read, or holds what may do harm.
    """
    for ending, check in _CHECKS[kind].items():
        if path.name.lower().endswith(ending):
            check(path, bounds)
            return
    raise UploadKindError(
        f"{path.name}: not read as {kind}; give one of {', '.join(_CHECKS[kind])}"
    )


def _check_pbf(path: Path, _bounds: Bounds) -> None:
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    # Four bytes of length, then the header of the first block with its type.
    if _PBF_FIRST_BLOB not in head[4:32]:
        raise UploadKindError(f"{path.name}: no OpenStreetMap PBF inside; send the file as it came")


def _check_squeezed_osm(path: Path, bounds: Bounds) -> None:
    check_osm_xml(path, bounds)
    check_squeezed(path, bounds)


_CHECKS: dict[UploadKind, dict[str, Check]] = {
    UploadKind.EXTRACT: {
        ".osm.pbf": _check_pbf,
        ".osm.gz": _check_squeezed_osm,
        ".osm.bz2": _check_squeezed_osm,
        ".osm": check_osm_xml,
    },
    UploadKind.LAYERS: {".gpkg": check_geopackage, ".geojson": check_geojson},
    UploadKind.HEIGHTS: {".tif": check_geotiff, ".tiff": check_geotiff},
    UploadKind.CATALOGUE: {".csv": check_list, ".xlsx": check_workbook},
}
