"""What an approval stands for: the same content has the same hash, and other content another."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.store.canonical import canonical_text, plan_hash, site_hash
from tests.stored import square

_PLAN: dict[str, Any] = {
    "site_hash": "s",
    "request": {"vehicles": ["N2A"], "openable": 2},
    "verdict": {"standing": "holds", "worst_kj": 612.4},
    "layers": {
        "footprints": [
            {"type": "Feature", "geometry": square(24.94, 60.17), "properties": {"id": "u1"}},
            {"type": "Feature", "geometry": square(24.95, 60.17), "properties": {"id": "u2"}},
        ],
        "gaps": [],
    },
}


def _changed(change: Any) -> str:
    plan = copy.deepcopy(_PLAN)
    change(plan)
    return plan_hash(**plan)


def _corner_of(plan: dict[str, Any]) -> list[float]:
    corner: list[float] = plan["layers"]["footprints"][1]["geometry"]["coordinates"][0][2]
    return corner


def _moved(plan: dict[str, Any], axis: int, by_deg: float) -> None:
    _corner_of(plan)[axis] += by_deg


@pytest.mark.parametrize("axis", [0, 1])
def test_a_corner_moved_by_a_centimetre_is_another_plan(axis: int) -> None:
    # 1e-7 degrees are 1.1 cm of latitude; half of that may round to either side, so a whole one.
    assert _changed(lambda plan: _moved(plan, axis, 1e-7)) != plan_hash(**_PLAN)


@pytest.mark.parametrize("noise_deg", [1e-12, -1e-12, 2e-9])
def test_noise_far_below_the_last_decimal_changes_nothing(noise_deg: float) -> None:
    assert _changed(lambda plan: _moved(plan, 0, noise_deg)) == plan_hash(**_PLAN)


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: plan["layers"]["footprints"].pop(),
        lambda plan: plan["layers"]["footprints"].append(plan["layers"]["footprints"][0]),
        lambda plan: plan["layers"].pop("gaps"),
        lambda plan: plan["layers"]["footprints"][0]["properties"].update(id="u9"),
        lambda plan: plan["verdict"].update(worst_kj=612.5),
        lambda plan: plan["verdict"].update(standing="fails"),
        lambda plan: plan["request"].update(openable=3),
        lambda plan: plan["request"].update(openable=None),
        lambda plan: plan.update(site_hash="t"),
    ],
)
def test_any_change_of_content_is_another_plan(change: Any) -> None:
    assert _changed(change) != plan_hash(**_PLAN)


def test_a_plan_that_went_through_a_database_is_the_same() -> None:
    there_and_back = json.loads(json.dumps(_PLAN, sort_keys=True))
    assert plan_hash(**there_and_back) == plan_hash(**_PLAN)


def test_a_site_is_its_request_and_its_layers() -> None:
    one = site_hash(request={"margin_m": 120.0}, layers={"zone": "a", "solids": "b"})
    assert one == site_hash(request={"margin_m": 120}, layers={"solids": "b", "zone": "a"})
    assert one != site_hash(request={"margin_m": 120.0}, layers={"zone": "a", "solids": "c"})


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(-1e12, 1e12)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


@given(_JSON)
def test_canonical_text_is_json_and_of_its_own_reading_the_same(value: Any) -> None:
    text = canonical_text(value)
    assert canonical_text(json.loads(text)) == text


@given(st.dictionaries(st.text(max_size=4), _JSON, min_size=2))
def test_the_order_of_keys_does_not_count(value: dict[str, Any]) -> None:
    turned = dict(reversed(value.items()))
    assert canonical_text(turned) == canonical_text(value)
