"""Theorem 4.1, Theorem 4.1 rates: one cluster at β = 0.

Main results
------------
- Theorem 4.1: at β = 0 almost every initial condition converges to one cluster.
- Theorem 4.1 rates: the rates at consensus, of p against q, and 1-γ = n/(e^{2t}+n-1).

How it is proved
----------------
The row algebra shows that equilibria have x_i = ±M/|M| or M = 0, M the barycentre; the Gram
algebra derives a positive second variation at each kind but consensus. Exact for symbolic n, d
and masses. Cited: Łojasiewicz' convergence of gradient flows, and the centre-stable manifold.
The rates put β = 0 in the spectra at consensus and at antipodal clusters and in the equiangular
equation, for masses 1/n. No point is drawn for the proof.

References
----------
arXiv 2312.10794, Theorem 4.1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sympy import (
    Expr,
    HadamardProduct,
    Integer,
    OneMatrix,
    S,
    Symbol,
    diff,
    exp,
    limit,
    oo,
    simplify,
)

from proofs_checks.claim import Budget, Claim, Conclusion, Control, Evidence, Hypothesis, Verdict
from proofs_checks.proof import (
    AT_BETA_ZERO,
    CENTRE_STABLE,
    COUNT_P,
    COUNT_Q,
    LOJASIEWICZ,
    ONLY_SPEED,
    P,
    Q,
    RowAlgebra,
    W,
    antipodal_spectrum,
    consensus_spectrum,
    doubt,
    each,
    equiangular_law,
    geodesic,
    products,
    spectrum_trace,
)
from theory.atoms import Tangent
from theory.energy import pair_kernel, pole_free
from theory.engines import inner, project, residual, vectors
from theory.models import REPULSIVE, SA, USA, Model, attention_form
from theory.predictions import normal_form
from theory.symbols import X, beta, d, gamma, m, n, t, z


@dataclass(frozen=True)
class Curvatures:
    """Second variations of the energy at the two kinds of equilibria other than consensus.

    Attributes
    ----------
    antipodal : Expr
        All tokens at x (mass p) moved along one unit tangent, the others (mass q) at -x.
    balanced : Expr
        One token (mass w) moved along a unit tangent, the barycentre being 0.
    """

    antipodal: Expr
    balanced: Expr


@lru_cache(maxsize=32)
def _at_zero(model: Model) -> tuple[Expr | None, Expr] | None:
    """Weight of the velocity (None: no attention) and slope of the energy's kernel at β = 0."""
    kernel = None if model.energy is None else pair_kernel(model.energy)
    if kernel is None:
        return None
    form = attention_form(model)
    weight = None if form is None else simplify((form.scale * form.kernel).subs(beta, 0))
    return weight, simplify(pole_free(kernel, beta, 0).diff(z))


def _second_variations(slope: Expr) -> Curvatures:
    """Derive the two second variations of ``½ c |M|²`` with M the barycentre."""
    step = Symbol("epsilon", real=True)
    x, u, rest = vectors("x u R", unit="x u")
    values = []
    for mass, others in ((P, x * -Q), (W, rest)):
        v = project(x, u)
        moved = geodesic(x, v, step) * mass + others
        energy = slope * inner(moved, moved) / 2
        curvature = diff(energy, step, 2).subs(step, 0) / inner(v, v)
        if others is rest:
            # Barycentre 0: <x, R> = -w and <u, R> = -w <u, x>.
            at = {inner(x, rest): -W, inner(u, rest): -W * inner(u, x)}
            curvature = curvature.subs(at)
        values.append(residual(curvature))
    return Curvatures(values[0], values[1])


_BARYCENTRE = OneMatrix(n, 1) * m.T * X


_PULL = Tangent(X, _BARYCENTRE)


EQUILIBRIA = (
    products(_PULL, _PULL)
    - products(_BARYCENTRE, _BARYCENTRE)
    + HadamardProduct(products(X, _BARYCENTRE), products(X, _BARYCENTRE))
)
"""``|P_i M|² - |M|² + <x_i,M>²`` for M = Σ m_j x_j, row by row: zero."""


def check_beta_zero(model: Any, prediction: Curvatures, budget: Budget) -> Evidence:
    """Prove Theorem 4.1: the equilibria, and a direction of positive second variation at each."""
    # P_x M = 0 leaves M = <x, M> x: the tokens are at ±M/|M|, or M = 0.
    equilibria = residual(RowAlgebra().column(EQUILIBRIA))
    for flow in each(model):
        parts = _at_zero(flow)
        if parts is None:
            reason = f"{flow.name} has no isotropic pair energy"
            return doubt(flow, reason, budget.rng, (S.Zero,))
        weight, slope = parts
        if weight is None or simplify(weight / slope).is_positive is not True:
            detail = f"{flow.name} at β = 0: weight {weight} is not a positive multiple of {slope}"
            return doubt(flow, detail, budget.rng, (S.Zero,))
        if z in slope.free_symbols:
            return Evidence(Verdict.UNDECIDED, f"{flow.name} at β = 0: slope {slope}, not constant")
        found = _second_variations(slope)
        for name in ("antipodal", "balanced"):
            value, predicted = getattr(found, name), getattr(prediction, name)
            gap = residual(value - predicted)
            if gap != 0 or value.is_positive is not True:
                sign = "" if value.is_positive else ", not positive: no strict saddle"
                detail = (
                    f"{flow.name}, {name} equilibrium: second variation {value}{sign}; "
                    f"minus the predicted {predicted} leaves {gap}"
                )
                return Evidence(Verdict.REFUTED, detail)
    if equilibria != 0:
        return Evidence(Verdict.UNDECIDED, f"|P_x M|² - |M|² + <x,M>² = {equilibria}")
    return Evidence(
        Verdict.PROVED,
        f"P_x M = 0 only for x = ±M/|M| or M = 0; second variations {prediction.antipodal} "
        f"(antipodal) and {prediction.balanced} (M = 0) are positive: strict saddles",
        {"n": "symbolic", "d": "symbolic, d >= 2", "beta": "0", "masses": "symbolic"},
        (LOJASIEWICZ, CENTRE_STABLE),
        identity=(EQUILIBRIA, prediction.antipodal, prediction.balanced),
    )


def _zero(**parameters: float) -> float:
    return -abs(parameters["beta"])


THEOREM_4_1 = Claim(
    "Theorem 4.1",
    "At β = 0 almost every initial condition converges to one cluster.",
    (SA, USA),
    Curvatures(P * Q, W**2),
    check_beta_zero,
    (
        Control("V = -I", model=REPULSIVE),
        Control("antipodal curvature p q -> p (q - p)", prediction=Curvatures(P * (Q - P), W**2)),
        Control("balanced curvature w² -> w", prediction=Curvatures(P * Q, W)),
    ),
    Verdict.PROVED,
    (Hypothesis("β = 0", _zero),),
    concludes=Conclusion.CONSENSUS,
    equivalents=(ONLY_SPEED, AT_BETA_ZERO),
)


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


def check_cold_rates(model: Any, prediction: ColdRates, budget: Budget) -> Evidence:
    """Derive the spectra and the equiangular equation, and put β = 0.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : ColdRates
        The rates.
    budget : Budget
        Not used.
    """
    for flow in each(model):
        at_one = [v.subs(beta, 0) for v, _ in consensus_spectrum(flow).eigenvalues if v != 0]
        found = [(simplify(v.subs(beta, 0)), k) for v, k in antipodal_spectrum(flow).eigenvalues]
        mirrored = prediction.internal.subs({COUNT_P: COUNT_Q, COUNT_Q: COUNT_P}, simultaneous=True)
        # A cluster of p tokens has p - 1 modes inside, in each tangent direction.
        wanted = (
            (prediction.relative, d - 1),
            (prediction.internal, (COUNT_P - 1) * (d - 1)),
            (mirrored, (COUNT_Q - 1) * (d - 1)),
        )
        if any(simplify(v - prediction.consensus) != 0 for v in at_one):
            return Evidence(
                Verdict.REFUTED,
                f"{flow.name}: at consensus {at_one}, not {prediction.consensus}",
            )
        for value, count in wanted:
            if not any(simplify(value - v) == 0 == simplify(count - k) for v, k in found):
                at = {COUNT_P: 3, COUNT_Q: 2, d: 4}
                rates = [(v.subs(at), k.subs(at)) for v, k in found]
                return Evidence(
                    Verdict.REFUTED,
                    f"{flow.name}, p = 3, q = 2, d = 4: rates with multiplicities {rates}, "
                    f"{(value.subs(at), count.subs(at))} is none of them",
                )
        rate = equiangular_law(flow).rate.subs(beta, 0)
        left = normal_form(prediction.gap.diff(t) + rate.subs(gamma, 1 - prediction.gap))
        start = simplify(prediction.gap.subs(t, 0))
        if left != 0 or start != 1:
            at_three = {n: 3, t: 1}
            return Evidence(
                Verdict.REFUTED,
                f"{flow.name}: 1-γ starts at {start} and (1-γ)' + γ' is {left.subs(at_three).n(6)} "
                "at n = 3, t = 1",
            )
    end = limit((prediction.gap * exp(2 * t)).subs(n, 3), t, oo)
    return Evidence(
        Verdict.PROVED,
        f"consensus {prediction.consensus}; p against q: {prediction.relative}, always unstable, "
        f"and {prediction.internal} inside; 1-γ solves its equation and e^(2t)(1-γ) -> {end} = n "
        "(n = 3): twice the rate of |x_i-x*|",
        {"n": "symbolic", "d": "symbolic", "beta": "0", "masses": "1/n"},
        identity=(
            *(spectrum_trace(consensus_spectrum(flow)).subs(beta, 0) for flow in each(model)),
            prediction.consensus * (n - 1) * (d - 1),
            *(equiangular_law(flow).rate.subs(beta, 0) for flow in each(model)),
            prediction.gap.diff(t),
        ),
    )


_COLD = ColdRates(
    S.NegativeOne, S.One, -(COUNT_P - COUNT_Q) / (COUNT_P + COUNT_Q), n / (exp(2 * t) + n - 1)
)


RATES_4_1 = Claim(
    "Theorem 4.1 rates",
    "β = 0: consensus attracts at rate 1, p against q repel at rate 1, 1-γ = n/(e^{2t}+n-1).",
    (SA, USA),
    _COLD,
    check_cold_rates,
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


CLAIMS = (THEOREM_4_1, RATES_4_1)
