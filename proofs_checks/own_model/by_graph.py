"""Rows that the graph of who sees whom refutes, and those that are open, for want of an energy.

Two closed classes keep apart starts of disjoint cones (T4). On the circle a ring of n tokens has
the n-gon as a strict maximum of its energy, rotations apart, where cos φ > β sin² φ, φ = 2π/n; so
have three tokens that all see each other, where β < -2/3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sympy import MatrixBase, MatrixSymbol, cos, pi, sin

from proofs_checks.claim import Budget
from proofs_checks.own_model.attracting_state import stays_apart_on_circle
from proofs_checks.own_model.by_witness import unknown_graph
from proofs_checks.own_model.polygons_attract import polygon_attracts
from proofs_checks.own_model.simplex_attracts import simplex_attracts
from proofs_checks.own_model.states import unproved
from proofs_checks.own_model.two_species import species_of
from proofs_checks.proof import Counterexample, Flow, Statement
from proofs_checks.propositions import Subject
from proofs_checks.theorems import (
    Pull,
    Refusal,
    Theorem,
    attached,
    climb,
    heat_along,
    is_of_attention,
    pull_of,
    pulls_all,
    seen_through,
)
from theory.masks import Mask
from theory.positions import Distances, Rotary
from theory.symbols import X, beta, m, n, t
from theory.terms import Entry, moving


def _pull(flow: Flow) -> Pull | None:
    """Return the pulls of a model whose weights are >= 0."""
    if flow.code:
        return None
    pull = pull_of(Subject.of(flow.model, flow.values))
    known = isinstance(pull, Pull) and isinstance(pull.positive, Theorem)
    return pull if known else None  # type: ignore[return-value]


def _mask(pull: Pull | None) -> Mask | None:
    """Return the graph outside of which all weights are 0, for a number of tokens."""
    mask = None if pull is None else seen_through(pull)
    return mask if mask is not None and isinstance(mask.parameter, MatrixBase) else None


def _reached(table: Any, start: int) -> frozenset[int]:
    found, new = {start}, {start}
    while new:
        new = {j for i in new for j in range(table.rows) if table[i, j] != 0} - found
        found |= new
    return frozenset(found)


def apart(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find two sets of tokens that see nobody else: T4."""
    mask = _mask(_pull(flow))
    if mask is None:
        return None
    table = mask.parameter
    sets = [_reached(table, i) for i in range(table.rows)]
    for one in sets:
        for two in sets:
            if not one & two:
                first, second = (", ".join(str(i + 1) for i in sorted(s)) for s in (one, two))
                said = f"tokens {first} see nobody else, and so do {second}"
                shown = "cones never grow, so starts of disjoint cones, an open set, don't meet"
                return Counterexample(f"{said}: {shown}", {"n": str(table.rows), "d": ">= 2"})
    return None


def apart_near(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find two sets of tokens that see nobody else: each has a 0 of its own at consensus."""
    found = apart(flow, None, budget)
    if found is None:
        return None
    said = found.text.partition(": ")[0]
    more = "so 0 is an eigenvalue at consensus 2 (d - 1) times at least, d - 1 of them rotations"
    return Counterexample(f"{said}, {more}", found.scope)


OF_SIGHT = ("leader induction", "hemisphere under a mask")
"""Rows whose sentences say which graphs they are about."""


def isolated(row: str, flow: Flow) -> tuple[str, Flow] | None:
    """Give a graph that is left open, for a row about all: tokens that see themselves alone.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> isolated("circle", Flow.of(catalogue("graph")))[0]
    'W = I_3'
    """
    graph = unknown_graph(flow)
    if (
        row in OF_SIGHT
        or flow.code
        or graph is None
        or str(graph) in flow.given
        or n in flow.values
    ):
        return None
    return f"{graph} = I_3", Flow.of(flow.model, **{**flow.given, str(graph): np.eye(3)})


def ring_is_stable(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find the n-gon of a ring of n tokens, a strict maximum of E but for rotations.

    E'' along angles a is ``-½ Σ S k (a_i - a_(i+1))²``, k = e^(β cos φ)(cos φ - β sin² φ)/n² > 0.
    """
    pull = _pull(flow)
    mask = _mask(pull)
    own = None if pull is None else attached(pull.subject)
    if (
        mask is None
        or isinstance(own, Refusal | None)
        or isinstance(climb(own.pull.subject), Refusal)
    ):
        return None
    table = mask.parameter
    size = table.rows
    seen = [[j for j in range(size) if j != i and table[i, j] != 0] for i in range(size)]
    if any(len(one) != 2 for one in seen) or len(_reached(table, 0)) < size:
        return None
    phi, heat = 2 * pi / size, heat_along(own, mask)
    if heat == beta:
        heat = cos(phi) / (2 * sin(phi) ** 2)
    if heat is None or not heat.is_number:
        return None
    if not (cos(phi) > 0 and heat >= 0 and cos(phi) > heat * sin(phi) ** 2):
        return None
    said = f"the regular {size}-gon along the ring, masses 1/{size}, β = {heat}"
    why = "E'' < 0 there but for rotations, as cos φ > β sin² φ, φ = 2π/n"
    rest = "E climbs, so an open set of starts stays near it"
    return Counterexample(f"{said}: {why}; {rest}", {"n": str(size), "d": "2"})


def unknown(row: str, flow: Flow) -> str:
    """Say why a row is open: for 3 <= d < n without an energy, on the circle with one; else "".

    Examples
    --------
    >>> from theory.models import catalogue
    >>> unknown("Theorem 6.1", Flow.of(catalogue("RoPE")))[:30]
    'open for 3 <= d < n: no energy'
    """
    species = species_of(flow) if row == "Theorem 6.1" else None
    if species is not None and species.closed:
        own = species.common
        return (
            f"open for 3 <= d < n + l: once {own} has met in y*, x_i' = P_i (Σ_j a_ij x_j + y*) is "
            "no gradient; n + l <= d is Theorem 6.3"
        )
    pull = _pull(flow) if row in ("Theorem 6.1", "circle") else None
    if pull is None or t in pull.weight.free_symbols or not _is_listed(flow):
        return ""
    own = attached(pull.subject)
    climbs = isinstance(climb(pull.subject), Theorem)
    if row == "circle":
        other = climbs and not isinstance(own, Refusal) and not is_of_attention(own, flow.values)
        return "open on the circle: an energy climbs, whose other maxima aren't known" * other
    if climbs and m in pull.subject.velocities:
        return "open where masses move: an energy climbs, but its paths may be of any length"
    if (
        climbs
        or isinstance(pulls_all(pull), Refusal)
        or (pull.weight.atoms(Entry) and not _softmax(pull))
    ):
        return ""
    return "open for 3 <= d < n: no energy of pairs climbs; n <= d is Theorem 6.3"


def _is_listed(flow: Flow) -> bool:
    """Whether a model is of a kind that is listed as open: places, sight, moving masses.

    Of weights or matrices of a user's own nobody has asked.
    """
    moved = set(flow.model.velocities)
    velocity = flow.model.velocities[X]
    own = {a for a in flow.model.parameters if isinstance(a, MatrixSymbol)} - {unknown_graph(flow)}
    return moved <= {X, m} and not own and (m in moved or velocity.has(Mask, Distances, Rotary))


def _softmax(pull: Pull) -> bool:
    """Whether the weights are one softmax, times a constant > 0."""
    (entry, *more) = pull.weight.atoms(Entry)
    rest = pull.weight / entry
    return not more and bool(rest.is_positive) and not moving(rest)


def softmax_of_graph(flow: Flow) -> str | None:
    """Name the graph that a flow of one softmax leaves open, c A X, c > 0; else None."""
    graph = unknown_graph(flow)
    if flow.code or graph is None or str(graph) in flow.given:
        return None
    pull = _pull(flow)
    mask = None if pull is None else seen_through(pull)
    if pull is None or mask is None or mask.parameter != graph or t in pull.weight.free_symbols:
        return None
    return str(graph) if pull.weight.atoms(Entry) and _softmax(pull) else None


def _either(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    finds = apart, ring_is_stable, simplex_attracts, polygon_attracts, stays_apart_on_circle
    return next((found for find in finds if (found := find(flow, None, budget))), None)


def _is_large(size: int, heat: Any) -> bool:
    return heat is not None and bool((heat - (size - 1) ** 2 / pi**2).is_nonnegative)


def _at_large_beta(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Refute Theorem 5.1: an attracting state of n tokens on the circle has (n-1)²/π² <= β."""
    if found := apart(flow, None, budget) or polygon_attracts(flow, None, budget, _is_large):
        return found
    given = flow.values.get(beta)
    if given is not None and not (given - 9 / pi**2).is_nonnegative:
        return None
    return stays_apart_on_circle(flow, None, budget)


_APART = (
    "Theorem 4.1",
    "Theorem 4.2",
    "(4.3)",
    "Theorem 4.3",
    "Theorem 6.1",
    "(6.3)",
    "Remark 6.5",
    "Theorem 6.7",
)
"""Rows of consensus from almost every start, or near it: starts near one point have such cones."""
GRAPHED: Mapping[str, Statement[None]] = {
    name: Statement(name, "", unproved, refute=refute, several_blocks=True)
    for name, refute in (
        *((name, apart) for name in _APART),
        ("Theorem 5.1", _at_large_beta),
        ("circle", _either),
        ("consensus spectrum", apart_near),
    )
}
"""Rows that the graph refutes, as statements of their own, asked where nothing else answers."""
