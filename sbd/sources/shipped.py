"""The places that come with sbd: an id in, the file and the point to look at out."""

from dataclasses import dataclass
from pathlib import Path

from sbd.errors import ExtractError

FILE_NAME = "helsinki_center.osm.pbf"

_PACKAGE = Path(__file__).resolve().parents[1]
# An installed package carries the file inside; a checkout has it beside the package.
_FOLDERS = (_PACKAGE / "_osm_cache", _PACKAGE.parent / "data" / "osm_cache")


@dataclass(frozen=True, slots=True)
class ShippedPlace:
    """A place that can be planned without any file and without a network.

    Parameters
    ----------
    name : str
        What people call it.
    center : (float, float)
        Latitude and longitude of a point inside the square or park [degrees].
    """

    name: str
    center: tuple[float, float]


SHIPPED_PLACES = {
    "rautatientori": ShippedPlace("Rautatientori, Helsinki", (60.1713, 24.9442)),
    "esplanadi": ShippedPlace("Esplanadi, Helsinki", (60.1675, 24.9470)),
}


def shipped_extract() -> Path:
    """Return the OpenStreetMap extract of central Helsinki that covers every shipped place.

    Raises ExtractError where the installation is incomplete.
    """
    for folder in _FOLDERS:
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    raise ExtractError(
        f"{FILE_NAME}: not part of this installation; install sbd again, or give another extract"
    )
