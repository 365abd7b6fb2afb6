"""Doubly stochastic attention: from almost every start to consensus, for d >= 3 and every β > 0.

The energy is a maximum over plans, ``E(X) = max_π ½ Σ π_ij g_ij - KL(π | m ⊗ m)/(2b)``, π with both
marginals m. So along a curve from X it lies above ``½ Σ π_ij g_ij - …`` at the plan of X, and meets
it at X: a direction in which the pair energy with constant weights π_ij > 0 bends up is one in
which E does. Those weights are symmetric, and for d >= 3 T6a needs no more of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Dummy, Expr, MatMul, Symbol, factor

from proofs_checks.proof import (
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    by_statement,
    cited,
    derived,
    geodesic,
    null_starts,
)
from theory.atoms import Sinkhorn, Tangent
from theory.engines import basis_trace, inner, project, residual, vectors
from theory.symbols import X, beta, d, m, t, z

_WARM = Dummy("beta", positive=True)
CONVERGES = "Łojasiewicz: a bounded analytic gradient flow converges to one critical point"
SCALING = (
    "Sinkhorn 1967: a positive symmetric kernel has one potential that gives it both marginals m; "
    "by the implicit function theorem it is analytic in the tokens"
)
SHOWN = "the energy is a maximum over plans, so it bends up where the pair energy of its plan does"


def derive_heat(flow: Flow) -> Expr | None:
    """Return b > 0 of a flow c A X, c > 0, A doubly stochastic with scores b <x_i,x_j>.

    Examples
    --------
    >>> from theory.models import SA, SINKHORN
    >>> derive_heat(Flow.of(SINKHORN)), derive_heat(Flow.of(SA)) is None
    (beta, True)
    """
    model = flow.model
    known = len(model.blocks) == 1 and (model.kind, model.space) == ("flow", "sphere")
    if flow.code or not known or model.noise is not None:
        return None
    velocity = model.velocity.xreplace(flow.values)
    field = velocity.field if isinstance(velocity, Tangent) and velocity.points == X else None
    if not isinstance(field, MatMul):
        return None
    pace, (rows, *rest) = field.as_coeff_matrices()
    if not isinstance(rows, Sinkhorn) or rest != [X] or rows.masses != m:
        return None
    heat, tokens = rows.scores.as_coeff_mmul()
    free = {X, m, t} & (heat.free_symbols | pace.free_symbols)
    fits = tokens == X * X.T and pace.is_positive and heat.subs(beta, _WARM).is_positive
    return heat if fits and not free else None


def _trace() -> Step:
    """Second derivative of g_ij along v_i = P_i u, added up over a basis of u."""
    step = Symbol("epsilon", real=True)
    x, y, u = vectors("x y u", unit="x y")
    product = inner(geodesic(x, project(x, u), step), geodesic(y, project(y, u), step))
    second = basis_trace(product.diff(step, 2).subs(step, 0), u) / 2
    left = residual(second).subs(inner(x, y), z) - (1 - z) * (d - 2 - z)
    return derived("along v_i = P_i u, over a basis: ½ Σ_u g'' = (1-g)(d-2-g)", factor(left))


def _energy(flow: Flow, heat: Expr) -> tuple[Step, ...]:
    """Say of which function the flow is the gradient, and how it bends."""
    form = Step(
        f"π_ij = m_i A_ij = m_i m_j e^(p_i + p_j + b g_ij) > 0, b = {heat}, π_ij = π_ji, Σ_j π_ij "
        "= m_i",
        How.DERIVED,
    )
    scaling = cited(SCALING, form)
    plan = Step(
        "E = ½ Σ π_ij g_ij - KL(π | m ⊗ m)/(2b) is the maximum over all plans of marginals m",
        How.BY_RULE,
        evidence="strictly concave in π, and log(π_ij/(m_i m_j)) - b g_ij is p_i + p_j: stationary",
    )
    gradient = Step(
        "∂_i E = P_i Σ_j π_ij x_j, so x_i' = c (1/m_i) ∂_i E: E climbs",
        How.BY_RULE,
        evidence="a maximum moves with X as at the plan that is held",
    )
    above = Step(
        "along a curve from X the energy is at least that of the plan of X: E'' >= ½ Σ π_ij g_ij''",
        How.BY_RULE,
        evidence="both agree at X to first order",
    )
    return form, scaling, plan, gradient, above


def _ends(steps: tuple[Step, ...], saddles: Step) -> tuple[Step, ...]:
    analytic = Step("E is analytic, the state space compact", How.BY_RULE, evidence="Sinkhorn 1967")
    converges = cited(CONVERGES, *steps, analytic)
    text = "almost every start converges to consensus"
    return analytic, converges, *null_starts(text, analytic, converges, saddles)


def decide_in_space(flow: Flow, heat: Expr) -> Sheet:
    """Conclude from d >= 3."""
    steps = (*_energy(flow, heat), _trace())
    saddles = Step(
        "d >= 3, off consensus: Σ_u E'' >= Σ π_ij (1-g_ij)(d-2-g_ij) >= Σ π_ij (1-g_ij)² > 0",
        How.BY_RULE,
        evidence="π_ij > 0, d-2-g >= 1-g >= 0, and some g_ij < 1",
    )
    steps = *steps, saddles, *_ends(steps, saddles)
    return Sheet(steps, _words("symbolic, >= 3"), (), SHOWN)


def _words(width: str) -> dict[str, str]:
    return {"n": "symbolic", "d": width, "masses": "symbolic", "beta": "> 0"}


SMALL = "e^(2b) (e^b - 1) < μ/(1-μ), μ = min m/Σ m"


def decide_small(flow: Flow, heat: Expr) -> Sheet:
    """Conclude from d >= 3, or from a small b for every d >= 2."""
    from proofs_checks.discovery import questions

    sheet = decide_in_space(flow, heat)
    alone = Step(
        "one token moves, without ascent: Σ_{j≠i} π_ij g_ij >= 0 for every i",
        How.BY_RULE,
        evidence="g'' = -g along its geodesics",
    )
    text = "u_i = e^(p_i) = 1/Σ_j m_j u_j e^(b g_ij): u_j <= e^(2b) u_i"
    ratio = Step(text, How.BY_RULE, evidence="|g| <= 1, rows of A sum to 1")
    inside = Step(
        "<x_i, Σ_j m_j u_j x_j> >= m_i u_i - (e^b - 1) Σ_{j≠i} m_j u_j > 0: an open hemisphere",
        How.BY_RULE,
        evidence=f"(e^(bg) - 1) g <= e^b - 1, {SMALL}",
    )
    paper: Any = questions()["Lemma 6.4"]
    meets = by_statement(paper, flow, text="Lemma 6.4: only consensus rests there")
    steps = *sheet.steps, alone, ratio, inside, meets
    return Sheet(steps, _words("symbolic, >= 2"), (), SHOWN)


def _say_in_space(flow: Flow, heat: Expr) -> str:
    return "d >= 3, β > 0: every solution converges, from almost every start to consensus"


def _say_small(flow: Flow, heat: Expr) -> str:
    said = "every solution converges, from almost every start to consensus"
    own = SMALL if heat == beta else f"{SMALL}, b = {heat}"
    return f"d >= 3, β > 0: {said}; d >= 2 where {own}: the same"


OF_SINKHORN: Mapping[str, Statement[Expr]] = {
    one.name: one
    for one in (
        *(
            Statement(name, "", decide_in_space, derive_heat, says=_say_in_space)
            for name in ("Theorem 5.1", "Theorem 6.1")
        ),
        Statement("Theorem 4.3", "", decide_small, derive_heat, says=_say_small),
    )
}
"""Rows of almost every start, as statements of their own."""


__all__ = ["OF_SINKHORN", "derive_heat"]
