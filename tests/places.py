"""The shared real places: where their extracts are, and what to protect in each."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

SITES = Path(os.environ.get("SBD_SITES", Path(__file__).parents[2] / "shared" / "data"))


@dataclass(frozen=True)
class Place:
    """An extract with the middle of a zone; no radius takes the square that is mapped there."""

    extract: str
    center: tuple[float, float]
    radius_m: float | None = None

    @property
    def path(self) -> Path:
        """The extract's file."""
        return SITES / "sites" / f"{self.extract}.osm.pbf"

    def require(self) -> Path:
        """Return the extract's path, or skip the test with the reason."""
        if not self.path.is_file():
            pytest.skip(f"{self.path.name} is not here; set SBD_SITES to the folder with `sites`")
        return self.path


PLACES = {
    "munich": Place("munich_marienplatz", (48.1371, 11.5758)),
    "porto": Place("porto_aliados_ribeira", (41.1465, -8.6114)),
    "geneva_quays": Place("geneva_quays", (46.2042, 6.1510)),
    "geneva_nations": Place("geneva_place_des_nations", (46.2226, 6.1387), 60.0),
    "london": Place("london_paternoster", (51.5146, -0.0994)),
    "helsinki": Place("helsinki_rautatientori", (60.1713, 24.9442)),
}
