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
from sympy import Add, Expr, Rational, S, Symbol, exp, expand, powsimp, simplify

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Part, Verdict
from proofs_checks.proof import SPEED, random_unit, unreached
from theory.models import SA, USA, Model, attention_form
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


def check_conformal(model: Model, prediction: Conformal, budget: Budget) -> Evidence:
    """Check that the weights Z_i of the metric are one factor, the same for all tokens.

    Parameters
    ----------
    model : Model
        A flow by softmax attention, whose metric has the weights m_i Z_i.
    prediction : Conformal
        The factor and the masses.
    budget : Budget
        Points to draw for a counterexample.
    """
    form = attention_form(model)
    if form is None:
        return unreached(model, f"{model.name} is no scalar attention", budget.rng)
    size = len(prediction.masses)
    symbolic = [[S.One if i == j else LEVEL for j in range(size)] for i in range(size)]

    def weights(gram: list[list[Expr]]) -> list[Expr]:
        if not form.normalised:
            return [S.One] * size
        return [
            Add(*(w * form.kernel.subs(z, g) for w, g in zip(prediction.masses, row, strict=True)))
            for row in gram
        ]

    if size == 2:
        # Two tokens have one inner product: the symbol covers every d.
        gaps = [powsimp(expand(w - prediction.factor)) for w in weights(symbolic)]
        if all(simplify(gap) == 0 for gap in gaps):
            return Evidence(
                Verdict.PROVED,
                f"Z_1 - ({prediction.factor}) and Z_2 - ({prediction.factor}): residual 0",
                {"n": "2", "d": "symbolic", "beta": "symbolic", "masses": "1/2"},
                identity=(model.velocity, model.metric),
            )
    for case in range(1, max(budget.cases, 1) + 1):
        gram = _rational_gram(budget.rng, size)
        values = [w.subs(beta, Rational(5, 4)) for w in weights(gram)]
        claimed = prediction.factor.subs({LEVEL: gram[0][1], beta: Rational(5, 4)})
        for i, value in enumerate(values, start=1):
            if abs((value - claimed).evalf(30)) > Rational(1, 10**15):
                return Evidence(
                    Verdict.REFUTED,
                    f"Z_{i} = {value.n(6)}, the factor is {claimed.n(6)} at β = 5/4, masses "
                    f"{prediction.masses}, Gram matrix {gram}",
                    cases=case,
                )
    return Evidence(Verdict.UNDECIDED, "no point tells the weights from the factor")


_FACTOR = (exp(beta) + exp(beta * LEVEL)) / 2


CONFORMAL = Claim(
    "Remark 3.8",
    "n = 2: the metric of SA is conformal to the round one, with the factor (e^β + e^{β<x,y>})/2.",
    SA,
    Conformal(_FACTOR),
    check_conformal,
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
