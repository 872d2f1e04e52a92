"""A network of chains and wishes -> the cheapest selection, by MIP, with what proves it."""

import time
from dataclasses import dataclass

import highspy
import numpy as np

from sbd.optimise.cut import Blocked, Selection, minimum_cut, selection_of
from sbd.optimise.kept import Kept
from sbd.optimise.lazy import Answer
from sbd.optimise.network import ChainGraph, ChordGraph, compressed, repriced, without
from sbd.optimise.solver import add_rows, answer_of, bound_of
from sbd.optimise.wishes import Wish

TIME_LIMIT_S = 30.0
# The rest of the time any plan will do that meets the wishes.
PROVING_SHARE = 0.8
SEARCH_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Unmet:
    """No selection meets the wishes, and that is proven."""


@dataclass(frozen=True, slots=True)
class TooFew:
    """There are not as many openable crossings as were asked for; `possible` were found at once."""

    possible: int


@dataclass(frozen=True, slots=True)
class OutOfTime:
    """Neither a selection nor a proof that there is none was found in time."""

    seconds: float


def cheapest_with_gates(
    graph: ChordGraph, *, gates: int, apart_m: float
) -> Selection | Blocked | TooFew | OutOfTime:
    """Return the cheapest selection with `gates` openable crossings that lead somewhere.

    No more than that, even where one more would be cheaper: each can be left open.

    Parameters
    ----------
    gates : int
        How many openable crossings are wanted; with 0 the minimum cut is the answer.
    apart_m : float
        Least distance between two of them: closer ones are one way in, not two. Each chain offers
        its cheapest place; the proof is of that offer.
    """
    chains = compressed(graph)
    for count in range(gates, -1, -1):
        answer = cheapest_selection(graph, Wish(gates=count, apart_m=apart_m), chains=chains)
        if not isinstance(answer, Unmet):
            break
    if count == gates or not isinstance(answer, Selection):
        return TooFew(0) if isinstance(answer, Unmet) else answer
    return TooFew(count)


def cheapest_selection(
    graph: ChordGraph,
    wish: Wish,
    *,
    chains: ChainGraph | None = None,
    kept: Kept | None = None,
    time_limit_s: float = TIME_LIMIT_S,
) -> Selection | Blocked | Unmet | OutOfTime:
    """Return the cheapest selection that meets the wishes.

    A crossing counts only where an engine gets from the source to its outer side and from its
    inner side to the sink, both by wide chords with nothing placed on them. Such pockets are found
    in each solution and cut off by rows for every crossing on them, until none is left; places that
    have to be served, likewise, by ways that stay inside. Places that no way leads to today are not
    asked for (`sbd.optimise.roads.served_today` names them).

    Parameters
    ----------
    chains : ChainGraph or None
        Of the graph, with its prices, where they are known.
    kept : Kept or None
        From selections for the same chains and other prices, which makes this one faster.
    time_limit_s : float
        After that the best selection found comes with its bound, which is then below its cost.
    """
    chains = compressed(graph) if chains is None else chains
    plain = minimum_cut(graph, chains=chains)
    if isinstance(plain, Blocked):
        return plain
    if wish.ways:
        graph, chains = _kept_open(graph, chains, wish)
        plain = minimum_cut(graph, chains=chains)
    if isinstance(plain, Blocked):
        return Unmet()
    if wish.gates == 0 and not wish.asks_more:
        return plain
    kept = Kept() if kept is None else kept
    answer = _solved(kept, graph, chains, wish, time_limit_s)
    if not isinstance(answer, Answer):
        return answer
    model, taken = kept.model, answer.taken
    return selection_of(
        graph,
        model.options.chord[taken],
        price=model.options.cost[taken],
        gates=model.options.gate[taken],
        bound=max(answer.bound, plain.cost) if _plain_is_least(graph) else answer.bound,
    )


def _kept_open(graph: ChordGraph, chains: ChainGraph, wish: Wish) -> tuple[ChordGraph, ChainGraph]:
    """Return the graph without what would stand in the way of people."""
    closed, gates = wish.shuts(len(graph.tail))
    graph = without(graph, closed, gates)
    return graph, repriced(graph, chains)


def _plain_is_least(graph: ChordGraph) -> bool:
    """Whether a plan without wishes costs no more: not where a crossing is cheaper than a row."""
    forth, back = graph.gate_forth >= graph.cost_forth, graph.gate_back >= graph.cost_back
    return bool((forth & back).all())


def _whole_or_near(kept: Kept, time_limit_s: float) -> Answer | Unmet | None:
    """Return what linear programmes tell; None where they don't do in a share of the time."""
    answer = kept.relaxed(time_limit_s)
    if isinstance(answer, Answer):
        return answer
    if kept.is_infeasible:
        return Unmet()
    # Limits split what is whole without them, into few parts: those are searched.
    found = kept.searched(SEARCH_SHARE * time_limit_s)
    return Unmet() if found.best is None and found.is_done else found.best


def _solved(
    kept: Kept, graph: ChordGraph, chains: ChainGraph, wish: Wish, time_limit_s: float
) -> Answer | OutOfTime | Unmet:
    """Return the best solution that breaks no row, written down before or not.

    The linear programme is whole or nearly so, and starts where it ended last: only where it is not
    whole the MIP solver begins, which takes ten times as long.
    """
    started_s = time.monotonic()
    kept.ask(graph, chains, wish)
    early = _whole_or_near(kept, time_limit_s)
    if early is not None:
        return early
    solver = kept.whole_solver()
    bound, hurried = 0, False
    while (left_s := started_s + time_limit_s - time.monotonic()) > 0:
        proving_s = left_s - (1 - PROVING_SHARE) * time_limit_s
        if proving_s <= 0 and not hurried:
            hurried = True
            solver.setOptionValue("mip_rel_gap", highspy.kHighsInf)
        solver.setOptionValue(
            "time_limit", solver.getRunTime() + (left_s if hurried else proving_s)
        )
        solver.run()
        if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return Unmet()
        info = solver.getInfo()
        # Rows only come in: what bounds an earlier model bounds all later ones.
        bound = max(bound, bound_of(info.mip_dual_bound))
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            continue
        answer = answer_of(kept.model, np.array(solver.getSolution().col_value), bound)
        rows = kept.learned(answer)
        if not rows:
            return answer
        add_rows(solver, rows)
    return OutOfTime(time_limit_s)
