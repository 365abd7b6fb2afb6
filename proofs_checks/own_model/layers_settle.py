"""Layers x_i <- N(x_i + η A_i): consensus from almost every start, where SA's saddles are strict.

T10c: for η < 1, or under (N) for any η > 0, no x_i + η A_i is 0. E climbs by a multiple of the step
times its gradient, so orbits converge to critical points of E; at a strict saddle the layer has a
multiplier above 1, and nowhere at a critical point is one 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sympy import Expr, Symbol, cos, exp, expand, sin, symbols

from proofs_checks.claim import Evidence, Verdict
from proofs_checks.own_model.layers_meet import derive_layer
from proofs_checks.proof import Flow, How, Sheet, Statement, Step, cited, derived
from theory.models import SA
from theory.symbols import beta

SEQUENCES = (
    "Absil, Mahony, Andrews 2005, Theorem 3.2: points whose analytic E climbs by c |∇E| |step| at "
    "least converge"
)
DISC = (
    "Shub, Global Stability of Dynamical Systems, Theorem III.7: orbits of a local diffeomorphism "
    "that stay near a fixed point lie in a disc, of codimension the number of multipliers > 1"
)
NULL = (
    "zeros of the determinant of an analytic map, which isn't 0 at consensus, are null; off them "
    "preimages of null sets are null"
)
NARROW = "(M - m_i) χ(b) < m_i e^b for every i (N), χ(b) = max(c e^(-bc), 0 <= c <= 1)"


@dataclass(frozen=True)
class Settling:
    """A layer, and what is known of SA's saddles in the range of a row."""

    step: Expr
    heat: Expr
    saddles: Evidence


def derive_settling(row: str, flow: Flow) -> Settling | None:
    """Return step and heat of a layer, with SA's row at that heat where it is shown.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> derive_settling("Theorem 6.1", Flow.of(catalogue("discrete layer"))).saddles.word
    'PROVED'
    """
    from proofs_checks.discovery import questions
    from proofs_checks.own_model.by_theorem import asked

    layer = derive_layer(flow)
    if layer is None:
        return None
    cold = row == "Theorem 4.1"
    heat = layer.heat.subs(beta, 0) if cold else layer.heat
    if not (heat == beta or heat.is_nonnegative) or (heat.free_symbols - {beta}):
        return None
    if heat != beta and heat.free_symbols:
        return None  # of another share of β the ranges are others
    if heat == 0 and not _short(layer.step):
        return None  # no masses of two tokens are in (N)
    at = Flow.of(SA) if heat == beta else Flow.of(SA, beta=heat)
    found = asked(questions()[row], at)
    shown = found.verdict in (Verdict.PROVED, Verdict.CERTIFIED)
    return Settling(layer.step, heat, found) if shown else None


def _short(step: Expr) -> bool:
    """Whether a step may be below 1."""
    return not step.is_number or bool((1 - step).is_positive)


def _angles() -> Step:
    """Reduce |A| (cos(θ-φ) - cos θ), φ the angle moved of θ, that between x_i and A_i."""
    turn, angle = symbols("phi theta", real=True)
    left = cos(angle - turn) - cos(angle) - 2 * sin(angle - turn / 2) * sin(turn / 2)
    text = (
        "cos(θ-φ) - cos θ = 2 sin(θ-φ/2) sin(φ/2), 0 <= φ <= θ <= π the angles from x_i to x_i+ "
        "and to A_i: <A_i, x_i+ - x_i> >= ½ |P_i A_i| |x_i+ - x_i|"
    )
    return derived(text, expand(left.rewrite(exp)), "residual 0; sin(θ-φ/2) >= ½ sin θ")


def decide_settling(row: str, flow: Flow, own: Settling) -> Sheet:
    """Follow E along an orbit, and count the starts that end at its saddles."""
    said = own.saddles.sentence or "every critical point of E but consensus is a strict saddle"
    saddles = Step(
        f"{row} of SA, b = {own.heat}: {said}",
        How.BY_STATEMENT,
        cites=own.saddles.assumptions,
        enclosed=own.saddles.verdict is Verdict.CERTIFIED,
    )
    form = Step("x_i+ = z_i/|z_i|, z_i = x_i + η A_i, |A_i| <= 1, η > 0", How.DERIVED)
    text = "|z_i| >= 1 - η > 0, or under (N) <x_i, z_i> = 1 + η λ_i > 1: the layer F is analytic"
    whole = Step(text, How.BY_RULE, evidence="λ_i = <x_i, A_i> > 0 under (N)")
    climbs = Step(
        "E(X+) - E(X) >= Σ_i m_i Z_i <A_i, x_i+ - x_i> + ½ Σ S_ij <x_i+ - x_i, x_j+ - x_j>, S_ij = "
        "m_i m_j e^(b g_ij), and S is positive semidefinite",
        How.BY_RULE,
        evidence="e^(bs) >= e^(br) (1 + b(s - r)); powers of a Gram matrix, entry by entry, are",
    )
    moved = Step(
        "|P_i A_i| η/(1+η) <= |x_i+ - x_i|: a limit is critical",
        How.BY_RULE,
        evidence="sin φ = η |P_i A_i|/|z_i|",
    )
    steps = (form, whole, climbs, _angles(), moved)
    tends = cited(SEQUENCES, *steps)
    fixed = Step(
        "at a critical point DF = diag(1/((1+ηλ_i) m_i Z_i)) (diag(m_i Z_i) + η B), B = Hess E + "
        "diag(m_i Z_i λ_i), <u,Bu> = Σ S_ij <u_i,u_j> + ½ b Σ S_ij (<u_i,x_j> + <x_i,u_j>)² >= 0",
        How.BY_RULE,
        evidence="A_i = λ_i x_i there",
    )
    above = Step(
        "DF is invertible; it is I + diag(η/((1+ηλ_i) m_i Z_i)) Hess E: at a strict saddle a "
        "multiplier is above 1",
        How.BY_RULE,
        evidence="a positive diagonal matrix times a symmetric one has the inertia of the latter",
    )
    rest = (saddles, tends, fixed, above, cited(DISC, fixed, above), cited(NULL, whole, fixed))
    ends = Step("almost every start tends to consensus", How.BY_RULE, evidence="a countable cover")
    scope = own.saddles.scope
    words = {key: scope[key] for key in ("n", "d", "masses", "beta") if key in scope}
    words |= _range(own) | ({"beta": ">= 0"} if row == "circle" else {})
    shown = "E climbs by the step times its gradient; at strict saddles a multiplier is above 1"
    words = {"n": "symbolic", "masses": "symbolic", **words}
    return Sheet((*steps, *rest, ends), words, (), shown)


def _range(own: Settling) -> dict[str, str]:
    """Say which steps: below 1, or under (N)."""
    if own.step.is_number and _short(own.step):
        return {}
    narrow = [NARROW] if own.heat != 0 else []
    short = [f"{own.step} < 1"] if _short(own.step) else []
    name = str(own.step) if isinstance(own.step, Symbol) else "step"
    return {name: ", or ".join((*short, *narrow))}


def say_settling(row: str, flow: Flow, own: Settling) -> str:
    """Say the range of SA's row, and of the step."""
    ranges = {
        "Theorem 4.1": "β = 0",
        "Theorem 4.3": "β < -log(1 - min m)",
        "Theorem 5.1": "β >= (d-1)(n-1)²/π²",
        "Theorem 6.1": "d >= 3, β >= 0",
        "circle": "d = 2, β >= 0",
    }
    steps = "".join(f", {said}" for said in _range(own).values())
    return f"{ranges[row]}{steps}: every orbit converges, from almost every start to consensus"


ROWS = ("Theorem 4.1", "Theorem 4.3", "Theorem 5.1", "Theorem 6.1", "circle")
OF_SETTLING: Mapping[str, Statement[Any]] = {
    row: Statement(
        row,
        "",
        partial(decide_settling, row),
        partial(derive_settling, row),
        says=partial(say_settling, row),
    )
    for row in ROWS
}
"""Rows of layers and almost every start, as statements of their own."""


__all__ = ["OF_SETTLING", "derive_settling"]
