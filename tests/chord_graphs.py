"""Small chord graphs to cut, written as rows, and random ones."""

import numpy as np

from sbd.optimise.network import FORBIDDEN, ChordGraph

EUR = 10**5  # prices are whole 1e-5 of the currency; the rows of a test count in the currency
NEVER = FORBIDDEN // EUR


def graph(nodes, chords, *, source=(0,), sink=(1,)):
    """Return a graph; a chord is (tail, head, cost) or a dict with more to say.

    Keys: tail, head, forth, back, gate (both ways), wide, at (x, y).
    """
    rows = [
        c if isinstance(c, dict) else {"tail": c[0], "head": c[1], "forth": c[2]} for c in chords
    ]

    def column(make, dtype=np.int64):
        return np.array([make(row) for row in rows], dtype=dtype)

    def priced(make):
        return np.minimum(column(make) * EUR, FORBIDDEN)

    def marked(numbers):
        found = np.zeros(nodes, dtype=bool)
        found[list(numbers)] = True
        return found

    return ChordGraph(
        node_count=nodes,
        tail=column(lambda r: r["tail"]),
        head=column(lambda r: r["head"]),
        cost_forth=priced(lambda r: r["forth"]),
        cost_back=priced(lambda r: r.get("back", r["forth"])),
        gate_forth=priced(lambda r: r.get("gate", NEVER)),
        gate_back=priced(lambda r: r.get("gate", NEVER)),
        wide=column(lambda r: r.get("wide", "gate" in r), bool),
        middle_m=np.array(
            [r.get("at", (1000.0 * n, 0.0)) for n, r in enumerate(rows)], dtype=float
        ).reshape(-1, 2),
        source=marked(source),
        sink=marked(sink),
    )


def random_graph(rng, *, nodes=7, chords=11, gates=False):
    """Return a graph with a source 0 and a sink 1; some chords can't be closed."""
    rows = []
    for _ in range(chords):
        tail, head = rng.choice(nodes, size=2, replace=False)
        row = {"tail": tail, "head": head}
        for side in ("forth", "back"):
            row[side] = NEVER if rng.random() < 0.08 else int(rng.integers(1, 50))
        row["wide"] = bool(rng.random() < 0.7)
        if gates and row["wide"] and rng.random() < 0.5:
            row["gate"] = int(rng.integers(20, 90))
        rows.append(row)
    return graph(nodes, rows)
