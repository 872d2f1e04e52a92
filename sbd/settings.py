"""Settings from SBD_* variables; read by the edges (cli, sources, api) only."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says.

    Parameters
    ----------
    cache : Path
        Where answers of Overpass and Nominatim are kept (`SBD_CACHE`).
    cache_only : bool
        Ask no outside host, only the cache (`SBD_CACHE_ONLY`).
    overpass_url, nominatim_url : str
        Services to ask (`SBD_OVERPASS_URL`, `SBD_NOMINATIM_URL`).
    timeout_s : float
        Time-out of one request (`SBD_TIMEOUT_S`).
    data : Path
        Where `sbd serve` keeps its files (`SBD_DATA`).
    database : str or None
        URL of a PostgreSQL database with PostGIS for the service (`SBD_DATABASE`); by default its
        tables are in the data folder.
    """

    cache: Path
    cache_only: bool
    overpass_url: str
    nominatim_url: str
    timeout_s: float
    data: Path
    database: str | None = None

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read the variables; each has a default."""
        get = os.environ.get
        return cls(
            cache=Path(get("SBD_CACHE", "data/osm_cache")),
            cache_only=get("SBD_CACHE_ONLY", "") not in ("", "0"),
            overpass_url=get("SBD_OVERPASS_URL", "https://overpass-api.de/api"),
            nominatim_url=get("SBD_NOMINATIM_URL", "https://nominatim.openstreetmap.org"),
            timeout_s=float(get("SBD_TIMEOUT_S", "60")),
            data=Path(get("SBD_DATA", "sbd-data")),
            database=get("SBD_DATABASE") or None,
        )
