"""Weak orders: the steps of `numerics.noisy` on noise alone, harmonic by harmonic.

Main results
------------
- Geometric Euler-Maruyama errs by λ(d+2) s² + O(s³) on harmonics of degree l, λ = l(l+d-2), s = κ
  dt: weak order 1.
- A step of depth w with chance p (`theory.predictions.jump_law`) errs by O(s³): weak order 2; it is
  exact at degrees 1 and 2.

How it is proved
----------------
A step that is isotropic about x multiplies a harmonic by E f(<x,x'>), f its zonal polynomial, whose
coefficients follow from the generator: ``a_{k+1} (k+1)(2k+d-1) = a_k (k(k+d-2) - λ)``. Moments of
1 - <x,x'>: Euler's of the lengths of a normal vector in d-1 dimensions, the other's from its law.
Expanded in s, for symbolic l and d. The trial takes the numbers of the code by quadrature.

References
----------
The multiplier of Brownian motion itself is e^{-λs} (Noise rates). Weak order: Talay (1990).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import exp as e_to
from math import log2
from typing import Any

from sympy import (
    QQ,
    Expr,
    N,
    Poly,
    Rational,
    S,
    Symbol,
    exp,
    expand,
    factor,
    factorial,
    factorial2,
    prod,
    simplify,
    sqrt,
)

from numerics.noise import step_multiplier
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    NO_FLOW,
    Counterexample,
    Flow,
    Sheet,
    Statement,
    Trial,
    derived,
    not_asked,
)
from theory.derivations import zonal_coefficients
from theory.noise import Noise
from theory.predictions import STEP, brownian_multiplier, jump_law
from theory.symbols import d, kappa

DEGREE = Symbol("l", integer=True, positive=True)

_EIGENVALUE = Symbol("lambda", positive=True)

PLACES = ((1, 2), (2, 3), (5, 3), (3, 8))
"""Degrees and dimensions at which a wrong coefficient is shown."""


@dataclass(frozen=True)
class WeakSteps:
    """Laws of a step of noise alone, and the error of the first.

    Attributes
    ----------
    euler : Expr
        ``<x,x'>`` in s, the squared length ρ² of a normal vector across x, `SQUARE`, and the
        normal number along x, `ALONG`.
    chance, depth : Expr
        ``1 - <x,x'>`` is `depth` with the chance, else 0.
    error : Expr
        Of the first at order s², in l and d.
    """

    euler: Expr
    chance: Expr
    depth: Expr
    error: Expr


SQUARE, ALONG = Symbol("rho2", positive=True), Symbol("a", real=True)


@lru_cache(maxsize=1)
def _polynomial() -> tuple[Expr, ...]:
    """Coefficients a_0, a_1, a_2 of the zonal harmonic in 1-u, by its eigenvalue -λ."""
    k = Symbol("k", integer=True, nonnegative=True)
    down, same = zonal_coefficients(k)
    found = [S.One]
    for order in range(2):
        above = down.subs(k, order + 1)
        found.append(factor(-found[-1] * (_EIGENVALUE + same.subs(k, order)) / above))
    return tuple(found)


def _mean(part: Expr) -> Expr:
    """Average a polynomial in ρ², of a normal vector in d - 1 dimensions, and a normal number."""
    total: Expr = S.Zero
    for (lengths, along), coefficient in Poly(part, SQUARE, ALONG).terms():
        if along % 2 == 0:
            size = prod(d - 1 + 2 * j for j in range(lengths))
            total += coefficient * size * factorial2(along - 1)
    return total


@lru_cache(maxsize=32)
def _euler(law: Expr) -> tuple[Expr, Expr]:
    """Errors of Euler's multiplier at orders s and s², in λ and d."""
    root = Symbol("q", positive=True)
    slope, depth = 1 - law.subs(STEP, root**2), S.Zero
    for order in range(5):
        depth += slope.subs(root, 0) * root**order / factorial(order)
        slope = slope.diff(root)
    _, first, second = _polynomial()
    value = expand(first * depth + second * depth**2)
    exact = (-_EIGENVALUE, _EIGENVALUE**2 / 2)
    return tuple(
        factor(_mean(value.coeff(root, 2 * order)) - e) for order, e in enumerate(exact, start=1)
    )


_SPARE = 4
"""Orders of s that a quotient loses at most."""


def _coefficients(expr: Expr) -> tuple[Expr, Expr, Expr]:
    """Coefficients of 1, s and s² of a quotient of polynomials in s and exponentials of it."""
    terms = range(3 + _SPARE)
    known = expr.replace(exp, lambda e: sum((e**k / factorial(k) for k in terms), S.Zero))
    quotient = QQ.frac_field(STEP, d).from_sympy(known)
    field = QQ.frac_field(d)
    above, below = (
        [field.from_sympy(c) for c in reversed(Poly(part.as_expr(), STEP).all_coeffs())]
        for part in (quotient.numer, quotient.denom)
    )
    lost = next(k for k, c in enumerate(below) if c)
    if any(above[:lost]):
        return S.Infinity, S.Infinity, S.Infinity
    found: list[Any] = []
    for order in range(3):
        rest = above[lost + order] if lost + order < len(above) else field.zero
        for k, value in enumerate(found):
            place = lost + order - k
            rest -= value * (below[place] if place < len(below) else field.zero)
        found.append(rest / below[lost])
    return tuple(field.to_sympy(value) for value in found)


@lru_cache(maxsize=32)
def _jump(chance: Expr, depth: Expr) -> tuple[Expr, Expr, Expr]:
    """Errors of the other multiplier at orders s and s², and the third moment at order s²."""
    moments = [_coefficients(chance * depth**k) for k in (1, 2, 3)]
    _, first, second = _polynomial()
    low, high = (first * moments[0][k] + second * moments[1][k] for k in (1, 2))
    errors = (low + _EIGENVALUE, high - _EIGENVALUE**2 / 2)
    return factor(errors[0]), factor(errors[1]), factor(sum(moments[2], S.Zero))


def _at(expr: Expr, degree: int, size: int) -> Expr:
    found = expr.subs({_EIGENVALUE: degree * (degree + size - 2), DEGREE: degree, d: size})
    return N(found.doit(), 30)


@lru_cache(maxsize=32)
def _derived(said: WeakSteps) -> tuple[tuple[str, Expr], ...]:
    """Name what has to vanish."""
    low, high = _euler(said.euler)
    value = DEGREE * (DEGREE + d - 2)
    first, second, third = _jump(said.chance, said.depth)
    return (
        ("the error of Euler's step at order s", low),
        (
            "the error of Euler's step at order s², less what is said,",
            high.subs(_EIGENVALUE, value) - said.error,
        ),
        ("the error of the other step at order s", first),
        ("the error of the other step at order s²", second),
        ("the third moment of the other step up to order s²", third),
    )


def refute_orders(
    flow: Flow, prediction: WeakSteps | None, budget: Budget
) -> Counterexample | None:
    """Expand the multipliers at some degrees and dimensions."""
    if prediction is None:
        return None
    for degree, size in PLACES:
        for text, left in _derived(prediction):
            found = _at(left, degree, size)
            if abs(found) > Rational(1, 10**20):
                return Counterexample(f"l = {degree}, d = {size}: {text} is {float(found):.6g}")
    return None


def decide_orders(flow: Flow, prediction: WeakSteps) -> Sheet:
    """Expand the multipliers of both steps for symbolic l and d."""
    _, first, second = _polynomial()
    steps = [
        derived(
            f"zonal harmonic: 1 + ({first}) (1-u) + ({second}) (1-u)² + …, λ = l(l+d-2)",
            simplify(first + _EIGENVALUE / (d - 1)),
        ),
        *(derived(f"{text} is 0", simplify(left)) for text, left in _derived(prediction)),
    ]
    chance, depth = prediction.chance, prediction.depth
    for degree in (1, 2):
        value = degree * (degree + d - 2)
        mean = 1 + sum(
            (
                a.subs(_EIGENVALUE, value) * chance * depth**k
                for k, a in enumerate(_polynomial()[1:], start=1)
            ),
            S.Zero,
        )
        text = f"the other step is exact at degree {degree}"
        steps.append(derived(text, simplify(mean - brownian_multiplier(degree))))
    return Sheet(
        tuple(steps),
        {"d": "symbolic, >= 2", "l": "symbolic, >= 1"},
        (prediction.error, chance, depth),
        "Euler's step errs at order s², the other at order s³, at every degree",
    )


def watch_orders(flow: Flow, prediction: WeakSteps, budget: Budget) -> Trial:
    """Compare the numbers of the code, by quadrature, with the expansions."""
    worst, cases = 1.0, 0
    for degree, size in PLACES:
        rate = degree * (degree + size - 2)
        step = 1e-3 / rate
        error, halved, wide, narrow = (
            abs(step_multiplier(degree, size, s, scheme) - e_to(-rate * s))
            for scheme, s in (
                ("euler", step),
                ("euler", step / 2),
                ("weak2", 1 / rate),
                ("weak2", 0.5 / rate),
            )
        )
        said = float(_at(prediction.error, degree, size)) * step**2
        cases += 2
        if abs(error / said - 1) > 0.05 or abs(log2(error / halved) - 2) > 0.05:
            text = f"Euler's step errs by {error:.4g}, not {said:.4g}, s = {step:.3g}"
            return Trial(f"l = {degree}, d = {size}: {text}", cases=cases)
        order = 3.0 if narrow < 1e-14 else log2(wide / narrow)
        if order < 2.3:
            text = f"halving s divides the error of weak2 by 2^{order:.3g} only"
            return Trial(f"l = {degree}, d = {size}: {text}", cases=cases)
        worst = min(worst, 0.05 - abs(error / said - 1), order - 2.3)
    return Trial(margin=worst, cases=cases, seen="the multipliers of the code agree")


ORDERS: Statement[WeakSteps] = Statement(
    "",
    "weak orders on harmonics",
    decide_orders,
    not_asked,
    refute_orders,
    watch_orders,
    noisy=True,
)

_CHANCE, _DEPTH = jump_law()

_STEPS = WeakSteps(
    1 / sqrt(1 + 2 * STEP * SQUARE), _CHANCE, _DEPTH, DEGREE * (DEGREE + d - 2) * (d + 2)
)

_LENGTH = 1 + sqrt(2 * STEP) * ALONG
_UNPROJECTED = _LENGTH / sqrt(_LENGTH**2 + 2 * STEP * SQUARE)
"""Of ambient noise that is divided by its length, but has kept its part along x."""


WEAK_ORDERS = Claim(
    "Weak orders",
    "On noise alone a geometric Euler step errs on degree l by l(l+d-2)(d+2) s² + O(s³), s = κ dt, "
    "and the step of the jump law by O(s³), being exact at degrees 1 and 2: weak orders 1 and 2.",
    replace(NO_FLOW, name="noise alone", noise=Noise(kappa), parameters=(kappa,)),
    _STEPS,
    ORDERS,
    (
        Control("(d+1) s²", prediction=replace(_STEPS, error=_STEPS.error * (d + 1) / (d + 2))),
        Control(
            "sqrt(κ) for sqrt(2κ)", prediction=replace(_STEPS, euler=1 / sqrt(1 + STEP * SQUARE))
        ),
        Control(
            "±sqrt(6s) with chances 1/6 in every dimension",
            prediction=replace(_STEPS, chance=Rational(1, 3), depth=3 * STEP),
        ),
        Control("dB that isn't projected", prediction=replace(_STEPS, euler=_UNPROJECTED)),
        Control("chance 1/2", prediction=replace(_STEPS, chance=Rational(1, 2))),
    ),
    Verdict.PROVED,
    origin="extension",
    about=frozenset(),
    equivalents=(Equivalent("steps of the noise alone", ("*.velocity: *",)),),
)


CLAIMS = (WEAK_ORDERS,)
