"""Rows that one state refutes where no theorem is concluded: exact, by the model's own velocity.

Tokens, masses and lengths are rational and intervals enclose what is evaluated there, so that what
is seen is so. The states of a family that is known to fail come first, then drawn ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
from sympy import DiagMatrix, Integer, MatrixSymbol, OneMatrix, Rational, S
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget
from proofs_checks.own_model.angles_part import angles_part
from proofs_checks.own_model.bounded_time import BOUNDED_TIME
from proofs_checks.own_model.by_species import kept_apart, pulled_apart, rests
from proofs_checks.own_model.chords_part import parted
from proofs_checks.own_model.cold_rates import ONE_PACE
from proofs_checks.own_model.measure_fields import refute_flux, splits
from proofs_checks.own_model.moves_at_rest import AT_REST, energy_in_time, falls_by_time
from proofs_checks.own_model.projected_means import other_without
from proofs_checks.own_model.slower import SLOWER
from proofs_checks.own_model.states import unproved
from proofs_checks.own_model.vanishing_lengths import vanishes
from proofs_checks.proof import (
    CONTINUOUS,
    WARM_ONLY,
    Counterexample,
    Flow,
    Statement,
    Witness,
    decimal,
    excludes_zero,
    row_dot,
)
from proofs_checks.proof.kinds import DIVIDED, EXPONENTIALS, HEATED, UNLABELLED
from proofs_checks.propositions import Rel, Subject, written
from proofs_checks.theorems import ENERGY as PAIRS
from proofs_checks.theorems import Refusal, pull_of, seen_through
from theory.atoms import RowSoftmax, Tangent
from theory.energy import ENERGY, energy_gradient
from theory.masks import GRAPH, Mask
from theory.symbols import X, beta, d, m, n, r, t

_DRAWN = 12
"""States that are drawn: of heads every other one shows a fall; causal sight needs a given one."""
_OPPOSED = ((0, 1), (1, 0), (0, -1), (0, -1), (0, -1), (0, -1))
"""Tokens e2, e1, -e2 four times: under causal sight e1 goes to e2, away from most."""


@dataclass(frozen=True)
class _State:
    """A state at which expressions are enclosed, and how it is written."""

    at: Any
    text: str


def unknown_graph(flow: Flow) -> MatrixSymbol | None:
    """Return the matrix of a graph that the model leaves open."""
    masks = (mask for rate in flow.model.velocities.values() for mask in rate.atoms(Mask))
    open_ = (mask.parameter for mask in masks if mask.kind == GRAPH)
    return next((w for w in open_ if isinstance(w, MatrixSymbol)), None)


def graph_of(flow: Flow) -> Any:
    """Return the rows that are given for the graph that a model leaves open, if any."""
    rows = flow.given.get(str(unknown_graph(flow)))
    return None if rows is None else np.asarray(rows).astype(int).tolist()


def _states(
    flow: Flow,
    budget: Budget,
    expressions: list[MatrixExpr],
    given: tuple[Any, ...] = (),
    *,
    of_one: bool = False,
) -> Iterator[_State]:
    """Yield states of tokens on the circle: the given ones of masses 1/n, then drawn ones.

    Those of one have the same masses and parameters, and differ in tokens, lengths and time.
    """
    first: Witness | None = None
    masks = (mask for expr in expressions for mask in expr.atoms(Mask))
    least = max([3, *(mask.unseen[2] for mask in masks if mask.unseen)])
    lengths = r in {block.symbol for block in flow.model.blocks}
    graph = graph_of(flow)
    for place in range(len(given) + _DRAWN):
        rows = given[place] if place < len(given) else None
        count = len(rows) if rows else least + place % 2 * (not of_one)
        if graph is not None and len(rows or graph) != len(graph):
            continue
        count = count if graph is None else len(graph)
        point = Witness(budget.rng, expressions, tokens=count, width=2)
        if point.own_tokens is not None and rows and len(rows) != point.own_tokens:
            continue
        if rows:
            point.matrices[X] = [[Integer(c) for c in row] for row in rows]
            point.matrices[m] = [[Rational(1, len(rows))]] * len(rows)
        if of_one and first is not None:
            point.matrices = {**first.matrices, X: point.matrices[X]}
            time = {t: point.scalars[t]} if t in point.scalars else {}
            point.scalars = {**first.scalars, **time}
        if lengths:  # powers of 2, so that no two lengths are one
            count = len(point.matrices[X])
            point.matrices[r] = [[Integer(2) ** (k + place)] for k in range(count)]
        first = first or point
        for turned in _turned(point.matrices[X], expressions):
            point.matrices[X] = turned
            yield _State(point.evaluator(), str(point))


def _turned(rows: Any, expressions: list[MatrixExpr]) -> Iterator[list[list[Any]]]:
    """Yield tokens of the circle, and their quarter turns where matrices act on tokens."""
    square = (a for e in expressions for a in e.atoms(MatrixSymbol) if d in a.shape)
    for _ in range(4 if any(a != X for a in square) else 1):
        yield [list(row) for row in rows]
        rows = [[-b, a] for a, b in rows]


_ENERGY = f"E = {written(Rel('=', PAIRS, PAIRS)).partition(' = ')[0]}"


def _moves_tokens(flow: Flow) -> bool:
    """Whether the model is a flow of tokens on the sphere, with lengths or without."""
    model = flow.model
    known = {block.symbol for block in model.blocks} <= {X, r} and model.space == "sphere"
    return known and model.kind == "flow" and not flow.code and model.noise is None


def energy_falls(flow: Flow, prediction: str | None, budget: Budget) -> Counterexample | None:
    """Find a state where the energy of SA falls, of a model that states none and has none of pairs.

    Examples
    --------
    >>> import numpy as np
    >>> from theory.models import CAUSAL
    >>> found = energy_falls(Flow.of(CAUSAL), None, Budget(1, np.random.default_rng(0)))
    >>> found.text.startswith("dE/dt = -")
    True
    """
    if not _moves_tokens(flow) or flow.model.energy is not None:
        return None
    if (found := falls_by_time(flow)) is not None:
        return found
    velocity = flow.model.velocities[X]
    if beta not in velocity.free_symbols or (unknown_graph(flow) and graph_of(flow) is None):
        return None  # a mutual graph has an energy of its own
    if any(t in value.free_symbols for value in flow.values.values()):
        return None  # dE/dt has ∂E/∂t besides
    slope = energy_gradient(ENERGY.xreplace(flow.values))
    for state in _states(flow, budget, [velocity, slope], (_OPPOSED,)):
        rows = zip(state.at(slope), state.at(velocity), strict=True)
        rate = sum((row_dot(g, v) for g, v in rows), start=S.Zero)
        if rate.b < 0:
            said = f"dE/dt = {decimal(rate)} at {state.text}"
            return Counterexample(said, {"d": ">= 2"})
    return None


def _not_a_multiple(
    flow: Flow, budget: Budget, velocity: MatrixExpr, plain: MatrixExpr, said: str
) -> Counterexample | None:
    """Find states where x_i' isn't k times a velocity, for one constant k."""
    first: tuple[Any, Any, str] | None = None
    for state in _states(flow, budget, [velocity, plain], of_one=True):
        for own, other in zip(state.at(velocity), state.at(plain), strict=True):
            for a, b in zip(own, other, strict=True):
                if not excludes_zero(b):
                    continue
                if first is None:
                    first = a, b, state.text
                elif excludes_zero(a * first[1] - first[0] * b):
                    one, two = (decimal(u / v) for u, v in (first[:2], (a, b)))
                    text = f"{said}k = {one} at {first[2]}, but {two} at {state.text}"
                    return Counterexample(text, {"d": ">= 2"})
    return None


def other_than_potential(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find states where the velocity of a softmax isn't a multiple of the gradient of (3.7).

    That is of ``β^{-1} log Σ_j m_j e^{β<x_i,x_j>}``; tokens may have speeds, and scores or values
    matrices, for one choice of which the row fails.
    """
    if not _moves_tokens(flow):
        return None
    velocity = flow.model.velocities[X].xreplace(flow.values)
    softmaxes = velocity.atoms(RowSoftmax)
    if len(softmaxes) != 1 or not isinstance(velocity, Tangent):
        return None
    (softmax,) = softmaxes
    heat, scores = softmax.scores.as_coeff_mmul()
    own = scores.atoms(MatrixSymbol) - {X, m}
    if type(softmax) is not RowSoftmax or softmax.masses != m:
        return None
    if own:
        heat = flow.values.get(beta, beta)
    elif scores != X * X.T:
        return None
    plain = Tangent(X, RowSoftmax(heat * X * X.T, m) * X)
    return _not_a_multiple(flow, budget, velocity, plain, "x_i' = k times the gradient: ")


def other_than_cold(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find states where x_i' at β = 0 isn't ``k P_i Σ_j m_j x_j`` for one constant k."""
    if not _moves_tokens(flow):
        return None
    velocity = flow.model.velocities[X].xreplace({**flow.values, beta: S.Zero})
    plain = Tangent(X, OneMatrix(n, n) * DiagMatrix(m) * X)
    return _not_a_multiple(flow, budget, velocity, plain, "β = 0: ")


def rests_apart(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find a lowest token that sees only its equals, so that it rests away from consensus.

    Examples
    --------
    >>> import numpy as np
    >>> from theory.models import CAUSAL
    >>> print(rests_apart(Flow.of(CAUSAL), None, Budget(1, np.random.default_rng(0))).text)
    n = 2, w = (1, 0), x_1 = (4/5, 3/5), others w: x_1 rests, lowest, as it sees only its equals
    """
    if not _moves_tokens(flow):
        return None
    pull = pull_of(Subject.of(flow.model, flow.values))
    if isinstance(pull, Refusal):
        return None
    mask = seen_through(pull)
    if mask is None or isinstance(mask.parameter, MatrixSymbol) or mask.unseen is None:
        return None
    size = int(flow.values.get(n, mask.unseen[2]))
    table = mask.on(size)
    for i, j in permutations(range(size), 2):
        if table[i, j] == 0:
            low = [k for k in range(size) if k == i or table[i, k] != 0]
            names = " = ".join(f"x_{k + 1}" for k in low)
            said = f"x_{i + 1} rests, lowest, as it sees only its equals"
            text = f"n = {size}, w = (1, 0), {names} = (4/5, 3/5), others w: {said}"
            return Counterexample(text, {"n": str(size), "d": ">= 2"})
    return None


_PAIRS = tuple(((S.One, S.Zero), (g, h)) for g, h in ((0, 1), (Rational(3, 5), Rational(4, 5))))
"""Two tokens of the circle at <x_1,x_2> >= 0."""


def _times(flow: Flow) -> tuple[Any, ...]:
    """Return times at which every state is one of a solution: the start, and one with s < 0.

    Backwards from a state of a sphere a continuous flow has a solution.
    """
    moment = None if flow.schedule is None else flow.schedule.negative_at
    known = len(flow.model.blocks) == 1 and flow.on_sphere.holds and CONTINUOUS.test(flow).holds
    return (S.Zero,) if moment is None or not known else (moment, S.Zero)


def least_falls(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find two tokens at <x_1,x_2> >= 0 that move apart.

    Examples
    --------
    >>> import numpy as np
    >>> from dataclasses import replace
    >>> from theory.models import CAUSAL
    >>> turned = replace(CAUSAL, velocity=Tangent(X, -CAUSAL.velocity.field))
    >>> least_falls(Flow.of(turned), None, Budget(1, np.random.default_rng(0))) is None
    False
    """
    if not _moves_tokens(flow) or unknown_graph(flow) is not None:
        return None
    velocity = flow.model.velocities[X].xreplace(flow.values)
    for time in _times(flow):
        for rows in (turned for pair in _PAIRS for turned in _turned(pair, [velocity])):
            point = Witness(budget.rng, [velocity], tokens=2, width=2)
            if point.own_tokens not in (None, 2):
                return None
            point.matrices |= {X: rows, m: [[S.Half], [S.Half]], r: [[S.One], [S.One]]}
            point.scalars |= {t: time} if t in point.scalars else {}
            first, second = point.evaluator()(velocity)
            rate = row_dot(first, rows[1]) + row_dot(second, rows[0])
            if rate.b < 0:
                inner = sum(a * b for a, b in zip(*rows, strict=True))
                said = f"d<x_1,x_2>/dt = {decimal(rate)}, <x_1,x_2> = {inner}, at {point}"
                return Counterexample(said, {"n": "2", "d": ">= 2"})
    return None


def least_falls_at_all(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find two tokens that move apart, beside a second species too."""
    return least_falls(flow, None, budget) or pulled_apart(flow, None, budget)


_ANY_KEYS = "whatever the keys: from almost every start all tokens tend to one point"
_ASCENT: Statement[str] = Statement(
    "energy ascent",
    f"E never falls; {_ENERGY}, the energy of SA",
    unproved,
    energy_in_time,
    energy_falls,
    several_blocks=True,
    says=lambda flow, energy: f"E never falls; E = {energy}",
)
_SEEN = (
    Statement(name, said, unproved, refute=refute, domain=domain, several_blocks=True)
    for name, said, domain, refute in (
        ("(3.1)", "", (UNLABELLED,), splits),
        ("(3.3)", "", (UNLABELLED, EXPONENTIALS), other_without),
        ("(3.4)", "", (UNLABELLED,), refute_flux),
        ("(3.7)", "", (UNLABELLED, DIVIDED), other_than_potential),
        ("(4.1)", "", (HEATED,), other_than_cold),
        ("(4.2)", "", (), least_falls_at_all),
        ("Theorem 4.1", f"β = 0, {_ANY_KEYS}", (), rests),
        ("Theorem 6.1", f"d >= 3, {_ANY_KEYS}", (), kept_apart),
        ("(6.3)", "r' = 0 at consensus only", (), rests_apart),
        ("Theorem 6.8", "", (WARM_ONLY,), angles_part),
        ("Remark 3.1", "global existence", (), vanishes),
        ("Lipschitz bound", "one-sided Lipschitz in max_i |x_i - y_i|", (), parted),
    )
)
_ALL: tuple[Statement[Any], ...] = (_ASCENT, *_SEEN, *AT_REST, *BOUNDED_TIME, SLOWER, ONE_PACE)
WITNESSED: Mapping[str, Statement[Any]] = {one.name: one for one in _ALL}
"""Rows that states refute, as statements of their own, asked where no theorem is concluded."""
