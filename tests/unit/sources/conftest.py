"""Small maps, drawn as text."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

# Near Helsinki's station: 0.001 degrees are 111 m north, 55 m east.
LON, LAT = 24.94, 60.17


def node(number: int, x: float, y: float, **tags: str) -> str:
    """Return a node `x`, `y` thousandths of a degree from the corner."""
    place = f'lat="{LAT + y / 1000:.7f}" lon="{LON + x / 1000:.7f}"'
    return f'<node id="{number}" version="1" {place}>{_tags(tags)}</node>'


def square(first: int, x: float, y: float, side: float) -> str:
    """Return four nodes, numbered from `first`, anticlockwise from the lower left."""
    corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
    return "".join(node(first + i, cx, cy) for i, (cx, cy) in enumerate(corners))


def way(number: int, nodes: list[int], **tags: str) -> str:
    refs = "".join(f'<nd ref="{n}"/>' for n in nodes)  # codespell:ignore nd
    stamp = 'timestamp="2020-05-04T03:02:01Z"'
    return f'<way id="{number}" version="1" {stamp}>{refs}{_tags(tags)}</way>'


def relation(number: int, members: list[tuple[int, str]], **tags: str) -> str:
    refs = "".join(f'<member type="way" ref="{n}" role="{role}"/>' for n, role in members)
    return f'<relation id="{number}" version="1">{refs}{_tags(tags)}</relation>'


def _tags(tags: dict[str, str]) -> str:
    return "".join(f'<tag k="{k.replace("__", ":")}" v="{v}"/>' for k, v in tags.items())


@pytest.fixture
def draw(tmp_path: Path) -> SimpleNamespace:
    """Give the pencils, and `file` that writes what they drew, 10 x 10 thousandths of a degree."""

    def file(*objects: str, name: str = "town.osm", box: bool = True) -> Path:
        bounds = (
            f'<bounds minlat="{LAT}" minlon="{LON}" maxlat="{LAT + 0.01}" maxlon="{LON + 0.01}"/>'
        )
        text = f'<osm version="0.6">{bounds if box else ""}{"".join(objects)}</osm>'
        path = tmp_path / name
        path.write_text(f"<?xml version='1.0' encoding='UTF-8'?>{text}", encoding="utf-8")
        return path

    return SimpleNamespace(
        node=node, square=square, way=way, relation=relation, file=file, lon=LON, lat=LAT
    )


@pytest.fixture(scope="session")
def sites() -> Path:
    """Real extracts that are not part of this repository."""
    repo = Path(__file__).parents[3]
    folder = Path(os.environ.get("SBD_SITES", repo.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("SBD_SITES is not set: no folder with real extracts")
    return folder
