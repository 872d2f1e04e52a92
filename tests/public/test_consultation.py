"""The public copy: what it says, and that nothing else of a plan is anywhere in its bytes."""

import io
import json
import random
import re
import struct
import zipfile
import zlib
from datetime import UTC, datetime

import pandas as pd
import pytest
import shapely

from api.public.consultation import public_files
from api.public.copying import zipped
from api.public.furniture import furniture_of, pieces_of
from api.public.labels import label
from api.public.material import Material, Remark
from api.store.talk import Audience
from sbd import pipeline
from sbd.catalogue.products import load_products
from sbd.export.features import to_wgs84
from sbd.export.jsontext import plain
from tests.unit.export.conftest import build_proposal

DAY = datetime(2026, 5, 1, 12, tzinfo=UTC)
PIECE = {"furniture", "size", "usual_width_m"}


def rows_of(layer):
    shapes = to_wgs84(layer, decimals=7)
    table = pd.DataFrame(layer.drop(columns="geometry")).to_dict("records")
    return list(zip(shapes, map(plain, table), strict=True))


def material_of(proposal, **options):
    return Material(
        units=rows_of(proposal.units),
        zone=to_wgs84(proposal.site.zone, decimals=7)[0],
        solids=rows_of(proposal.site.solids),
        verdict=proposal.verdict.as_dict(),
        attribution=proposal.site.attribution,
        **options,
    )


def everything(files):
    """Return every byte of a copy, packed and unpacked, with the texts inside its picture."""
    archive = zipped(files, label(Audience.PUBLIC))
    parts = [archive]
    with zipfile.ZipFile(io.BytesIO(archive)) as read:
        parts.append(read.comment)
        for entry in read.infolist():
            parts += [entry.filename.encode(), entry.comment, entry.extra, read.read(entry)]
    return b"\n".join([*parts, *chunks(files["plan.png"])])


def chunks(png):
    """Yield what stands in a PNG beside its dots, unpacked where it is packed."""
    at = 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        if kind != b"IDAT":
            yield kind + data
        if kind == b"zTXt":
            yield zlib.decompress(data.partition(b"\0")[2][1:])
        at += 12 + length


@pytest.fixture(scope="module")
def drawn():
    return build_proposal()


@pytest.fixture(scope="module")
def files(drawn):
    return public_files(material_of(drawn))


def test_furniture_has_three_words_and_a_number_of_its_own(files):
    found = json.loads(files["plan.geojson"])["features"]
    assert [feature["id"] for feature in found] == list(range(1, 13))
    assert all(set(feature["properties"]) == PIECE for feature in found)
    assert {feature["properties"]["furniture"] for feature in found} == {"bollard"}


def test_furniture_stands_where_the_plan_puts_it(files, drawn):
    found = [
        shapely.geometry.shape(feature["geometry"]).centroid
        for feature in json.loads(files["plan.geojson"])["features"]
    ]
    there = shapely.MultiPoint(to_wgs84(drawn.units, decimals=7))
    # rounded to 1e-6 degrees: 6 cm north, 3 cm east at most, so far below 1e-6
    assert max(shapely.distance(found, there)) < 1e-6


def test_numbers_go_by_place_and_not_by_the_order_of_the_plan(drawn):
    units = rows_of(drawn.units)
    shuffled = random.Random(1).sample(units, len(units))
    renamed = [(shape, {**row, "unit_id": "x", "line_id": "y"}) for shape, row in shuffled]
    assert pieces_of(renamed) == pieces_of(units)


def test_what_opens_looks_like_what_does_not(drawn):
    rows = rows_of(drawn.units)
    kinds = ("fixed_bollard", "retractable_bollard")
    one, other = ([(shape, {**row, "kind": kind}) for shape, row in rows] for kind in kinds)
    assert pieces_of(one) == pieces_of(other)


def test_every_product_of_the_catalogue_has_a_plain_name_without_a_figure():
    for product in load_products():
        known = furniture_of(product.kind)
        assert known.word != "street furniture", product.kind
        assert not re.search(r"\d|rat|crash|n[123]|iwa|pas", known.word)


def test_products_of_one_kind_can_not_be_told_apart(drawn):
    # of all that a unit has, only its kind reaches the copy: whatever it was tested for
    rows = rows_of(drawn.units)
    for product in load_products():
        told = {"kind": product.kind, "bearing_deg": 20.0}
        size = {"product_id": product.product_id, "width_m": product.width_m}
        plain_pieces = pieces_of([(shape, told) for shape, _ in rows])
        assert pieces_of([(shape, {**told, **size}) for shape, _ in rows]) == plain_pieces


class Planted:
    """Gives out values that nobody would write, and remembers them."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.given = []

    def word(self):
        text = f"Zq{self.chance.getrandbits(48):012x}"
        # words come with what breaks out of HTML, JSON, XML, a path
        start, end = self.chance.choice([("", ""), ("<b>", "</b>"), ('"},"', ""), ("../", "/x")])
        self.given.append(text)
        return start + text + end

    def number(self):
        value = self.chance.randrange(10**9, 10**10) + 0.5
        self.given.append(str(int(value)))
        return value

    def value(self):
        kind = self.chance.randrange(5)
        if kind == 0:
            return self.number()
        if kind == 1:
            return [self.word(), self.number()]
        if kind == 2:
            return {self.word(): self.word()}
        return self.word()


@pytest.mark.parametrize("seed", range(6))
def test_nothing_that_was_planted_anywhere_else_is_in_the_copy(drawn, seed):
    planted = Planted(seed)

    def poisoned(rows, kept):
        out = []
        for shape, row in rows:
            others = {name: planted.value() for name in row if name not in kept}
            extra = {planted.word(): planted.value() for _ in range(3)}
            high = shapely.force_3d(shape, planted.number())  # heights of corners, too
            out.append((high, {**{name: row[name] for name in kept}, **others, **extra}))
        return planted.chance.sample(out, len(out))

    units = poisoned(rows_of(drawn.units), ("kind",))
    units[0][1]["kind"] = planted.word()  # a kind that nobody thought of
    units[1][1]["kind"] = planted.value()
    solids = poisoned(rows_of(drawn.site.solids), ("kind",))
    checks = [
        {"name": "wheelchair", "holds": True, "note": planted.word(), "width_m": planted.number()},
        {"name": planted.word(), "holds": planted.word(), "question": planted.word()},
    ]
    remarks = [
        Remark(planted.word(), Audience.RESTRICTED, DAY, shapely.Point(24.94, 60.17)),
        Remark(planted.word(), planted.word(), DAY),
        Remark("A public word.", Audience.PUBLIC, DAY, shapely.Point(24.94, 60.17)),
    ]
    material = Material(
        units=units,
        zone=to_wgs84(drawn.site.zone, decimals=7)[0],
        solids=solids,
        verdict={"checks": checks, "standing": planted.word(), planted.word(): planted.value()},
        attribution=planted.word(),
        remarks=remarks,
    )
    content = everything(public_files(material)).lower()
    found = [text for text in planted.given if text.lower().encode() in content]
    assert len(planted.given) > 400
    assert found == []
    assert b"a public word." in content


def test_lines_gaps_and_figures_of_the_plan_are_not_named(files):
    shown = b"\n".join(files[name] for name in ("plan.geojson", "comments.geojson"))
    page = re.sub(
        r"<style>.*?</style>|<svg.*?</svg>", "", files["consultation.html"].decode(), flags=re.S
    )
    text = (shown.decode() + page).lower()
    for word in ("speed", "km/h", "kmh", "energy", "kj", "corridor", "gap", "rating", "rated"):
        assert word not in text
    for word in ("n2a", "openable", "retractable", "verdict", "cost", "eur", "line_id", "l1"):
        assert not re.search(rf"\b{word}\b", text)


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ([{"name": "wheelchair", "holds": True}], "Yes: every way"),
        ([{"name": "wheelchair", "holds": False}], "Not yet"),
        ([{"name": "wheelchair", "holds": "by 0.92 m"}], "Not yet"),
        ([], "Not examined"),
        ("nonsense", "Not examined"),
    ],
)
def test_the_way_by_wheelchair_is_yes_or_no(drawn, checks, said):
    material = material_of(drawn)
    page = public_files(
        Material(material.units, material.zone, verdict={"checks": checks}, title="Here")
    )["consultation.html"].decode()
    assert said in page


def test_public_comments_are_shown_without_who_wrote_them_and_do_no_harm(drawn):
    text = "<script>alert(1)</script> & more"
    remarks = [Remark(text, Audience.PUBLIC, DAY, shapely.Point(24.9431234567, 60.17))]
    files = public_files(material_of(drawn, remarks=remarks, title="<b>Square</b>"))
    page = files["consultation.html"].decode()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page
    assert "&lt;b&gt;Square&lt;/b&gt;" in page
    (comment,) = json.loads(files["comments.geojson"])["features"]
    assert comment["properties"] == {"comment": text, "date": "2026-05-01"}
    assert comment["geometry"]["coordinates"] == [24.943123, 60.17]


def test_the_page_asks_nothing_of_any_other_machine(files):
    page = files["consultation.html"].decode()
    addresses = set(re.findall(r"(?:https?:)?//[^\s\"'<>]+", page))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<(script|link|iframe|object|embed|img)\b|url\(|@import", page)


def test_the_label_is_on_every_file(files):
    words = label(Audience.PUBLIC)
    assert sorted(files) == [
        "LABEL.txt",
        "comments.geojson",
        "consultation.html",
        "plan.geojson",
        "plan.png",
    ]
    for name, content in files.items():
        assert words.encode() in content, name


def test_the_same_plan_gives_the_same_bytes(drawn, files):
    assert public_files(material_of(drawn)) == files
    assert zipped(files, "x") == zipped(files, "x")


def test_a_plan_of_nothing_has_a_copy(drawn):
    files = public_files(Material(units=[], zone=material_of(drawn).zone))
    assert json.loads(files["plan.geojson"])["features"] == []
    assert "Nothing." in files["consultation.html"].decode()


@pytest.mark.slow
def test_no_figure_of_the_helsinki_plan_is_a_field_of_its_copy():
    site = pipeline.site_demo()
    assessment = pipeline.assess(site, vehicles=["N2A"], resolution_m=1.0, headings=32)
    proposal = pipeline.propose(site, assessment)
    files = public_files(material_of(proposal))
    found = json.loads(files["plan.geojson"])["features"]
    assert len(found) == len(proposal.units)
    values = {value for feature in found for value in feature["properties"].values()}
    names = {"furniture", "size", "usual_width_m"}
    assert all(set(feature["properties"]) == names for feature in found)
    for column in ("speed_kmh", "energy_kj", "gap_before_mm", "cost_low", "width_m", "mass_kg"):
        assert not values & {float(value) for value in proposal.units[column]} - {0.0}, column
    content = everything(files).decode("latin-1").lower()
    for column in ("product_id", "unit_id", "line_id", "source"):
        named = {str(value).lower() for value in proposal.units[column] if len(str(value)) > 3}
        assert not [name for name in named if name in content], column
