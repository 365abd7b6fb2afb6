"""(2.1)-(2.2): a residual layer is a step of Euler's scheme.

How it is proved
----------------
Exact: the layer with step 1 is the printed one, and a layer with step h minus x + h f is 0,
neuron by neuron, with symbolic weights. Watched: the errors of 256 and 512 layers at T = 1 have
the ratio 2, for neurons with drawn smooth weights and σ = tanh, against a Runge-Kutta run.
Cited: Euler's scheme has order one for fields that are Lipschitz, and C^1 in time.

References
----------
arXiv 2312.10794, (2.1) and (2.2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sympy import Expr, Rational, Symbol, expand, lambdify, simplify, tanh

from proofs_checks.claim import Budget, Claim, Control, Evidence, Verdict
from proofs_checks.proof import Array

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


CLAIMS = (RESIDUAL_LAYER,)
