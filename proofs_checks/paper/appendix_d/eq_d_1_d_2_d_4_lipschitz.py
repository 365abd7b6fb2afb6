"""(D.1), (D.2), (D.4): differences of solutions grow at most like c(β)^{nt}.

Main results
------------
(D.1): max_j |x_j-y_j|(t) <= c(β)^{nt} max_j |x_j-y_j|(0), c = e^{10 max(1,β)}.
(D.2): |Σ_j A_ij (x_j - y_j)| <= max_j |x_j - y_j|, and 1 is the best factor.
(D.4): |x_i-y_i|(t) <= |x_i-y_i|(0) + 10 max(1,β) n ∫_0^t max_j |x_j-y_j|; 3+2β is enough.

How it is proved
----------------
The identity of chords is reduced row by row for every n and d; with (D.2), (D.3), decided for the
flow, and Grönwall's inequality it gives the rates 2(1+β) of growth and 3+2β of the field, without
n. The signs of coefficients show the printed ones to be larger, for β <= 1 and β >= 1. Linear modes
of two tokens refute rates that are too small; drawn pairs of systems are compared with (D.4).

References
----------
arXiv 2312.10794, Appendix D, (D.1) to (D.4).
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from sympy import Expr, Integer, Max, Rational, S, expand, simplify

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.appendix_d.eq_d_3_softmax import EQUATION_D_3, SoftmaxBounds
from proofs_checks.proof import (
    CHAIN,
    HEAT,
    HOT,
    LEAST,
    PRINTED_GROWTH,
    SCOPE_WARM_EQUAL_MASSES,
    SPEED,
    TRIANGLE,
    WITHIN_PRINTED_GROWTH,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    at_least,
    by_statement,
    chord_algebra,
    derived,
    gap,
    grown,
    softmax_heat,
    statement_of,
    without_temperature,
)
from proofs_checks.readings import row_sums
from theory.engines import inner, residual, vectors
from theory.linearize import antipodal, consensus
from theory.models import REPULSIVE, SA, USA, Model
from theory.symbols import beta, n, z

_TWO = {"n": "2", "d": "2"}


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


def derive_growth(flow: Flow) -> Expr | None:
    """Return the rate 2(1+c) of a softmax of ``e^{cz}`` with value matrix I, c >= 0."""
    hot = softmax_heat(flow)
    return None if hot is None or flow.form is None or flow.form.scale != 1 else 2 * (1 + hot)


def refute_growth(flow: Flow, prediction: Expr | None, budget: Budget) -> Counterexample | None:
    """Find a linear mode of two tokens that grows faster."""
    found = "" if prediction is None else _faster_mode(flow.model, prediction, growth=True)
    return Counterexample(found, _TWO) if found else None


def force_steps(flow: Flow, hot: Expr) -> tuple[Step, Step, Step, Step]:
    """``|m_i| <= 1`` and ``|dm_i| <= (1+2c) max|dx_j|``, m_i = Σ_j A_ij x_j, and their reasons."""
    average = by_statement(
        AVERAGE, flow, S.One, "(D.2): |Σ_j A_ij (x_j-y_j)| <= max|x_j-y_j|, A_ij > 0, Σ_j A_ij = 1"
    )
    text = "(D.3): Σ_j |A_ij(X) - A_ij(Y)| <= 2c max|x_j-y_j|"
    rows = by_statement(statement_of(EQUATION_D_3), flow, SoftmaxBounds(2 * hot, hot / 2), text)
    mean = apply(TRIANGLE, "|m_i| <= 1", average)
    text = f"|m_i-m_i'| = |Σ A_ij (x_j-y_j) + Σ (A-A')_ij y_j| <= ({1 + 2 * hot}) max|x_j-y_j|"
    moved = apply(TRIANGLE, text, average, rows)
    return average, rows, mean, moved


def decide_growth(flow: Flow, prediction: Expr) -> Sheet:
    """Bound the growth of the longest difference by 2(1+c), and compare."""
    own = derive_growth(flow)
    if own is None:
        return Sheet((gap("softmax attention of e^(cz), V = I, c >= 0", "not of this form"),))
    chord = derived("<x-y, P_x m - P_y m'> = <x-y, m-m'> - ½(<x,m>+<y,m'>)|x-y|²", chord_algebra())
    force = force_steps(flow, own / 2 - 1)
    text = f"D' <= ({own}) D almost everywhere, D = max|x_j-y_j|"
    slope = apply(LEAST, text, chord, *force)
    exponential = grown(f"D(t) <= D(0) e^(({own})t)", slope, rate=own)
    larger = at_least(prediction, own)
    bound = apply(CHAIN, f"D(t) <= D(0) e^(({prediction})t)", exponential, larger)
    return Sheet(
        (chord, *force, slope, exponential, larger, bound),
        SCOPE_WARM_EQUAL_MASSES,
        (flow.model.velocity, prediction, own),
        f"max|x_j-y_j| grows at most at the rate {own}, without n, and {prediction} is larger: "
        "by the signs of coefficients for β <= 1 and for β >= 1",
    )


GROWTH: Statement[Expr] = Statement(
    "",
    "differences of solutions grow at most at a rate without n",
    decide_growth,
    derive_growth,
    refute_growth,
)


STEP_D_1 = Claim(
    "(D.1)",
    "max_j |x_j-y_j|(t) <= c(β)^{nt} max_j |x_j-y_j|(0), c = e^{10 max(1,β)}; true, and loose.",
    SA,
    PRINTED_GROWTH,
    GROWTH,
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


def derive_average(flow: Flow) -> Expr | None:
    """Return the largest total weight of a row: 1 if rows are divided by their sums."""
    if flow.form is None:
        return None
    # Of A alone, outside of which form.scale stands; without division kernel(1), at consensus.
    return S.One if flow.normalised else flow.form.kernel.subs(z, 1)


def refute_average(flow: Flow, prediction: Expr | None, budget: Budget) -> Counterexample | None:
    """Move tokens that are together by the same u, or find a smaller factor that is enough."""
    total = derive_average(flow)
    if total is None or prediction is None or flow.form is None:
        return None
    for hot in (S.Zero, S.One, Integer(3)):
        if (total - prediction).subs({beta: hot, n: 2}).is_positive:
            return Counterexample(
                f"{flow.name}, β = {hot}, tokens together, all x_j - y_j = u: the average is "
                f"{total.subs({beta: hot, n: 2}).n(6)} u, not {prediction.subs(beta, hot).n(6)} u"
            )
    slack = simplify((prediction - total).subs(beta, HOT))
    if flow.form.kernel.subs(beta, HOT).is_positive and slack.is_positive:
        return Counterexample(
            f"{total} is enough, so {prediction} isn't the best factor: {slack} too large"
        )
    return None


def decide_average(flow: Flow, prediction: Expr) -> Sheet:
    """Bound an average by the largest difference; equal differences attain it."""
    total = derive_average(flow)
    if total is None or flow.form is None:
        return Sheet((gap("weights k(<x_i,x_j>)", "no scalar attention"),))
    kernel = flow.form.kernel.subs(beta, HOT)
    text = "A_ij > 0"
    positive = Step(text, How.DERIVED, evidence=f"{kernel} > 0") if kernel.is_positive else None
    positive = positive or gap(text, f"the sign of {kernel} isn't known")
    evidence = "a softmax" if flow.normalised else "at consensus, the largest"
    said = row_sums(flow.model) if flow.normalised else None
    rows = Step(f"Σ_j A_ij = {total}", How.DERIVED, evidence=evidence, formal=said)
    text = f"|Σ A_ij (x_j-y_j)| <= Σ A_ij |x_j-y_j| <= {total} max|x_j-y_j|"
    bound = replace(apply(TRIANGLE, text, positive, rows), cites=("triangle inequality",))
    best = derived(
        f"x_j - y_j = u: {total} u, so {prediction} is best", simplify(prediction - total)
    )
    return Sheet(
        (positive, rows, bound, best),
        {**SCOPE_WARM_EQUAL_MASSES, "masses": "symbolic"},
        (flow.model.velocity, prediction),
        f"the weights are positive and sum to {total}: |Σ A_ij (x_j-y_j)| <= "
        "Σ A_ij |x_j-y_j|, attained for equal differences",
    )


AVERAGE: Statement[Expr] = Statement(
    "",
    "an average of differences is no longer than the longest",
    decide_average,
    derive_average,
    refute_average,
)


STEP_D_2 = Claim(
    "(D.2)",
    "|Σ_j A_ij (x_j - y_j)| <= max_j |x_j - y_j|, and 1 is the best factor.",
    SA,
    S.One,
    AVERAGE,
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


def derive_field(flow: Flow) -> Expr | None:
    """Return the Lipschitz constant 3+2c of the field of a softmax of ``e^{cz}``, V = I, c >= 0."""
    rate = derive_growth(flow)
    return None if rate is None else expand(rate + 1)


def refute_field(flow: Flow, prediction: Expr | None, budget: Budget) -> Counterexample | None:
    """Find a linear mode of two tokens that moves faster, towards each other or apart."""
    found = "" if prediction is None else _faster_mode(flow.model, prediction, growth=False)
    return Counterexample(found, _TWO) if found else None


def decide_field(flow: Flow, prediction: Expr) -> Sheet:
    """Bound the Lipschitz constant of the field in the norm max|x_j| by 3+2c, and compare."""
    own = derive_field(flow)
    if own is None:
        return Sheet((gap("softmax attention of e^(cz), V = I, c >= 0", "not of this form"),))
    x, y, mean = vectors("x y m", unit="x y")
    turned = x * inner(x, mean) - y * inner(y, mean)
    left = turned - x * inner(x - y, mean) - (x - y) * inner(y, mean)
    split = derived("x<x,m> - y<y,m> = x<x-y,m> + (x-y)<y,m>", residual(inner(left, left)))
    force = force_steps(flow, (own - 3) / 2)
    text = f"|P_x m - P_y m'| <= |m-m'| + 2|x-y||m'| <= ({own}) max|x_j-y_j|"
    bound = apply(TRIANGLE, text, split, *force)
    larger = at_least(prediction, own)
    text = f"|x_i-y_i|(t) <= |x_i-y_i|(0) + {prediction} ∫ max|x_j-y_j|"
    grown = apply(CHAIN, text, bound, larger)
    return Sheet(
        (split, *force, bound, larger, grown),
        SCOPE_WARM_EQUAL_MASSES,
        (flow.model.velocity, prediction, own),
        f"|P_x m - P_y m'| <= |m-m'| + 2|x-y||m'| <= ({own}) max|x_j-y_j| by (D.2), (D.3): "
        f"without n; {prediction} is larger",
    )


def watch_field(flow: Flow, prediction: Expr, budget: Budget) -> Trial:
    """Compare the field at drawn pairs of systems, 100 a case."""
    missing = without_temperature(flow.model)
    if missing or flow.given:
        return Trial(silent=missing or "no pairs at given parameters")
    count, size = 100 * budget.cases, 3
    hot = budget.rng.uniform(0.0, 4.0, count)
    first = np.asarray(random_points(size, 2, budget.rng, count))
    near = 10 ** budget.rng.uniform(-4, 0, (count, 1, 1))
    second = first + near * budget.rng.standard_normal(first.shape)
    second /= np.linalg.norm(second, axis=-1, keepdims=True)
    field = compile_model(flow.model, beta=hot)
    moved = np.linalg.norm(field(first) - field(second), axis=-1).max(axis=-1)
    bound = np.asarray([float(prediction.subs({n: size, beta: float(b)})) for b in hot])
    used = moved / np.linalg.norm(first - second, axis=-1).max(axis=-1) / bound
    case = int(np.argmax(used))
    margin = 1 - float(used[case])
    found = ""
    if margin < 0:
        found = (
            f"{flow.name}, n = {size}, β = {hot[case]:.4g}: the field changes {used[case]:.4g} "
            "times as much as allowed"
        )
    return Trial(found, margin, count)


FIELD_BOUND: Statement[Expr] = Statement(
    "",
    "the field is Lipschitz in max|x_j|, without n",
    decide_field,
    derive_field,
    refute_field,
    watch_field,
)


STEP_D_4 = Claim(
    "(D.4)",
    "|x_i-y_i|(t) <= |x_i-y_i|(0) + 10 max(1,β) n ∫_0^t max_j |x_j-y_j|; 3+2β is enough.",
    SA,
    PRINTED_GROWTH,
    FIELD_BOUND,
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
