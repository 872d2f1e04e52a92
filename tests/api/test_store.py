import pytest

from api.errors import UnknownResourceError
from api.events import EventReader, JobProgress, append_event
from api.store import FolderStore, Kind, write_record
from sbd.errors import CancelledError, OutputError


@pytest.fixture
def store(tmp_path):
    made = FolderStore(tmp_path)
    made.open()
    return made


def test_a_record_comes_back_as_it_was_saved(store):
    store.save(Kind.JOB, "job-000000000001", {"name": "Käännös", "share": 0.5})
    assert store.load(Kind.JOB, "job-000000000001") == {"name": "Käännös", "share": 0.5}
    assert store.ids(Kind.JOB) == ["job-000000000001"]


@pytest.mark.parametrize("item_id", ["../../etc", "site-1", "", "site-00000000000g", "a/b-0"])
def test_an_id_that_is_a_path_is_refused(store, item_id):
    with pytest.raises(UnknownResourceError):
        store.load(Kind.SITE, item_id)


def test_a_folder_that_could_not_be_filled_leaves_nothing(store):
    def fill():
        with store.filling(Kind.PLAN, "plan-000000000001") as folder:
            (folder / "half.txt").write_text("half")
            raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        fill()
    assert not store.folder(Kind.PLAN, "plan-000000000001").exists()
    assert list(store.root.rglob("half.txt")) == []


def test_a_folder_is_seen_only_when_it_is_full(store):
    with store.filling(Kind.SITE, "site-000000000001") as folder:
        write_record(folder, {"name": "full"})
        assert not store.has(Kind.SITE, "site-000000000001")
    assert store.load(Kind.SITE, "site-000000000001") == {"name": "full"}


def test_the_first_of_two_that_fill_the_same_id_stays(store):
    for name in ("first", "second"):
        with store.filling(Kind.SITE, "site-000000000001") as folder:
            write_record(folder, {"name": name})
    assert store.load(Kind.SITE, "site-000000000001") == {"name": "first"}


def test_what_a_crash_left_half_done_is_cleared_on_opening(store):
    (store.root / "half-done" / "site-000000000001.abcd").mkdir()
    (store.root / Kind.UPLOAD / "upload-000000000001").mkdir()
    store.open()
    assert list((store.root / "half-done").iterdir()) == []
    assert list((store.root / Kind.UPLOAD).iterdir()) == []


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match=r"data folder .*file.*--data"):
        FolderStore(tmp_path / "file").open()


def test_a_line_that_a_kill_tore_hides_no_event_behind_it(tmp_path):
    append_event(tmp_path, "progress", {"share": 0.1})
    with (tmp_path / "events.jsonl").open("ab") as stream:
        stream.write(b'{"event": "prog')
    append_event(tmp_path, "end", {"state": "failed"})
    events = list(EventReader(tmp_path).new_events())
    # The torn line keeps its number, so numbers mean the same to a reader that came early.
    assert [(event.number, event.name) for event in events] == [(1, "progress"), (3, "end")]


def test_a_reader_gets_each_event_once_and_waits_for_half_a_line(tmp_path):
    reader = EventReader(tmp_path)
    assert list(reader.new_events()) == []
    append_event(tmp_path, "progress", {"share": 0.1})
    assert [event.number for event in reader.new_events()] == [1]
    with (tmp_path / "events.jsonl").open("ab") as stream:
        stream.write(b'{"event": "end", "da')
        stream.flush()
        assert list(reader.new_events()) == []
        stream.write(b'ta": {}}\n')
    assert [(event.number, event.name) for event in reader.new_events()] == [(2, "end")]


def test_progress_stops_the_work_once_it_was_asked_to(tmp_path):
    progress = JobProgress(tmp_path)
    progress("field", 0.2, "sweeping")
    (tmp_path / "cancel").touch()
    with pytest.raises(CancelledError, match="field"):
        progress("field", 0.3, "sweeping")
