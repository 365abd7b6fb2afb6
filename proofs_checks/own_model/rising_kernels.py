"""Theorem 4.3 of kernels that rise no faster than e^{βg}: 0 <= k' <= β k, such as sigmoids.

Where no move of one token climbs, Σ_{j≠i} m_j k(g_ij) g_ij >= 0, and k(g)/k(0) is between 1 and
e^{βg}; so <x_i, Σ_j m_j x_j> >= m_i - (1-m_i)(e^β - 1), which is above 0 in the paper's range of β.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Function, exp, expand, log

from proofs_checks.proof import (
    ATTENTION,
    CLIMBS,
    ONE_MASS,
    PAIR_ENERGY,
    SCHEDULED,
    SUM,
    WARM_ONLY,
    Domain,
    Flow,
    How,
    Outcome,
    Sheet,
    Statement,
    Step,
    almost_every_start,
    alone_bend,
    apply,
    below_exponential,
    by_statement,
    derived,
    gap,
    small_threshold,
    statement_of,
)
from proofs_checks.proof.kinds import FLOWS
from theory.bounded import simplified
from theory.symbols import beta, d, t, z


def _paper(label: str) -> Statement[Any]:
    from proofs_checks import CLAIMS

    return statement_of(next(claim for claim in CLAIMS if claim.label == label))


def _small(flow: Flow) -> Step:
    text, heat = "β < -log(1 - min m)", flow.values.get(beta)
    if heat is not None and heat.is_number and (heat - log(2)).is_nonnegative:
        return Step(text, How.DECIDED, Outcome.FAILS, f"β = {heat}, and min m <= 1/2")
    return Step(text, How.DECIDED)


def derive_slope(flow: Flow) -> Expr | None:
    """Return k = h' of a flow's energy, where β is one of its parameters.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> derive_slope(Flow.of(catalogue("sigmoid"), bias=0))
    exp(beta*z)/(exp(beta*z) + 1)
    """
    kernel = flow.kernel
    if flow.code or kernel is None or t in kernel.free_symbols:
        return None
    return None if beta not in flow.model.parameters else simplified(kernel.diff(z))


def decide_rising(flow: Flow, slope: Expr) -> Sheet:
    """Follow the paper's proof, with k(g)/k(0) in place of e^{βg}."""
    heat = flow.values.get(beta, beta)
    any_slope = Function("k")(z)
    trace = alone_bend(any_slope) - any_slope.diff(z) * (1 - z**2) + (d - 1) * z * any_slope
    text = "one token moves: the trace is Σ_j m_i m_j (k'(1-g²) - (d-1) k g)"
    alone = derived(text, expand(trace))
    signs = tuple(
        flow.sign(text, simplified(part), strict=strict)
        for text, part, strict in (
            ("k > 0 on [-1, 1]", slope, True),
            ("k' >= 0 on [-1, 1]", slope.diff(z), False),
            ("β k - k' >= 0 on [-1, 1]", heat * slope - slope.diff(z), False),
        )
    )
    text = "no ascent direction: Σ_{j≠i} m_j k(g) g >= 0 for every i"
    average = apply(SUM, text, alone, *signs[:2], terms={"k'(1-g²)": ">= 0"})
    between = Step(
        "k(g)/k(0) is between 1 and e^{βg}: (k(g)/k(0) - 1) g <= (e^{βg} - 1) g",
        How.BY_RULE,
        evidence="0 <= (log k)' <= β, integrated from 0 to g",
    )
    found = below_exponential(exp(beta) - 1), small_threshold(-log(1 - ONE_MASS), ONE_MASS)
    words = (
        "(e^{βg} - 1) g <= e^β - 1 on [-1, 1]",
        "(1-μ)(e^β - 1) < μ for β < -log(1-μ), μ = min m",
    )
    bounds = tuple(
        gap(text, lacks) if lacks else Step(text, How.DECIDED)
        for text, lacks in zip(words, found, strict=True)
    )
    text = "<x_i, Σ m_j x_j> >= m_i - (1-m_i)(e^β - 1) > 0: the tokens are in an open hemisphere"
    steps = alone, *signs, average, between, *bounds
    inside = apply(SUM, text, *steps, terms={"m_i - (1-m_i)(e^β-1)": "> 0"})
    meets = by_statement(_paper("Lemma 6.4"), flow, text="Lemma 6.4: only consensus rests")
    text = "every equilibrium but consensus is a strict saddle"
    saddles = apply(SUM, text, inside, meets, terms={"trace": "> 0"})
    rest = almost_every_start(flow, saddles, _paper("Remark B.1"))
    scope = {"n": "symbolic", "d": "symbolic, >= 2", "masses": "symbolic"}
    scope |= {"beta": "0 <= β < -log(1 - min m), hence β <= 1/n"}
    said = f"one token climbs, or <x_i, Σ m_j x_j> > 0: k = {slope}, 0 <= k' <= β k"
    return Sheet((*steps, inside, meets, saddles, *rest), scope, (), said)


RISING: Statement[Expr] = Statement(
    "Theorem 4.3",
    "β < -log(1 - min m): consensus from almost every start, as 0 <= k' <= β k",
    decide_rising,
    derive_slope,
    domain=(WARM_ONLY, Domain("β < -log(1 - min m)", _small)),
    premises=(FLOWS, ATTENTION, SCHEDULED, PAIR_ENERGY, CLIMBS),
)


__all__ = ["RISING"]
