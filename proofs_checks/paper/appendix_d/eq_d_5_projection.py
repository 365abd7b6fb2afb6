"""(D.5), E.(D.5): how far random tokens are from orthonormal ones.

Main results
------------
(D.5): squared projections on earlier tokens are independent Beta(i/2, (d-i)/2) variables.
E.(D.5): dropping one of length r moves a token by sqrt(2 - 2 sqrt(1-r²)), more than r.

How it is proved
----------------
(D.5): a theorem on uniform tokens. In joint polar coordinates about a subspace of dimension i the
squared projection cos²φ is a Beta variable; the law is the same for every subspace, hence for the
span of the earlier tokens, and independent of them. Gram-Schmidt of drawn tokens, n = 4 and 5,
d = 8 and 24, is compared with the laws and their product within 5 sigma, and with the exact chord.
The erratum is a theorem on two orthonormal vectors: the square of the distance exceeds r² by
(1 - sqrt(1-r²))²; random tokens agree.

References
----------
arXiv 2312.10794, Appendix D, (D.5). Joint polar coordinates and that uniform points are linearly
independent are cited.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import betainc
from sympy import Expr, Rational, Symbol, lambdify, simplify, sqrt

from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    ORDER,
    Counterexample,
    Flow,
    Statement,
    Trial,
    not_asked,
    of_no_flow,
)
from proofs_checks.theorems import Concludes, Conclusion, dropped, projected_tokens
from theory.engines import inner, vectors
from theory.models import SA, USA
from theory.symbols import d

RADIUS = Symbol("r", positive=True)
"""Length of the projection of a token on the span of the earlier ones."""


@dataclass(frozen=True)
class ProjectionLaw:
    """Law of the squared projection r² of token i+1 on the span of i tokens, and the move.

    Attributes
    ----------
    first, second : Expr
        Parameters of the Beta law, functions of ``ORDER`` and ``d``.
    chord : Expr
        ``|x - y|`` with y the normalised rest, a function of ``RADIUS``.
    """

    first: Expr
    second: Expr
    chord: Expr


def _square() -> Expr:
    """``|x - w|²`` of x = r u + √(1-r²) w, with orthonormal u, w."""
    u, w = vectors("u w", unit="u w")
    token = u * RADIUS + w * sqrt(1 - RADIUS**2)
    return inner(token - w, token - w).subs(inner(u, w), 0)


def conclude_projection(flow: Flow, prediction: ProjectionLaw) -> Conclusion:
    """Say the laws of squared projections, and how far tokens are from their normalised rests."""
    return projected_tokens(prediction.first, prediction.second, prediction.chord, RADIUS)


def watch_projection(flow: Flow, prediction: ProjectionLaw, budget: Budget) -> Trial:
    """Compare Gram-Schmidt on random tokens with the Beta law and with the exact chord."""
    worst, count = np.inf, 250 * budget.cases
    chord = lambdify(RADIUS, prediction.chord, "numpy")
    for size, dimension in ((4, 8), (5, 24)):
        points = np.asarray(random_points(size, dimension, budget.rng, count))
        columns, _ = np.linalg.qr(points.swapaxes(-1, -2))
        overlap = np.einsum("bdk,bid->bik", columns, points) ** 2
        joint, all_inside = 1.0, np.ones(count, dtype=bool)
        level = 1.2 * (size - 1) / dimension
        for i in range(1, size):
            squared = overlap[:, i, :i].sum(axis=-1)
            put = {ORDER: i, d: dimension}
            law = float(prediction.first.subs(put)), float(prediction.second.subs(put))
            for cut in (0.5 * i / dimension, i / dimension, 1.5 * i / dimension):
                p = float(betainc(*law, cut))
                seen = float((squared <= cut).mean())
                sigma = np.sqrt(max(p * (1 - p), 1e-4) / count)
                worst = min(worst, 1 - abs(seen - p) / (5 * sigma))
                if not abs(seen - p) <= 5 * sigma:  # no number where there is no such law
                    detail = (
                        f"d = {dimension}, i = {i}: P(r² <= {cut:.4g}) = {p:.4f}, but {count} "
                        f"draws gave {seen:.4f}"
                    )
                    return Trial(detail, float(worst), count)
            joint *= float(betainc(*law, level))
            all_inside &= squared <= level
            rest = points[:, i] - np.einsum(
                "bk,bdk->bd",
                np.einsum("bdk,bd->bk", columns[..., :i], points[:, i]),
                columns[..., :i],
            )
            near = rest / np.linalg.norm(rest, axis=-1, keepdims=True)
            moved = np.linalg.norm(points[:, i] - near, axis=-1)
            gap = np.abs(moved - chord(np.sqrt(squared)))
            case = int(gap.argmax())
            if gap[case] > 1e-9:
                detail = (
                    f"d = {dimension}: a projection of length {np.sqrt(squared[case]):.4g} needs a "
                    f"move of {moved[case]:.6g}, predicted {chord(np.sqrt(squared[case])):.6g}"
                )
                return Trial(detail, cases=count)
        seen, sigma = float(all_inside.mean()), np.sqrt(joint * (1 - joint) / count)
        if not abs(seen - joint) <= 5 * sigma:
            detail = f"n = {size}, d = {dimension}: product {joint:.4f}, {count} draws {seen:.4f}"
            return Trial(detail, cases=count)
    shown = (
        "P(all projections <= r) is the product of Beta laws (independent), within 5 sigma; the "
        "printed 1 - 2n² d^{-1/64} is positive only for d > (2n²)^64 (n = 2: above 10^57.7)"
    )
    return Trial("", float(worst), 2 * count, seen=shown)


LAW: Statement[ProjectionLaw] = Statement(
    "",
    "squared projections of uniform tokens on the earlier ones are independent Beta variables",
    Concludes(conclude_projection, words=(("n", "any"), ("d", "symbolic, >= n"))),
    not_asked,
    trial=watch_projection,
    cases=of_no_flow,
    typed=True,
)


_LAW = ProjectionLaw(ORDER / 2, (d - ORDER) / 2, sqrt(2 - 2 * sqrt(1 - RADIUS**2)))


EQUATION_D_5 = Claim(
    "(D.5)",
    "Squared projections on earlier tokens are independent Beta(i/2, (d-i)/2) variables.",
    (SA, USA),
    _LAW,
    LAW,
    (
        Control("Beta(i/2, d/2)", prediction=replace(_LAW, second=d / 2)),
        Control(
            "Beta(i, d-i) (complex tokens)", prediction=ProjectionLaw(ORDER, d - ORDER, _LAW.chord)
        ),
        Control("move = r, as printed", prediction=replace(_LAW, chord=RADIUS)),
    ),
    Verdict.PROVED,
    cases=16,
    about=frozenset(),
    equivalents=(Equivalent("no model enters: it is about random points", ("*.velocity: *",)),),
)


def refute_chord(flow: Flow, prediction: Expr | None, budget: Budget) -> Counterexample | None:
    """Compare with the exact distance at Pythagorean lengths."""
    if prediction is None:
        return None
    for place in (Rational(3, 5), Rational(4, 5), Rational(5, 13)):
        exact, said = simplify(_square().subs(RADIUS, place)), prediction.subs(RADIUS, place)
        if said < 0 or simplify(exact - said**2) != 0:
            return Counterexample(
                f"x = r u + sqrt(1-r²) w, r = {place}: |x - w|² = {exact}, predicted {said**2}, "
                f"of |x - w| = {said.evalf(6)}"
            )
    return None


def conclude_chord(flow: Flow, prediction: Expr) -> Conclusion:
    """Say how far a token is from its normalised rest, its projection having length r."""
    return dropped(prediction, RADIUS)


def watch_chord(flow: Flow, prediction: Expr, budget: Budget) -> Trial:
    """Compare with the distance of random tokens to their normalised rests."""
    points = np.asarray(random_points(20 * budget.cases, 6, budget.rng))
    rest = points.copy()
    rest[:, :2] = 0
    rest /= np.linalg.norm(rest, axis=-1, keepdims=True)
    moved = np.linalg.norm(points - rest, axis=-1)
    radius = np.linalg.norm(points[:, :2], axis=-1)
    away = np.abs(moved - lambdify(RADIUS, prediction, "numpy")(radius))
    case = int(away.argmax())
    found = ""
    if not away[case] <= 1e-12:
        found = f"r = {radius[case]:.6g}: |x - w| = {moved[case]:.6g}, off by {away[case]:.3g}"
    return Trial(found, 1 - float(away[case]) / 1e-12, len(points))


CHORD_LENGTH: Statement[Expr] = Statement(
    "",
    "dropping a projection of length r moves a token by more than r",
    Concludes(conclude_chord, words=(("s", "symbolic"),)),
    not_asked,
    refute_chord,
    watch_chord,
    cases=of_no_flow,
    typed=True,
)


ERRATUM_D_5 = Claim(
    "E.(D.5)",
    "Dropping a projection of length r moves a token by sqrt(2 - 2 sqrt(1-r²)), which exceeds r.",
    None,
    sqrt(2 - 2 * sqrt(1 - RADIUS**2)),
    CHORD_LENGTH,
    (
        Control("r (1 + r²/8), two terms of the series", prediction=RADIUS * (1 + RADIUS**2 / 8)),
        Control("√2 r", prediction=sqrt(2) * RADIUS),
    ),
    Verdict.PROVED,
    printed=Control("as printed: r", prediction=RADIUS),
    cases=5,
    origin="erratum",
    kind="proof step",
    about=frozenset(),
)


CLAIMS = (EQUATION_D_5, ERRATUM_D_5)
