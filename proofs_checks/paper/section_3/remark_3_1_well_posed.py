"""Remark 3.1: the flow exists for all times.

How it is proved
----------------
A theorem: tokens, and points without mass, move along one tangent field of their measure, whose
derivative |β Cov(v)| + |<x,F>| + |<v,F>| is at most (β+2) sup|F| for every mu; by Picard-Lindelöf
tokens then have one solution for all time. Watched: the derivative at one cluster, at an antipodal
pair and at drawn points, in intervals. Of measures without atoms existence isn't claimed.

References
----------
arXiv 2312.10794, Remark 3.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from mpmath import inf as INFINITY
from mpmath import mp
from sympy import Expr, Rational, S, Symbol, exp, lambdify, limit, oo, simplify
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    ANALYTIC,
    ATTENTION,
    AUTONOMOUS,
    HOT,
    KNOWN,
    MEAN_FIELD,
    ON_SPHERE,
    ONE_PROBE,
    PROBE_MOVE,
    PROBES,
    SUM_FIELD,
    TEMPERATURES,
    Counterexample,
    Flow,
    Identity,
    Statement,
    Trial,
    Witness,
    at_tokens,
    field_of,
    identities,
    leaves_sphere,
    models_of,
    random_unit,
    row_dot,
    unprojected,
    vanishes,
)
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    existence_along,
    slope_of_field,
    stated_field,
    subject_in,
    values_in,
)
from theory.atoms import Tangent
from theory.bounded import simplified
from theory.engines import Evaluator, differential
from theory.models import SA, USA, Model
from theory.symbols import X, beta, d, m, n


@dataclass(frozen=True)
class LipschitzField:
    """Fields at the rows of ``PROBES`` and their Lipschitz constants, one a model."""

    fields: tuple[MatrixExpr, ...]
    constants: tuple[Expr, ...]


def _each_part(model: Any, prediction: LipschitzField) -> tuple[tuple[Model, Any], ...]:
    """Pairs of the flows of a claim with their fields and constants."""
    parts = zip(prediction.fields, prediction.constants, strict=True)
    parts_of = [LipschitzField((field,), (constant,)) for field, constant in parts]
    return tuple(zip(models_of(model), parts_of, strict=True))


def _blows_up(flow: Flow) -> str:
    """Say how one token of mass one leaves the sphere and gets infinite, "" if it doesn't."""
    if isinstance(flow.model.velocity, Tangent) or flow.model.parameters != (beta,):
        return ""
    if flow.model.kind != "flow":
        return ""
    r = Symbol("r", positive=True)
    velocity = flow.model.velocity
    rate = simplify(Evaluator({X: [[r, S.Zero]], m: [[S.One]]}, {n: 1, d: 2})(velocity)[0][0])
    hot = {beta: Rational(5, 4)}
    if rate.subs(r, 1) == 0 or not rate.subs(hot).is_positive:
        return ""
    if limit(r ** Rational(3, 2) / rate.subs(hot), r, oo) != 0:
        return ""  # |x| may take for ever: ∫dr/rate isn't shown to be finite
    time = mp.quad(lambdify(r, 1 / rate.subs(hot), "mpmath"), [1, 2, 4, 8, INFINITY])
    return (
        f"{flow.name}, one token at |x| = 1: |x|' = {rate.subs(r, 1)}, not 0; from |x| = r the "
        f"speed is {rate}, and |x| is infinite at t = {mp.nstr(time, 6)} for β = 5/4"
    )


_PLACES = (
    ("one cluster at x", [[1, 0]], [[1, 0]], [[0, 1]]),
    ("an antipodal pair across from x", [[0, 1], [0, -1]], [[1, 0]], [[0, 1]]),
)


def _own(flow: Flow) -> Expr | None:
    """Return how fast the field of a flow changes at most, as a theorem says."""
    subject = subject_in(flow)
    found = subject if isinstance(subject, Refusal) else slope_of_field(subject)
    return None if isinstance(found, Refusal) else found.says.arguments[1]


def derive_constant(flow: Flow) -> LipschitzField | None:
    """Return the field, and ``max |D_v F| + 2 max |F|``."""
    field, own = field_of(flow), _own(flow)
    return None if field is None or own is None else LipschitzField((field,), (own,))


def _same(flow: Flow, prediction: LipschitzField) -> tuple[Identity, ...]:
    text = f"{flow.name}: x_i' - X[mu](x_i)"
    return (Identity(text, flow.model.velocity, at_tokens(prediction.fields[0])),)


FIELD = vanishes("", "", identities(_same, ""), derive_constant)


@lru_cache(maxsize=8)
def _turned(field: MatrixExpr) -> MatrixExpr:
    """Differentiate the field along a move of the place."""
    return differential(field, PROBES, Tangent(PROBES, PROBE_MOVE))


def _rates(
    flow: Flow, prediction: LipschitzField, budget: Budget
) -> Iterator[tuple[float, float, str]]:
    """Lengths of the derivative, their bounds, and the points: two exact ones, then drawn ones."""
    samples: list[tuple[str, Witness, dict[Any, Any]]] = []
    for (text, tokens, probe, move), hot in product(_PLACES, TEMPERATURES):
        point = Witness(budget.rng, [flow.model.velocity], tokens=len(tokens))
        point.scalars |= {beta: hot}
        share = [[Rational(1, len(tokens))]] * len(tokens)
        samples.append((text, point, {X: tokens, m: share, PROBES: probe, PROBE_MOVE: move}))
    for _ in range(budget.cases):
        point = Witness(budget.rng, [flow.model.velocity])
        point.scalars |= {beta: abs(point.scalars.get(beta, S.One))}
        total = sum(row[0] for row in point.matrices[m])
        x = random_unit(budget.rng, 2)
        put = {
            m: [[row[0] / total] for row in point.matrices[m]],
            PROBES: [list(x)],
            PROBE_MOVE: [[-x[1], x[0]]],
        }
        samples.append(("a drawn point", point, put))
    turned, constant = _turned(prediction.fields[0]), prediction.constants[0]
    for text, point, put in samples:
        point.sizes[ONE_PROBE] = 1
        row = point.evaluator(put)(turned)[0]
        rate = float(row_dot(row, row).mid) ** 0.5
        bound = float(constant.subs(point.scalars))
        shown = (
            f"{flow.name}, {text}: |D_x X[mu] v| = {rate:.6g} > {bound:.6g} for |v| = 1 "
            f"at β = {point.scalars[beta]}, {put}"
        )
        yield rate, bound, shown


def _enough(flow: Flow, prediction: LipschitzField) -> bool:
    """Whether the constant is shown to be at least the derived one."""
    own = _own(flow)
    if own is None:
        return False
    own, said = (one.subs(beta, HOT) for one in (own, prediction.constants[0]))
    if simplified(said - own).is_nonnegative:
        return True
    excess = S.Zero if own == 0 else simplify(said / own)
    return bool(excess.is_number and excess >= 1)


def refute_well_posed(
    flow: Flow, prediction: LipschitzField | None, budget: Budget
) -> Counterexample | None:
    """Leave the sphere, or find a point where the field moves by more than the constant."""
    found = _blows_up(flow) or leaves_sphere(flow.model, budget.rng)
    if found:
        return Counterexample(found)
    other = FIELD.refute(flow, prediction, budget)
    if other is not None or prediction is None or flow.given or _enough(flow, prediction):
        return other
    for rate, bound, text in _rates(flow, prediction, budget):
        if bound - rate < -1e-12 * abs(bound):
            return Counterexample(text, cases=budget.cases)
    return None


def conclude(flow: Flow, prediction: LipschitzField) -> Conclusion | Refusal:
    """Claim the field, that it is tangent, how fast it changes, and solutions for all time."""
    subject, values = subject_in(flow), values_in(flow)
    if isinstance(subject, Refusal) or isinstance(values, Refusal):
        return subject if isinstance(subject, Refusal) else Refusal(str(values))
    field = stated_field(prediction.fields[0], values)
    return existence_along(subject, field, prediction.constants[0].xreplace(values))


def watch_well_posed(flow: Flow, prediction: LipschitzField, budget: Budget) -> Trial:
    """Compare the derivative with the constant at both exact places and at drawn points."""
    worst, cases = np.inf, 0
    for rate, bound, text in _rates(flow, prediction, budget):
        cases += 1
        slack = (bound - rate) / abs(bound)
        if slack < -1e-12:
            return Trial(text, slack, cases)
        worst = min(worst, slack)
    return Trial("", worst, cases)


EXISTS: Statement[LipschitzField] = Statement(
    "Remark 3.1",
    "global existence: X[mu] is tangent, and Lipschitz uniformly in mu",
    Concludes(conclude),
    derive_constant,
    refute_well_posed,
    watch_well_posed,
    premises=(KNOWN, ON_SPHERE, ATTENTION, AUTONOMOUS, ANALYTIC),
    cases=_each_part,
    typed=True,
)


_FIELDS = LipschitzField((MEAN_FIELD, SUM_FIELD), (beta + 2, (beta + 2) * exp(beta)))


REMARK_3_1 = Claim(
    "Remark 3.1",
    "Global existence: X[mu] is tangent and Lipschitz, with β+2 (SA), (β+2)e^β (USA), for all mu.",
    (SA, USA),
    _FIELDS,
    EXISTS,
    (
        Control("USA without the projection, which blows up", model=(SA, unprojected(USA))),
        Control(
            "SA constant / 10",
            prediction=replace(_FIELDS, constants=((beta + 2) / 10, _FIELDS.constants[1])),
        ),
        Control(
            "USA constant without e^β", prediction=replace(_FIELDS, constants=(beta + 2, beta + 2))
        ),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=3,
    equivalents=(
        Equivalent(
            "a larger constant, as it is at least 1",
            ("prediction.constants.?: squared", "prediction.constants.1: e^u -> e^2u"),
        ),
        Equivalent(
            "|D_x X v| <= β tr Cov + |F| <= β + 1 <= β² + 2, tr Cov = 1 - |F|²",
            ("prediction.constants.0: β -> β²",),
        ),
        Equivalent(
            "worst for one cluster y, <x,y> = a: e^{βa}(1 + β(1-a²)) <= e^β max_u e^{-u}(1+2u) = "
            "2e^{β-1/2} <= 2e^{β²}",
            ("prediction.constants.1: β -> β²",),
        ),
    ),
)


CLAIMS = (REMARK_3_1,)
