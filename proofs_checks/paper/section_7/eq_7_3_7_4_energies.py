"""(7.3), (7.4): the energies that the flows on the circle climb, and their maxima.

Main results
------------
(7.3): Kuramoto, θ' = n grad F, F = (1/2n²) Σ cos(θ_i-θ_j) <= 1/2, equal for equal angles.
(7.4): USA, θ' = n grad E, E = (1/2βn²) Σ e^{β cos(θ_i-θ_j)} <= e^β/2β, for β > 0.

How it is proved
----------------
The double sum is differentiated and compared with the equation of the angles, pair by pair; that
the pair energy is the flow's own is compared too. The maximum: each pair's energy rises with
cos(θ_i-θ_j), so equal angles alone attain it. Exact for every n and masses 1/n; no runs.

References
----------
arXiv 2312.10794, Section 7, (7.3) and (7.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Rational, S, Symbol, cos, diff, exp, simplify

from proofs_checks.claim import Budget, Claim, Control, Evidence, Hypothesis, Part, Verdict
from proofs_checks.proof import (
    AT_BETA_ZERO,
    CIRCLE_KERNEL,
    circle_normal_form,
    circle_terms,
    each,
    shown_on_circle,
    subjects,
    unreached,
)
from theory.derivations import phi as PHI
from theory.energy import pair_kernel, pole_free
from theory.models import REPULSIVE, SA, USA, Model
from theory.symbols import beta, n, z


def _positive_beta(beta: float = 1.0, **_: float) -> float:
    return beta if beta > 0 else -1.0


@dataclass(frozen=True)
class CircleEnergy:
    """``F = Σ_ij pair(θ_i - θ_j)`` with θ' = n grad F, the largest value at equal angles.

    Attributes
    ----------
    pair : Expr
        An even function of ``PHI``, with ``n`` and ``beta``.
    largest : Expr
        max F.
    temperature : Expr, optional
        The β of the flow; symbolic by default.
    """

    pair: Expr
    largest: Expr
    temperature: Expr = beta


def _range(temperature: Expr) -> str:
    return str(temperature) if temperature.is_number else "symbolic, positive"


def _off_energy(flow: Model, prediction: CircleEnergy) -> str:
    """Where the pair energy isn't the flow's own at that temperature, up to a constant, or ""."""
    kernel = None if flow.energy is None else pair_kernel(flow.energy)
    if kernel is None:
        return ""
    own = pole_free(kernel, beta, prediction.temperature).subs(z, cos(PHI)) / (2 * n**2)
    if prediction.temperature != beta:
        own = own.subs(beta, prediction.temperature)
    gap = circle_normal_form(diff(own - prediction.pair, PHI))
    return (
        f"{flow.name}: dE/dφ of a pair minus the claimed one is {shown_on_circle(gap)}"
        if gap
        else ""
    )


def check_circle_energy(model: Any, prediction: CircleEnergy, budget: Budget) -> Evidence:
    """Differentiate the double sum, compare with the flow, and check the maximum.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows, without division by Z_i.
    prediction : CircleEnergy
        The pair energy.
    budget : Budget
        Not used.
    """
    pair = prediction.pair
    slope = diff(pair, PHI)
    # d/dθ_i of Σ_ij pair(θ_i-θ_j): θ_i is the first angle of one pair, the second of another.
    gradient = slope - slope.subs(PHI, -PHI)
    for flow in each(model):
        summand, weight, reason = circle_terms(flow)
        if reason:
            return unreached(flow, reason, budget.rng)
        at = {beta: prediction.temperature}
        divisor = S.One if weight is None else weight.subs(at)
        off = _off_energy(flow, prediction)
        if off:
            return Evidence(Verdict.REFUTED, off)
        # A flow that is divided by Σ_j m_j weight is a pair sum only if the weight is constant.
        gap = circle_normal_form(summand.subs(at) / divisor / n - n * gradient)
        if divisor.has(PHI) and gap == 0:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: division by the weight {divisor}")
        if gap != 0:
            return Evidence(
                Verdict.REFUTED,
                f"{flow.name}: the pair's part of θ_i' - n dF/dθ_i is {shown_on_circle(gap)} "
                f"(residual {gap})",
            )
    level = Symbol("c", real=True)
    body = pair.subs(cos(PHI), level)
    top = n**2 * pair.subs(PHI, 0)
    if simplify(top - prediction.largest) != 0:
        return Evidence(
            Verdict.REFUTED, f"F is {top} at equal angles, not {prediction.largest}, e.g. at n = 3"
        )
    hot = Symbol("beta", positive=True)
    rising = simplify(diff(body, level).subs(beta, hot))
    if PHI in body.free_symbols or not rising.is_positive:
        return Evidence(Verdict.UNDECIDED, f"dF/dcos = {rising} isn't known to be positive")
    return Evidence(
        Verdict.PROVED,
        f"θ_i' - n dF/dθ_i: residual 0; each pair's energy rises with cos(θ_i-θ_j), so F <= {top} "
        "with equality for equal angles only",
        {"n": "symbolic", "d": "2", "beta": _range(prediction.temperature), "masses": "1/n"},
        identity=subjects(model, prediction.pair),
    )


_SYNC = cos(PHI) / (2 * n**2)


KURAMOTO_ENERGY = Claim(
    "(7.3)",
    "Kuramoto: θ' = n grad F with F = (1/2n²) Σ cos(θ_i-θ_j) <= 1/2, equal for equal angles.",
    (USA, SA),
    CircleEnergy(_SYNC, S.Half, S.Zero),
    check_circle_energy,
    (
        Control("1/(2n²) -> 1/n²", prediction=CircleEnergy(2 * _SYNC, S.One, S.Zero)),
        Control("β = 1/10 in place of 0", prediction=CircleEnergy(_SYNC, S.Half, Rational(1, 10))),
        Control("V = -I", model=(REPULSIVE,)),
        Control("maximum 1", prediction=CircleEnergy(_SYNC, S.One, S.Zero)),
    ),
    Verdict.PROVED,
    equivalents=(AT_BETA_ZERO,),
)


_WARM_PAIR = CIRCLE_KERNEL / (2 * beta * n**2)


_TOP = exp(beta) / (2 * beta)


CIRCLE_ENERGY = Claim(
    "(7.4)",
    "USA on the circle: θ' = n grad E, E = (1/2βn²) Σ e^{β cos(θ_i-θ_j)} <= e^β/2β.",
    USA,
    CircleEnergy(_WARM_PAIR, _TOP),
    check_circle_energy,
    (
        Control("E without 1/n²", prediction=CircleEnergy(n**2 * _WARM_PAIR, n**2 * _TOP)),
        Control("E without 1/β", prediction=CircleEnergy(beta * _WARM_PAIR, beta * _TOP)),
        Control("the normalised flow SA", model=SA),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    (Hypothesis("β > 0", _positive_beta),),
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
)


CLAIMS = (KURAMOTO_ENERGY, CIRCLE_ENERGY)
