"""(D.1), (D.2), (D.4): differences of solutions grow at most like c(β)^{nt}.

Main results
------------
(D.1): max_j |x_j-y_j|(t) <= c(β)^{nt} max_j |x_j-y_j|(0), c = e^{10 max(1,β)}.
(D.2): |Σ_j A_ij (x_j - y_j)| <= max_j |x_j - y_j|, and 1 is the best factor.
(D.4): |x_i-y_i|(t) <= |x_i-y_i|(0) + 10 max(1,β) n ∫_0^t max_j |x_j-y_j|; 3+2β is enough.

How it is proved
----------------
The identity of chords is reduced row by row for every n and d; with (D.3) and Grönwall's
inequality, cited, it gives the rates 2(1+β) of growth and 3+2β of the field, without n. The
signs of coefficients show the printed ones to be larger, for β <= 1 and β >= 1. Linear modes of
two tokens refute rates that are too small; drawn pairs of systems are compared with (D.4).

References
----------
arXiv 2312.10794, Appendix D, (D.1), (D.2), (D.4); (D.3) is cited.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from sympy import Expr, Integer, Max, Rational, S, simplify

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import (
    HEAT,
    HOT,
    PRINTED_GROWTH,
    SCOPE_WARM_EQUAL_MASSES,
    SPEED,
    WITHIN_PRINTED_GROWTH,
    chord_algebra,
    nonnegative_from_one,
    without_temperature,
)
from theory.engines import inner, residual, vectors
from theory.linearize import antipodal, consensus
from theory.models import REPULSIVE, SA, USA, Model, attention_form
from theory.symbols import beta, n, z


@lru_cache(maxsize=16)
def _pair_modes(model: Model) -> tuple[tuple[str, Expr], ...]:
    """Rates at which two tokens, together or opposite, move relative to each other."""
    places = (
        ("two opposite tokens", antipodal(model, 1, 1, dimension=2)),
        ("two tokens together", consensus(model)),
    )
    return tuple(
        (name, value) for name, found in places for value, _ in found.eigenvalues if value != 0
    )


def _faster_mode(model: Model, claimed: Expr, growth: bool) -> str:
    """Linear mode of two tokens beyond the claimed rate: of growth only, or in absolute value."""
    for hot in (S.Zero, Rational(1, 4), Integer(1), Integer(6), Integer(8)):
        bound = claimed.subs({n: 2, beta: hot})
        for place, value in _pair_modes(model):
            rate = value.subs({n: 2, beta: hot})
            rate = rate if growth else abs(rate)
            if (rate - bound).evalf(20) > 1e-12:
                return (
                    f"{model.name}, {place}, β = {hot}: a mode changes at the rate "
                    f"{rate.evalf(5)} > {bound.evalf(5)}"
                )
    return ""


def _softmax_heat(model: Model) -> tuple[Expr, str]:
    """β of a softmax ``e^{βz}`` with value matrix I, and why the model is none."""
    form = attention_form(model)
    if form is None or not form.normalised or form.scale != 1:
        return S.Zero, f"{model.name} is no softmax attention with V = I"
    heat = simplify(form.kernel.diff(z) / form.kernel)
    return heat, f"{model.name}: kernel {form.kernel}" if z in heat.free_symbols else ""


def check_growth(model: Model, prediction: Expr, budget: Budget) -> Evidence:
    """Compare the growth rate of differences of solutions with the proved 2(1+β).

    Parameters
    ----------
    model : Model
        The flow.
    prediction : Expr
        The rate, in ``n``, ``beta`` and ``Max(1, beta)``.
    budget : Budget
        Not used.
    """
    found = _faster_mode(model, prediction, growth=True)
    if found:
        return Evidence(Verdict.REFUTED, found, {"n": "2", "d": "2"})
    heat, reason = _softmax_heat(model)
    derived = 2 * (1 + heat)
    if reason or chord_algebra() != 0 or not nonnegative_from_one(prediction - derived):
        return Evidence(Verdict.UNDECIDED, reason or f"{prediction} against {derived}")
    return Evidence(
        Verdict.PROVED,
        f"max|x_j-y_j| grows at most at the rate {derived}, without n, and {prediction} is larger: "
        "by the signs of coefficients for β <= 1 and for β >= 1",
        SCOPE_WARM_EQUAL_MASSES,
        ("Grönwall's inequality", "(D.3): |dm_i| <= (1+2β) max|dx_j|"),
        identity=(model.velocity, prediction, derived),
    )


STEP_D_1 = Claim(
    "(D.1)",
    "max_j |x_j-y_j|(t) <= c(β)^{nt} max_j |x_j-y_j|(0), c = e^{10 max(1,β)}; true, and loose.",
    SA,
    PRINTED_GROWTH,
    check_growth,
    (
        Control("10 max(1,β) -> 10β", prediction=10 * n * beta),
        Control("10 -> 1/10", prediction=PRINTED_GROWTH / 100),
        Control("V = -I, n dropped, max(1,β)/2", REPULSIVE, Max(1, beta) / 2),
    ),
    Verdict.PROVED,
    (WARM,),
    equivalents=(
        *WITHIN_PRINTED_GROWTH,
        Equivalent(
            "a larger bound", ("prediction: × n", "prediction: β -> β²", "prediction: squared")
        ),
    ),
)


def check_average(model: Model, prediction: Expr, budget: Budget) -> Evidence:
    """Compare the factor with the largest total weight of a row; equal differences attain it.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : Expr
        Factor of ``max_j |x_j - y_j|``, in ``beta``.
    budget : Budget
        Not used.
    """
    form = attention_form(model)
    if form is None:
        return Evidence(Verdict.UNDECIDED, f"{model.name}: no scalar attention")
    # Of A alone, outside of which form.scale stands: rows sum to 1, without normalisation to at
    # most kernel(1), attained at consensus.
    total = S.One if form.normalised else form.kernel.subs(z, 1)
    for hot in (S.Zero, S.One, Integer(3)):
        gap = (total - prediction).subs({beta: hot, n: 2})
        if gap.is_positive:
            return Evidence(
                Verdict.REFUTED,
                f"{model.name}, β = {hot}, tokens together, all x_j - y_j = u: the average is "
                f"{total.subs({beta: hot, n: 2}).n(6)} u, not {prediction.subs(beta, hot).n(6)} u",
            )
    slack = simplify((prediction - total).subs(beta, HOT))
    if not (form.kernel.subs(beta, HOT).is_positive and slack.is_nonnegative):
        return Evidence(Verdict.UNDECIDED, f"weights {form.kernel}, slack {slack}: unknown signs")
    if slack != 0:
        detail = f"{total} is enough, so {prediction} isn't the best factor: {slack} too large"
        return Evidence(Verdict.REFUTED, detail)
    return Evidence(
        Verdict.PROVED,
        f"the weights are positive and sum to {total}: |Σ A_ij (x_j-y_j)| <= "
        "Σ A_ij |x_j-y_j|, attained for equal differences",
        {**SCOPE_WARM_EQUAL_MASSES, "masses": "symbolic"},
        ("triangle inequality",),
        identity=(model.velocity, prediction),
    )


STEP_D_2 = Claim(
    "(D.2)",
    "|Σ_j A_ij (x_j - y_j)| <= max_j |x_j - y_j|, and 1 is the best factor.",
    SA,
    S.One,
    check_average,
    (
        Control("factor 1 -> 9/10", prediction=Rational(9, 10)),
        Control("the unnormalised flow USA", model=USA),
    ),
    Verdict.PROVED,
    (WARM,),
    equivalents=(
        Equivalent(
            "it is about the matrix A, outside of which the factor and the projection stand",
            ("*.velocity: sign", "*.velocity: × β", *SPEED, "*.velocity: no projection"),
        ),
        Equivalent("rows of a softmax sum to 1 at every temperature", HEAT),
    ),
)


def check_field_lipschitz(model: Model, prediction: Expr, budget: Budget) -> Evidence:
    """Compare the Lipschitz constant of the field in the norm max_j |x_j| with the proved 3+2β.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : Expr
        The constant, in ``n``, ``beta`` and ``Max(1, beta)``.
    budget : Budget
        Sampled pairs, 100 a case.
    """
    found = _faster_mode(model, prediction, growth=False)
    if found:
        return Evidence(Verdict.REFUTED, found, {"n": "2", "d": "2"})
    heat, reason = _softmax_heat(model)
    x, y, mean = vectors("x y m", unit="x y")
    turned = x * inner(x, mean) - y * inner(y, mean)
    split = turned - x * inner(x - y, mean) - (x - y) * inner(y, mean)
    derived = 3 + 2 * heat
    proved = not reason and residual(inner(split, split)) == 0
    count, size = 100 * budget.cases, 3
    hot = budget.rng.uniform(0.0, 4.0, count)
    first = np.asarray(random_points(size, 2, budget.rng, count))
    near = 10 ** budget.rng.uniform(-4, 0, (count, 1, 1))
    second = first + near * budget.rng.standard_normal(first.shape)
    second /= np.linalg.norm(second, axis=-1, keepdims=True)
    if without_temperature(model):
        return Evidence(Verdict.UNDECIDED, without_temperature(model))
    field = compile_model(model, beta=hot)
    moved = np.linalg.norm(field(first) - field(second), axis=-1).max(axis=-1)
    bound = np.asarray([float(prediction.subs({n: size, beta: float(b)})) for b in hot])
    used = moved / np.linalg.norm(first - second, axis=-1).max(axis=-1) / bound
    case = int(np.argmax(used))
    margin = 1 - float(used[case])
    if margin < 0:
        return Evidence(
            Verdict.REFUTED,
            f"{model.name}, n = {size}, β = {hot[case]:.4g}: the field changes {used[case]:.4g} "
            "times as much as allowed",
            cases=count,
            margin=margin,
        )
    if not proved or not nonnegative_from_one(prediction - derived):
        return Evidence(Verdict.UNDECIDED, reason or f"{prediction} against {derived}", cases=count)
    return Evidence(
        Verdict.PROVED,
        f"|P_x m - P_y m'| <= |m-m'| + 2|x-y||m'| <= ({derived}) max|x_j-y_j| by (D.2), (D.3): "
        f"without n; {prediction} is larger",
        SCOPE_WARM_EQUAL_MASSES,
        ("(D.2)", "(D.3): rows of A change by at most 2β max|x_j-y_j|"),
        count,
        margin,
        (model.velocity, prediction, derived),
    )


STEP_D_4 = Claim(
    "(D.4)",
    "|x_i-y_i|(t) <= |x_i-y_i|(0) + 10 max(1,β) n ∫_0^t max_j |x_j-y_j|; 3+2β is enough.",
    SA,
    PRINTED_GROWTH,
    check_field_lipschitz,
    (
        Control("10 max(1,β) -> 10β", prediction=10 * n * beta),
        Control("10 -> 1/10", prediction=PRINTED_GROWTH / 100),
        Control("the Lipschitz constant of the field of USA", model=USA),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=4,
    equivalents=STEP_D_1.equivalents,
)


CLAIMS = (STEP_D_1, STEP_D_2, STEP_D_4)
