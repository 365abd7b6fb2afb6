"""Remark 3.1: the flow exists for all times.

How it is proved
----------------
The row algebra shows that SA and USA move along X[mu], a tangent field. The derivative of X[mu]
is bounded by |β Cov(v)| + |<x,F>| + |<v,F>|, so (β+2) sup|F| is a Lipschitz constant for every
mu, and the claimed constant over it is a number of at least 1. Watched: the derivative at one
cluster, at an antipodal pair and at drawn points, in intervals. Cited: Picard-Lindelöf;
Dobrushin's fixed point for measures.

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
from sympy import Abs, Expr, Rational, S, Symbol, exp, lambdify, limit, oo, simplify
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    ANALYTIC,
    ATTENTION,
    AUTONOMOUS,
    HOT,
    KNOWN,
    MEAN_FIELD,
    MEAN_VALUE,
    ON_SPHERE,
    ONE_PROBE,
    PROBE_MOVE,
    PROBES,
    SUM_FIELD,
    SYMBOLIC,
    TEMPERATURES,
    TRIANGLE,
    Counterexample,
    Flow,
    How,
    Identity,
    RowAlgebra,
    Sheet,
    Statement,
    Step,
    Trial,
    Witness,
    apply,
    at_tokens,
    cited,
    derived,
    field_of,
    gap,
    heat,
    identities,
    leaves_sphere,
    models_of,
    random_unit,
    row_dot,
    unprojected,
    vanishes,
)
from proofs_checks.said import say, saying
from theory.atoms import Tangent
from theory.bounded import simplified
from theory.engines import Evaluator, differential, inner, residual, vectors
from theory.models import SA, USA, Model
from theory.symbols import X, beta, d, m, n, z


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


def _sign(flow: Flow, expr: Expr) -> tuple[int, Step]:
    """Sign of a function of z on [-1, 1], 0 if none is shown, and the step."""
    warm = expr.subs(beta, HOT)
    for sign, word in ((1, ">="), (-1, "<=")):
        text = f"{expr} {word} 0 on [-1, 1]"
        if (sign * warm).is_nonnegative:
            given = (say(0, "<=", beta), say(-1, "<=", z), say(z, "<=", 1))
            return sign, saying(Step(text, How.DECIDED), say(0, "<=", sign * expr, given))
        if warm.is_nonnegative is None:
            step = flow.sign(text, sign * expr, strict=False)
            if step.holds:
                return sign, step
    return 0, gap(f"{expr} has one sign on [-1, 1]", "not shown")


def _largest(flow: Flow, expr: Expr) -> tuple[Expr | None, tuple[Step, ...]]:
    """Largest absolute value on [-1, 1] of a function that is monotone and of one sign there."""
    own, first = _sign(flow, expr)
    slope, second = _sign(flow, expr.diff(z)) if own else (0, first)
    if not slope:
        return None, (first, second)
    return own * expr.subs(z, own * slope), (first, second)


@dataclass(frozen=True)
class Bounds:
    """What is shown of the sum F before projection, for mass one: |F|, |D_v F|, and why."""

    length: Expr
    turn: Expr
    steps: tuple[Step, ...]


@lru_cache(maxsize=8)
def _bounds(flow: Flow) -> Bounds | None:
    """Bound F and its derivative: a mean of unit vectors, or a sum with a kernel; else None."""
    weight, hot = flow.weight, heat(flow) if flow.normalised else None
    if flow.form is None or weight is None or not flow.analytic.holds:
        return None
    if flow.normalised:
        if hot is None or not flow.form.kernel.is_positive:
            return None
        factor = Abs(flow.form.scale)
        turn = Abs(hot.subs(beta, HOT)).subs(HOT, beta)
        mean = Step("F is c times a mean of the y with weights e^{bg} m_j/Z > 0", How.DERIVED)
        return Bounds(
            factor,
            factor * turn,
            (
                mean,
                apply(TRIANGLE, f"|F| <= {factor}", mean),
                apply(MEAN_VALUE, f"|D_v F| <= {factor * turn}: log weights move by b<v,y>", mean),
            ),
        )
    (length, signs), (turn, more) = _largest(flow, weight), _largest(flow, weight.diff(z))
    if length is None or turn is None:
        return None
    shown = tuple({step.text: step for step in (*signs, *more)}.values())
    return Bounds(
        length,
        turn,
        (
            *shown,
            apply(TRIANGLE, f"|F| = |Σ m_j k(g_j) y_j| <= max |k| = {length}", *shown),
            apply(TRIANGLE, f"|D_v F| = |Σ m_j k'(g_j) <v,y_j> y_j| <= max |k'| = {turn}", *shown),
        ),
    )


def derive_constant(flow: Flow) -> LipschitzField | None:
    """Return the field, and ``max |D_v F| + 2 max |F|``."""
    field, bounds = field_of(flow), _bounds(flow)
    if field is None or bounds is None:
        return None
    return LipschitzField((field,), (bounds.turn + 2 * bounds.length,))


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
    bounds = _bounds(flow)
    if bounds is None:
        return False
    own, said = bounds.turn + 2 * bounds.length, prediction.constants[0]
    if simplified((said - own).subs(beta, HOT)).is_nonnegative:
        return True
    excess = S.Zero if own == 0 else simplify((said / own).subs(beta, HOT))
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


def decide(flow: Flow, prediction: LipschitzField) -> Sheet:
    """Bound ``D_x X[mu] v`` by its three parts, and compare the constant."""
    algebra, bounds = RowAlgebra(), _bounds(flow)
    field, constant = prediction.fields[0], prediction.constants[0]
    said = f"|D_x X[mu] v| <= {constant} for |v| = 1, every mu of mass one"
    sheet = FIELD.decide(flow, prediction)
    radial = residual(inner(algebra.vector(PROBES), algebra.vector(field)))
    steps = [*sheet.steps, derived("<x, X[mu](x)> = 0: the sphere is kept", radial)]
    if bounds is None:
        return replace(sheet, steps=(*steps, gap(said, "F isn't bounded")))
    x, v, total, turn, probe = vectors("x v F G a")
    step = Symbol("epsilon", real=True)
    place, value = x + v * step, total + turn * step
    projected = inner(probe, value) - inner(probe, place) * inner(place, value)
    rule = inner(probe, turn) - inner(x, turn) * inner(probe, x)
    rule -= inner(v, total) * inner(probe, x) + inner(x, total) * inner(probe, v)
    parts = derived(
        "D_v (P_x F) = P_x D_v F - <v,F> x - <x,F> v",
        residual(projected.diff(step).subs(step, 0) - rule),
    )
    own = bounds.turn + 2 * bounds.length
    text = f"|D_x X[mu] v| <= |D_v F| + |<v,F>| + |<x,F>| <= {own}"
    within = apply(TRIANGLE, text, parts, *bounds.steps)
    enough = Step(f"{own} <= {constant}", How.DECIDED)
    enough = saying(enough, say(own, "<=", constant, (say(0, "<=", beta),)))
    if not _enough(flow, prediction):
        enough = gap(enough.text, f"{own} is shown")
    steps += [*bounds.steps, parts, within, enough]
    return Sheet(
        (*steps, *(cited(lemma, *steps) for lemma in LEMMAS)),
        {**SYMBOLIC, "beta": "symbolic, >= 0", "masses": "symbolic, sum 1; any measure"},
        (*sheet.identity, constant),
        f"|D_x X[mu] v| <= |D_v F| + |<v,F>| + |<x,F>| <= {own}, F the sum before projection, for "
        "every mu; the sphere is compact and kept",
    )


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


LEMMAS = ("Picard-Lindelöf", "the weak solution for any measure: Dobrushin's fixed point (cited)")
EXISTS: Statement[LipschitzField] = Statement(
    "Remark 3.1",
    "global existence: X[mu] is tangent, and Lipschitz uniformly in mu",
    decide,
    derive_constant,
    refute_well_posed,
    watch_well_posed,
    premises=(KNOWN, ON_SPHERE, ATTENTION, AUTONOMOUS, ANALYTIC),
    cases=_each_part,
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
