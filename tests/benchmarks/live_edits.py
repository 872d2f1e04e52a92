"""Measure live edits: how long the first answer to a change of a draft takes on a warm site.

    python tests/benchmarks/live_edits.py [PLACE] [CHANGES]

Runs what the editing process does, request to JSON, on cells of 1 m with 32 headings and two
vehicles. Prints a table in Markdown: seconds of the processor and on the clock, with the load.
"""

import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from shapely.affinity import translate
from shapely.geometry import mapping, shape

from api.editing import process
from api.schemas.drafts import DraftEdits, DraftSessionRequest
from sbd.export.geopackage import write_site
from sbd.export.jsontext import to_json
from tests.benchmarks.measures import site_of, table

DEEDS = ("move", "add", "remove", "pin", "forbid")
PLAN = {"vehicles": ["N1", "N2A"], "resolution_m": 1.0, "headings": 32, "openable": 1}
SESSION = {"vehicle": "N2A", "resolution_m": 1.0, "headings": 32, "plan": PLAN}


def change(deed: str, units: list[Any], rng: random.Random) -> dict[str, Any]:
    """Return a change of a deed, somewhere in the draft."""
    unit = rng.choice(units)
    line = unit["properties"]["line_id"]
    if deed == "move":
        way = {"east_m": rng.uniform(-3, 3), "north_m": rng.uniform(-3, 3)}
        return {"do": deed, "line_id": line, **way}
    if deed == "add":
        # About a metre away.
        placed = translate(shape(unit["geometry"]), rng.uniform(-1e-5, 1e-5), 1e-5)
        product = unit["properties"]["product_id"]
        return {"do": deed, "units": [{"product_id": product, "footprint": mapping(placed)}]}
    if deed == "forbid":
        return {"do": deed, "ground": unit["geometry"]}
    return {"do": deed, "line_id": line}


def first_answers(place: str, count: int) -> dict[str, list[tuple[float, float]]]:
    """Return processor and clock time [ms] of each first answer, by deed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "site.gpkg"
        write_site(site_of(place), path)
        asked = DraftSessionRequest.model_validate(SESSION).model_dump(mode="json")
        _, draft = process.open_session("bench", {"site": path}, asked)
    units, rng = draft["units"]["features"], random.Random(1)
    held = process._sessions["bench"].draft  # each change starts from the plan
    start = held.state
    spent: dict[str, list[tuple[float, float]]] = {deed: [] for deed in DEEDS}
    for number in range(count):
        deed = DEEDS[number % len(DEEDS)]
        body = {"changes": [change(deed, units, rng)]}
        held.state = start
        process_s, clock_s = time.process_time(), time.perf_counter()
        asked = DraftEdits.model_validate(body).model_dump(mode="json")
        to_json(process.begin("bench", asked)[1])
        took = time.process_time() - process_s, time.perf_counter() - clock_s
        spent[deed].append((1000 * took[0], 1000 * took[1]))
    process.close("bench")
    return spent


def main() -> None:
    """Print the table."""
    place = sys.argv[1] if len(sys.argv) > 1 else "london"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    spent = first_answers(place, count)
    spent["all"] = [one for many in spent.values() for one in many]
    rows = []
    for deed, took in spent.items():
        middle, high = np.percentile(np.array(took), [50, 95], axis=0)
        figures = (middle[0], high[0], middle[1], high[1])
        rows.append((deed, str(len(took)), *(f"{figure:.0f}" for figure in figures)))
    head = ("change", "answers", "CPU p50 [ms]", "CPU p95 [ms]", "clock p50 [ms]", "clock p95 [ms]")
    print(f"{place}, load {os.getloadavg()[0]:.1f}\n\n{table(head, rows)}")


if __name__ == "__main__":
    main()
