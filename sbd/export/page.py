"""A folium map in, one HTML page out that asks nothing of any other machine."""

import base64
import re
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from typing import Any, cast

import folium
from branca.element import Element, Figure, Link
from folium.template import Template

from sbd.errors import OutputError

# folium's name for a link: (package that carries the file, path in it). jQuery stays although our
# own layers do without: folium's popups call it, and people add theirs to the map.
_SCRIPTS = {
    "leaflet": ("xstatic-leaflet", "xstatic/pkg/leaflet/data/leaflet.js"),
    "jquery": ("xstatic-jquery", "xstatic/pkg/jquery/data/jquery.min.js"),
}
_SHEETS = {"leaflet_css": ("xstatic-leaflet", "xstatic/pkg/leaflet/data/leaflet.css")}

_PICTURE = re.compile(r"url\((?!data:|#)['\"]?([^)'\"]+)['\"]?\)")
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


class OfflineMap(folium.Map):
    """A folium map whose links are data of the page itself; icons of Bootstrap are not there.

    It shows in a notebook as it is; `render_page` makes the file.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(tiles=None, **options)
        # folium's lists belong to the class and so to every map; these belong to this one.
        self.default_js = [(name, _data_uri("text/javascript", script(name))) for name in _SCRIPTS]
        self.default_css = [(name, _data_uri("text/css", sheet(name))) for name in _SHEETS]


class Inline(Element):
    """Text that goes into the page as it is."""

    _template = Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


def render_page(page_map: folium.Map) -> str:
    """Return the page of a map with every script and style inside.

    Raises
    ------
    OutputError
        A plugin on the map links to a file that is not on this machine.
    """
    figure = figure_of(page_map)
    number_elements(figure)
    figure.render()
    for name, link in figure.header._children.items():
        if isinstance(link, Link):
            # branca prints it as it is, so bytes would show their Python quotes.
            link.code = cast("bytes", _inside(name, link.url))
    # The children were rendered above and would put their links back.
    page = str(figure._template.render(this=figure, kwargs={"embedded": True}))
    # Screen readers need the language, and branca's page states none.
    return page.replace("<html>", '<html lang="en">', 1)


def figure_of(page_map: folium.Map) -> Figure:
    """Return the page that a map stands on."""
    return cast(Figure, page_map.get_root())


def number_elements(root: Element) -> None:
    """Give the elements the numbers 0, 1, 2, ... from the root down.

    branca names them by chance, and the same map should give the same page.
    """
    waiting, number = [root], 0
    while waiting:
        element = waiting.pop()
        element._id = str(number)
        number += 1
        waiting.extend(reversed(element._children.values()))


@cache
def script(name: str) -> str:
    """Return the text of a script that folium links to."""
    return _SOURCE_MAP.sub("", _packaged(*_SCRIPTS[name]).decode("utf-8"))


@cache
def sheet(name: str) -> str:
    """Return the text of a style sheet with its pictures inside."""
    package, path = _SHEETS[name]
    folder = path.rpartition("/")[0]

    def picture(match: re.Match[str]) -> str:
        data = _packaged(package, f"{folder}/{match[1]}")
        return f"url({_data_uri('image/png', data)})"

    return _PICTURE.sub(picture, _packaged(package, path).decode("utf-8"))


def own_asset(name: str) -> str:
    """Return one of this package's own files beside the map."""
    return (files("sbd.export") / "assets" / name).read_text(encoding="utf-8")


def _inside(name: str, url: str) -> str:
    if name in _SCRIPTS:
        return script(name)
    if name in _SHEETS:
        return sheet(name)
    raise OutputError(
        f"map: the link {name!r} to {url[:80]} has no file on this machine; take that plugin off"
    )


def _packaged(package: str, path: str) -> bytes:
    try:
        # Only the path is asked for: importing the package would need setuptools.
        return bytes(distribution(package).locate_file(path).read_bytes())  # type: ignore[attr-defined]
    except (PackageNotFoundError, OSError) as error:
        raise OutputError(
            f"map: {path.rpartition('/')[2]} of the package {package} is not here; "
            f"install it with: pip install {package}"
        ) from error


def _data_uri(kind: str, content: str | bytes) -> str:
    data = content.encode("utf-8") if isinstance(content, str) else content
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"
