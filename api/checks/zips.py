"""Workbooks from outside, which are archives: what they hold before they are read."""

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from api.checks.bounds import USUAL, Bounds
from api.checks.texts import refuse_document_type
from api.errors import UploadKindError
from sbd.errors import InputError

_ENCRYPTED = 0x1
_CHUNK_BYTES = 256 * 1024
_PROLOGUE_BYTES = 64 * 1024
_BOOK = "xl/workbook.xml"
# An archive in an archive multiplies what it holds, and nothing that is read here needs it.
_NESTED = (".zip", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".tgz", ".zst", ".jar", ".kmz")


def check_zip(path: Path, bounds: Bounds = USUAL) -> None:
    """Refuse an archive that would write outside its folder, or hold too much when unpacked.

    Each member is unpacked a chunk at a time and thrown away: what the archive says of its sizes
    is not believed.

    Raises
    ------
    UploadKindError
        It is no ZIP archive, or a damaged one.
    InputError
        A name leads out of the folder or comes twice, a member is a link, encrypted or an archive
        itself, there are too many, or they hold too much.
    """
    most = bounds.most_bytes(path.stat().st_size)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_members(members, path.name, bounds)
            read = 0
            for member in members:
                with archive.open(member) as stream:
                    while chunk := stream.read(_CHUNK_BYTES):
                        read += len(chunk)
                        if read > most:
                            raise InputError(
                                f"{path.name}: holds more than {most:,} bytes; send what is needed"
                            )
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError) as error:
        raise UploadKindError(f"{path.name}: no ZIP archive, or damaged ({error})") from error


def check_workbook(path: Path, bounds: Bounds = USUAL) -> None:
    """Refuse what is no XLSX, or one whose XML declares entities; raises as `check_zip` does."""
    check_zip(path, bounds)
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if _BOOK not in names:
            raise UploadKindError(f"{path.name}: a ZIP archive, but no XLSX; save it as XLSX again")
        for name in names:
            if name.lower().endswith((".xml", ".rels", ".vml")):
                with archive.open(name) as stream:
                    refuse_document_type(stream.read(_PROLOGUE_BYTES), f"{path.name}: {name[:60]}")


def _check_members(members: list[zipfile.ZipInfo], name: str, bounds: Bounds) -> None:
    if len(members) > bounds.members:
        raise InputError(f"{name}: {len(members)} files; at most {bounds.members} are taken")
    seen: set[str] = set()
    for member in members:
        fault = _fault_of(member)
        if member.filename.lower() in seen:
            fault = "comes twice"
        seen.add(member.filename.lower())
        if fault is not None:
            raise InputError(f"{name}: {member.filename[:80]!r} {fault}; pack the archive again")


def _fault_of(member: zipfile.ZipInfo) -> str | None:
    text = member.filename
    if not text or any(ord(letter) < 32 for letter in text):
        return "is no file name"
    if "\\" in text or ":" in text or text.startswith("/") or ".." in PurePosixPath(text).parts:
        return "leads out of the archive's folder"
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link or a device"
    if member.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if text.lower().endswith(_NESTED):
        return "is an archive itself"
    return None
