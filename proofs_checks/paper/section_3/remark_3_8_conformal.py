"""Remark 3.8: for n = 2 the metric of SA is conformal to the round one.

How it is proved
----------------
Two tokens have one inner product, so one symbol for it covers every d: the weights Z_1 and Z_2
for masses 1/2 minus the factor (e^β + e^{β<x,y>})/2 reduce to 0 in SymPy, with symbolic β. Exact
rational Gram matrices are drawn only to refute, as for three tokens or unequal masses.

References
----------
arXiv 2312.10794, Remark 3.8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sympy import Add, Expr, Rational, S, Symbol, exp, expand, powsimp

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Part, Verdict
from proofs_checks.proof import (
    ATTENTION,
    KNOWN,
    ON_SPHERE,
    SPEED,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    derived,
    gap,
    leaves_sphere,
    random_unit,
)
from theory.bounded import simplified
from theory.models import SA, USA, attention_form
from theory.symbols import beta, z

LEVEL = Symbol("g", real=True)
"""Inner product of the two tokens."""


@dataclass(frozen=True)
class Conformal:
    """``Z_i = Σ_j m_j h'(g_ij)`` is the same factor for every one of the tokens.

    Attributes
    ----------
    factor : Expr
        In ``LEVEL`` and ``beta``.
    masses : tuple of Rational
        One a token.
    """

    factor: Expr
    masses: tuple[Rational, ...] = (Rational(1, 2), Rational(1, 2))


def _rational_gram(rng: np.random.Generator, size: int) -> list[list[Expr]]:
    points = [random_unit(rng, 3) for _ in range(size)]
    return [[sum(a * b for a, b in zip(p, q, strict=True)) for q in points] for p in points]


def _weights(flow: Flow, prediction: Conformal, gram: list[list[Expr]]) -> list[Expr]:
    """Row sums Z_i at a Gram matrix; 1 for a flow that doesn't divide by them."""
    form = attention_form(flow.model)
    assert form is not None  # asked before
    if not form.normalised:
        return [S.One] * len(gram)
    return [
        Add(*(w * form.kernel.subs(z, g) for w, g in zip(prediction.masses, row, strict=True)))
        for row in gram
    ]


def _left(flow: Flow, prediction: Conformal) -> list[Expr]:
    """Row sums minus the factor; all tokens but one another have the inner product ``LEVEL``."""
    rows = range(len(prediction.masses))
    gram = [[S.One if i == j else LEVEL for j in rows] for i in rows]
    differences = (w - prediction.factor for w in _weights(flow, prediction, gram))
    return [simplified(powsimp(expand(difference))) for difference in differences]


def derive_conformal(flow: Flow) -> Conformal | None:
    """Return the row sum of two tokens of mass 1/2, or 1 for the round metric."""
    form = attention_form(flow.model)
    if form is None:
        return None
    ends = form.kernel.subs(z, 1), form.kernel.subs(z, LEVEL)
    return Conformal((ends[0] + ends[1]) / 2 if form.normalised else S.One)


def refute_conformal(
    flow: Flow, prediction: Conformal | None, budget: Budget
) -> Counterexample | None:
    """Draw a Gram matrix at which a row sum isn't the factor."""
    found = leaves_sphere(flow.model, budget.rng)
    if found:
        return Counterexample(found)
    if prediction is None or attention_form(flow.model) is None:
        return None
    if len(prediction.masses) == 2 and not any(_left(flow, prediction)):
        return None
    for case in range(1, max(budget.cases, 1) + 1):
        gram = _rational_gram(budget.rng, len(prediction.masses))
        values = [w.subs(beta, Rational(5, 4)) for w in _weights(flow, prediction, gram)]
        claimed = prediction.factor.subs({LEVEL: gram[0][1], beta: Rational(5, 4)})
        for i, value in enumerate(values, start=1):
            left = (value - claimed).evalf(30)
            if left.is_number and abs(left) > Rational(1, 10**15):
                return Counterexample(
                    f"Z_{i} = {value.n(6)}, the factor is {claimed.n(6)} at β = 5/4, masses "
                    f"{prediction.masses}, Gram matrix {gram}",
                    cases=case,
                )
    return None


def decide(flow: Flow, prediction: Conformal) -> Sheet:
    """Reduce the row sums of two tokens minus the factor to 0: their symbol covers every d."""
    said = f"the metric is {prediction.factor} times the round one"
    if len(prediction.masses) != 2:
        return Sheet((gap(said, "more tokens have more inner products"),))
    one = Step("two tokens have one inner product g, in every d", How.DERIVED)
    rows = [
        derived(f"Z_{i} = {prediction.factor}", left)
        for i, left in enumerate(_left(flow, prediction), start=1)
    ]
    return Sheet(
        (one, *rows),
        {"n": "2", "d": "symbolic", "beta": "symbolic", "masses": "1/2"},
        (flow.model.velocity, flow.model.metric),
        f"Z_1 - ({prediction.factor}) and Z_2 - ({prediction.factor}): residual 0",
    )


ROUND: Statement[Conformal] = Statement(
    "Remark 3.8",
    "n = 2, masses 1/2: the weights Z_i of the metric are one factor of the round one",
    decide,
    derive_conformal,
    refute_conformal,
    premises=(KNOWN, ON_SPHERE, ATTENTION),
)


_FACTOR = (exp(beta) + exp(beta * LEVEL)) / 2


CONFORMAL = Claim(
    "Remark 3.8",
    "n = 2: the metric of SA is conformal to the round one, with the factor (e^β + e^{β<x,y>})/2.",
    SA,
    Conformal(_FACTOR),
    ROUND,
    (
        Control("three tokens", prediction=Conformal(_FACTOR, (Rational(1, 3),) * 3)),
        Control(
            "masses 1/3 and 2/3", prediction=Conformal(_FACTOR, (Rational(1, 3), 2 * S.One / 3))
        ),
        Control("factor e^β", prediction=Conformal(exp(beta))),
        Control("the flow USA, whose metric is round", model=USA),
    ),
    Verdict.PROVED,
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
    equivalents=(
        Equivalent(
            "the metric is that of the row sums Z_i, in which neither a factor of x' nor E enters",
            ("*.velocity: sign", "*.velocity: × β", *SPEED, "*.energy: *"),
        ),
    ),
)


CLAIMS = (CONFORMAL,)
