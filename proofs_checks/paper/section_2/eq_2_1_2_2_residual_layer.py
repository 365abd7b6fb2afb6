"""(2.1)-(2.2): a residual layer is a step of Euler's scheme, for matrices w and a.

How it is proved
----------------
Exact: the layer with step 1 is the printed one, and a layer with step h minus x + h f is 0, row by
row in the row algebra, for symbolic matrices: w σ(a x + b) is one vector there, whatever a mixes.
The field is Lipschitz, being a composition of maps that are, so that Euler's scheme has order one,
cited; it is no better, as the error is w σ(b)/(2L) exactly for the weights t w and a = 0. Watched:
the errors of 256 and 512 layers at T = 1 have the ratio 2, for drawn smooth matrices and σ = tanh,
against a Runge-Kutta run.

References
----------
arXiv 2312.10794, (2.1) and (2.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import (
    Derivative,
    Expr,
    Rational,
    S,
    Symbol,
    ZeroMatrix,
    simplify,
    summation,
    sympify,
    tanh,
)
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from numerics.compile import compile_model
from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.decide import decide_positive
from proofs_checks.proof import (
    COMPOSITION,
    Array,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    Witness,
    apply,
    cited,
    decided,
    derived,
    gap,
    layer_of,
    pairwise,
    row_defect,
    row_residual,
)
from proofs_checks.said import say, saying
from theory.layers import residual_layer
from theory.models import Model
from theory.symbols import X, d, eta, n, width, z

_LAYERS = (256, 512)
_SIZES = {d: 3, width: 4}
_TOKENS = 2


@dataclass(frozen=True)
class NeuralODE:
    """``x' = field``, which L layers approach with an error of order ``L^-order``.

    Attributes
    ----------
    layer : MatrixExpr
        The layer (2.1) as printed, with step one.
    field : MatrixExpr
        Right side of (2.2).
    order : int
    """

    layer: MatrixExpr
    field: MatrixExpr
    order: int = 1


def _comparisons(flow: Flow, said: NeuralODE) -> tuple[tuple[str, MatrixExpr, MatrixExpr], ...]:
    """Return what agrees if the layer is the printed one, and a step of Euler's scheme."""
    layer = flow.model.velocity
    return (
        ("layer with h = 1, the printed one", layer.xreplace({eta: S.One}).doit(), said.layer),
        ("layer with step h, x + h f", layer, X + eta * said.field),
    )


def _bounded_slope(body: Expr) -> Step:
    """Whether a function of tanh has a slope in [-1, 1], tanh being any number in it."""
    text = "|σ'| <= 1"
    slope = body.diff(z).xreplace({tanh(z): z})
    if slope.has(tanh) or not slope.is_polynomial(z):
        return gap(text, f"σ' = {body.diff(z)}")
    for bound in (1 - slope, 1 + slope):
        decision = decide_positive(bound, strict=False)
        if not decision.holds:
            return decided(text, decision)
    own = Derivative(body, z)
    step = Step(text, How.DECIDED, evidence=f"σ' = {slope} with z = tanh in [-1, 1]")
    return saying(step, say(-1, "<=", own), say(own, "<=", 1))


def _lipschitz(field: MatrixExpr) -> tuple[Step, ...]:
    """Show that the field is Lipschitz in x, as a composition."""
    parts, text = layer_of(field), "|f(x) - f(y)| <= |w| |a| |x - y|, operator norms"
    if parts is None:
        return (gap(text, str(field)),)
    read = Step("f is x -> a x + b, then σ on each component, then w", How.DERIVED)
    slope = _bounded_slope(parts[3])
    return read, slope, apply(COMPOSITION, text, read, slope)


def _exact_error() -> Expr:
    """Error at T = 1 of L layers for the weights t w, a = 0, over w σ(b): left sums of ∫ t dt."""
    layers, place = Symbol("L", positive=True), Symbol("k", integer=True)
    return simplify(Rational(1, 2) - summation(place, (place, 0, layers - 1)) / layers**2)


def _is_still(field: MatrixExpr) -> bool:
    """Whether f doesn't depend on x where a = 0, and is linear in w."""
    parts = layer_of(field)
    if parts is None:
        return False
    w, a = parts[:2]
    rest = field.xreplace({a: ZeroMatrix(*a.shape)}).doit()
    twice = row_residual(field.xreplace({w: 2 * w}).doit(), 2 * field)
    return not rest.has(X) and rest != ZeroMatrix(n, d) and twice == 0


def refute_layer(flow: Flow, prediction: NeuralODE | None, budget: Budget) -> Counterexample | None:
    """Give a point where a layer isn't what it is said to be, or weights of another order."""
    if prediction is None:
        return None
    for name, left, right in _comparisons(flow, prediction):
        if row_residual(left, right) != 0:
            point = Witness(budget.rng, [left, right])
            at = point.evaluator()
            found = row_defect(at(left), at(right), f"{name}, x_{{i}}", point)
            if found:
                return Counterexample(found, cases=1)
    if prediction.order != 1 and _is_still(prediction.field):
        text = f"weights t w, a = 0: the error at T = 1 is {_exact_error()} w σ(b), of order 1"
        return Counterexample(f"{text}, not {prediction.order}")
    return None


def decide(flow: Flow, prediction: NeuralODE) -> Sheet:
    """Derive Euler's step, and the order of its error."""
    field, order = prediction.field, prediction.order
    compared = _comparisons(flow, prediction)
    steps = [derived(f"{name}: the same", row_residual(a, b)) for name, a, b in compared]
    lipschitz = _lipschitz(field)
    text = f"t w, a = 0: the error at T = 1 is {_exact_error()} w σ(b), of order {order}"
    sharp = derived(text, order - 1, "") if _is_still(field) else gap(text, str(field))
    return Sheet(
        (*steps, *lipschitz, cited(EULER, *steps, *lipschitz), sharp),
        {
            "n": "symbolic",
            "d": "symbolic",
            "matrices": "symbolic, C^1 in time",
            "activation": "any Lipschitz, tanh for the constant and the ratio",
        },
        (flow.model.velocity, X + eta * field),
        "layer - (x + h f): residual 0, and h = 1 is (2.1); the error is of order one, sharply",
    )


def _weights(model: Model, rng: np.random.Generator) -> dict[str, Any]:
    """Draw smooth functions of time for w, a and b."""

    def wave(shape: tuple[int, ...]) -> Any:
        size, speed, phase = rng.uniform(0.5, 1.5, (3, *shape))
        return lambda time: size * np.cos(speed * time + phase)

    matrices = (p for p in model.parameters if p != eta)
    return {str(p): wave(tuple(int(sympify(s).subs(_SIZES)) for s in p.shape)) for p in matrices}


def _errors(model: Model, field: MatrixExpr, rng: np.random.Generator) -> Array:
    """Errors at T = 1 of each number of layers, for random smooth weights."""
    drawn = _weights(model, rng)
    start = rng.normal(size=(_TOKENS, _SIZES[d]))
    names = tuple(p for p in model.parameters if p != eta)
    rate = compile_model(Model("field", field, parameters=names, space="euclidean"), **drawn)

    def run(layers: int) -> Array:
        step, x = compile_model(model, eta=1 / layers, **drawn), start
        for place in range(layers):
            x = step.unchecked(x, place / layers)
        return np.asarray(x)

    x, h = start, 1 / 64
    for place in range(64):
        time = place * h
        k1 = rate(x, time)
        k2 = rate(x + h / 2 * k1, time + h / 2)
        k3 = rate(x + h / 2 * k2, time + h / 2)
        k4 = rate(x + h * k3, time + h)
        x = x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.asarray([float(np.linalg.norm(run(layers) - x)) for layers in _LAYERS])


def halve(flow: Flow, prediction: NeuralODE, budget: Budget) -> Trial:
    """Halve the step: the ratio of the errors shows their order."""
    coarse, fine = _errors(flow.model, prediction.field, budget.rng)
    ratio = coarse / max(fine, 1e-300)
    margin = 1 - abs(ratio / 2**prediction.order - 1) / 0.05
    found = f"errors {coarse:.3g} and {fine:.3g} with {_LAYERS} layers, ratio {ratio:.4g}"
    wrong = f"{found}, not {2**prediction.order}" if margin < 0 else ""
    return Trial(wrong, margin, 1)


EULER = "Euler's scheme has order one for Lipschitz fields that are C^1 in time"
EULER_STEP: Statement[NeuralODE] = Statement(
    "",
    "a step of Euler's scheme",
    decide,
    refute=refute_layer,
    trial=halve,
    cases=pairwise,
)


_SQUARE, _WIDE = residual_layer(d), residual_layer(width)


def _field(model: Model) -> MatrixExpr:
    """Field of a residual layer."""
    return next(term for term in model.velocity.args if term != X).xreplace({eta: S.One}).doit()


def _said(order: int = 1, factor: int = 1, printed: Any = S.One) -> tuple[NeuralODE, ...]:
    return tuple(
        NeuralODE(X + printed * _field(model), factor * _field(model), order)
        for model in (_SQUARE, _WIDE)
    )


_A = _SQUARE.parameters[2]


RESIDUAL_LAYER = Claim(
    "(2.1)-(2.2)",
    "A residual layer is a step of Euler's scheme for x' = w σ(ax + b), with matrices w and a, "
    "d × d or of any width; L layers err by O(1/L).",
    (_SQUARE, _WIDE),
    _said(),
    EULER_STEP,
    (
        Control(
            "no skip connection", model=(replace(_SQUARE, velocity=eta * _field(_SQUARE)), _WIDE)
        ),
        Control("error O(1/L) -> O(1/L²)", prediction=_said(order=2)),
        Control("field 2wσ(ax+b)", prediction=_said(factor=2)),
        Control(
            "each component by itself: the diagonal of a alone",
            model=(
                replace(_SQUARE, velocity=_SQUARE.velocity.xreplace({_A.T: DiagonalMatrix(_A)})),
                _WIDE,
            ),
        ),
    ),
    Verdict.PROVED,
    cases=8,
)


CLAIMS = (RESIDUAL_LAYER,)
