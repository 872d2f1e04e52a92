"""Any nested value in, strict JSON text out."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np


def to_json(value: Any, *, indent: int | None = None) -> str:
    """Return a value as JSON that every reader takes.

    JSON has no infinity and no not-a-number: both become null. Arrays and tuples become lists,
    whatever else JSON lacks becomes its text.

    >>> to_json({"bound": float("inf"), "at": (np.float64(1.5), True)})
    '{"bound": null, "at": [1.5, true]}'
    """
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False, indent=indent)


def plain(value: Any) -> Any:
    """Return the value in JSON's own types.

    >>> plain([np.float64("nan"), np.int64(3), np.bool_(True)])
    [None, 3, True]
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int | str) else str(value)
