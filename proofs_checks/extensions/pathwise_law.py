"""Theorem 6.9 pathwise: |g_ij - γ| <= 2 e^{2(1+β)t} eps0, with the exact law of eps0.

How it is proved
----------------
A theorem on two solutions: inner products differ by at most twice what tokens do, which grows as
chords do, and orthonormal tokens have one angle γ; eps0 is the distance of the start to its
Gram-Schmidt system. Trajectories of 2 and 4 tokens up to t = 2,
and 400 equiangular tokens, are compared with it. The law of the squared projections, independent
Beta(i/2, (d-i)/2), is (D.5); it is compared with 4000 draws within 4 sigma.

References
----------
arXiv 2312.10794, Theorem 6.9, and (D.5) to (D.7), of which this is a form for each start.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy.special import betainc
from sympy import Expr, Integer, Rational, Symbol, lambdify

from numerics.compile import compile_model
from numerics.equiangular import equiangular_gamma
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.appendix_d.eq_d_5_projection import EQUATION_D_5
from proofs_checks.proof import (
    ORDER,
    ROOM,
    Array,
    Flow,
    Statement,
    Trial,
    not_asked,
    statement_of,
)
from proofs_checks.shared_runs import integrate as run_flow
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    concluded_by,
    conjunction,
    pathwise,
    sight_in,
)
from theory.models import SA
from theory.predictions import equiangular_rate
from theory.symbols import beta, d, n

TWO = Integer(2)


@dataclass(frozen=True)
class Pathwise:
    """``|g_ij(t) - γ(t)| <= factor e^{rate t} eps0``, and the law of eps0.

    Attributes
    ----------
    rate : Expr
        In ``beta``.
    factor : Expr
    curve : str
        Whose γ: "SA" or "USA".
    extra : int
        γ is taken at n + extra tokens.
    shape : tuple of Expr
        Parameters of the Beta law of the squared projection on i earlier tokens.
    """

    rate: Expr
    factor: Expr = TWO
    curve: str = "SA"
    extra: int = 0
    shape: tuple[Expr, Expr] = (Symbol("i") / 2, (d - Symbol("i")) / 2)


def _orthonormal(points: Array) -> Array:
    """Gram-Schmidt of the rows, with positive products <x_i, y_i>."""
    factor, triangle = np.linalg.qr(points.swapaxes(-1, -2))
    signs = np.sign(np.diagonal(triangle, axis1=-2, axis2=-1))
    return np.asarray((factor * signs[..., None, :]).swapaxes(-1, -2))


def _strange(shape: tuple[Expr, Expr]) -> set[Symbol]:
    """Symbols of a law other than i and d."""
    return {s for part in shape for s in part.free_symbols} - {Symbol("i"), d}


def _law_defect(shape: tuple[Expr, Expr], rng: np.random.Generator) -> tuple[str, float]:
    """Compare the probability that all projections are small with its product of Beta laws."""
    if strange := _strange(shape):
        raise ValueError(f"Expected a law in i and d but got shape={shape} with {strange}.")
    size, dimension, count = 3, 5, 4000
    points = np.asarray(random_points(size, dimension, rng, count))
    frame = _orthonormal(points)
    products = np.einsum("cid,cjd->cij", points, frame) ** 2
    worst = np.inf
    for square in (0.1, 0.3, 0.6):
        inside = np.ones(count, dtype=bool)
        exact = 1.0
        for i in range(1, size):
            inside &= products[:, i, :i].sum(axis=-1) <= square
            a, b = (float(part.subs({Symbol("i"): i, d: dimension})) for part in shape)
            exact *= float(betainc(a, b, square))
        deviation = max(np.sqrt(exact * (1 - exact) / count), 1e-4)
        slack = 1 - abs(inside.mean() - exact) / (4 * deviation)
        if not slack >= 0:  # no number where there is no such law
            return (
                f"n = {size}, d = {dimension}: P(all squared projections <= {square}) is "
                f"{inside.mean():.4f} in {count} draws, the law says {exact:.4f}"
            ), float(slack)
        worst = min(worst, float(slack))
    return "", worst


def _many_tokens(prediction: Pathwise) -> str:
    """Follow 400 equiangular tokens that start at a small γ0, on the curve itself, or ""; β = 1/50.

    The last is γ0 ((n-1)/(1 + (n-2)γ0))^{1/2} =: r off the span of the others, so that
    eps0² = 2 - 2 (1-r²)^{1/2}; the inner products all leave γ together, up to n/4 times as far.
    """
    size, hot, start = 400, 0.02, 1e-6
    projected = start * np.sqrt((size - 1) / (1 + (size - 2) * start))
    distance = projected / np.sqrt((1 + np.sqrt(1 - projected**2)) / 2)
    times = np.linspace(0.5, 6.0, 12)
    curve = partial(equiangular_gamma, beta=hot, n=size, model=prediction.curve)
    # γ rises from 0 at the rate 2/(e^β + n - 1), by start in the time ahead.
    ahead = start * (np.exp(hot) + size - 1) / 2
    off = np.abs(curve(times + ahead) - curve(times))
    speed = float(prediction.rate.subs(beta, hot))
    bound = float(prediction.factor) * np.exp(speed * times) * distance
    case = int(np.argmax(off - bound))
    if off[case] <= bound[case] * (1 + 1e-3):
        return ""
    return (
        f"n = {size}, β = {hot}, <x_i,x_j> = {start} at first: at t = {times[case]:.3g} "
        f"|g_ij - γ| = {off[case]:.4g} > {bound[case]:.4g}, with eps0 = {distance:.4g}"
    )


def conclude(flow: Flow, prediction: Pathwise) -> Conclusion | Refusal:
    """Say the bound for each start, and the laws of projections and moves that make its eps0."""
    found, p = sight_in(flow), prediction
    if isinstance(found, Refusal):
        return found
    angle = equiangular_rate(model=p.curve).subs(n, n + p.extra)
    near = pathwise(*found, p.factor, p.rate, angle)
    first, second = (part.subs(Symbol("i"), ORDER) for part in p.shape)
    law = replace(EQUATION_D_5.prediction, first=first, second=second)
    drawn = concluded_by(statement_of(EQUATION_D_5), flow, law)
    if isinstance(near, Refusal) or isinstance(drawn, Refusal):
        return near if isinstance(near, Refusal) else drawn
    return conjunction(near, drawn)


def watch(flow: Flow, prediction: Pathwise, budget: Budget) -> Trial:
    """Follow tokens that start near an orthonormal tuple, and draw the law of their distance."""
    scope = {"n": "2, 4, 400", "d": "3, 6", "beta": "[0.25, 2]", "t": "[0, 2]"}
    scope["law"] = "n = 3, d = 5"
    rng, worst, cases = budget.rng, np.inf, 0
    times = np.asarray([0.1, 0.4, 1.0, 2.0])
    for size, dimension in ((2, 3), (4, 6)):
        count = budget.cases
        frame = _orthonormal(np.asarray(random_points(size, dimension, rng, count)))
        noise = rng.normal(size=frame.shape) * 10 ** rng.uniform(-6, -1, (count, 1, 1))
        points = frame + noise
        points /= np.linalg.norm(points, axis=-1, keepdims=True)
        frame = _orthonormal(points)
        start = np.linalg.norm(points - frame, axis=-1).max(axis=-1)
        hot = rng.uniform(0.25, 2.0, count)
        field = compile_model(flow.model, beta=hot)
        run = run_flow(field, points, float(times[-1]), t_eval=times, rtol=1e-10)
        curves = np.asarray(
            [
                equiangular_gamma(run.times, float(b), size + prediction.extra, prediction.curve)
                for b in hot
            ]
        )
        speed = np.broadcast_to(lambdify(beta, prediction.rate, "numpy")(hot), (count,))
        upper = np.triu_indices(size, 1)
        for place, (time, state) in enumerate(zip(run.times, run.points, strict=True)):
            gram = (state @ state.swapaxes(-1, -2))[:, upper[0], upper[1]]
            off = np.abs(gram - curves[:, place, None]).max(axis=-1)
            bound = float(prediction.factor) * np.exp(speed * time) * start
            # A bound below zero is none: the slack is then negative, not above one.
            slack = (bound * (1 + 1e-6) + 1e-8 - off) / (np.abs(bound) + 1e-8)
            case = int(np.argmin(slack))
            if slack[case] < 0:
                return Trial(
                    f"n = {size}, d = {dimension}, β = {hot[case]:.4g}, eps0 = {start[case]:.3g}: "
                    f"at t = {time:.3g} |g_ij - γ| = {off[case]:.4g} > {bound[case]:.4g}",
                    float(slack[case]),
                    cases + count,
                )
            worst = min(worst, float(slack[case]))
        cases += count
    many = _many_tokens(prediction)
    if many:
        return Trial(many, cases=cases)
    text, slack_of_law = _law_defect(prediction.shape, rng)
    if text:
        return Trial(text, slack_of_law, cases)
    seen = "|g_ij - γ| keeps the bound; squared projections: 4 sigma of 4000 draws"
    return Trial("", min(worst, slack_of_law), cases, seen=seen, scope=scope)


PATHS: Statement[Pathwise] = Statement(
    "",
    "|g_ij - γ| <= 2 e^{2(1+β)t} eps0, with the law of eps0",
    Concludes(conclude, words=(("d", "symbolic, >= n"), ("masses", "1/n"))),
    not_asked,
    trial=watch,
    typed=True,
)


_PATH = Pathwise(2 * (1 + beta))


PATHWISE = Claim(
    "Theorem 6.9 pathwise",
    "|g_ij - γ| <= 2 e^{2(1+β)t} eps0, eps0 the distance to Gram-Schmidt, of an exact Beta law.",
    SA,
    _PATH,
    PATHS,
    (
        Control("γ of USA", prediction=replace(_PATH, curve="USA")),
        Control("γ of n + 1 tokens", prediction=replace(_PATH, extra=1)),
        Control(
            "2 e^{2(1+β)t} -> e^{-2(1+β)t}/10",
            prediction=Pathwise(-2 * (1 + beta), Rational(1, 10)),
        ),
        Control("Beta(i/2, d/2)", prediction=replace(_PATH, shape=(Symbol("i") / 2, d / 2))),
    ),
    Verdict.PROVED,
    (ROOM, WARM),
    cases=8,
    origin="extension",
    equivalents=(
        Equivalent(
            "at least G = max_g (1-g)(1+2β(1+g)), of USA times e^{βg}, the constant for "
            "geodesics, at which chords, hence W_∞ and <x_i,x_j>, grow at most too",
            ("prediction.rate: β -> β²",),
        ),
        Equivalent(
            "a larger bound",
            ("prediction.factor: + 1", "prediction.factor: × 2", "prediction.rate: squared"),
        ),
    ),
)


CLAIMS = (PATHWISE,)
