"""(D.1), (D.2), (D.4): differences of solutions grow at most like c(β)^{nt}.

Main results
------------
(D.1): max_j |x_j-y_j|(t) <= c(β)^{nt} max_j |x_j-y_j|(0), c = e^{10 max(1,β)}.
(D.2): |Σ_j A_ij (x_j - y_j)| <= max_j |x_j - y_j|, and 1 is the best factor.
(D.4): |x_i-y_i|(t) <= |x_i-y_i|(0) + 10 max(1,β) n ∫_0^t max_j |x_j-y_j|; 3+2β is enough.

How it is proved
----------------
Theorems on two solutions of a model in pull form: a mean is no longer than the longest, chords grow
at the rate S + L and each of them by 2S + L at most, for outputs of size S that move at the pace L,
without n; of SA these are 2(1+β) and 3+2β. The signs of coefficients show the printed rates to be
larger. Linear modes of two tokens refute rates that are too small; drawn pairs of systems are
compared with (D.4).

References
----------
arXiv 2312.10794, Appendix D, (D.1) to (D.4).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from sympy import Expr, Integer, Max, Rational, S, expand, simplify

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    HEAT,
    HOT,
    PRINTED_GROWTH,
    SPEED,
    WITHIN_PRINTED_GROWTH,
    Counterexample,
    Flow,
    Statement,
    Trial,
    softmax_heat,
    without_temperature,
)
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    growing,
    mean_of_chords,
    moving_apart,
    subject_in,
)
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


def conclude_growth(flow: Flow, prediction: Expr) -> Conclusion | Refusal:
    """Say that the longest difference of two solutions grows at most at the predicted rate."""
    subject = subject_in(flow)
    return subject if isinstance(subject, Refusal) else growing(subject, prediction)


GROWTH: Statement[Expr] = Statement(
    "",
    "differences of solutions grow at most at a rate without n",
    Concludes(conclude_growth),
    derive_growth,
    refute_growth,
    typed=True,
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


def conclude_average(flow: Flow, prediction: Expr) -> Conclusion | Refusal:
    """Bound an average by the largest difference; equal differences attain it."""
    subject = subject_in(flow)
    return subject if isinstance(subject, Refusal) else mean_of_chords(subject, prediction)


AVERAGE: Statement[Expr] = Statement(
    "",
    "an average of differences is no longer than the longest",
    Concludes(conclude_average),
    derive_average,
    refute_average,
    typed=True,
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


def conclude_field(flow: Flow, prediction: Expr) -> Conclusion | Refusal:
    """Say that a difference of two solutions grows at most by the longest, times the prediction."""
    subject = subject_in(flow)
    return subject if isinstance(subject, Refusal) else moving_apart(subject, prediction)


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
    Concludes(conclude_field),
    derive_field,
    refute_field,
    watch_field,
    typed=True,
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
