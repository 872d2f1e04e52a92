"""Text from outside: OpenStreetMap XML, GeoJSON, lists."""

from pathlib import Path
from xml.parsers import expat

from api.checks.bounds import USUAL, Bounds
from api.checks.squeezed import open_squeezed
from api.errors import UploadKindError
from sbd.errors import InputError

_PROLOGUE_BYTES = 64 * 1024
_HEAD_BYTES = 64 * 1024
_BYTE_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
# What begins so is no text, whatever it is called.
_NO_LISTS = (b"PK\x03\x04", b"SQLite format 3", b"II*\0", b"MM\0*", b"\x1f\x8b", b"BZh", b"%PDF")


class _RootFoundError(Exception):
    """The first element has begun."""


def check_osm_xml(path: Path, bounds: Bounds = USUAL) -> None:  # noqa: ARG001  # one shape for all
    """Refuse what is no OpenStreetMap XML, and all that declares a document type.

    Entities, which make a small file large or fetch others, can only be declared there.

    Raises UploadKindError or InputError.
    """
    with open_squeezed(path) as stream:
        try:
            prologue = stream.read(_PROLOGUE_BYTES)
        except (OSError, EOFError) as error:
            raise UploadKindError(f"{path.name}: damaged or cut off ({error})") from error
    root = _root_of(prologue, path.name)
    if root != "osm":
        raise UploadKindError(
            f"{path.name}: no OpenStreetMap XML (it begins with {root[:40]!r}); give an extract"
        )


def refuse_document_type(content: bytes, name: str) -> None:
    """Raise InputError where a piece of XML declares a document type; no XML at all passes."""
    try:
        _root_of(content, name)
    except UploadKindError:
        return


def check_geojson(path: Path, bounds: Bounds = USUAL) -> None:  # noqa: ARG001  # one shape for all
    """Refuse what is no GeoJSON by its beginning.

    GDAL goes by content and not by name: XML in a file of this name would be read as a list of
    other files and addresses to open.

    Raises UploadKindError.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES).removeprefix(_BYTE_MARK).lstrip()
    if not head.startswith(b"{") or b'"type"' not in head:
        raise UploadKindError(f"{path.name}: no GeoJSON inside; write it from your GIS again")


def check_list(path: Path, bounds: Bounds = USUAL) -> None:  # noqa: ARG001  # one shape for all
    """Refuse what is no text; raises UploadKindError."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    is_wide = head.startswith(_WIDE_MARKS)
    starts_otherwise = head.startswith(_NO_LISTS) or head.removeprefix(_BYTE_MARK).startswith(b"<")
    if starts_otherwise or (b"\0" in head and not is_wide):
        raise UploadKindError(f"{path.name}: no list in text (CSV) inside; save it as CSV again")


def _root_of(content: bytes, name: str) -> str:
    """Return the name of the first element; raises where a document type comes before it."""
    found = ""

    def doctype(*_: object) -> None:
        raise InputError(
            f"{name}: declares a document type (DOCTYPE); save it without, no such file is read"
        )

    def element(tag: str, _: object) -> None:
        nonlocal found
        found = tag
        raise _RootFoundError

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = element
    try:
        parser.Parse(content, False)
    except _RootFoundError:
        return found
    except expat.ExpatError as error:
        raise UploadKindError(
            f"{name}: no XML inside ({error}); send the file as it came"
        ) from error
    raise UploadKindError(f"{name}: no element in its first {len(content):,} bytes; it is not read")
