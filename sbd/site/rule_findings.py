"""Place rules and desire lines in, what the planner must know of them out, as report rows."""

import geopandas as gpd

from sbd.site.report import Row

UTILITY_PLANS = "plans of utilities"

# How a kind of place rule is called in a report, one and several.
KIND_WORDS = {
    "utility": ("pipe, cable or manhole", "pipes, cables and manholes"),
    "cellar": ("cellar or passage", "cellars and passages"),
    "tram_rail": ("rail", "rails"),
    "tree_root": ("tree", "trees"),
    "heritage_facade": ("heritage facade", "heritage facades"),
    "door": ("door", "doors"),
    "hydrant": ("hydrant", "hydrants"),
    "tactile_paving": ("tactile strip", "tactile strips"),
    "other": ("other rule", "other rules"),
}


def counted_kinds(rules: gpd.GeoDataFrame) -> str:
    """Return how many rules there are of each kind, in words.

    >>> import pandas as pd
    >>> counted_kinds(pd.DataFrame({"kind": ["door", "door", "hydrant"]}))
    '2 doors, 1 hydrant'
    """
    counts = rules["kind"].value_counts()
    return ", ".join(
        f"{counts[kind]} {words[int(counts[kind] > 1)]}"
        for kind, words in KIND_WORDS.items()
        if kind in counts.index
    )


def mapped_rule_rows(rules: gpd.GeoDataFrame, *, deep: int, tactile: int) -> list[Row]:
    """Return how many rules came from OpenStreetMap, and what is mapped without its place."""
    rows = [
        Row(
            "source",
            "place rules from OpenStreetMap",
            (counted_kinds(rules) or "none")
            + "; what is not mapped forbids nothing, so have the ground surveyed before it is dug",
            float(len(rules)),
        )
    ]
    voids = int((rules["kind"] == "cellar").sum())
    if voids:
        note = "how deep their roofs lie is mapped nowhere: nothing may be dug in above them"
        rows.append(Row("visit", "depth of cellars and passages", note, float(voids)))
    if deep:
        note = "on the second level down or deeper: taken to lie below every foundation; ask"
        rows.append(Row("unknown", "tunnels and halls further down", note, float(deep)))
    if tactile:
        note = "crossings and platforms have it, its place is not mapped: keep units off it on site"
        rows.append(Row("visit", "tactile paving", note, float(tactile)))
    return rows


def desire_rows(lines: gpd.GeoDataFrame) -> list[Row]:
    """Return how many ways lead into the zone on foot and by bicycle."""
    if lines.empty:
        return [Row("unknown", "desire lines", "no way into the zone is mapped; draw them", 0.0)]
    foot = int((lines["kind"] == "foot").sum())
    note = f"{foot} on foot, {len(lines) - foot} by bicycle, where mapped ways enter the zone"
    return [Row("source", "desire lines", note, float(len(lines)))]


def utility_plan_rows(rules: gpd.GeoDataFrame, *, own: bool) -> list[Row]:
    """Return that plans of utilities are to be asked for, unless they are among a city's own rules.

    `own` says whether the rules are a city's; a public map never shows all pipes and cables.
    """
    mapped = int((rules["kind"] == "utility").sum())
    if own and mapped:
        return []
    note = (
        "no layer of utilities was given, and public maps show few: ask the operators for their "
        "plans before any foundation is designed"
    )
    return [Row("visit", UTILITY_PLANS, note, float(mapped))]
