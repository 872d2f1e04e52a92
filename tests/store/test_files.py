"""Files under their hash: whole or not at all, once, and gone only when nobody wants them."""

import hashlib
import io
import os
import threading
from pathlib import Path

import pytest

from api.errors import UnknownResourceError
from api.store import FileStore


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    made = FileStore(tmp_path / "files")
    made.open()
    return made


def _sent(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "sent"
    path.write_bytes(content)
    return path


def test_a_file_is_found_under_the_hash_of_its_content(files: FileStore, tmp_path: Path) -> None:
    kept = files.keep(_sent(tmp_path, b"abc"))
    # FIPS 180-2, appendix B.1: the hash of "abc".
    assert kept.digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert kept.bytes == 3
    assert files.path(kept.digest).read_bytes() == b"abc"
    assert files.path(kept.digest).relative_to(files.folder).parts == ("ba", kept.digest[2:])


@pytest.mark.parametrize("size", [0, 1, 1024 * 1024, 3 * 1024 * 1024 + 1])
def test_a_stream_is_kept_from_where_it_stands(files: FileStore, size: int) -> None:
    stream = io.BytesIO(b"head" + b"x" * size)
    stream.seek(4)
    kept = files.keep_stream(stream)
    assert kept.bytes == size
    assert files.path(kept.digest).stat().st_size == size


def test_the_same_content_is_there_once(files: FileStore, tmp_path: Path) -> None:
    first = files.keep(_sent(tmp_path, b"abc"))
    inode = files.path(first.digest).stat().st_ino
    assert files.keep_stream(io.BytesIO(b"abc")) == first
    assert list(files.digests()) == [first.digest]
    assert files.path(first.digest).stat().st_ino == inode


def test_a_file_that_was_cut_from_outside_is_written_again(
    files: FileStore, tmp_path: Path
) -> None:
    kept = files.keep(_sent(tmp_path, b"abc"))
    files.path(kept.digest).write_bytes(b"a")
    files.keep(_sent(tmp_path, b"abc"))
    assert files.path(kept.digest).read_bytes() == b"abc"


def test_many_who_keep_the_same_at_once_all_find_it(files: FileStore) -> None:
    content = os.urandom(200_000)
    found = []
    keepers = [
        threading.Thread(target=lambda: found.append(files.keep_stream(io.BytesIO(content))))
        for _ in range(8)
    ]
    for keeper in keepers:
        keeper.start()
    for keeper in keepers:
        keeper.join()
    assert len(found) == 8
    assert set(files.digests()) == {hashlib.sha256(content).hexdigest()}
    assert list((files.folder / "drafts").iterdir()) == []


def test_a_stream_that_breaks_leaves_nothing(files: FileStore) -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise ConnectionResetError("gone")

    with pytest.raises(Exception, match="gone"):
        files.keep_stream(Broken())  # type: ignore[arg-type]
    assert list(files.digests()) == []
    assert list((files.folder / "drafts").iterdir()) == []


@pytest.mark.parametrize("digest", ["", "..", "../../etc/passwd", "A" * 64, "g" * 64, "a" * 63])
def test_what_is_no_digest_leads_to_no_file(files: FileStore, digest: str) -> None:
    with pytest.raises(UnknownResourceError, match="not a SHA-256"):
        files.path(digest)


def test_only_what_is_old_and_unknown_is_removed(files: FileStore, tmp_path: Path) -> None:
    known, old, young = (files.keep_stream(io.BytesIO(text)) for text in (b"1", b"2", b"3"))
    for kept in (known, old):
        os.utime(files.path(kept.digest), (1.0, 1.0))
    assert files.remove_unused({known.digest}) == 1
    assert set(files.digests()) == {known.digest, young.digest}
    # Whoever asks for an old one again makes it young.
    os.utime(files.path(young.digest), (1.0, 1.0))
    files.keep(_sent(tmp_path, b"3"))
    assert files.remove_unused({known.digest}) == 0


def test_what_a_crash_left_half_written_goes_at_the_next_start(
    files: FileStore, tmp_path: Path
) -> None:
    kept = files.keep(_sent(tmp_path, b"abc"))
    (files.folder / "drafts" / "0123").write_bytes(b"half")
    files.open()
    assert list((files.folder / "drafts").iterdir()) == []
    assert list(files.digests()) == [kept.digest]


def test_files_are_for_their_owner_only(files: FileStore, tmp_path: Path) -> None:
    path = files.path(files.keep(_sent(tmp_path, b"abc")).digest)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
