"""An audience in, its sensitivity label out, also written into the files themselves."""

import json
import sqlite3
import struct
import zlib
from collections.abc import Callable
from contextlib import closing
from html import escape
from pathlib import Path

from api.store.talk import Audience

LABEL_FILE = "LABEL.txt"

_LABELS = {
    Audience.RESTRICTED: (
        "RESTRICTED: protective security. For members of the project only; "
        "do not publish, do not pass on."
    ),
    Audience.PUBLIC: "PUBLIC: copy for consultation. Furniture and comments; nothing else.",
}

_BANNER = (
    "position:fixed;left:50%;bottom:0;transform:translateX(-50%);z-index:99999;"
    "pointer-events:none;padding:1px 8px;font:11px sans-serif;color:#fff;background:#8f1d00;"
    "border-radius:3px 3px 0 0;max-width:96%"
)
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER_END = 33  # signature, and the first chunk with 13 bytes of data


def label(audience: Audience) -> str:
    """Return the label in words, as it stands on every copy for an audience.

    >>> label(Audience.PUBLIC)[:6], label(Audience.RESTRICTED)[:10]
    ('PUBLIC', 'RESTRICTED')
    """
    return _LABELS[audience]


def stamp_folder(folder: Path, audience: Audience) -> None:
    """Write the label beside the files of a folder, and into each whose form has a place for it.

    JSON, GeoJSON, HTML, GeoPackage, PNG and text carry it inside. What is sealed by a hash of
    its own (the certificate) and forms with no place (CSV, GeoTIFF in its cloud layout) stay as
    they are: `LABEL.txt` speaks for them, and so does the comment of the archive.
    """
    words = label(audience)
    for path in sorted(folder.iterdir()):
        stamp = _STAMPS.get(path.suffix.lower())
        if stamp is not None and path.is_file():
            stamp(path, words)
    (folder / LABEL_FILE).write_text(f"{words}\n", encoding="utf-8")


def stamped_png(content: bytes, words: str) -> bytes:
    """Return a PNG with the label as one of its texts."""
    if not content.startswith(_PNG):
        return content
    data = b"Sensitivity\0" + words.encode("latin-1", "replace")
    crc = zlib.crc32(b"tEXt" + data)
    chunk = struct.pack(">I", len(data)) + b"tEXt" + data + struct.pack(">I", crc)
    return content[:_PNG_HEADER_END] + chunk + content[_PNG_HEADER_END:]


def _json(path: Path, words: str) -> None:
    content = json.loads(path.read_bytes())
    if isinstance(content, dict) and "sha256" not in content:
        text = json.dumps({"sensitivity": words, **content}, ensure_ascii=False)
        path.write_text(text, encoding="utf-8")


def _html(path: Path, words: str) -> None:
    page = path.read_text(encoding="utf-8")
    page = page.replace("<head>", f'<head><meta name="sensitivity" content="{escape(words)}">', 1)
    banner = f'<div style="{_BANNER}">{escape(words)}</div>'
    before, end, after = page.rpartition("</body>")
    path.write_text(before + banner + end + after if end else page + banner, encoding="utf-8")


def _text(path: Path, words: str) -> None:
    path.write_text(f"{words}\n\n{path.read_text(encoding='utf-8')}", encoding="utf-8")


def _png(path: Path, words: str) -> None:
    path.write_bytes(stamped_png(path.read_bytes(), words))


def _geopackage(path: Path, words: str) -> None:
    """Add a row of metadata on the file as a whole (the standard's extension for metadata)."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(_METADATA_TABLES)
        connection.executemany(
            "INSERT OR IGNORE INTO gpkg_extensions VALUES "
            "(?, NULL, 'gpkg_metadata', 'http://www.geopackage.org/spec/#extension_metadata', "
            "'read-write')",
            [("gpkg_metadata",), ("gpkg_metadata_reference",)],
        )
        row = connection.execute(
            "INSERT INTO gpkg_metadata (md_scope, md_standard_uri, mime_type, metadata) "
            "VALUES ('dataset', 'urn:sbd:sensitivity', 'text/plain', ?)",
            (words,),
        )
        connection.execute(
            "INSERT INTO gpkg_metadata_reference (reference_scope, timestamp, md_file_id) "
            "VALUES ('geopackage', '2000-01-01T00:00:00.000Z', ?)",
            (row.lastrowid,),
        )


_METADATA_TABLES = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE IF NOT EXISTS gpkg_metadata (
  id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL DEFAULT 'dataset',
  md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/xml',
  metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS gpkg_metadata_reference (
  reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
"""

_STAMPS: dict[str, Callable[[Path, str], None]] = {
    ".json": _json,
    ".geojson": _json,
    ".html": _html,
    ".gpkg": _geopackage,
    ".png": _png,
    ".txt": _text,
}
