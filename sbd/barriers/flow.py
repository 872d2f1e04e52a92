"""Candidates + a selection -> the flow that bounds its cost, in plain types, for a certificate."""

from typing import Any

import numpy as np

from sbd.barriers.prepared import Prepared
from sbd.optimise.cut import Selection, flow_proof
from sbd.optimise.network import NONE, SINK, SOURCE


def bound_of(prepared: Prepared, selection: Selection) -> dict[str, Any] | None:
    """Return a flow through the priced chords that no closed plan is cheaper than.

    Before chords on which no unit fits were taken out, and without the wishes: both only raise the
    cost, so the flow bounds the plan with them as well. None where last resorts have no price.

    Returns
    -------
    dict
        `currency`, `source`, `sink`, `arcs` ([tail, head, capacity, flow] in whole 1e-5 of the
        currency, then the ends of the chord [m]), `value` and `cost`.
    """
    proof = flow_proof(prepared.chains)
    if proof is None:
        return None
    found = prepared.found
    closes = proof.chord != NONE
    ends = np.zeros((len(proof.chord), 4))
    ends[closes] = found.chords.ends[found.number[proof.chord[closes]]].reshape(-1, 4)
    columns = (proof.tail, proof.head, proof.capacity, proof.flow)
    whole = np.stack(columns, axis=1) if len(proof.tail) else np.zeros((0, 4), dtype=np.int64)
    return {
        "currency": prepared.catalogue[0].currency,
        "source": SOURCE,
        "sink": SINK,
        "arcs": [
            [*arc, *map(float, chord)] if drawn else arc
            for arc, chord, drawn in zip(
                whole.tolist(), ends.round(3), closes.tolist(), strict=True
            )
        ],
        "value": proof.value,
        "cost": int(selection.cost),
    }
