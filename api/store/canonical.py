"""The content of a site or a plan -> its SHA-256, the same for the same content."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

DECIMALS = 7  # of a degree: 1.1 cm of latitude
DIGITS = 9  # that count in every other number


def plan_hash(
    *,
    site_hash: str,
    request: Mapping[str, Any],
    verdict: Mapping[str, Any],
    layers: Mapping[str, Sequence[Mapping[str, Any]]],
) -> str:
    """Return the hash that an approval stands for.

    Neither the order of keys nor the noise of a computed number changes it; another footprint,
    another wish, another finding of the judge, or another site does.

    Parameters
    ----------
    site_hash : str
        Of the site that was planned (`site_hash`).
    request, verdict : mapping
        What was asked, and what the judge said.
    layers : mapping of str to sequence of mapping
        Features (GeoJSON) of each layer, longitude and latitude, in their order.
    """
    content = {"site": site_hash, "request": request, "verdict": verdict, "layers": layers}
    return _digest(content)


def site_hash(*, request: Mapping[str, Any], layers: Mapping[str, str]) -> str:
    """Return the hash of a site: what was asked, and the digest of the file of each layer."""
    return _digest({"request": request, "layers": layers})


def canonical_text(value: Any) -> str:
    """Return a value of JSON's types as the one text that stands for it.

    Keys are sorted and there is no space. Coordinates keep 7 decimals, other numbers 9 digits;
    a whole number is written without a point, and zero without a sign.

    >>> canonical_text({"b": 0.1 + 0.2, "a": [1.0, -0.0]})
    '{"a":[1,0],"b":0.3}'
    """
    plain = _plain(value, in_coordinates=False)
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_text(content).encode()).hexdigest()


def _plain(value: Any, *, in_coordinates: bool) -> Any:
    if isinstance(value, Mapping):
        return {
            str(key): _plain(item, in_coordinates=in_coordinates or key == "coordinates")
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(item, in_coordinates=in_coordinates) for item in value]
    if isinstance(value, float):
        rounded = round(value, DECIMALS) if in_coordinates else float(f"{value:.{DIGITS}g}")
        return int(rounded) if rounded.is_integer() else rounded
    return value
