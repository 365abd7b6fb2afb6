"""Discrete layer: x <- N(x + η·attention) raises E for every step η > 0.

How it is proved
----------------
For β >= 0 and V = I, any masses, every n and d: the kernel is positive definite (its series has
no negative term; Schur's product theorem is cited), the potential convex, and a step turns a
token towards the gradient, an identity reduced in the Gram algebra. Layers of drawn tokens, and
of forty on the circle, are watched; one whose energy falls refutes.

References
----------
Schur's product theorem. No paper states the claim.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sympy import Expr, MatAdd, MatMul, Rational, S, Symbol, lambdify, simplify

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Part, Verdict
from proofs_checks.proof import (
    HOT,
    SCOPE_WARM,
    Array,
    each,
    holds_always,
    matrix_parameters,
    sampled_values,
    subjects,
)
from theory.atoms import RowNormalize, Tangent
from theory.energy import pair_kernel
from theory.engines import inner, residual, vectors
from theory.layers import DISCRETE_SA, discrete_layer
from theory.models import REPULSIVE, SA, Model, attention_form
from theory.symbols import X, beta, eta, n, z


def _layer_step(model: Model) -> Model | None:
    """Flow whose field before projection is F, for a layer ``N(X + eta F)``; None for others."""
    if model.kind != "map" or not isinstance(model.velocity, RowNormalize):
        return None
    inside = model.velocity.args[0]
    terms = [t for t in (inside.args if isinstance(inside, MatAdd) else ()) if t != X]
    moved = []
    for term in terms:
        coefficient, product = term.as_coeff_mmul() if isinstance(term, MatMul) else (S.One, term)
        moved.append(MatMul(coefficient / eta, product).doit())
    if not moved:
        return None
    field = MatAdd(*moved).doit() if len(moved) > 1 else moved[0]
    if eta in field.free_symbols:
        return None
    parameters = tuple(p for p in model.parameters if p != eta)
    return Model(model.name, Tangent(X, field), model.energy, parameters=parameters)


def _off_unit(layer: Model) -> str:
    """Length of the tokens of a layer ``c N(X + ηF)`` where it isn't 1, or ""."""
    if not isinstance(layer.velocity, MatMul):
        return ""
    factor, rest = layer.velocity.as_coeff_mmul()
    if not isinstance(rest.doit(), RowNormalize):
        return ""
    length = abs(factor.subs({beta: Rational(5, 4), n: 3}))
    return "" if length == 1 else f"{layer.name}: tokens of length {length} at β = 5/4, n = 3"


def _layer_algebra() -> Expr:
    """``(g+ηM)² - g²|x+ηy|² = η(M-g²)(2g+ηM)``, g = <x,y>, M = |y|²: zero when it holds.

    With M >= g² it gives <y,x+> >= <y,x> in each of the cases g >= 0; g < 0 <= g+ηM; g+ηM < 0.
    """
    x, y = vectors("x y", unit="x")
    moved = x + y * eta
    g, square = inner(x, y), inner(y, y)
    left = inner(y, moved) ** 2 - g**2 * inner(moved, moved)
    return residual(left - eta * (square - g**2) * (2 * g + eta * square))


def _between_groups(count: int, rng: np.random.Generator) -> Array:
    """Forty tokens of the circle, one between two groups that are opposite and feel only it.

    Which group draws it depends on the kernel: nearness against numbers.
    """
    size = 40
    angles = np.where(np.arange(size) <= rng.integers(2, 16, (count, 1)), 0.0, np.pi)
    angles[:, 0] = rng.uniform(0.2, 1.5, count)
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def _energy_gain(model: Model, kernel: Expr, points: Array, rng: np.random.Generator) -> Any:
    """Differences E(X+) - E(X) of sampled layers, with the samples and the size of rounding.

    By expm1 for an exponential kernel, where they are exact to rounding however small.
    """
    count = len(points)
    hot, step = rng.uniform(0.25, 6.0, count), np.exp(rng.uniform(-4, 5, count))
    layer = compile_model(model, **sampled_values(model, beta=hot, eta=step))(points)
    gram = points @ points.swapaxes(-1, -2)
    move = layer - points
    change = move @ layer.swapaxes(-1, -2) + points @ move.swapaxes(-1, -2)
    cold = hot[:, None, None]
    others = {s: S.One for s in kernel.free_symbols - {z, beta}}
    kernel = kernel.subs(others)
    slope = simplify(kernel.diff(z))
    bend = simplify(slope.diff(z) / slope)
    weight = np.asarray(lambdify((beta, z), slope, "numpy")(cold, gram)) + 0 * gram
    scale = np.abs(weight).mean(axis=(-2, -1))
    if z in bend.free_symbols or bend == 0:
        height = lambdify((beta, z), kernel, "numpy")
        before = height(cold, gram)
        rise = height(cold, gram + change) - before
        scale = scale + np.abs(before).max(axis=(-2, -1))
    else:
        ratio = np.asarray(lambdify(beta, bend, "numpy")(cold))
        rise = weight * np.expm1(ratio * change) / ratio
    gain = rise.mean(axis=(-2, -1)) / 2
    return hot, step, gain, scale


def check_layer(model: Any, prediction: int, budget: Budget) -> Evidence:
    """Prove that the layer climbs (prediction 1; -1: descends), by convexity and the angle."""
    if prediction not in (1, -1):
        raise ValueError(f"Expected 1 (rises) or -1 (falls) but got prediction={prediction}.")
    (layer,) = each(model)
    kernel = None if layer.energy is None else pair_kernel(layer.energy)
    step = _layer_step(layer)
    form = None if step is None else attention_form(step)
    if kernel is None or form is None:
        found = _off_unit(layer)
        reason = f"{layer.name}: no layer N(X + ηF) with a pair energy"
        return Evidence(Verdict.REFUTED if found else Verdict.UNDECIDED, found or reason)
    slope = simplify(kernel.diff(z))
    bend = simplify(slope.diff(z) / slope)
    reasons = [] if prediction == 1 else ["the argument is for energy that rises"]
    # h'' = b h' with b >= 0 and h' > 0: the series Σ b^{k-1} h'(0) z^k/k! has no negative term
    # (positive definite up to a constant), and h'' >= 0 (the potential is convex).
    if z in bend.free_symbols or not bend.subs(beta, HOT).is_nonnegative:
        reasons.append(f"h''/h' = {bend} isn't a constant >= 0 for β >= 0")
    if not (slope.is_positive or holds_always(slope, strict=True)):
        reasons.append(f"h' = {slope} isn't shown to be positive on [-1, 1]")
    push = simplify(form.scale * form.kernel / slope)
    if z in push.free_symbols or not push.is_positive:
        reasons.append(f"the step over the gradient is {push}, not positive")
    a, b = Symbol("nu", real=True), Symbol("mu", real=True)
    if residual((a**2 - b**2) / 2 - b * (a - b) - (a - b) ** 2 / 2) != 0 or _layer_algebra() != 0:
        reasons.append("the algebra of the step fails")
    matrices = matrix_parameters(layer)
    if matrices:
        return Evidence(Verdict.UNDECIDED, matrices)
    count, worst = budget.cases * (20 if reasons else 1), np.inf
    for points in (
        np.asarray(random_points(4, 3, budget.rng, count)),
        _between_groups(count, budget.rng),
    ):
        hot, size, gain, scale = _energy_gain(layer, kernel, points, budget.rng)
        gain = gain * prediction
        worst = min(worst, float(np.min(gain / (1e-13 * scale))) + 1)
        if worst < 0:
            case = int(np.argmin(gain / scale))
            heat = f"β = {hot[case]:.4g}, " if beta in layer.parameters else ""
            detail = (
                f"{layer.name}: {heat}η = {size[case]:.4g}, "
                f"x = {np.array2string(points[case], precision=3)}: "
                f"E(X+) - E(X) = {prediction * gain[case]:.3g}"
            ).replace("\n", "")
            text = "; ".join((detail, *reasons))
            return Evidence(Verdict.REFUTED, text, cases=count, margin=worst)
    count *= 2
    scope = {**SCOPE_WARM, "eta": "symbolic, > 0", "masses": "symbolic"}
    if reasons:
        return Evidence(Verdict.SUPPORTED, "; ".join(reasons), scope, (), count, worst)
    return Evidence(
        Verdict.PROVED,
        "E(X+) - E(X) >= Σ m_i (U(x_i+) - U(x_i)), h being positive definite; U is convex with "
        "gradient ∝ y_i, and <y_i,x_i+> >= <y_i,x_i> (wherever x_i + η y_i isn't 0)",
        scope,
        ("Schur product theorem: <x,y>^k is a positive definite kernel",),
        count,
        worst,
        identity=subjects(layer),
    )


DISCRETE_LAYER = Claim(
    "Discrete layer",
    "The layer x <- N(x + η·attention) raises E for every step η > 0 (β >= 0, V = I).",
    DISCRETE_SA,
    1,
    check_layer,
    (
        Control("E rises -> E falls", prediction=-1),
        Control("η -> -η", model=DISCRETE_SA.subs({eta: -eta})),
        Control("β -> -β", model=DISCRETE_SA.subs({beta: -beta})),
        Control("V = -I", model=replace(discrete_layer(REPULSIVE), energy=SA.energy)),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=30,
    origin="extension",
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
    equivalents=(
        Equivalent("E(-X) = E(X)", ("*.velocity: sign",)),
        Equivalent("n > 0: n E rises when E does", ("*.energy: × n",)),
        Equivalent("β >= 0: β E doesn't fall when E doesn't", ("*.energy: × β",)),
    ),
)


CLAIMS = (DISCRETE_LAYER,)
