"""Proposal -> a page of plain words that a mayor can read."""

import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from sbd.catalogue.product import Product
from sbd.model.proposal import Proposal
from sbd.model.verdict import Check, Standing
from sbd.proposal.closures import OPENABLE
from sbd.proposal.summary import summary

WIDTH = 98
# A page is read, a list is not: show this many, count the rest.
SHOWN = 6

HEADLINES = {
    Standing.HOLDS: "THE PLAN HOLDS",
    Standing.CONDITIONAL: "THE PLAN HOLDS ON CONDITION",
    Standing.FAILS: "THE PLAN FAILS: do not build it like this",
}


def summary_text(proposal: Proposal, *, products: Iterable[Product] | None = None) -> str:
    """Return the proposal in about 25 lines: what is planned, what it stops, what it closes.

    `products` is the catalogue that the plan was made with; the shipped one by default.
    """
    facts = summary(proposal, products=products)
    title = f"{facts['place']}: {facts['layout']} protection against vehicles"
    lines = [
        title,
        "=" * len(title),
        "Restricted: this page shows weak points. Give it only to those who need it.",
        "",
        *_section("Planned", _planned(facts)),
        *_section("Against", _against(facts)),
        *_section(f"Independent check: {HEADLINES[proposal.verdict.standing]}", _verdict(proposal)),
        *_section("Settle before building", _some(_conditions(facts["conditions"]))),
        *_section("For everyone else", _access(facts["access"])),
        *_section("If one thing fails", _failures(facts["failures"])),
        *_section("Why these lines", _some([_reason(row, facts) for row in facts["why"]])),
        *_section("Over the years", _life(facts["life_cycle"])),
        *_section("Closed to vehicles", _closed(facts["closures"])),
        *_section("Check on site first", _on_site(facts["report"])),
        *_data(facts),
    ]
    return "\n".join(lines)


def _section(title: str, items: list[str]) -> list[str]:
    if not items:
        return []
    wrapped = [
        line
        for item in items
        for line in textwrap.wrap(
            item, WIDTH, initial_indent="- ", subsequent_indent="  ", break_long_words=False
        )
    ]
    return [title, *wrapped]


def _planned(facts: dict[str, Any]) -> list[str]:
    units, cost, proof = facts["units"], facts["cost"], facts["proof"]
    if not units["count"]:
        return ["No barrier is needed: buildings, walls or water keep vehicles out already."]
    kinds = [_counted(count, kind.replace("_", " ")) for kind, count in units["by_kind"].items()]
    lines = _counted(units["lines"], "line")
    opening = units["openable_units"]
    opens = f" {_counted(opening, 'of them opens', 'of them open')}." if opening else ""
    gap = (
        ""
        if units["widest_gap_mm"] is None
        else (f" People pass through gaps of up to {units['widest_gap_mm'] / 1000:.2f} m.")
    )
    share = proof["gap_share"]
    dearer = (
        "proven: no other closed line with these products costs less"
        if share < 0.001
        else f"at most {share:.0%} dearer than the cheapest line possible (proven)"
    )
    return [
        f"{_listed(kinds)} on {lines}, {units['length_m']:.0f} m in all.{opens}{gap}",
        f"Cost: {cost['currency']} {_amount(cost['low'])} to {_amount(cost['high'])}, prices of "
        f"{cost['year']} ({cost['standing']} figures); {dearer}.",
        *_strip(facts["run_out"]),
        *_work(facts["work"]),
    ]


def _strip(run_out: dict[str, Any] | None) -> list[str]:
    """Return the ground that must stay clear behind the lines; nothing where none was measured."""
    if not run_out or not run_out["lines"]:
        return []
    widest = run_out["lines"][0]
    return [
        f"Keep clear behind the lines: {run_out['strip_lost_m2']:.0f} m2 in all, as a vehicle that "
        f"is stopped comes up to {widest['run_out_m']:.1f} m past line {widest['line_id']} "
        f"({widest['product_id']})."
    ]


def _work(work: dict[str, Any] | None) -> list[str]:
    """Return what one set-up takes; nothing where all is built in."""
    if not work or not work["lorry_trips"]:
        return []
    return [
        f"Setting up and taking away once: {work['person_hours']:.0f} person hours, "
        f"{_counted(work['lorry_trips'], 'lorry trip')}; {work['storage_m2']:.0f} m2 of store; "
        f"order {work['lead_time_weeks']:g} weeks before."
    ]


def _access(ledger: list[dict[str, Any]]) -> list[str]:
    """Return what holds by whom it concerns, with its figure; what fails stands above."""
    told: dict[str, list[str]] = {}
    for row in ledger:
        if row["holds"] and row["answer"] == "yes" and row["check"] in _GRANTED:
            figure = "" if row["figure"] is None else f" ({row['figure']:g} {row['unit']})"
            told.setdefault(row["who"], []).append(_GRANTED[row["check"]] + figure)
    return [f"{who[0].upper()}{who[1:]}: {'; '.join(what)}." for who, what in told.items()]


# What a check of access grants, where it says more than the verdict's own line.
_GRANTED = {
    "foot": "get along every way they use today",
    "cycle": "get along every way they use today",
    "exits": "get out in time",
    "engine_distance": "stand near every door",
    "deliveries": "get to every place",
}


def _failures(failures: dict[str, Any] | None) -> list[str]:
    if failures is None:
        return []
    if not failures["count"]:
        return ["No single barrier or gate that fails lets a vehicle into the zone."]
    worst = failures["cases"][0]
    more = failures["count"] - 1
    rest = f" {_counted(more, 'other failure lets', 'other failures let')} one in." if more else ""
    return [
        f"Worst: {worst['what']}: {worst['vehicle']} reaches {worst['zone_reached_m2']:.0f} m2 of "
        f"the zone at up to {worst['speed_kmh']:.0f} km/h, {worst['energy_kj']:.0f} kJ.{rest}"
    ]


def _reason(row: dict[str, Any], facts: dict[str, Any]) -> str:
    cost = row["next_best_cost_more"]
    other = (
        "nothing else would do"
        if cost is None
        else f"the next best costs {facts['cost']['currency']} {_amount(cost)} more"
    )
    held = f"held there by {row['held_by']}; " if row["held_by"] else ""
    return f"{row['line_id']}: {row['demand']}; {held}{other}; without it {row['without_it']}."


def _life(cycle: dict[str, Any] | None) -> list[str]:
    if cycle is None:
        return []
    ways = [f"{'buy' if way == 'buy' else 'rent'} {name}" for name, way in cycle["ways"].items()]
    largest = f"; most of it: {cycle['largest']}" if cycle["largest"] else ""
    cheaper = f" Cheaper: {', '.join(ways)}." if ways else ""
    return [
        f"{cycle['currency']} {_amount(cycle['low'])} to {_amount(cycle['high'])} in "
        f"{cycle['years']} years, in money of today{largest}.{cheaper}"
    ]


def _against(facts: dict[str, Any]) -> list[str]:
    vehicles = [f"{v['description']} ({v['class']}, {_tonnes(v)})" for v in facts["vehicles"]]
    items = [
        f"Vehicles: {'; '.join(vehicles)}. Speeds are the highest that a driver reaches who keeps "
        "no rule; trees, lamps and unknown bollards count as if they stopped nothing."
    ]
    worst = facts["hardest_point"]
    if worst:
        street = f" near {worst['street']}" if worst["street"] else ""
        items.append(
            f"Hardest point: unit {worst['unit_id']}{street}, up to {worst['speed_kmh']:.0f} km/h "
            f"by {worst['vehicle']}, {worst['energy_kj']:.0f} kJ (energy of motion to be stopped)."
        )
    return items


def _verdict(proposal: Proposal) -> list[str]:
    """Return the failed checks with their reasons, then what was shown."""
    checks = {check.name: check for check in proposal.verdict.checks}
    failed = [
        f"NO: {check.question} {_answer(check.passes)}. {'; '.join(_some(check.note.split('; ')))}"
        for check in checks.values()
        if not check.holds
    ]
    shown = _shown(checks)
    agreed = [f"Found in two ways that agree: {'; '.join(shown)}."] if shown else []
    return [*failed, *agreed]


def _shown(checks: dict[str, Check]) -> list[str]:
    """Return what the checks that hold say of who gets in."""
    held = {name: check for name, check in checks.items() if check.holds}
    shown = []
    if "threat" in held:
        shown.append(f"nothing {held['threat'].width_m:g} m wide or wider gets in")
    if "control" in held:
        control = held["control"]
        shown.append("without the units it would" if control.passes else control.note)
    if "wheelchair" in held and held["wheelchair"].passes:
        shown.append(f"a wheelchair ({held['wheelchair'].width_m:g} m) gets in")
    if "engine" in held:
        lanes = sum(name.startswith("engine:") and bool(c.passes) for name, c in held.items())
        through = _counted(lanes, "lane that opens", "lanes that open")
        shown.append(f"a fire engine ({held['engine'].width_m:g} m) gets in by {through}")
    return shown


def _conditions(conditions: list[str]) -> list[str]:
    """Return the conditions; what is the same for many lines once, with the first line."""
    lines = [text for text in conditions if text.startswith("line ")]
    others = [text for text in conditions if text not in lines]
    if len(lines) > 1:
        lines = [
            f"{len(lines)} lines are strong enough by energy, but were tested with another mass or "
            f"speed; the first of them: {lines[0]}"
        ]
    return [*others, *lines]


def _answer(passes: bool | None) -> str:
    return "not decided" if passes is None else "yes" if passes else "no"


def _closed(closures: dict[str, Any]) -> list[str]:
    streets = closures["streets"]
    if not streets:
        return []
    named = [
        f"{street['name']} {street['length_m']:.0f} m"
        + (" (lane that opens)" if street["treatment"] == OPENABLE else "")
        for street in streets
    ]
    rest = f" and {len(named) - 2 * SHOWN} more" if len(named) > 2 * SHOWN else ""
    shown = ", ".join(named[: 2 * SHOWN])
    return [f"{closures['length_m']:.0f} m of streets: {shown}{rest}."]


def _on_site(report: dict[str, list[dict[str, str]]]) -> list[str]:
    """Return what is unknown first, then what a visit should look at, near the zone first."""
    rows = [*report["unknown"], *sorted(report["visit"], key=_far_away)]
    return _some([f"{row['item']}: {row['note'].split(';')[0]}." for row in rows])


def _far_away(row: dict[str, str]) -> bool:
    return re.search(r"\b0 within \d+ m", row["note"]) is not None


def _some(items: list[str]) -> list[str]:
    rest = len(items) - SHOWN
    return items if rest <= 0 else [*items[:SHOWN], f"and {rest} more in summary.json"]


def _data(facts: dict[str, Any]) -> Iterator[str]:
    known = {row["item"]: row["note"] for row in facts["report"]["source"]}
    source, date = known.get("data", "unknown source"), known.get("date of the data", "unknown")
    yield f"Map data: {source}, as of {date}. {facts['attribution']}"


def _counted(count: int, one: str, many: str = "") -> str:
    """Return a number of things.

    >>> _counted(2, "bench")
    '2 benches'
    """
    plural = many or (f"{one}es" if one.endswith(("ch", "sh", "s", "x")) else f"{one}s")
    return f"{count} {one if count == 1 else plural}"


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _amount(value: float) -> str:
    """Return an amount rounded to what an estimate can bear.

    >>> _amount(123456.0)
    '123 000'
    """
    step = 10 ** max(len(str(int(value))) - 3, 0)
    return f"{round(value / step) * step:,.0f}".replace(",", " ")


def _tonnes(vehicle: dict[str, Any]) -> str:
    return f"{vehicle['mass_kg'] / 1000:g} t"
