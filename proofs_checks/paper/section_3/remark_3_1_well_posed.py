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

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from mpmath import inf as INFINITY
from mpmath import mp
from sympy import Expr, Rational, S, Symbol, exp, lambdify, simplify
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import (
    MEAN_FIELD,
    ONE_PROBE,
    PROBE_MOVE,
    PROBES,
    SUM_FIELD,
    SYMBOLIC,
    TEMPERATURES,
    Identity,
    Witness,
    at_tokens,
    compare,
    each,
    random_unit,
    row_dot,
    unprojected,
)
from theory.atoms import Tangent
from theory.engines import Evaluator, differential
from theory.models import SA, USA, Model, attention_form
from theory.symbols import X, beta, d, m, n, z


@dataclass(frozen=True)
class LipschitzField:
    """Fields at the rows of ``PROBES`` and their Lipschitz constants, one a model."""

    fields: tuple[MatrixExpr, ...]
    constants: tuple[Expr, ...]


def _leaves(model: Model) -> str:
    """Say how one token of mass one leaves the sphere, "" if it stays."""
    r = Symbol("r", positive=True)
    alone = Evaluator({X: [[r, S.Zero]], m: [[S.One]]}, {n: 1, d: 2})(model.velocity)[0][0]
    rate = simplify(alone)
    if rate.subs(r, 1) == 0:
        return ""
    hot = {beta: Rational(5, 4)}
    time = mp.quad(lambdify(r, 1 / rate.subs(hot), "mpmath"), [1, 2, 4, 8, INFINITY])
    return (
        f"{model.name}, one token at |x| = 1: |x|' = {rate.subs(r, 1)}, not 0; from |x| = r the "
        f"speed is {rate}, and |x| is infinite at t = {mp.nstr(time, 6)} for β = 5/4"
    )


_PLACES = (
    ("one cluster at x", [[1, 0]], [[1, 0]], [[0, 1]]),
    ("an antipodal pair across from x", [[0, 1], [0, -1]], [[1, 0]], [[0, 1]]),
)


def check_well_posed(model: Any, prediction: LipschitzField, budget: Budget) -> Evidence:
    """Prove the Lipschitz constants of x -> X[mu](x), uniform in mu, and that the sphere is kept.

    Parameters
    ----------
    model : tuple of Model
        The flows.
    prediction : LipschitzField
        Fields and constants.
    budget : Budget
        Points to draw.
    """
    worst, cases, identity = np.inf, 0, list[Any]()
    for flow, field, constant in zip(
        each(model), prediction.fields, prediction.constants, strict=True
    ):
        if not isinstance(flow.velocity, Tangent):
            found = _leaves(flow)
            return Evidence(Verdict.REFUTED if found else Verdict.UNDECIDED, found)
        same = compare(
            [Identity(f"{flow.name}: x_i' - X[mu](x_i)", flow.velocity, at_tokens(field))], budget
        )
        if same.verdict is not Verdict.PROVED:
            return same
        turned = differential(field, PROBES, Tangent(PROBES, PROBE_MOVE))
        identity += [*same.identity, at_tokens(turned), constant]
        samples: list[tuple[str, Witness, dict[Any, Any]]] = []
        for (text, tokens, probe, move), heat in product(_PLACES, TEMPERATURES):
            point = Witness(budget.rng, [flow.velocity], tokens=len(tokens))
            point.scalars[beta] = heat
            share = [[Rational(1, len(tokens))]] * len(tokens)
            samples.append((text, point, {X: tokens, m: share, PROBES: probe, PROBE_MOVE: move}))
        for _ in range(budget.cases):
            point = Witness(budget.rng, [flow.velocity])
            point.scalars[beta] = abs(point.scalars[beta])
            total = sum(row[0] for row in point.matrices[m])
            x = random_unit(budget.rng, 2)
            put = {
                m: [[row[0] / total] for row in point.matrices[m]],
                PROBES: [list(x)],
                PROBE_MOVE: [[-x[1], x[0]]],
            }
            samples.append(("a drawn point", point, put))
        for text, point, put in samples:
            point.sizes[ONE_PROBE], cases = 1, cases + 1
            row = point.evaluator(put)(turned)[0]
            rate = float(row_dot(row, row).mid) ** 0.5
            bound = float(constant.subs(beta, point.scalars[beta]))
            worst = min(worst, (bound - rate) / abs(bound))
            if worst < -1e-12:
                detail = (
                    f"{flow.name}, {text}: |D_x X[mu] v| = {rate:.6g} > {bound:.6g} for |v| = 1 "
                    f"at β = {point.scalars[beta]}, {put}"
                )
                return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
        form = attention_form(flow)
        # |D_x X v| <= |β Cov v| + |<x,F>| + |<v,F>|: (β + 2) sup|F|, F the sum before projection.
        hot = Symbol("beta", nonnegative=True)
        if form is None or not form.kernel.is_positive:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: the kernel isn't positive")
        slope = simplify((form.kernel.diff(z) / form.kernel).subs(beta, hot))
        longest = S.One if form.normalised else form.scale * form.kernel.subs(beta, hot).subs(z, 1)
        excess = simplify(constant.subs(beta, hot) / ((slope + 2) * longest))
        if z in slope.free_symbols or not (excess.is_number and excess >= 1):
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: constant over derived one {excess}")
    return Evidence(
        Verdict.PROVED,
        "|D_x X[mu] v| <= |β Cov(v)| + |<x,F>| + |<v,F>| <= (β+2) sup|F|, sup|F| = 1 (SA), e^β "
        f"(USA), for every mu; the sphere is compact and kept; smallest slack seen {worst:.3g}",
        {**SYMBOLIC, "beta": "symbolic, >= 0", "masses": "symbolic, sum 1; any measure"},
        ("Picard-Lindelöf", "the weak solution for any measure: Dobrushin's fixed point (cited)"),
        cases,
        worst,
        identity=tuple(identity),
    )


_FIELDS = LipschitzField((MEAN_FIELD, SUM_FIELD), (beta + 2, (beta + 2) * exp(beta)))


REMARK_3_1 = Claim(
    "Remark 3.1",
    "Global existence: X[mu] is tangent and Lipschitz, with β+2 (SA), (β+2)e^β (USA), for all mu.",
    (SA, USA),
    _FIELDS,
    check_well_posed,
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
