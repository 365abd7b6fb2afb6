"""Gaussian closure, Gaussian closed forms: attention keeps Gaussians Gaussian.

Main results
------------
- Gaussian closure: x' = V E[y e^{<Ax,y>}]/E[e^{<Ax,y>}], y of the law of the tokens, A = β K^T Q.
  N(μ, Σ) stays Gaussian, μ' = V(1 + ΣA)μ, Σ' = VΣA Σ + (VΣA Σ)^T.
- Gaussian closed forms: A = β, V = ±1: Σ = Σ_0 (1 ∓ 2β Σ_0 t)^{-1}, and μ = e^{±t} (1 ∓ 2β Σ_0
  t)^{-1/2} μ_0. With V = 1 it is infinite at the time 1/(2β λ), λ the largest eigenvalue of Σ_0.

How it is proved
----------------
Completing the square, weights e^{<a,y>} move N(μ, Σ) to N(μ + Σa, Σ), for every dimension: the
field is affine, x' = VΣA x + Vμ, and an affine flow keeps Gaussians Gaussian; mean and covariance
follow. The closed forms are put into the derived equations.

References
----------
V. Castin, P. Ablin, J. A. Carrillo, G. Peyré, A unified perspective on the dynamics of deep
transformers, arXiv 2501.18322.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import Derivative, Expr, Rational, S, Symbol, exp, simplify, sqrt
from sympy.matrices.expressions import MatrixExpr

from numerics.compile import compile_model
from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    Counterexample,
    Flow,
    How,
    Outcome,
    Premise,
    Sheet,
    Statement,
    Step,
    Trial,
    by_statement,
    derived,
    not_asked,
    pairwise,
    subjects,
)
from proofs_checks.said import Said, say, saying
from proofs_checks.theorems import Concludes, Conclusion, Refusal, stays_gaussian, subject_in
from theory.atoms import RowSoftmax
from theory.derivations import COVARIANCE, MEAN, GaussianClosure, gaussian_closure
from theory.engines import Evaluator, Rewriter
from theory.models import PURE_ATTENTION, Model
from theory.symbols import K, Q, V, X, beta, d, k, m, n, t

_PLAIN = Rewriter(symmetric=frozenset({COVARIANCE}))


@dataclass(frozen=True)
class Moments:
    """``μ' = mean`` and ``Σ' = covariance`` of Gaussian tokens."""

    mean: MatrixExpr
    covariance: MatrixExpr


@lru_cache(maxsize=64)
def _closure(model: Model) -> GaussianClosure | str:
    try:
        return gaussian_closure(model)
    except ValueError as error:
        return str(error)


def _affine(flow: Flow) -> Step:
    text = "attention on R^d with values V, of scores <A x_i, x_j>: heads and linear terms"
    found = _closure(flow.model)
    if flow.model.space == "sphere":
        return Step(text, How.DERIVED, Outcome.FAILS, "tokens on the sphere, not on R^d")
    if isinstance(found, str):
        return Step(text, How.DERIVED, Outcome.FAILS, found)
    return Step(text, How.DERIVED)


AFFINE = Premise("AFFINE", _affine, kind=True)


def derive_moments(flow: Flow) -> Moments | None:
    """Return the derived equations."""
    found = _closure(flow.model)
    return None if isinstance(found, str) else Moments(found.mean, found.covariance)


_NUMBERS: dict[Any, list[list[Expr]]] = {
    MEAN: [[S.One], [Rational(-1, 2)]],
    COVARIANCE: [[S.Half, Rational(1, 4)], [Rational(1, 4), Rational(3, 4)]],
    V: [[S.One, Rational(1, 3)], [Rational(-1, 2), Rational(2)]],
    Q: [[S.Half, S.One], [S.Zero, Rational(3, 2)]],
    K: [[S.One, Rational(-1, 4)], [Rational(2, 3), S.One]],
}
"""Numbers at which a wrong equation is shown."""

_SCALARS = {beta: Rational(5, 4), n: 3, t: S.Half}


def _value(expr: MatrixExpr) -> list[list[Expr]]:
    at = Evaluator(_NUMBERS, {d: 2, k: 2, n: 3}, lambda e: S(e).subs(_SCALARS))
    return at(expr)


def refute_moments(flow: Flow, prediction: Moments | None, budget: Budget) -> Counterexample | None:
    """Compare both equations with the derived ones at numbers."""
    own = derive_moments(flow)
    if own is None or prediction is None:
        return None
    pairs = (("μ'", own.mean, prediction.mean), ("Σ'", own.covariance, prediction.covariance))
    for name, seen, said in pairs:
        try:
            here, there = _value(seen), _value(said)
        except (NotImplementedError, KeyError, IndexError):
            continue
        if here != there:
            return Counterexample(
                f"{flow.name}: {name} = {here}, not {there}, at β = 5/4, μ = (1, -1/2), Σ = "
                "[1/2 1/4; 1/4 3/4], V = [1 1/3; -1/2 2], Q = [1/2 1; 0 3/2], K = [1 -1/4; 2/3 1]"
            )
    return None


def conclude_moments(flow: Flow, prediction: Moments) -> Conclusion | Refusal:
    """Say that Gaussian tokens stay so, with the predicted equations."""
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    said = prediction.mean, prediction.covariance
    return stays_gaussian(subject, *(one.xreplace(flow.values) for one in said))


def watch_moments(flow: Flow, prediction: Moments, budget: Budget) -> Trial:
    """Compare the compiled velocity at Gauss-Hermite nodes of the plane with the equations."""
    if {str(p) for p in flow.model.parameters} - {"beta", "Q", "K", "V"}:
        return Trial(silent=f"{flow.name}: no numbers for its parameters")
    nodes, weights = np.polynomial.hermite_e.hermegauss(24)
    grid = np.stack(np.meshgrid(nodes, nodes, indexing="ij"), axis=-1).reshape(-1, 2)
    masses = np.multiply.outer(weights, weights).ravel() / weights.sum() ** 2
    at: dict[Any, Any] = {s: np.array(v, dtype=float) for s, v in _NUMBERS.items()}
    spread = np.linalg.cholesky(at[COVARIANCE])
    points = at[MEAN].T + grid @ spread.T
    numbers = {str(s): at[s] for s in (Q, K, V)} | {"beta": 0.25}
    named = {name: numbers[name] for name in map(str, flow.model.parameters)}
    moved = compile_model(flow.model, masses=masses, **named)(points)
    mean = masses @ moved
    half = (masses[:, None] * moved).T @ (points - at[MEAN].T)
    seen = (mean[:, None], half + half.T)
    evaluate = Evaluator(_NUMBERS, {d: 2, k: 2}, lambda e: S(e).subs(beta, Rational(1, 4)))
    said = [evaluate(part) for part in (prediction.mean, prediction.covariance)]
    pairs = zip(seen, said, strict=True)
    off = max(float(np.abs(a - np.array(b, dtype=float)).max()) for a, b in pairs)
    tolerance = 1e-8
    if off > tolerance:
        return Trial(f"off by {off:.2g} at 24² Gauss-Hermite nodes, β = 1/4", -1.0, 1)
    return Trial(margin=1 - off / tolerance, cases=1)


_SCOPE = ("beta", "symbolic"), ("data", "Gaussian, as long as Σ is finite")
CLOSURE: Statement[Moments] = Statement(
    "Gaussian closure",
    "Gaussian tokens stay Gaussian: mean and covariance obey equations of their own",
    Concludes(conclude_moments, words=_SCOPE),
    derive_moments,
    refute_moments,
    watch_moments,
    premises=(AFFINE,),
    typed=True,
)


_A = beta * K.T * Q

_MOMENTS = Moments(
    V * MEAN + V * COVARIANCE * _A * MEAN,
    V * COVARIANCE * _A * COVARIANCE + COVARIANCE * _A.T * COVARIANCE * V.T,
)


GAUSSIAN = Claim(
    "Gaussian closure",
    "Gaussian tokens on R^d stay Gaussian under attention of A = β K^T Q: μ' = V(1 + ΣA)μ, "
    "Σ' = VΣAΣ + (VΣAΣ)^T.",
    PURE_ATTENTION,
    _MOMENTS,
    CLOSURE,
    (
        Control(
            "A^T for A",
            prediction=Moments(
                V * MEAN + V * COVARIANCE * _A.T * MEAN,
                V * COVARIANCE * _A.T * COVARIANCE + COVARIANCE * _A * COVARIANCE * V.T,
            ),
        ),
        Control("μ' = V μ", prediction=replace(_MOMENTS, mean=V * MEAN)),
        Control(
            "VΣAΣ not made symmetric",
            prediction=replace(_MOMENTS, covariance=2 * V * COVARIANCE * _A * COVARIANCE),
        ),
        Control(
            "queries and keys exchanged",
            model=replace(
                PURE_ATTENTION, velocity=RowSoftmax(beta * X * K.T * Q * X.T, m) * X * V.T
            ),
        ),
    ),
    Verdict.PROVED,
    origin="extension",
)


def _plain(name: str, sign: int) -> Model:
    """Attention with Q = K = 1 and V = ±1 on R^d."""
    velocity = sign * RowSoftmax(beta * X * X.T, m) * X
    return Model(name, velocity, space="euclidean")


GATHERING, SPREADING = _plain("attention, V = I", 1), _plain("attention, V = -I", -1)

START, _AVERAGE = Symbol("sigma_0", positive=True), Symbol("mu_0", real=True)
"""An eigenvalue of Σ_0, and the coordinate of μ_0 there."""


@dataclass(frozen=True)
class Course:
    """Variance and mean in a direction of eigenvalue `START` of Σ_0."""

    variance: Expr
    mean: Expr


def _scalar(expr: MatrixExpr, course: Course) -> Expr | None:
    """Read a sum of words in Σ and μ in a common eigendirection; None with other letters."""
    total: Expr = S.Zero
    for word, coefficient in _PLAIN.words(expr).items():
        letters = {COVARIANCE: course.variance, MEAN: course.mean}
        if set(word) - set(letters):
            return None
        for letter in word:
            coefficient *= letters[letter]
        total += coefficient
    return total


def _left(flow: Flow, said: Course) -> tuple[Expr, ...]:
    """Differences that vanish: two equations and two starts."""
    own = derive_moments(flow)
    parts = (S.One,) if own is None else (own.covariance, own.mean)
    rates = [_scalar(part, said) if own is not None else S.One for part in parts]
    if own is None or None in rates:
        return (S.One,)
    return (
        said.variance.diff(t) - (rates[0] or 0),
        said.mean.diff(t) - (rates[1] or 0),
        said.variance.subs(t, 0) - START,
        said.mean.subs(t, 0) - _AVERAGE,
    )


def _course_said(flow: Flow, said: Course) -> tuple[Said, Said]:
    """Say that Σ does, as long as it is finite: its equation, and its start."""
    own = derive_moments(flow)
    assert own is not None  # asked before
    finite = (say(0, "<", START / said.variance),)
    rate = say(Derivative(said.variance, t), "=", _scalar(own.covariance, said), finite)
    return rate, say(said.variance, "=", START, (say(t, "=", 0),))


def refute_course(flow: Flow, prediction: Course | None, budget: Budget) -> Counterexample | None:
    """Show a difference at numbers."""
    if prediction is None or isinstance(_closure(flow.model), str):
        return None
    at = {START: Rational(1, 3), _AVERAGE: 2, beta: Rational(5, 4), t: Rational(1, 7), n: 3}
    names = ("Σ' - 2V β Σ²", "μ' - V(1 + βΣ)μ", "Σ(0) - Σ_0", "μ(0) - μ_0")
    for name, left in zip(names, _left(flow, prediction), strict=False):
        value = left.subs(at).evalf(20)
        if abs(value) > Rational(1, 10**12):
            where = "Σ_0 = 1/3, μ_0 = 2, β = 5/4, t = 1/7"
            return Counterexample(f"{flow.name}: {name} = {value.n(6)} at {where}")
    return None


def decide_course(flow: Flow, prediction: Course) -> Sheet:
    """Put the closed forms into the derived equations."""
    closed = by_statement(CLOSURE, flow, text="Gaussian closure: Σ' = ±2β Σ², μ' = ±(1 + βΣ)μ")
    names = ("Σ' = ±2β Σ² in an eigendirection", "μ' = ±(1 + βΣ)μ", "Σ(0) = Σ_0", "μ(0) = μ_0")
    left = [simplify(part) for part in _left(flow, prediction)]
    steps = [derived(name, part) for name, part in zip(names, left, strict=False)]
    if len(steps) == len(names):
        rate, start = _course_said(flow, prediction)
        steps[0], steps[2] = saying(steps[0], rate), saying(steps[2], start)
    return Sheet(
        (closed, *steps),
        {"d": "symbolic", "beta": "symbolic", "data": "Gaussian, as long as Σ is finite"},
        subjects(flow.model, prediction.variance, prediction.mean, d, n),
        f"Σ = {prediction.variance}, μ = {prediction.mean} in each eigendirection of Σ_0",
    )


COURSE: Statement[Course] = Statement(
    "", "mean and variance in closed form", decide_course, not_asked, refute_course, cases=pairwise
)


def _course(sign: int) -> Course:
    left = 1 - 2 * sign * beta * START * t
    return Course(START / left, _AVERAGE * exp(sign * t) / sqrt(left))


CLOSED_FORMS = Claim(
    "Gaussian closed forms",
    "A = β, V = ±1: in each eigendirection of Σ_0, Σ = Σ_0/(1 ∓ 2β Σ_0 t) and "
    "μ = μ_0 e^{±t} (1 ∓ 2β Σ_0 t)^{-1/2}.",
    (GATHERING, SPREADING),
    (_course(1), _course(-1)),
    COURSE,
    (
        Control("V = 1 as V = -1", prediction=(_course(-1), _course(-1))),
        Control(
            "no 2",
            prediction=(
                replace(_course(1), variance=START / (1 - beta * START * t)),
                _course(-1),
            ),
        ),
        Control("models exchanged", model=(SPREADING, GATHERING)),
    ),
    Verdict.PROVED,
    origin="extension",
)


CLAIMS = (GAUSSIAN, CLOSED_FORMS)
