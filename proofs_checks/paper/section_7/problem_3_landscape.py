"""Problem 3, Problem 3, n=3..6: on the circle all but consensus is a strict saddle.

Main results
------------
Problem 3: d = 2, n = 3: every critical point but consensus is a strict saddle, all β >= 0.
Problem 3, n=3..6: the same for n = 3 to 6.

How it is proved
----------------
n = 3, exactly: a local maximum has a pair with g >= 0 across each cut, these pairs form a tree
that spans less than π, and in an open half circle only consensus is critical (Lemma 6.4, cited).
At β = 0 the check of Theorem 4.1 is run. n = 3 to 6: subdivision trees up to the β from which
the same argument holds, each replayed by the checker in balls; a full run takes n = 7, 8 too.

References
----------
arXiv 2312.10794, Section 7, Problem 3; Theorem 4.1, Lemma 6.4, (3.12) and Remark B.1 are cited.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from sympy import (
    Expr,
    Rational,
    S,
    Symbol,
    acos,
    cos,
    diff,
    exp,
    expand,
    pi,
    simplify,
    sin,
    solve,
    sqrt,
)

from proofs_checks.certificates import (
    Certificate,
    Rejected,
    certify_critical_point,
    certify_strict_saddles,
    check,
    find_critical_points,
)
from proofs_checks.claim import (
    WARM,
    Budget,
    Claim,
    Conclusion,
    Control,
    Equivalent,
    Evidence,
    Hypothesis,
    Verdict,
)
from proofs_checks.decide import enclose
from proofs_checks.paper.section_4.theorem_4_1_zero_beta import THEOREM_4_1
from proofs_checks.proof import (
    AT_EVERY_BETA,
    CURVATURE,
    DROPPED,
    ONLY_SPEED,
    energy_sign,
)
from theory.derivations import phi as PHI
from theory.energy import pair_kernel
from theory.models import REPULSIVE, USA, Model
from theory.predictions import large_beta_threshold
from theory.symbols import beta, n, z


def _in_the_plane(**parameters: float) -> float:
    return 2.0 - parameters["d"]


def _at_most_three_tokens(**parameters: float) -> float:
    return 3.0 - parameters["n"]


@dataclass(frozen=True)
class Landscape:
    """Every critical point of the energy but consensus is a strict saddle, for β >= low.

    Attributes
    ----------
    tokens : int
    low : Expr
    """

    tokens: int
    low: Expr = S.Zero


def _curvature(model: Model) -> Expr | None:
    """``g = -h''(φ)``: the mixed second derivative of the energy of a pair, up to 1/n²."""
    kernel = None if model.energy is None else pair_kernel(model.energy)
    if kernel is None:
        return None
    return simplify(-diff(kernel.subs(z, cos(PHI)), PHI, 2))


def _stable_polygon(curvature: Expr, tokens: int, low: Expr) -> str:
    """Temperature at which the regular polygon, a critical point, is a local maximum, or ""."""
    for hot in (low, low + Rational(1, 4), low + 1):
        if hot == 0:
            continue
        signs = [
            enclose(curvature.subs({beta: hot, PHI: 2 * pi * j / tokens})) for j in range(1, tokens)
        ]
        if all(value.a > 0 for value in signs):
            # The Hessian is minus a Laplacian with positive weights: negative but for rotations.
            return (
                f"β = {hot}: at the regular {tokens}-gon, a critical point, g(2π/{tokens}) = "
                f"{float(signs[0].mid):.4g} > 0 for all pairs: a local maximum"
            )
    return ""


def check_landscape(model: Model, prediction: Landscape, budget: Budget) -> Evidence:
    """Prove that local maxima are clusters in an open half circle, from the sign of g.

    At a local maximum every cut S has ``Σ_{S x S^c} g >= 0``, so some pair across it has g >= 0,
    that is an angle of at most τ*: a tree of such pairs spans at most (n-1) τ* < π.

    Parameters
    ----------
    model : Model
        A flow that climbs its energy.
    prediction : Landscape
        Number of tokens and range of β.
    budget : Budget
        Not used.
    """
    tokens, low = prediction.tokens, prediction.low
    if tokens < 2:
        raise ValueError(f"Expected at least two tokens but got tokens={tokens}.")
    curvature = _curvature(model)
    if curvature is None:
        return Evidence(Verdict.UNDECIDED, f"{model.name} has no isotropic pair energy")
    found = _stable_polygon(curvature, tokens, low)
    if found:
        return Evidence(Verdict.REFUTED, f"{model.name}, n = {tokens}, {found}")
    hot, c = Symbol("beta", positive=True), Symbol("c", real=True)
    bracket = expand(simplify(curvature.subs(beta, hot) / exp(hot * cos(PHI))))
    bracket = expand(bracket.subs(sin(PHI) ** 2, 1 - cos(PHI) ** 2).subs(cos(PHI), c))
    if low < 0 or bracket.free_symbols - {hot, c}:
        return Evidence(Verdict.UNDECIDED, f"g over e^(β cos) is {bracket}")
    # A convex parabola in c, negative at -1: it stays so up to its larger root c* = cos τ*.
    roots = solve(bracket, c)
    convex = simplify(diff(bracket, c, 2)).is_positive
    below = simplify(bracket.subs(c, -1)).is_negative
    root = (sqrt(4 * hot**2 + 1) - 1) / (2 * hot)
    is_root = any(simplify(r - root) == 0 for r in roots)
    if not (convex and below and is_root):
        return Evidence(Verdict.UNDECIDED, f"g over e^(β cos) is {bracket} with roots {roots}")
    # c* > 0 is 4β²+1 > 1, so τ* < π/2; for more tokens (n-1) τ* < π starts at a threshold.
    if not simplify(4 * hot**2 + 1 - 1).is_positive:
        return Evidence(Verdict.UNDECIDED, f"the sign of {root} is unknown")
    if tokens > 3:
        angle = pi / (tokens - 1)
        threshold = cos(angle) / sin(angle) ** 2
        if not low > threshold:
            return Evidence(
                Verdict.OPEN,
                f"n = {tokens}: proved for β > {threshold} = {threshold.n(6)} only; nothing here "
                f"for {low} <= β <= {threshold.n(6)}",
            )
    at_zero = THEOREM_4_1.check((model,), THEOREM_4_1.prediction, budget) if low == 0 else None
    if at_zero is not None and at_zero.verdict is not Verdict.PROVED:
        verdict = Verdict.REFUTED if at_zero.verdict is Verdict.REFUTED else Verdict.UNDECIDED
        return Evidence(verdict, f"β = 0: {at_zero.detail}")
    return Evidence(
        Verdict.PROVED,
        f"g = e^(β c) ({bracket}) < 0 for c = cos φ < c* = {root}, and c* > cos(π/{tokens - 1}): "
        f"{tokens - 1} edges of length <= τ* span less than π, an open half circle, where only "
        "consensus is critical; β = 0: Theorem 4.1",
        {"n": str(tokens), "d": "2", "beta": f"every β >= {low}", "masses": "1/n"},
        (
            "a graph with an edge across every cut is connected",
            "Lemma 6.4: in an open half circle only consensus is critical",
            *(at_zero.assumptions if at_zero is not None else ()),
        ),
    )


PROBLEM_3 = Claim(
    "Problem 3",
    "d = 2, n = 3: every critical point but consensus is a strict saddle, for every β >= 0.",
    USA,
    Landscape(3),
    check_landscape,
    (
        Control("β >= 0 -> β >= -7/10", prediction=Landscape(3, Rational(-7, 10))),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    (Hypothesis("d = 2", _in_the_plane), Hypothesis("n <= 3", _at_most_three_tokens), WARM),
    concludes=Conclusion.CONSENSUS,
    equivalents=(
        ONLY_SPEED,
        AT_EVERY_BETA,
        Equivalent("two tokens in place of three", ("prediction.tokens: - 1",)),
        Equivalent("certified for four: Problem 3, n=3..6", ("prediction.tokens: + 1",)),
        Equivalent("said of β >= 1 only", ("prediction.low: + 1",)),
    ),
)


_SAME = "SA climbs the same energy in another metric: (3.12), Remark B.1"


THRESHOLD = large_beta_threshold(n)
"""From this β on the pairs with g >= 0 form a tree shorter than π."""


_MORE = (7, 8)  # numbers of tokens of a full run besides


@dataclass(frozen=True)
class Saddles:
    """Every critical point but consensus is a strict saddle, for every β >= low.

    Attributes
    ----------
    tokens : tuple of int
        Numbers of tokens, at least 2 each; a full run goes on to 7 and 8.
    curvature : Expr
        g in ``PHI`` and ``beta``.
    threshold : Expr
        In ``n``: the β from which the tree of pairs with g >= 0 is short enough.
    gap : Expr
        A critical point with a larger cyclic gap is consensus, and the tree may span 2π - gap.
    low : Expr
    """

    tokens: tuple[int, ...]
    curvature: Expr = CURVATURE
    threshold: Expr = THRESHOLD
    gap: Expr = pi
    low: Expr = S.Zero


def _types_at(turns: tuple[float, ...], hot: Fraction) -> tuple[int, int]:
    """Count positive and negative eigenvalues at a critical point in balls; 0, 0 if undecided."""
    try:
        found = certify_critical_point(turns, hot)
    except Rejected:  # degenerate, or no critical point
        return 0, 0
    if not check(found).ok:
        return 0, 0
    return found.parameters["positive"], found.parameters["negative"]


def _local_maximum(tokens: int, sign: int, low: Expr) -> str:
    """Say at which β the regular polygon, a critical point, is a local maximum; "" if at none."""
    polygon = tuple(k / tokens for k in range(tokens))
    for hot in (Fraction(int(low.p), int(low.q)) + step for step in (0, Fraction(1, 4), 1)):
        if hot == 0:
            continue
        if _types_at(polygon, hot)[::sign] == (0, tokens - 1):
            return (
                f"β = {hot}: the regular {tokens}-gon is critical and a local maximum up to "
                f"rotation, all {tokens - 1} eigenvalues negative (in balls)"
            )
    return ""


def check_strict_saddles(model: Model, prediction: Saddles, budget: Budget) -> Evidence:
    """Search trees for every number of tokens, have them checked, and join the large-β argument.

    Parameters
    ----------
    model : Model
        A flow that climbs its energy.
    prediction : Saddles
    budget : Budget
        ``full`` goes on to more tokens.
    """
    if min(prediction.tokens) < 2 or not prediction.threshold.free_symbols <= {n}:
        raise ValueError(
            f"Expected at least 2 tokens and a threshold in n but got tokens={prediction.tokens}, "
            f"threshold={prediction.threshold}; a pair is needed, and one number for each n."
        )
    sign = energy_sign(model, prediction.curvature)
    if isinstance(sign, Evidence):
        return sign
    if sign < 0 or prediction.low < 0:
        found = _local_maximum(prediction.tokens[0], sign, prediction.low)
        verdict = Verdict.REFUTED if found else Verdict.UNDECIDED
        return Evidence(verdict, f"{model.name}: {found or 'only β >= 0 is searched'}")
    span = 2 * pi - prediction.gap
    for tokens in (k for k in prediction.tokens if k <= 4):
        for turns in find_critical_points(tokens, 1.3):
            gap = 2 * np.pi * float(np.diff([*turns, 1.0]).max())
            if gap > float(prediction.gap) + 1e-9:
                return Evidence(
                    Verdict.REFUTED,
                    f"n = {tokens}, β = 1.3: critical at 2π {np.round(turns, 6).tolist()}, not "
                    f"consensus, with a gap of {gap:.6g} > {prediction.gap}",
                )
    counts = (*prediction.tokens, *(_MORE if budget.full else ()))
    done: list[str] = []
    for tokens in counts:
        threshold = S(prediction.threshold.subs(n, tokens))
        hot = threshold if threshold > 0 else S(1)
        tree = (tokens - 1) * acos((sqrt(4 * hot**2 + 1) - 1) / (2 * hot))
        if float(tree) > float(span) + 1e-9:
            return Evidence(
                Verdict.REFUTED,
                f"n = {tokens}: at β = {hot.n(6)} the {tokens - 1} edges of length τ* span "
                f"{float(tree):.6g} > {float(span):.6g}: not inside a half circle",
            )
        certificate = certify_strict_saddles(tokens, beta_from=str(prediction.low))
        reached = Fraction(certificate.evidence["knots"][-1])
        if certificate.parameters["beta_to"] != "infinity" or reached < threshold:
            return Evidence(
                Verdict.UNDECIDED, f"n = {tokens}: trees reach β = {reached}, not {threshold}"
            )
        result = check(certificate)
        if not result.ok:
            return Evidence(Verdict.UNDECIDED, f"n = {tokens}: {result.reason}")
        done.append(f"n = {tokens}: {_leaves(certificate)} boxes up to β = {float(reached):.4g}")
    more = "" if budget.full else f"; a full run goes on to n = {max(_MORE)}"
    return Evidence(
        Verdict.CERTIFIED,
        f"{'; '.join(done)}; replayed in balls; above, n - 1 pairs within τ* span less than "
        f"π{more}",
        {"n": f"{counts[0]} to {counts[-1]}", "d": "2", "beta": "every β >= 0", "masses": "1/n"},
        (*certificate.assumptions, _SAME),
    )


def _leaves(certificate: Certificate) -> int:
    """Count the boxes of all trees: every leaf starts with one of three symbols."""
    trees = "".join(certificate.evidence["trees"])
    return sum(trees.count(symbol) for symbol in ".+!")


def _few(**parameters: float) -> float:
    return 6.0 - parameters["n"]


PROBLEM_3_SMALL = Claim(
    "Problem 3, n=3..6",
    "d = 2, n = 3 to 6: every critical point but consensus is a strict saddle, for every β >= 0.",
    USA,
    Saddles((3, 4, 5, 6)),
    check_strict_saddles,
    (
        Control("β >= 0 -> β >= -7/10", prediction=Saddles((3, 4), low=Rational(-7, 10))),
        Control("V = -I", model=REPULSIVE),
        Control(
            "half the threshold",
            prediction=Saddles((3, 4), threshold=THRESHOLD / 2),
        ),
        Control("g without β", prediction=Saddles((3, 4), curvature=DROPPED)),
        Control("gap > π -> gap > π/2", prediction=Saddles((3, 4), gap=pi / 2)),
    ),
    Verdict.CERTIFIED,
    (Hypothesis("d = 2", _in_the_plane), Hypothesis("n <= 6", _few), WARM),
    origin="extension",
    concludes=Conclusion.CONSENSUS,
    equivalents=(
        Equivalent("the statement is on the energy alone", ("*.velocity: *",)),
        Equivalent(
            "the trees certify this n too",
            ("prediction.tokens.?: + 1", "prediction.tokens.[1-3]: - 1"),
        ),
        Equivalent("a larger threshold", ("prediction.threshold: × n",)),
        Equivalent("said of fewer β", ("prediction.low: + 1",)),
    ),
)


CLAIMS = (PROBLEM_3, PROBLEM_3_SMALL)
