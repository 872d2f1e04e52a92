"""What a worker left, as the store keeps it."""

import hashlib
import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.errors import ConflictError, UnknownResourceError
from api.store import File, FileRole, ItemFile, JobKind, Plan, PlanFeature, Proposal, Site, Store
from api.store.results import keep_ahead, keep_plan, keep_upload, sweep
from sbd.errors import SbdError
from tests.stored import Town, job, left_by_worker, plan, point, square, town


@pytest.fixture
def made(store: Store, tmp_path: Path) -> Town:
    return town(store, tmp_path / "site")


def test_a_site_keeps_its_zone_and_every_file_under_its_hash(store: Store, made: Town) -> None:
    with store.database.reading() as session:
        site = session.get_one(Site, made.site_id)
        named = session.scalars(sa.select(ItemFile).filter_by(item_id=made.site_id)).all()
    assert site.zone.bounds == pytest.approx((24.94, 60.17, 24.941, 60.171))
    assert {(entry.role, entry.name) for entry in named} == {
        ("data", "site.gpkg"),
        ("layer", "zone"),
        ("file", "map.html"),
        ("file", "summary.txt"),
        ("archive", "archive.zip"),
    }
    for entry in named:
        content = store.files.path(entry.digest).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry.digest
        assert len(content) == entry.bytes


def test_layers_keep_the_order_in_which_they_are_drawn(
    store: Store, made: Town, tmp_path: Path
) -> None:
    layers = {"corridors": [], "barriers": [], "units": [point(24.94, 60.17)]}
    left = left_by_worker(tmp_path / "out", layers)
    record = {"verdict": {}, "layers": ["units", "corridors", "barriers"]}
    with store.database.session() as session:
        order = job(session, made, JobKind.PLAN, "plan-0", site_id=made.site_id)
        keep_plan(session, store.files, job=order, folder=left, record=record)
    asked = sa.select(ItemFile.name).filter_by(item_id="plan-0", role=FileRole.LAYER)
    with store.database.reading() as session:
        assert list(session.scalars(asked.order_by(ItemFile.position))) == record["layers"]


def test_plans_of_a_proposal_are_numbered_from_one(
    store: Store, made: Town, tmp_path: Path
) -> None:
    first = plan(store, made, tmp_path / "1", number=1)
    second = plan(store, made, tmp_path / "2", number=2, proposal_id=first.proposal_id)
    other = plan(store, made, tmp_path / "3", number=3)
    assert (first.number, second.number, other.number) == (1, 2, 1)
    with store.database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Proposal)) == 2
        assert session.get_one(Proposal, first.proposal_id).name == "Market square"


def test_every_feature_of_a_plan_has_its_row(store: Store, made: Town, tmp_path: Path) -> None:
    kept = plan(store, made, tmp_path / "1", number=1, units=3)
    with store.database.reading() as session:
        rows = session.scalars(sa.select(PlanFeature).order_by(PlanFeature.number)).all()
    assert [(row.plan_id, row.layer, row.number) for row in rows] == [
        (kept.plan_id, "units", number) for number in (1, 2, 3)
    ]
    assert rows[2].shape.x == pytest.approx(24.9402)
    assert rows[2].properties == {"unit_id": "u2"}


def test_the_content_hash_follows_content_and_not_the_id(
    store: Store, made: Town, tmp_path: Path
) -> None:
    first = plan(store, made, tmp_path / "1", number=1, units=3)
    same = plan(store, made, tmp_path / "2", number=2, units=3)
    other = plan(store, made, tmp_path / "3", number=3, units=4)
    assert first.content_hash == same.content_hash != other.content_hash


def test_the_content_hash_tells_sites_apart(store: Store, made: Town, tmp_path: Path) -> None:
    elsewhere = town(store, tmp_path / "other", west=24.95)
    here = plan(store, made, tmp_path / "1", number=1)
    there = plan(store, elsewhere, tmp_path / "2", number=2)
    assert here.content_hash != there.content_hash


@pytest.mark.parametrize(
    ("proposal_of", "error"),
    [("nobody", UnknownResourceError), ("another project", UnknownResourceError)],
)
def test_a_plan_is_no_version_of_what_its_project_has_not(
    store: Store, made: Town, tmp_path: Path, proposal_of: str, error: type[SbdError]
) -> None:
    proposal_id = "proposal-000000000000"
    if proposal_of == "another project":
        elsewhere = town(store, tmp_path / "other")
        proposal_id = plan(store, elsewhere, tmp_path / "1", number=1).proposal_id
    with pytest.raises(error):
        plan(store, made, tmp_path / "2", number=2, proposal_id=proposal_id)
    with store.database.reading() as session:
        assert session.get(Plan, "plan-000000000002") is None


def test_a_proposal_stays_on_its_site(store: Store, made: Town, tmp_path: Path) -> None:
    first = plan(store, made, tmp_path / "1", number=1)
    second_site = "site-000000000000"
    with store.database.session() as session:
        session.add(
            Site(
                site_id=second_site,
                project_id=made.project_id,
                name="Station square",
                request={},
                record={},
                zone=session.get_one(Site, made.site_id).zone,
            )
        )
    moved = Town(made.user_id, made.project_id, second_site)
    with pytest.raises(ConflictError, match=second_site):
        plan(store, moved, tmp_path / "2", number=2, proposal_id=first.proposal_id)


def test_an_upload_has_the_file_that_came_in_before(
    store: Store, made: Town, tmp_path: Path
) -> None:
    sent = tmp_path / "city.osm.pbf"
    sent.write_bytes(b"map data")
    kept = store.files.keep(sent)
    (tmp_path / "out").mkdir()
    with store.database.session() as session:
        order = job(
            session,
            made,
            JobKind.UPLOAD,
            "upload-0",
            kind="extract",
            file_name=sent.name,
            digest=kept.digest,
            bytes=kept.bytes,
        )
        keep_upload(session, store.files, job=order, folder=tmp_path / "out", record={"date": "?"})
    with store.database.reading() as session:
        entry = session.get_one(ItemFile, ("upload-0", FileRole.DATA, sent.name))
    assert store.files.path(entry.digest).read_bytes() == b"map data"


def test_what_fails_halfway_leaves_no_row(store: Store, made: Town, tmp_path: Path) -> None:
    left = left_by_worker(tmp_path / "out", {"units": [square(24.94, 60.17)]})

    def keep_without_verdict() -> None:
        with store.database.session() as session:
            order = job(session, made, JobKind.PLAN, "plan-0", site_id=made.site_id)
            keep_plan(session, store.files, job=order, folder=left, record={})

    with pytest.raises(KeyError, match="verdict"):
        keep_without_verdict()
    with store.database.reading() as session:
        assert session.get(Plan, "plan-0") is None
        assert session.scalars(sa.select(Proposal)).all() == []


def test_files_kept_ahead_are_found_and_not_written_again(
    store: Store, made: Town, tmp_path: Path
) -> None:
    left = left_by_worker(tmp_path / "out", {"units": [point(24.94, 60.17)]})
    keep_ahead(store.files, left)
    before = set(store.files.digests())
    with store.database.session() as session:
        order = job(session, made, JobKind.PLAN, "plan-0", site_id=made.site_id)
        keep_plan(session, store.files, job=order, folder=left, record={"verdict": {}})
    assert set(store.files.digests()) == before


def test_a_sweep_takes_what_nobody_names_and_leaves_what_waiting_work_reads(
    store: Store, made: Town, tmp_path: Path
) -> None:
    for name in ("forgotten", "waited for"):
        (tmp_path / name).write_text(name)
    forgotten = store.files.keep(tmp_path / "forgotten")
    awaited = store.files.keep(tmp_path / "waited for")
    with store.database.session() as session:
        job(session, made, JobKind.UPLOAD, "upload-0", digest=awaited.digest)
    assert sweep(store, older_than_s=3600) == 0
    assert sweep(store, older_than_s=-1) == 1
    left = set(store.files.digests())
    assert forgotten.digest not in left
    with store.database.reading() as session:
        assert left == {awaited.digest, *session.scalars(sa.select(File.digest))}


def test_records_with_every_kind_of_text_come_back_as_they_were(
    store: Store, made: Town, tmp_path: Path
) -> None:
    left = left_by_worker(tmp_path / "out", {"units": []})
    verdict = json.loads('{"note": "Platz \\u00e4\\ud83d\\ude8c \\"a\\\\b\\"", "kj": 1e-12}')
    with store.database.session() as session:
        order = job(session, made, JobKind.PLAN, "plan-0", site_id=made.site_id)
        keep_plan(session, store.files, job=order, folder=left, record={"verdict": verdict})
    with store.database.reading() as session:
        assert session.get_one(Plan, "plan-0").record["verdict"] == verdict
