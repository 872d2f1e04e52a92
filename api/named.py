"""A function by its name: the service hands it on, and loads nothing of it."""

from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any


@dataclass(frozen=True, slots=True)
class Named:
    """A function that is loaded where it is called, with the libraries that it needs.

    Parameters
    ----------
    name : str
        `module:function`.

    Examples
    --------
    >>> Named("math:hypot")(3.0, 4.0)
    5.0
    """

    name: str

    def __call__(self, *arguments: Any) -> Any:
        """Load the function and call it."""
        return resolve_name(self.name)(*arguments)
