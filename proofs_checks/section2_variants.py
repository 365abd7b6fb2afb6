"""Section 2, the variants: residual layers (2.1)–(2.2), Krause's weights (Remark 2.1), attention.

The attention matrix (2.5) is stochastic; (2.7) and (2.8) contain (2.3) and (2.7) as special cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import (
    DiagMatrix,
    Expr,
    Integer,
    MatMul,
    MatrixSymbol,
    OneMatrix,
    Rational,
    S,
    Symbol,
    Transpose,
    ZeroMatrix,
    exp,
    expand,
    lambdify,
    simplify,
    tanh,
)
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget, Claim, Control, Evidence, Verdict
from proofs_checks.row_algebra import (
    SYMBOLIC,
    RowAlgebra,
    Witness,
    decimal,
    excludes_zero,
    settle,
    unreached,
)
from theory.atoms import Elementwise, RowSoftmax
from theory.gram import Vector, inner, project, residual, vectors
from theory.models import QKV, SA, USA, Model, attention_form, feed_forward, multi_head
from theory.symbols import K, Q, V, X, beta, d, k, m, n, width, z

Array = NDArray[np.float64]


def _difference(left: Vector, right: Vector) -> Expr:
    """Residual of an equality of vectors: the difference against an arbitrary vector a."""
    (probe,) = vectors("a")
    return residual(inner(probe, left - right))


# -- (2.1)-(2.2) -----------------------------------------------------------------------------

STATE, GAIN, SLOPE, SHIFT = (Symbol(name, real=True) for name in ("x", "w", "a", "b"))
"""State of one neuron and its weights: ``w σ(a x + b)``."""
STEP = Symbol("h", positive=True)
"""Step of a layer; 1 in (2.1), T/L where L layers reach the time T."""
_STEPS = (256, 512)


@dataclass(frozen=True)
class NeuralODE:
    """``x' = field``, which L layers approach with an error ``O(L^-order)``.

    Attributes
    ----------
    layer : Expr
        The layer (2.1) as printed, with step one.
    field : Expr
        Right side of (2.2).
    order : int
    """

    layer: Expr
    field: Expr
    order: int = 1


def _errors(layer: Expr, field: Expr, rng: np.random.Generator, count: int) -> Array:
    """Errors at T = 1 of the layers with each number of steps, for random smooth weights."""
    arguments = (STATE, GAIN, SLOPE, SHIFT)
    step, rate = lambdify((*arguments, STEP), layer, "numpy"), lambdify(arguments, field, "numpy")
    wave = rng.uniform(0.5, 2.0, (3, 3, count))
    start = rng.normal(size=count)

    def weights(time: float) -> Array:
        return np.asarray(wave[0] * np.cos(wave[1] * time + wave[2]) + 0.5)

    def run(steps: int) -> Array:
        x, h = start, 1 / steps
        for place in range(steps):
            x = step(x, *weights(place * h), h)
        return np.asarray(x)

    x, h = start, 1 / 64
    for place in range(64):
        time = place * h
        early, half, late = weights(time), weights(time + h / 2), weights(time + h)
        k1 = rate(x, *early)
        k2 = rate(x + h / 2 * k1, *half)
        k3 = rate(x + h / 2 * k2, *half)
        k4 = rate(x + h * k3, *late)
        x = x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.asarray([float(np.linalg.norm(run(steps) - x)) for steps in _STEPS])


def check_residual_layer(model: Expr, prediction: NeuralODE, budget: Budget) -> Evidence:
    """Check that a layer with step h is Euler's scheme, and the order of its error by halving.

    Parameters
    ----------
    model : Expr
        The layer with step ``STEP``.
    prediction : NeuralODE
        Equation (2.2), the layer with step one, and the order.
    budget : Budget
        Number of neurons with random weights, whose errors are taken together.
    """
    printed = simplify(model.subs(STEP, 1) - prediction.layer)
    euler = expand(model - STATE - STEP * prediction.field)
    for name, gap in (("layer at h = 1 minus the printed one", printed), ("Euler", euler)):
        at = {s: Rational(k + 2, 4) for k, s in enumerate(sorted(gap.free_symbols, key=str))}
        value = gap.subs(at).evalf(20)
        if abs(value) > Rational(1, 10**9):
            shown = ", ".join(f"{s} = {v}" for s, v in at.items())
            return Evidence(Verdict.REFUTED, f"{name}: {gap} is {value.n(6)} at {shown}")
    coarse, fine = _errors(model, prediction.field, budget.rng, max(budget.cases, 2))
    ratio = coarse / max(fine, 1e-300)
    margin = 1 - abs(ratio / 2**prediction.order - 1) / 0.05
    found = f"errors {coarse:.3g} and {fine:.3g} with {_STEPS} layers, ratio {ratio:.4g}"
    if margin < 0:
        return Evidence(
            Verdict.REFUTED,
            f"{found}, not {2**prediction.order}; layer - (x + h f) = {euler}",
            cases=budget.cases,
            margin=margin,
        )
    if printed != 0 or euler != 0 or prediction.order != 1:
        detail = f"layer - (x + h f) = {euler}, at h = 1 the printed layer differs by {printed}"
        return Evidence(Verdict.SUPPORTED, f"{detail}; {found}", {}, (), budget.cases, margin)
    return Evidence(
        Verdict.PROVED,
        f"layer - (x + h f): residual 0, and h = 1 is (2.1); {found}",
        {"sizes": "any: componentwise", "weights": "symbolic", "activation": "tanh for the ratio"},
        ("Euler's scheme has order one for Lipschitz fields that are C^1 in time",),
        budget.cases,
        margin,
    )


_NEURON = GAIN * tanh(SLOPE * STATE + SHIFT)

RESIDUAL_LAYER = Claim(
    "(2.1)-(2.2)",
    "A residual layer is a step of Euler's scheme for x' = w σ(ax + b); L layers err by O(1/L).",
    STATE + STEP * _NEURON,
    NeuralODE(STATE + _NEURON, _NEURON),
    check_residual_layer,
    (
        Control("no skip connection", model=_NEURON),
        Control("error O(1/L) -> O(1/L²)", prediction=NeuralODE(STATE + _NEURON, _NEURON, 2)),
        Control("field 2wσ(ax+b)", prediction=NeuralODE(STATE + _NEURON, 2 * _NEURON)),
    ),
    Verdict.PROVED,
    cases=8,
)


# -- Remark 2.1 ------------------------------------------------------------------------------

DISTANCE = Symbol("r", nonnegative=True)
"""Squared distance ``|x_i - x_j|²``, which is 2 - 2<x_i, x_j> on the sphere."""


@dataclass(frozen=True)
class Krause:
    """Weights ``a_ij = φ(|x_i-x_j|²) / Σ_k φ(|x_i-x_k|²)`` of Krause's model.

    Attributes
    ----------
    influence : Expr
        φ in ``DISTANCE``.
    symmetric : bool
        Whether the weights are said to be symmetric.
    """

    influence: Expr
    symmetric: bool = False


def _row_weights(body: Expr) -> MatrixExpr:
    """Matrix of the weights ``m_j f(g_ij) / Σ_k m_k f(g_ik)``."""
    kernel = Elementwise(body, X * X.T)
    return DiagMatrix(kernel * m) ** -1 * kernel * DiagMatrix(m)


def check_krause(model: Model, prediction: Krause, budget: Budget) -> Evidence:
    """Check that the flow is the projection of Krause's field, and that its weights aren't even.

    Parameters
    ----------
    model : Model
        A flow by scalar attention.
    prediction : Krause
        The influence function φ.
    budget : Budget
        Points to draw for a counterexample.
    """
    x, y = vectors("x y", unit="x")
    own = residual(inner(project(x, y - x) - project(x, y), vectors("a")[0]))
    length = residual(inner(x - y, x - y) - inner(x, x) - inner(y, y) + 2 * inner(x, y))
    form = attention_form(model)
    if form is None:
        return unreached(model, f"{model.name} is no scalar attention", budget.rng)
    if not form.normalised:
        lone = (form.scale * form.kernel).subs({z: 1, beta: Rational(5, 4)})
        verdict = Verdict.UNDECIDED if lone == 1 else Verdict.REFUTED
        return Evidence(
            verdict, f"{model.name}: the weight of a lone token is {lone} at β = 5/4, Krause's is 1"
        )
    influence = prediction.influence.subs(DISTANCE, 2 - 2 * z)
    if influence.subs(beta, 0) == 0:
        detail = f"φ = {prediction.influence} is 0 at β = 0, where Σ_k φ_ik can't divide it"
        return Evidence(Verdict.REFUTED, detail)
    ratio = simplify(form.kernel / influence)
    weights = _row_weights(influence)
    attention = _row_weights(form.kernel)
    algebra = RowAlgebra()
    row = residual(algebra.column(weights * OneMatrix(n, 1)) - 1)

    def asymmetric(rng: np.random.Generator) -> str:
        point = Witness(rng, [weights])
        point.matrices[m] = [[Rational(1, 3)]] * 3
        found = point.evaluator()(weights)
        gap = found[0][1] - found[1][0]
        return f"a_12 - a_21 = {decimal(gap)} at {point}" if excludes_zero(gap) else ""

    residuals = [
        ("row sum - 1", row),
        ("P_x(y-x) - P_x y", own),
        ("|x-y|² - (|x|²+|y|²-2<x,y>)", length),
        ("d/dz of kernel over φ", simplify(ratio.diff(z))),
        ("scale - 1", form.scale - 1),
    ]
    seen = ""
    if all(value == 0 for _, value in residuals):
        seen = next((s for s in (asymmetric(budget.rng) for _ in range(40)) if s), "")
    if prediction.symmetric and seen:
        return Evidence(Verdict.REFUTED, f"the weights aren't symmetric: {seen}")

    def refute(rng: np.random.Generator) -> str:
        point = Witness(rng, [weights, attention, form.scale])
        at = point.evaluator()
        for left, right in zip(at(attention)[0], at(weights)[0], strict=True):
            if excludes_zero(at.scalar(form.scale) * left - right):
                return f"{form.scale} A_1j - a_1j, A_1j = {decimal(left)}, isn't 0 at {point}"
        return ""

    evidence = settle(
        residuals,
        refute,
        budget,
        f"row sum - 1; P_x(y-x) - P_x y; kernel over φ(2-2z) is {ratio}, free of z; not symmetric:"
        f" {seen}",
        identity=(weights * OneMatrix(n, 1), model.velocity),
    )
    if evidence.verdict is Verdict.PROVED and not seen:
        return Evidence(Verdict.UNDECIDED, "no point with weights a_12 != a_21 was found")
    return evidence


_INFLUENCE = exp(-beta * DISTANCE / 2)

KRAUSE = Claim(
    "Remark 2.1",
    "SA is the projection of Krause's model with φ(r) = e^{-βr/2}; its weights aren't symmetric.",
    SA,
    Krause(_INFLUENCE),
    check_krause,
    (
        Control("φ(r) = e^{-βr}", prediction=Krause(_INFLUENCE**2)),
        Control("the factor β dropped in φ", prediction=Krause(exp(-DISTANCE / 2))),
        Control("symmetric weights", prediction=Krause(_INFLUENCE, True)),
        Control("the unnormalised flow USA", model=USA),
    ),
    Verdict.PROVED,
)


# -- (2.5) -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stochastic:
    """Row sums of a matrix of weights, and whether every entry is said to be positive."""

    row_sum: Expr
    positive: bool = True


def _kernels(matrix: MatrixExpr) -> list[Expr]:
    """Functions applied to the scores in a matrix of weights."""
    if isinstance(matrix, RowSoftmax):
        matrix = matrix.elementary()
    return [part.body for part in matrix.atoms(Elementwise)]


def check_stochastic(model: MatrixExpr, prediction: Stochastic, budget: Budget) -> Evidence:
    """Check that rows sum to the prediction and that the kernel is positive.

    Parameters
    ----------
    model : MatrixExpr, shape (n, n)
        The weights.
    prediction : Stochastic
        Row sum and sign.
    budget : Budget
        Points to draw for a counterexample.
    """
    algebra = RowAlgebra()
    total = residual(algebra.column(model * OneMatrix(n, 1)) - prediction.row_sum)
    kernels = _kernels(model)
    signs = bool(kernels) and all(body.is_positive for body in kernels)

    def refute(rng: np.random.Generator) -> str:
        point = Witness(rng, [model])
        rows = point.evaluator()(model.elementary() if isinstance(model, RowSoftmax) else model)
        for i, row in enumerate(rows, start=1):
            gap = sum(row) - point.evaluator().scalar(prediction.row_sum)
            if excludes_zero(gap):
                return f"row {i} sums to {decimal(sum(row))} at {point}"
            for j, entry in enumerate(row, start=1):
                if prediction.positive and entry.b < 0:
                    return f"A_{i}{j} = {decimal(entry)} < 0 at {point}"
                if not prediction.positive and entry.a > 0:
                    return f"A_{i}{j} = {decimal(entry)} > 0 at {point}"
        return ""

    return settle(
        [
            ("Σ_j A_ij - row sum", total),
            ("sign", 0 if signs and prediction.positive else f"of {kernels}"),
        ],
        refute,
        budget,
        f"Σ_j A_ij - {prediction.row_sum}; the kernel {kernels} is positive, and so are masses",
        legend=algebra.legend,
        scope={**SYMBOLIC, "Q, K": "symbolic, k x d"},
        identity=(model * OneMatrix(n, 1) - prediction.row_sum * OneMatrix(n, 1),),
    )


_SCORES = beta * X * Q.T * K * X.T

STOCHASTIC = Claim(
    "(2.5)",
    "The attention matrix is row-stochastic with positive entries.",
    RowSoftmax(_SCORES, m),
    Stochastic(S.One),
    check_stochastic,
    (
        Control("no division by Z_i", model=Elementwise(exp, _SCORES) * DiagMatrix(m)),
        Control("the exponential dropped", model=_SCORES * DiagMatrix(m)),
        Control("row sum 1 -> n", prediction=Stochastic(n)),
        Control(
            "division by the column sums Σ_i m_i e^{S_ij}",
            model=MatMul(
                Elementwise(exp, _SCORES),
                DiagMatrix(Elementwise(exp, Transpose(_SCORES)) * m) ** -1,
                DiagMatrix(m),
            ),
        ),
    ),
    Verdict.PROVED,
)


# -- (2.7) and (2.8) -------------------------------------------------------------------------


@dataclass(frozen=True)
class Specialisation:
    """Values of a model's parameters at which it is said to be another model.

    Attributes
    ----------
    changes : tuple of tuple of (MatrixSymbol, MatrixExpr)
        One set of values a model.
    targets : tuple of Model
    """

    changes: tuple[tuple[tuple[Any, Any], ...], ...]
    targets: tuple[Model, ...]


def check_special_case(model: Any, prediction: Specialisation, budget: Budget) -> Evidence:
    """Substitute the values and compare the velocities row by row in the Gram algebra.

    Parameters
    ----------
    model : tuple of Model
        The general models.
    prediction : Specialisation
        Values of their parameters, and the models that they become.
    budget : Budget
        Points to draw for a counterexample.
    """
    residuals, broken, legends = [], [], []
    for one, changes, target in zip(model, prediction.changes, prediction.targets, strict=True):
        values: Mapping[Any, Any] = dict(changes)
        special = one.velocity.xreplace(values).doit()
        algebra = RowAlgebra()
        left = _difference(algebra.vector(special), algebra.vector(target.velocity))
        residuals.append((f"{one.name} - {target.name}", left))
        if left != 0:
            broken.append((special, target.velocity))
            legends.append(algebra.legend)

    def refute(rng: np.random.Generator) -> str:
        special, velocity = broken[0]
        point = Witness(rng, [special, velocity])
        at = point.evaluator()
        for i, (left, right) in enumerate(zip(at(special), at(velocity), strict=True), start=1):
            for j, (a, b) in enumerate(zip(left, right, strict=True), start=1):
                if excludes_zero(a - b):
                    return f"x_{i}' differs in coordinate {j} by {decimal(a - b)} at {point}"
        return ""

    names = ", ".join(
        f"{a.name} to {b.name}" for a, b in zip(model, prediction.targets, strict=True)
    )
    return settle(
        residuals,
        refute,
        budget,
        f"difference of the velocities, {names}",
        legend="; ".join(legends),
        scope={**SYMBOLIC, "matrices": "symbolic", "heads": "fixed"},
        identity=tuple(
            a.velocity.xreplace(dict(change)) - b.velocity
            for a, b, change in zip(model, prediction.targets, prediction.changes, strict=True)
        ),
    )


def _equal_heads(heads: int, share: Any = None) -> tuple[tuple[Any, Any], ...]:
    """Values of H heads that are all (Q, K, share·V), the share being 1/H."""
    part = Rational(1, heads) if share is None else share
    changes: list[tuple[Any, Any]] = []
    for h in range(1, heads + 1):
        changes += [
            (MatrixSymbol(f"Q_{h}", k, d), Q),
            (MatrixSymbol(f"K_{h}", k, d), K),
            (MatrixSymbol(f"V_{h}", d, d), part * V),
        ]
    return tuple(changes)


_HEADS = tuple(multi_head(heads) for heads in (1, 2, 3))


def _split(*shares: Any) -> Specialisation:
    changes = tuple(_equal_heads(h, s) for h, s in zip((1, 2, 3), shares, strict=True))
    return Specialisation(changes, (QKV, QKV, QKV))


MULTI_HEAD = Claim(
    "(2.7)",
    "One head is (2.3), and so are H equal heads with V/H each.",
    _HEADS,
    _split(None, None, None),
    check_special_case,
    (
        Control("H equal heads with V each", prediction=_split(1, 1, 1)),
        Control("V/H -> V/H²", prediction=_split(None, Rational(1, 4), Rational(1, 9))),
        Control("one head more", model=(_HEADS[1], _HEADS[1], _HEADS[2])),
    ),
    Verdict.PROVED,
)


def _blocks(*zero: str) -> tuple[tuple[Any, Any], ...]:
    """Values that make parts of the feed-forward layer zero."""
    shapes: dict[str, tuple[Any, Any]] = {
        "w": (d, width),
        "a": (width, d),
        "b": (width, Integer(1)),
    }
    return tuple((MatrixSymbol(s, *shapes[s]), ZeroMatrix(*shapes[s])) for s in zero)


_FULL = (feed_forward(1), feed_forward(2))


def _without(*zero: str) -> Specialisation:
    return Specialisation((_blocks(*zero),) * 2, (_HEADS[0], _HEADS[1]))


FEED_FORWARD = Claim(
    "(2.8)",
    "Without its feed-forward part, w = 0, the full block (2.8) is (2.7).",
    _FULL,
    _without("w"),
    check_special_case,
    (
        Control("w = 0 -> a = 0", prediction=_without("a")),
        Control("w = 0 -> b = 0", prediction=_without("b")),
    ),
    Verdict.PROVED,
)

CLAIMS_SECTION_2_VARIANTS = (RESIDUAL_LAYER, KRAUSE, STOCHASTIC, MULTI_HEAD, FEED_FORWARD)
"""The claims on the variants of Section 2, in paper order."""

__all__ = [
    "CLAIMS_SECTION_2_VARIANTS",
    "DISTANCE",
    "FEED_FORWARD",
    "GAIN",
    "KRAUSE",
    "MULTI_HEAD",
    "RESIDUAL_LAYER",
    "SHIFT",
    "SLOPE",
    "STATE",
    "STEP",
    "STOCHASTIC",
    "Krause",
    "NeuralODE",
    "Specialisation",
    "Stochastic",
    "check_krause",
    "check_residual_layer",
    "check_special_case",
    "check_stochastic",
]
