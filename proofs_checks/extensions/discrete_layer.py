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
from itertools import product
from typing import Any

import numpy as np
from sympy import Expr, MatAdd, MatMul, Rational, S, Symbol, lambdify

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Part, Verdict
from proofs_checks.proof import (
    AUTONOMOUS,
    CLIMBS,
    MOVES,
    ON_SPHERE,
    PAIR_ENERGY,
    SCOPE_WARM,
    STILL_ENERGY,
    SUM,
    WARM_ONLY,
    Array,
    Counterexample,
    Domain,
    Fixed,
    Flow,
    How,
    Outcome,
    Premise,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    cited,
    decided,
    derived,
    falling_layer,
    gap,
    matrix_parameters,
    sampled_values,
    subjects,
)
from theory.atoms import RowNormalize, Tangent
from theory.bounded import simplified
from theory.energy import interaction_energy
from theory.engines import inner, residual, vectors
from theory.layers import DISCRETE_SA, discrete_layer
from theory.models import REPULSIVE, SA, Model
from theory.symbols import X, beta, d, eta, n, t, z


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
    others = {s: S.One for s in kernel.free_symbols - {z, beta, n, d}}
    kernel = kernel.subs({**others, n: points.shape[-2], d: points.shape[-1]})
    slope = simplified(kernel.diff(z))
    bend = simplified(slope.diff(z) / slope)
    weight = np.asarray(lambdify((beta, z), slope, "scipy")(cold, gram)) + 0 * gram
    scale = np.abs(weight).mean(axis=(-2, -1))
    if z in bend.free_symbols or bend == 0:
        height = lambdify((beta, z), kernel, "scipy")
        before = height(cold, gram)
        rise = height(cold, gram + change) - before
        scale = scale + np.abs(before).max(axis=(-2, -1))
    else:
        ratio = np.asarray(lambdify(beta, bend, "scipy")(cold))
        rise = weight * np.expm1(ratio * change) / ratio
    gain = rise.mean(axis=(-2, -1)) / 2
    return hot, step, gain, scale


def _under(flow: Flow) -> Flow | None:
    """Return the flow whose field a layer steps along; the flow itself if it is one."""
    if flow.model.kind == "flow":
        return flow
    step = _layer_step(flow.model)
    return None if step is None else replace(flow, model=step)


def _is_layer(flow: Flow) -> Step:
    text = "a layer N(X + ηF), F scalar attention"
    under = _under(flow)
    if under is None or under.form is None:
        return Step(text, How.DERIVED, Outcome.FAILS, "no layer N(X + ηF), F scalar attention")
    return Step(text, How.DERIVED)


def _beneath(premise: Domain | Premise, flow: Flow) -> Step:
    under = _under(flow)
    return premise.test(flow if under is None else under)


def _forward(flow: Flow) -> Step:
    text = "η > 0"
    if str(eta) in flow.code:
        return Step(text, How.DECIDED, Outcome.GAP, "η is code")
    value = flow.values.get(eta)
    if value is None or value.is_positive:
        return Step(text, How.DECIDED)
    outcome = Outcome.FAILS if value.is_nonpositive else Outcome.GAP
    return Step(text, How.DECIDED, outcome, f"η = {value}")


def derive_rise(flow: Flow) -> int:
    """Return 1: the energy rises."""
    return 1


def refute_layer(flow: Flow, prediction: int | None, budget: Budget) -> Counterexample | None:
    """Find tokens of another length than 1."""
    if prediction not in (1, -1, None):
        raise ValueError(f"Expected 1 (rises) or -1 (falls) but got prediction={prediction}.")
    found = _off_unit(flow.model)
    return Counterexample(found) if found else None


def decide(flow: Flow, prediction: int) -> Sheet:
    """Prove that the layer climbs, by convexity, positive definiteness, and the angle."""
    under = _under(flow)
    assert under is not None and under.kernel is not None  # premises
    kernel = under.kernel
    definite = decided("h is positive definite, a constant apart", under.definite)
    scope = {a: b for a, b in definite.scope.items() if str(a) != "unique"}
    convex = under.sign("h'' >= 0 on [-1, 1]", kernel.diff(z, 2), strict=False)
    steps = [
        step if step.holds else gap(step.text, step.evidence)
        for step in (replace(definite, scope=scope), convex, CLIMBS.test(under))
    ]
    if under.from_zero and beta in kernel.free_symbols:
        # At β = 0 the energy is its limit, of a linear kernel.
        steps[0] = replace(steps[0], scope={})
    a, b = Symbol("nu", real=True), Symbol("mu", real=True)
    square = residual((a**2 - b**2) / 2 - b * (a - b) - (a - b) ** 2 / 2)
    pairs = apply(
        SUM,
        "E(X+) - E(X) >= Σ m_i (U(x_i+) - U(x_i))",
        derived("½(a² - b²) = b(a-b) + ½(a-b)²", square),
        cited("Schur product theorem: <x,y>^k is a positive definite kernel", steps[0]),
        terms={"½∬ h d(mu+ - mu)²": ">= 0"},
    )
    turn = derived("(g+ηM)² - g²|x+ηy|² = η(M-g²)(2g+ηM)", _layer_algebra())
    nearer = apply(SUM, "<y_i,x_i+> >= <y_i,x_i>", turn, terms={"M - g²": ">= 0"})
    climbs = apply(SUM, "E(X+) >= E(X)", pairs, nearer, *steps, terms={"each": ">= 0"})
    steps += [pairs, turn, nearer, climbs]
    if prediction != 1:
        steps.append(gap("E(X+) <= E(X)", "the argument is for energy that rises"))
    return Sheet(
        tuple(steps),
        {**SCOPE_WARM, "eta": "symbolic, > 0", "masses": "symbolic"},
        subjects(flow.model),
        "E(X+) - E(X) >= Σ m_i (U(x_i+) - U(x_i)), h being positive definite; U is convex with "
        "gradient ∝ y_i, and <y_i,x_i+> >= <y_i,x_i> (wherever x_i + η y_i isn't 0)",
    )


_NEAR_ONE, _EVERY_SIZE = (1.375, 0.375), (1e-6, 1e-2, 0.1, 0.75, 4.0, 16.0, 64.0)
"""Values of parameters: 1e-6 stands for the limit 0, as a fall there is one nearby."""


def _falls_somewhere(layer: Model, kernel: Expr, names: list[str]) -> tuple[str, float]:
    """Search parameters of every size, all alike or each small or large by itself.

    Of what is found the case with the fewest tokens is reported.
    """
    ends = product((1e-2, 16.0), repeat=len(names)) if 2 <= len(names) <= 3 else ()
    found: list[tuple[int, str, float]] = []
    for choice in dict.fromkeys((*((v,) * len(names) for v in _EVERY_SIZE), *ends)):
        numbers = dict(zip(names, choice, strict=True))
        at = {s: numbers.get(str(s), 2.0) for s in kernel.free_symbols - {z}}
        slope = lambdify(z, kernel.diff(z).subs(at), "scipy")
        with np.errstate(all="ignore"):
            scale = float(np.max(np.abs([slope(g) for g in (-1.0, 0.0, 1.0)])))
        if not 0 < scale < np.inf:
            continue
        text, tokens, worst = falling_layer(layer, (numbers,), scale)
        if text:
            found.append((tokens, text, worst))
    if not found:
        return "", 0.0
    _, text, worst = min(found, key=lambda case: case[0])
    return text, worst


def watch(flow: Flow, prediction: int, budget: Budget) -> Trial:
    """Watch layers of drawn tokens, of two groups, and of the lattice of the plane."""
    under = _under(flow)
    missing = matrix_parameters(flow.model)
    if under is None or under.kernel is None or missing or t in under.kernel.free_symbols:
        return Trial(silent=missing or "no layer with numbers")
    layer = flow.model if flow.model.kind == "map" else discrete_layer(flow.model)
    put = {p: v for p, v in flow.values.items() if v.is_number}
    layer = replace(
        layer,
        parameters=tuple(p for p in layer.parameters if p not in flow.values),
        velocity=layer.velocity.xreplace(put),
        energy=under.kernel and interaction_energy(under.kernel),
    )
    if prediction == 1 and flow.model.kind == "flow":
        names = [str(p) for p in layer.parameters if p != eta]
        choices = tuple(dict.fromkeys(names, v) for v in (_NEAR_ONE if names else (1.0,)))
        found, _, worst = falling_layer(layer, choices)
        if not found and names:
            found, worst = _falls_somewhere(layer, under.kernel, names)
        if found:
            return Trial(found, -worst, 1)
    worst, count = np.inf, budget.cases * (1 if decide(flow, prediction).holds else 20)
    for points in (
        np.asarray(random_points(4, 3, budget.rng, count)),
        _between_groups(count, budget.rng),
    ):
        hot, size, gain, scale = _energy_gain(layer, under.kernel, points, budget.rng)
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
            return Trial(detail, worst, count)
    return Trial("", worst, 2 * count)


LAYER: Statement[int] = Statement(
    "discrete layer",
    "N(x + η y) raises the energy for every η > 0",
    decide,
    derive_rise,
    refute_layer,
    watch,
    domain=(
        WARM_ONLY,
        Domain("η > 0", _forward),
        replace(MOVES, test=Fixed(_beneath, MOVES)),
    ),
    premises=(
        Premise("LAYER", _is_layer, kind=True),
        *(
            replace(premise, test=Fixed(_beneath, premise))
            for premise in (ON_SPHERE, AUTONOMOUS, PAIR_ENERGY, STILL_ENERGY)
        ),
    ),
)


DISCRETE_LAYER = Claim(
    "Discrete layer",
    "The layer x <- N(x + η·attention) raises E for every step η > 0 (β >= 0, V = I).",
    DISCRETE_SA,
    1,
    LAYER,
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
