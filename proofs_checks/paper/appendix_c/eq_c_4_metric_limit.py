"""(C.4), E.(C.4): as endomorphisms Hess_{g_β} E_β tends to ½ Hess E_0 at β = 0.

Main results
------------
(C.4): Hess_{g_β} E_β = ½ Hess_g E_0 + O(β).
E.(C.4): the factor ½ is missing in print.

How it is proved
----------------
Pair by pair at β = 0 the metric is n times the round one and E_β tends to (n/2) E_0: the
residual is 0, for every n and d. The rest is O(β): by (C.3), and as Z_i/n lies between k(-1) and
k(1). At exact equilibria the difference at β = 0.1, 0.01, 0.001 is computed and stays below its
bound. Both labels are one statement.

References
----------
arXiv 2312.10794, Appendix C, (C.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from sympy import Derivative, Expr, Integer, Rational, S, Subs, Symbol, expand, limit

from numerics.compile import compile_model
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Part, Verdict
from proofs_checks.paper.appendix_c.eq_c_3_cold_gap import EQUATION_C_3
from proofs_checks.proof import (
    ALL_ALIKE,
    CROSS,
    FIRST,
    HEAT,
    KERNEL_AT_BETA_ZERO,
    NORMS,
    SQUARE_TOKENS,
    THREE_AGAINST_ONE,
    TRIANGLE,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    by_statement,
    cold_kernel,
    cold_limit,
    compared,
    covariant_jacobian,
    gap,
    pair_bend,
    reduced,
    statement_of,
    without_temperature,
)
from proofs_checks.said import say, saying
from theory.energy import interaction_energy
from theory.models import REPULSIVE, SA, USA, gradient_flow
from theory.symbols import beta, n, z

_HOT = Symbol("beta", positive=True)
_STEP, _ROOM = Symbol("epsilon", real=True), Symbol("s", nonnegative=True)
_E_0 = interaction_energy(2 * z)


def derive_factor(flow: Flow) -> Expr | None:
    """Return the factor of the paper's energy."""
    return None if flow.kernel is None else S.Half


def refute_factor(flow: Flow, factor: Expr | None, budget: Budget) -> Counterexample | None:
    """Compare the energy at β = 0 with (n/2) E_0."""
    other = cold_limit(flow.model)
    return Counterexample(other) if other else None


def _metric(flow: Flow) -> tuple[Step, ...]:
    """Whether the flow is grad E_β in a metric that is n g up to O(β)."""
    form, kernel = flow.form, flow.kernel
    if form is None or kernel is None:
        return (gap("x_i' = Σ_j h'(g_ij) P_i x_j / Z_i", f"{flow.name} is no scalar attention"),)
    hot = (form.scale * form.kernel).subs(beta, _HOT)
    sums = "Z_i = Σ_j h'(g_ij)" if form.normalised else "Z_i = n"
    climbs = reduced(
        f"x_i' = grad_i E_β / Z_i, {sums}: the metric g_β is Z_i g",
        hot - kernel.diff(z).subs(beta, _HOT),
    )
    slope = Derivative(kernel.subs(beta, _HOT), z)
    climbs = saying(climbs, say(form.scale * form.kernel.subs(beta, _HOT), "=", slope))
    if not form.normalised:
        return (climbs,)
    ends = [limit((hot.subs(z, end) - 1) / _HOT, _HOT, 0) for end in (-1, 1)]
    text = "h'(-1) <= Z_i/n <= h'(1), both 1 + O(β): g_β is n g + O(β)"
    rises = hot.is_positive and hot.diff(z).is_positive and all(end.is_finite for end in ends)
    near = Step(text, How.DERIVED, evidence="h' rises") if rises else gap(text, "sign of h''")
    near = saying(
        near,
        say(hot.subs(z, -1), "<=", hot.subs(z, _ROOM - 1)),
        say(hot.subs(z, 1 - _ROOM), "<=", hot.subs(z, 1)),
    )
    return climbs, near


def decide(flow: Flow, factor: Expr) -> Sheet:
    """Compare pair by pair at β = 0; the rest is O(β)."""
    cold = cold_kernel(flow.model)
    if cold is None:
        return Sheet((gap("E_β is a pair energy", "no pair energy"),))
    metric = _metric(flow)
    left = pair_bend(cold.diff(z)) / n - factor * pair_bend(2 / n)
    pairs = reduced(
        f"at β = 0 a pair of Hess E_β over n is {factor} times one of Hess E_0",
        expand(left),
    )
    along = z + FIRST * _STEP + (2 * CROSS - NORMS * z) * _STEP**2 / 2
    bends = [
        Subs(Derivative(h.subs(z, along), (_STEP, 2)), _STEP, 0) for h in (cold / n, 2 * z / n)
    ]
    pairs = saying(pairs, say(bends[0], "=", factor * bends[1]))
    rest = by_statement(
        statement_of(EQUATION_C_3), flow, text="(C.3): Hess E_β - (n/2) Hess E_0 is O(β)"
    )
    text = f"Hess_(g_β) E_β = {factor} Hess_g E_0 + O(β), as endomorphisms"
    return Sheet(
        (*metric, pairs, rest, apply(TRIANGLE, text, *metric, pairs, rest)),
        {"n": "symbolic", "d": "symbolic", "beta": "symbolic, -> 0", "masses": "1/n"},
        (flow.model.energy, left),
        f"pair by pair, at β = 0: the metric is n times the round one, and the endomorphism is "
        f"{factor} Hess E_0: residual 0; at equilibria the difference is below its bound, O(β)",
    )


def watch(flow: Flow, factor: Expr, budget: Budget) -> Trial:
    """Compare linearisations at exact equilibria with the limit, at small temperatures."""
    missing = without_temperature(flow.model)
    if missing or flow.given:
        return Trial(silent=missing or "no runs at given parameters")
    return compared(_linearised(flow, factor))


def _linearised(flow: Flow, factor: Expr) -> Iterator[tuple[float, str]]:
    """Yield the slack of each equilibrium and temperature, over the bound."""
    target = compile_model(gradient_flow(_E_0, "grad E_0"))
    for tokens in (SQUARE_TOKENS, THREE_AGAINST_ONE, ALL_ALIKE):
        points = np.asarray(tokens, dtype=float)
        limit_map = float(factor) * covariant_jacobian(target, points)
        for hot in (0.1, 0.01, 0.001):
            warm = covariant_jacobian(compile_model(flow.model, beta=hot), points)
            off = float(np.linalg.norm(warm - limit_map, 2))
            # (C.3) over n; then |½ Hess E_0| <= 2 and |Z_i^{-1} - 1| <= e^β - 1 for SA.
            near = 2 * (hot * np.exp(hot) + np.expm1(hot))
            bound = near + np.expm1(hot) * (2 + near)
            yield (
                1 - off / bound,
                f"{flow.name}, {tokens}: at β = {hot} the endomorphisms differ by {off:.4g}"
                f" > {bound:.4g}",
            )


METRIC_LIMIT: Statement[Expr] = Statement(
    "",
    "Hess_(g_β) E_β tends to ½ Hess_g E_0",
    decide,
    derive_factor,
    refute_factor,
    watch,
)


EQUATION_C_4 = Claim(
    "(C.4)",
    "Hess_{g_β} E_β = ½ Hess_g E_0 + O(β) as endomorphisms: n g at β = 0, and E_β -> (n/2) E_0.",
    (SA, USA),
    S.Half,
    METRIC_LIMIT,
    (
        Control("factor 1/2 -> 1/4", prediction=Rational(1, 4)),
        Control("factor 1/2 -> 2", prediction=Integer(2)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM,),
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
    equivalents=(KERNEL_AT_BETA_ZERO, Equivalent("2β and β² are O(β) as β -> 0", HEAT)),
)


ERRATUM_C_4 = replace(
    EQUATION_C_4,
    label="E.(C.4)",
    statement="As endomorphisms Hess_{g_β} E_β = ½ Hess_g E_0 + O(β); the paper prints Hess_g E_0.",
    printed=Control("as printed: factor 1", prediction=S.One),
    origin="erratum",
    kind="formula",
)


CLAIMS = (EQUATION_C_4, ERRATUM_C_4)
