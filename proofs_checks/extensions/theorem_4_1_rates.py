"""Theorem 4.1 rates: how fast tokens meet and part at β = 0.

Main results
------------
- Theorem 4.1 rates: the rates at consensus, of p against q, and 1-γ = n/(e^{2t}+n-1).

How it is proved
----------------
A theorem on flows in pull form, at β = 0: modes where all tokens are at z, or p at z and q at -z,
and u' = -f(1-u) for the equation γ' = f(γ) of equal angles. No point is drawn for the proof.

References
----------
arXiv 2312.10794, Theorem 4.1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import (
    Expr,
    Integer,
    S,
    Subs,
    exp,
    simplify,
)

from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    AT_BETA_ZERO,
    ATTENTION,
    AUTONOMOUS,
    COLD_ONLY,
    COUNT_P,
    COUNT_Q,
    LINEAR,
    MOVES,
    ON_SPHERE,
    Counterexample,
    Flow,
    Statement,
    antipodal_spectrum,
    at_zero,
    consensus_spectrum,
    equiangular_law,
    leaves_sphere,
)
from proofs_checks.proof.kinds import HEATED
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    pace_together,
    rates_said,
    subject_in,
    undeclared,
)
from theory.bounded import simplified, vanishes
from theory.models import REPULSIVE, SA, USA
from theory.predictions import normal_form
from theory.symbols import beta, d, gamma, n, t, z


@dataclass(frozen=True)
class ColdRates:
    """Rates at β = 0, for both models.

    Attributes
    ----------
    consensus, relative, internal : Expr
        Off consensus; of p tokens against q; inside the cluster of p.
    gap : Expr
        1 - γ(t) from orthonormal tokens.
    """

    consensus: Expr
    relative: Expr
    internal: Expr
    gap: Expr


def _spectra(flow: Flow) -> tuple[list[Expr], list[tuple[Expr, Expr]]]:
    """Rates, of which β = 0 is said: at consensus, rotations apart, and of p tokens against q."""
    at_one = [Subs(v, beta, 0) for v, _ in consensus_spectrum(flow.model).eigenvalues]
    pairs = antipodal_spectrum(flow.model).eigenvalues
    return [v for v in at_one if simplify(v.doit()) != 0], [(Subs(v, beta, 0), k) for v, k in pairs]


def derive_cold_rates(flow: Flow) -> ColdRates | None:
    """Return the rates of x_i' = k P_i Σ m_j x_j, k the pull of a mass where all tokens are one."""
    subject, weight = subject_in(flow.cold), flow.cold.weight
    together = None if isinstance(subject, Refusal) else pace_together(subject)
    if together is None or (weight is not None and not vanishes(weight.diff(z))):
        return None
    pace = together.xreplace({known: own for own, known in undeclared(flow).items()})
    apart_ = (COUNT_P - COUNT_Q) / (COUNT_P + COUNT_Q)
    return ColdRates(-pace, pace, -pace * apart_, n / (exp(2 * pace * t) + n - 1))


def _values(flow: Flow) -> tuple[list[Expr], list[tuple[Expr, Expr]]]:
    """Rates at β = 0, worked out."""
    at_one, pairs = _spectra(flow)
    return [simplify(v.doit()) for v in at_one], [(simplified(v.doit()), k) for v, k in pairs]


def _gap_law(flow: Flow, prediction: ColdRates) -> tuple[Expr, Expr]:
    """Residual of ``(1-γ)' + γ'`` and the value of 1-γ at t = 0."""
    left = normal_form(prediction.gap.diff(t) + _gap_rate(flow, prediction).doit())
    return left, simplify(prediction.gap.subs(t, 0))


def _gap_rate(flow: Flow, prediction: ColdRates) -> Expr:
    """γ' at β = 0, as it is written."""
    return Subs(equiangular_law(flow.model).rate.subs(gamma, 1 - prediction.gap), beta, 0)


def _wanted(prediction: ColdRates) -> tuple[tuple[Expr, Expr], ...]:
    """Rates of p against q with multiplicities: p - 1 modes inside, in each tangent direction."""
    mirrored = prediction.internal.subs({COUNT_P: COUNT_Q, COUNT_Q: COUNT_P}, simultaneous=True)
    return (
        (prediction.relative, d - 1),
        (prediction.internal, (COUNT_P - 1) * (d - 1)),
        (mirrored, (COUNT_Q - 1) * (d - 1)),
    )


def refute_cold_rates(
    flow: Flow, prediction: ColdRates | None, budget: Budget
) -> Counterexample | None:
    """Give a rate that the spectra haven't got, or a law of 1-γ that isn't one."""
    off = leaves_sphere(flow.model, budget.rng)
    if off:
        return Counterexample(off)
    if prediction is None or flow.cold.form is None or flow.given:
        return None
    at_one, found = _values(flow)
    if any(vanishes(v - prediction.consensus) is False for v in at_one):
        return Counterexample(f"{flow.name}: at consensus {at_one}, not {prediction.consensus}")
    for value, count in _wanted(prediction):
        if all(False in (vanishes(value - v), vanishes(count - k)) for v, k in found):
            at = {COUNT_P: 3, COUNT_Q: 2, d: 4}
            rates = [(v.subs(at), k.subs(at)) for v, k in found]
            return Counterexample(
                f"{flow.name}, p = 3, q = 2, d = 4: rates with multiplicities {rates}, "
                f"{(value.subs(at), count.subs(at))} is none of them"
            )
    left, start = _gap_law(flow, prediction)
    if left != 0 or start != 1:
        return Counterexample(
            f"{flow.name}: 1-γ starts at {start} and (1-γ)' + γ' is "
            f"{left.subs({n: 3, t: 1}).n(6)} at n = 3, t = 1"
        )
    return None


def conclude_cold_rates(flow: Flow, prediction: ColdRates) -> Conclusion | Refusal:
    """Claim the rates at consensus and of p against q, and the law of orthonormal tokens."""
    subject = subject_in(flow.cold)
    if isinstance(subject, Refusal):
        return subject
    known = undeclared(flow)
    rates = ((prediction.consensus, (n - 1) * (d - 1)),), _wanted(prediction)
    at_one, at_two = (
        ((S.Zero, d - 1), *((rate.xreplace(known), count) for rate, count in some))
        for some in rates
    )
    sizes = COUNT_P, COUNT_Q
    return rates_said(subject, at_one, at_two, sizes, prediction.gap.xreplace(known))


COLD_RATES: Statement[ColdRates] = Statement(
    "Theorem 4.1 rates",
    "β = 0: rates at consensus, of p against q, and of 1-γ",
    Concludes(conclude_cold_rates, words=(("beta", "0"), ("masses", "1/n"))),
    derive_cold_rates,
    refute_cold_rates,
    domain=(HEATED, COLD_ONLY, at_zero(MOVES)),
    premises=(LINEAR, *map(at_zero, (ON_SPHERE, ATTENTION, AUTONOMOUS))),
    typed=True,
)


_COLD = ColdRates(
    S.NegativeOne, S.One, -(COUNT_P - COUNT_Q) / (COUNT_P + COUNT_Q), n / (exp(2 * t) + n - 1)
)


RATES_4_1 = Claim(
    "Theorem 4.1 rates",
    "β = 0: consensus attracts at rate 1, p against q repel at rate 1, 1-γ = n/(e^{2t}+n-1).",
    (SA, USA),
    _COLD,
    COLD_RATES,
    (
        Control("consensus -1 -> -2", prediction=replace(_COLD, consensus=Integer(-2))),
        Control(
            "relative 1 -> 2q/(p+q)",
            prediction=replace(_COLD, relative=2 * COUNT_Q / (COUNT_P + COUNT_Q)),
        ),
        Control("e^{2t} -> e^t", prediction=replace(_COLD, gap=n / (exp(t) + n - 1))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    origin="extension",
    equivalents=(AT_BETA_ZERO,),
)


CLAIMS = (RATES_4_1,)
