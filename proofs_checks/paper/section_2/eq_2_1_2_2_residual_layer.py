"""(2.1)-(2.2): a residual layer is a step of Euler's scheme.

How it is proved
----------------
Exact: the layer with step 1 is the printed one, and a layer with step h minus x + h f is 0,
neuron by neuron, with symbolic weights. The field is Lipschitz, so that Euler's scheme has order
one, cited; it is no better, as the error is tanh(b)/(2L) exactly for the weights w = t, a = 0.
Watched: the errors of 256 and 512 layers at T = 1 have the ratio 2, for neurons with drawn smooth
weights and σ = tanh, against a Runge-Kutta run.

References
----------
arXiv 2312.10794, (2.1) and (2.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Expr, Rational, S, Symbol, expand, lambdify, simplify, summation, tanh

from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.decide import enclose
from proofs_checks.proof import (
    Array,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    cited,
    decimal,
    derived,
    excludes_zero,
    gap,
    of_no_flow,
)
from theory.bounded import simplified

STATE, GAIN, SLOPE, SHIFT = (Symbol(name, real=True) for name in ("x", "w", "a", "b"))
"""State of one neuron and its weights: ``w σ(a x + b)``."""


STEP = Symbol("h", positive=True)
"""Step of a layer; 1 in (2.1), T/L where L layers reach the time T."""


_STEPS = (256, 512)


@dataclass(frozen=True)
class NeuralODE:
    """``x' = field``, which L layers approach with an error of order ``L^-order``.

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


def _with_layer(model: Expr, prediction: NeuralODE) -> Any:
    """Return the case of a layer, which is no flow: it stands beside its prediction."""
    return of_no_flow(model, (model, prediction))


Subject = tuple[Expr, NeuralODE]
"""A layer with step ``STEP``, and what is said of it."""


def _differences(subject: Subject) -> tuple[tuple[str, Expr], ...]:
    """Return what vanishes if the layer is the printed one, and a step of Euler's scheme."""
    layer, said = subject
    return (
        ("layer at h = 1 minus the printed one", simplify(layer.subs(STEP, 1) - said.layer)),
        ("layer minus (x + h f)", expand(layer - STATE - STEP * said.field)),
    )


def _is_lipschitz(field: Expr) -> bool:
    """Whether ∂f/∂x is a polynomial in the weights and tanh, hence bounded for bounded weights."""
    bounded = Symbol("u", real=True)
    slope = expand(field.diff(STATE).replace(tanh, lambda _: bounded))
    return bool(slope.is_polynomial(GAIN, SLOPE, SHIFT, bounded)) and not slope.has(STATE)


def _exact_error(field: Expr) -> Expr:
    """Error at T = 1 of L layers for the weights w = t, a = 0: left sums of ∫ t dt, times f/w.

    It is 0 where f isn't linear in w, and nothing is said.
    """
    layers, place = Symbol("L", positive=True), Symbol("k", integer=True)
    slope = simplify(field.subs(SLOPE, 0) / GAIN)
    if slope.has(GAIN, STATE):
        return S.Zero
    return simplified(
        slope * (Rational(1, 2) - summation(place, (place, 0, layers - 1)) / layers**2)
    )


def no_layer(flow: Flow) -> Subject | None:
    """Return None: a layer is no flow, and isn't asked of one."""
    return None


def refute_layer(flow: Flow, subject: Subject | None, budget: Budget) -> Counterexample | None:
    """Give a point where a difference isn't 0, or a neuron whose error has another order."""
    if subject is None:
        return None
    for name, left in _differences(subject):
        at = {s: Rational(k + 2, 4) for k, s in enumerate(sorted(left.free_symbols, key=str))}
        value = enclose(left, at)
        if excludes_zero(value):
            shown = ", ".join(f"{s} = {v}" for s, v in at.items())
            return Counterexample(f"{name}: {left} is {decimal(value)} at {shown}")
    error = _exact_error(subject[1].field)
    if subject[1].order != 1 and error != 0:
        text = f"weights w = t, a = 0: the error at T = 1 is {error} exactly, of order 1"
        return Counterexample(f"{text}, not {subject[1].order}")
    return None


def decide(flow: Flow, subject: Subject) -> Sheet:
    """Derive Euler's step, and the order of its error."""
    field, order = subject[1].field, subject[1].order
    steps = [derived(f"{name} = 0", left) for name, left in _differences(subject)]
    text = "f is Lipschitz in x, as ∂f/∂x is a polynomial in w, a, b and |tanh| <= 1"
    lipschitz = Step(text, How.DERIVED) if _is_lipschitz(field) else gap(text, str(field))
    order_one = cited(EULER, *steps, lipschitz)
    error = _exact_error(field)
    text = f"w = t, a = 0: the error at T = 1 is {error}, of order {order}"
    sharp = derived(text, order - 1, "") if error != 0 else gap(text, "order not shown")
    return Sheet(
        (*steps, lipschitz, order_one, sharp),
        {
            "sizes": "any: componentwise",
            "weights": "symbolic, bounded and C^1 in time",
            "activation": "tanh for the ratio",
        },
        (subject[0], STATE + STEP * field),
        "layer - (x + h f): residual 0, and h = 1 is (2.1); the error is of order one, sharply",
    )


def halve(flow: Flow, subject: Subject, budget: Budget) -> Trial:
    """Halve the step: the ratio of the errors shows their order."""
    layer, said = subject
    coarse, fine = _errors(layer, said.field, budget.rng, max(budget.cases, 2))
    ratio = coarse / max(fine, 1e-300)
    margin = 1 - abs(ratio / 2**said.order - 1) / 0.05
    found = f"errors {coarse:.3g} and {fine:.3g} with {_STEPS} layers, ratio {ratio:.4g}"
    wrong = f"{found}, not {2**said.order}" if margin < 0 else ""
    return Trial(wrong, margin, budget.cases)


EULER = "Euler's scheme has order one for Lipschitz fields that are C^1 in time"
EULER_STEP: Statement[Subject] = Statement(
    "", "a step of Euler's scheme", decide, no_layer, refute_layer, halve, cases=_with_layer
)


_NEURON = GAIN * tanh(SLOPE * STATE + SHIFT)


RESIDUAL_LAYER = Claim(
    "(2.1)-(2.2)",
    "A residual layer is a step of Euler's scheme for x' = w σ(ax + b); L layers err by O(1/L).",
    STATE + STEP * _NEURON,
    NeuralODE(STATE + _NEURON, _NEURON),
    EULER_STEP,
    (
        Control("no skip connection", model=_NEURON),
        Control("error O(1/L) -> O(1/L²)", prediction=NeuralODE(STATE + _NEURON, _NEURON, 2)),
        Control("field 2wσ(ax+b)", prediction=NeuralODE(STATE + _NEURON, 2 * _NEURON)),
    ),
    Verdict.PROVED,
    cases=8,
)


CLAIMS = (RESIDUAL_LAYER,)
