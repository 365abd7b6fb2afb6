"""Remark 3.8: the metric of SA is conformal to the round one for two equal masses, and no others.

How it is proved
----------------
The metric is Σ_i m_i Z_i <a_i,b_i> against Σ_i m_i <a_i,b_i>, Z_i = Σ_j m_j e^{β<x_i,x_j>}:
conformal where the Z_i agree. A theorem for symbolic n, masses and β > 0: n equal masses at equal
angles have one Z_i, a sum of their own part and n - 1 that are alike, and two tokens are always at
equal angles. A token of mass m_1 alone at its place, all others at another: its Z minus theirs is
(2 m_1 - M)(e^β - e^{βg}) with M = Σ m, which is 0 for each token only if every mass is M/2, that
is, n = 2. Rational levels and masses, enclosed by intervals, are drawn only to refute.

References
----------
arXiv 2312.10794, Remark 3.8.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import (
    Expr,
    IndexedBase,
    Integer,
    Piecewise,
    Rational,
    S,
    Sum,
    Symbol,
    exp,
    expand,
    factor_terms,
    powsimp,
    sympify,
)

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Part, Verdict
from proofs_checks.decide import enclose
from proofs_checks.proof import (
    ATTENTION,
    KNOWN,
    ON_SPHERE,
    SPEED,
    Counterexample,
    Domain,
    Flow,
    How,
    Statement,
    Step,
    decimal,
    excludes_zero,
    leaves_sphere,
)
from proofs_checks.proof.kinds import OF_PAIR_ENERGY, UNLABELLED
from proofs_checks.theorems import (
    ALONE,
    LEVEL,
    OTHER,
    TOKEN,
    WHOLE,
    Concludes,
    Conclusion,
    Refusal,
    subject_in,
    valued,
)
from theory.atoms import Elementwise
from theory.bounded import remainder
from theory.engines import evaluate, exchangeable, uniform
from theory.models import SA, USA, attention_form
from theory.symbols import G, X, beta, m, n, z
from theory.terms import Inner, Item, Row, total


@dataclass(frozen=True)
class Conformal:
    """``Z_i = Σ_j m_j k(g_ij)`` where it is one factor, and how far apart two Z are elsewhere.

    Attributes
    ----------
    factor : Expr
        Z_i of n tokens of mass 1/n at equal angles, in ``LEVEL``, ``beta`` and n.
    excess : Expr
        Z of a token of mass ``ALONE`` minus that of the others, all of them at another place, in
        ``ALONE``, ``WHOLE``, ``LEVEL`` and ``beta``.
    """

    factor: Expr
    excess: Expr


def _kernel(flow: Flow) -> Expr | None:
    """Kernel k of the row sums by which the flow divides; None for one that doesn't."""
    form = attention_form(flow.model)
    assert form is not None  # asked before
    return form.kernel if form.normalised else None


def _row_sum(flow: Flow) -> Expr:
    """Z_i of n tokens of mass 1/n at equal angles."""
    kernel = _kernel(flow)
    if kernel is None:
        return S.One
    values: dict[Any, Any] = {G: exchangeable(1 - LEVEL, LEVEL), m: uniform(1 / n)}
    column = evaluate(Elementwise(kernel, G) * m, values)
    return sympify(column.values[0])  # type: ignore[union-attr]


def _apart(flow: Flow) -> Expr:
    """Z of a token alone at its place minus Z of the others at another."""
    kernel = _kernel(flow)
    if kernel is None:
        return S.Zero
    near, far = kernel.subs(z, 1), kernel.subs(z, LEVEL)
    place, masses = Symbol("j", integer=True), IndexedBase("m")
    others = Sum(masses[place], (place, 2, n))
    own = ALONE * near + Sum(masses[place] * far, (place, 2, n))
    theirs = ALONE * far + Sum(masses[place] * near, (place, 2, n))
    return (factor_terms(own) - factor_terms(theirs)).xreplace({others: WHOLE - ALONE})


def _reduced(expr: Expr) -> Expr:
    return remainder(powsimp(expand(expr)))


def derive_conformal(flow: Flow) -> Conformal | None:
    """Return the row sums at equal angles and at two places, or those of the round metric."""
    if attention_form(flow.model) is None:
        return None
    kernel = _kernel(flow)
    if kernel is None:
        return Conformal(S.One, S.Zero)
    near, far = kernel.subs(z, 1), kernel.subs(z, LEVEL)
    return Conformal((near + (n - 1) * far) / n, (2 * ALONE - WHOLE) * (near - far))


def _differences(flow: Flow, said: Conformal) -> tuple[Expr, Expr]:
    return _row_sum(flow) - said.factor, _apart(flow) - said.excess


def _drawn(flow: Flow, said: Conformal, rng: np.random.Generator) -> Iterator[str]:
    """Compare both at drawn levels and masses, of two to six tokens."""
    factor, excess = _differences(flow, said)
    for count in (2, 3, 5, 6):
        level, hot = Rational(int(rng.integers(0, 4)), 5), Rational(int(rng.choice([3, 5, 6])), 4)
        masses = [Rational(int(c), 6) for c in rng.choice([1, 2, 4, 5], count)]
        at = {beta: hot, LEVEL: level, n: Integer(count), ALONE: masses[0], WHOLE: sum(masses)}
        where = f"β = {hot}, g = {level}"
        value = enclose(factor.subs(n, count), at)
        if excludes_zero(value):
            yield f"{count} tokens at equal angles: Z_i - factor is {decimal(value)}, {where}"
        value = enclose(excess.subs(n, count), at)
        if excludes_zero(value):
            shown = ", ".join(map(str, masses))
            yield f"masses {shown}: Z_1 - Z_2 is off by {decimal(value)}, {where}"


def refute_conformal(
    flow: Flow, prediction: Conformal | None, budget: Budget
) -> Counterexample | None:
    """Draw levels and masses at which a row sum isn't what it is said to be."""
    found = leaves_sphere(flow.model, budget.rng)
    if found:
        return Counterexample(found)
    if prediction is None or attention_form(flow.model) is None:
        return None
    if not any(map(_reduced, _differences(flow, prediction))):
        return None
    return next((Counterexample(text) for text in _drawn(flow, prediction, budget.rng)), None)


def conclude(flow: Flow, prediction: Conformal) -> Conclusion | Refusal:
    """Say what the weights are at equal angles and at two places, and where they are one factor.

    Examples
    --------
    >>> conclude(Flow.of(SA), Conformal(_FACTOR, _EXCESS)).found.by.name
    'and'
    """
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    kernel = flow.put(_kernel(flow) or S.One)
    pair = kernel.xreplace({z: Inner(Row(X, TOKEN), Row(X, OTHER))})
    weight = S.One if _kernel(flow) is None else total(Item(m, OTHER) * pair, OTHER)
    return valued(subject, kernel, weight, flow.put(prediction.factor), flow.put(prediction.excess))


def _metric(flow: Flow) -> Step:
    """Whether the metric is that of weights k(<x_i,x_j>), or of an energy of pairs."""
    pairs = OF_PAIR_ENERGY.test(flow)
    return pairs if flow.form is None else Step(pairs.text, How.DERIVED)


OF_METRIC = Domain("a pair energy of all tokens alike", _metric, kind=True)
ROUND: Statement[Conformal] = Statement(
    "Remark 3.8",
    "the weights Z_i of the metric are one factor for n = 2 equal masses, else not where k varies",
    Concludes(conclude, words=(("masses", "symbolic"),), warm=True),
    derive_conformal,
    refute_conformal,
    domain=(UNLABELLED, OF_METRIC),
    premises=(KNOWN, ON_SPHERE, ATTENTION),
    typed=True,
)


_FACTOR = (exp(beta) + (n - 1) * exp(beta * LEVEL)) / n
_EXCESS = (2 * ALONE - WHOLE) * (exp(beta) - exp(beta * LEVEL))


CONFORMAL = Claim(
    "Remark 3.8",
    "For β > 0 and n >= 2 the metric of SA is conformal to the round one at all tokens exactly if "
    "n = 2 and the masses are equal, with the factor (e^β + e^{β<x,y>})/2 for masses 1/2.",
    SA,
    Conformal(_FACTOR, _EXCESS),
    ROUND,
    (
        Control("three tokens", prediction=Conformal(_FACTOR.subs(n, 2), _EXCESS)),
        Control("masses 1/3 and 2/3", prediction=Conformal(_FACTOR, S.Zero)),
        Control("factor e^β", prediction=Conformal(exp(beta), _EXCESS)),
        Control(
            "the factor for n <= 4 only",
            prediction=Conformal(Piecewise((_FACTOR, n <= 4), (_FACTOR.subs(n, 4), True)), _EXCESS),
        ),
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
