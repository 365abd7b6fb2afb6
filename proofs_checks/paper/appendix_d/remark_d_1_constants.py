"""Remark D.1, E.Remark D.1: USA, how fast γ comes to 1 and differences of solutions grow.

Main results
------------
Remark D.1: USA: γ(n/2) >= 1/2 and 1-γ <= ½ e^{-e^{β/2}(t-n/2)} for all t >= 0.
E.Remark D.1: USA: max |x_j-y_j| grows at most like e^{2(1+β)e^β t}.

How it is proved
----------------
Remark D.1 is decided as (D.8) is, and the erratum as (D.1): exact for every n >= 2 and β >= 0. The
printed constant is refuted by the exact rate of an antipodal pair; two near systems are watched.

References
----------
arXiv 2312.10794, Appendix D, Remark D.1 and (D.8).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sympy import Expr, Integer, Rational, S, exp, lambdify

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.appendix_d.eq_d_1_d_2_d_4_lipschitz import STEP_D_1
from proofs_checks.paper.appendix_d.eq_d_8_approach import EQUATION_D_8, PLAIN
from proofs_checks.proof import (
    EVEN_BOUND,
    FASTER,
    HOT,
    OPPOSED,
    Counterexample,
    Flow,
    Statement,
    Trial,
    growth,
    heat,
    leaves_sphere,
    opposed,
    short,
    statement_of,
    without_temperature,
)
from theory.linearize import antipodal
from theory.models import SA, USA
from theory.symbols import beta, n, z

REMARK_D_1 = Claim(
    "Remark D.1",
    "USA: γ(n/2) >= 1/2 and 1-γ <= ½ e^{-e^{β/2}(t-n/2)} for all t >= 0, n >= 2, β >= 0.",
    USA,
    PLAIN,
    statement_of(EQUATION_D_8),
    (
        Control("e^{β/2} -> e^β", prediction=replace(PLAIN, late=exp(beta))),
        Control("origin n/2 -> 0", prediction=replace(PLAIN, origin=S.Zero)),
        Control("USA -> SA", model=SA),
    ),
    Verdict.PROVED,
    (WARM,),
    equivalents=(
        FASTER,
        Equivalent("a rate of e^{2β} >= e^β is better", ("USA.velocity: e^u -> e^2u",)),
        Equivalent(
            "a lower bound of γ'",
            ("prediction.early: sign", "prediction.early: squared", "prediction.late: sign"),
        ),
        Equivalent(
            "a larger bound of 1 - γ, as n e^β >= 2",
            (
                "prediction.prefactor: + 1",
                "prediction.prefactor: × 2",
                "prediction.origin: × n",
                "prediction.origin: squared",
            ),
        ),
        Equivalent("said of later times only", ("prediction.start: + 1",)),
    ),
)


def derive_constant(flow: Flow) -> Expr | None:
    """Return 2(1+c)·max k for weights k = e^{cg} up to a factor, c >= 0; of softmax max A = 1."""
    if flow.form is None:
        return None
    kernel, hot = (flow.form.scale * flow.form.kernel).subs(beta, HOT), heat(flow)
    if hot is None or not kernel.is_positive or not hot.subs(beta, HOT).is_nonnegative:
        return None
    # |m| <= top and |dm| <= top (1 + 2c) max|dx|; the chord identity adds |m|.
    top = flow.form.scale if flow.normalised else kernel.subs(z, 1).subs(HOT, beta)
    return 2 * (1 + hot) * top


def refute_constant(flow: Flow, prediction: Expr | None, budget: Budget) -> Counterexample | None:
    """Compare a growth rate with that of an antipodal pair, exactly."""
    if flow.form is None or prediction is None:
        found = leaves_sphere(flow.model, budget.rng)
        return Counterexample(found) if found else None
    modes = antipodal(flow.model, 1, 1, dimension=2).eigenvalues
    unstable = [value for value, _ in modes if value != 0]
    for hot in (Rational(1, 100), Rational(1, 3), Integer(1), Integer(3), S.Zero):
        put = {beta: hot, n: 2}
        claimed = prediction.subs(put)
        for rate in unstable:
            if (rate.subs(put) - claimed).evalf(20) > 1e-12:
                return Counterexample(
                    f"{flow.name}, n = 2, β = {hot}: from an antipodal pair differences grow at "
                    f"the rate {rate.subs(put)} = {rate.subs(put).evalf(5)} > {claimed.evalf(5)}"
                )
    return None


def watch_constant(flow: Flow, prediction: Expr, budget: Budget) -> Trial:
    """Watch two near systems on the circle, of a light token and two that it sees opposite."""
    missing = without_temperature(flow.model)
    if missing or flow.given or flow.form is None:
        return Trial(silent=missing or "no pairs are drawn")
    first, second = opposed(1000, budget.rng)
    hot = np.exp(budget.rng.uniform(np.log(0.02), np.log(6.0), len(first)))
    rates = growth(flow.model, first, second, hot, OPPOSED)[0]
    claimed = np.broadcast_to(lambdify((beta, n), prediction, "numpy")(hot, 3), rates.shape)
    slack = claimed * (1 + 1e-5) - rates
    case = int(np.argmin(slack))
    found = ""
    if slack[case] < 0:
        found = (
            f"{flow.name}, β = {hot[case]:.4g}, masses {OPPOSED}, x = {short(first[case])}: moves "
            f"of 1, -1, -1 along the circle grow at the rate {rates[case]:.5g} > "
            f"{claimed[case]:.5g}"
        )
    return Trial(found, float(slack[case]), len(first))


SLOW_GROWTH: Statement[Expr] = Statement(
    "",
    "differences of solutions grow at most at a rate without n",
    statement_of(STEP_D_1).decide,
    derive_constant,
    refute_constant,
    watch_constant,
    typed=True,
)


ERRATUM_REMARK_D_1 = Claim(
    "E.Remark D.1",
    "USA: max |x_j-y_j| grows at most like e^{2(1+β)e^β t}; the printed 10nβe^{2β} is too small.",
    USA,
    2 * (1 + beta) * exp(beta),
    SLOW_GROWTH,
    (
        Control("2(1+β)e^β -> 3βe^β", prediction=3 * beta * exp(beta)),
        Control("2(1+β)e^β -> e^{-β}/2", prediction=exp(-beta) / 2),
    ),
    Verdict.PROVED,
    (WARM,),
    printed=Control(
        "as printed: c^{nt}, c = e^{10βe^{2β}}", prediction=10 * n * beta * exp(2 * beta)
    ),
    origin="erratum",
    kind="statement",
    equivalents=(
        EVEN_BOUND,
        Equivalent(
            "at least G = max_g (1-g)(1+2β(1+g)), of USA times e^{βg}, the constant for "
            "geodesics, at which chords, hence W_∞ and <x_i,x_j>, grow at most too",
            ("prediction: β -> β²",),
        ),
        Equivalent(
            "β G <= (1+4β) e^{β-1} < 2(1+β) e^β: x e^{-x} <= 1/e at x = β(1-g)",
            ("USA.velocity: × β",),
        ),
        Equivalent("a larger bound", ("prediction: e^u*", "prediction: squared")),
    ),
)


CLAIMS = (REMARK_D_1, ERRATUM_REMARK_D_1)
