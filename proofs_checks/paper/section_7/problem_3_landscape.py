"""Problem 3, n = 3; Problem 3, n=3..6: on the circle all but consensus is a strict saddle.

Main results
------------
Problem 3, n = 3: d = 2: every critical point but consensus is a strict saddle, all β >= 0.
Problem 3, n=3..6: the same for n = 3 to 6. For every n it is "Saddles on the circle", by another
argument.

How it is proved
----------------
n = 3 by a theorem, of any masses and d: where no cut of the tokens can be turned uphill, each has a
pair nearer than π/2 across it, these pairs form a tree that spans less than π, and in an open
hemisphere only consensus is critical. At β = 0 the energy is that of the barycentre. n = 3 to 6: a
theorem whose leaves are certificates, subdivision trees up to the β from which the same argument
holds, replayed by the checker in balls, and by Rocq. The flow at β = 0 is asked by itself.

References
----------
arXiv 2312.10794, Section 7, Problem 3; Theorem 4.1, Lemma 6.4, (3.12) and Remark B.1 are cited.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Rational, S, cos, diff, pi, simplify, sin

from proofs_checks.claim import (
    IN_THE_PLANE,
    WARM,
    Budget,
    Claim,
    Conclusion,
    Control,
    Equivalent,
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
    Counterexample,
    Flow,
    Statement,
    climbs_curvature,
    off_curvature,
    polygon_bends_down,
    polygon_is_maximum,
    statement_of,
    wide_gap,
)
from proofs_checks.theorems import (
    Concludes,
    Refusal,
    few_on_circle,
    few_saddles,
    stated_kernel,
    subject_in,
)
from proofs_checks.theorems import Conclusion as Concluded
from theory.bounded import simplified
from theory.derivations import phi as PHI
from theory.energy import pole_free
from theory.models import REPULSIVE, USA
from theory.predictions import large_beta_threshold
from theory.symbols import beta, n, z


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


def _curvature(flow: Flow) -> Expr | None:
    """``g = -h''(φ)``: the mixed second derivative of the energy of a pair, up to 1/n²."""
    if flow.kernel is None:
        return None
    return simplified(-diff(flow.kernel.subs(z, cos(PHI)), PHI, 2))


def refute_landscape(
    flow: Flow, prediction: Landscape | None, budget: Budget
) -> Counterexample | None:
    """Give a polygon that is a local maximum, or what refutes Theorem 4.1."""
    if prediction is None:
        return None
    tokens, low = prediction.tokens, prediction.low
    if tokens < 2:
        raise ValueError(f"Expected at least two tokens but got tokens={tokens}.")
    curvature = _curvature(flow)
    found = "" if curvature is None else polygon_bends_down(curvature, tokens, low)
    if found:
        return Counterexample(f"{flow.name}, n = {tokens}, {found}")
    if low != 0:
        return None
    cold = statement_of(THEOREM_4_1).refute(flow, THEOREM_4_1.prediction, budget)
    return None if cold is None else Counterexample(f"β = 0: {cold.text}")


def conclude_landscape(flow: Flow, prediction: Landscape) -> Concluded | Refusal:
    """Claim that all but consensus are strict saddles, for β > 0 by arcs, at β = 0 too.

    Examples
    --------
    >>> type(conclude_landscape(Flow.of(USA), Landscape(3)).found).__name__
    'Theorem'
    >>> print(conclude_landscape(Flow.of(USA), Landscape(4)))
    3 arcs are short for β > 2/3 alone
    """
    stated = stated_kernel(flow)
    if isinstance(stated, Refusal):
        return stated
    subject, kernel = stated
    cold = simplified(pole_free(kernel, beta, 0))
    return few_saddles(subject, kernel, cold, prediction.tokens, prediction.low)


def say_landscape(flow: Flow, prediction: Landscape) -> str:
    """Say which critical points are strict saddles."""
    return (
        f"n <= {prediction.tokens}, every β >= {prediction.low}: every critical point but "
        f"consensus is a strict saddle, by arcs that span less than π; {_EVERY}"
    )


LANDSCAPE: Statement[Landscape] = Statement(
    "",
    "d = 2, n = 3: every critical point but consensus is a strict saddle",
    Concludes(conclude_landscape),
    refute=refute_landscape,
    says=say_landscape,
    typed=True,
)
PROBLEM_3 = Claim(
    "Problem 3, n = 3",
    "d = 2, n = 3: every critical point but consensus is a strict saddle, for every β >= 0. "
    "For every n it is certified: Saddles on the circle.",
    USA,
    Landscape(3),
    LANDSCAPE,
    (
        Control("β >= 0 -> β >= -7/10", prediction=Landscape(3, Rational(-7, 10))),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    (IN_THE_PLANE, Hypothesis("n <= 3", _at_most_three_tokens), WARM),
    concludes=Conclusion.CONSENSUS,
    equivalents=(
        ONLY_SPEED,
        AT_EVERY_BETA,
        Equivalent("two tokens in place of three", ("prediction.tokens: - 1",)),
        Equivalent("certified for four: Problem 3, n=3..6", ("prediction.tokens: + 1",)),
        Equivalent("said of β >= 1 only", ("prediction.low: + 1",)),
    ),
)

_EVERY = "for every n it is Saddles on the circle; not used here"
THRESHOLD = large_beta_threshold(n)
"""From this β on the pairs with g >= 0 form a tree shorter than π."""


@dataclass(frozen=True)
class Saddles:
    """Every critical point but consensus is a strict saddle, for every β >= low.

    Attributes
    ----------
    tokens : tuple of int
        Numbers of tokens, at least 2 each.
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


def _from_here(prediction: Saddles, tokens: int) -> Expr:
    """Return the β from which the argument of n = 3 is said to hold."""
    threshold = S(prediction.threshold.subs(n, tokens))
    return threshold if threshold > 0 else S.Zero


def _profile(prediction: Saddles, tokens: int) -> Expr:
    """``cos a - β sin² a`` at the threshold, (n-1) a the span: <= 0 if n - 1 arcs τ* fit it."""
    angle = (2 * pi - prediction.gap) / (tokens - 1)
    return simplify(cos(angle) - _from_here(prediction, tokens) * sin(angle) ** 2)


def refute_saddles(flow: Flow, prediction: Saddles | None, budget: Budget) -> Counterexample | None:
    """Give another curvature, a polygon that is a maximum, a wide critical point, a long tree."""
    if prediction is None:
        return None
    if min(prediction.tokens) < 2 or not prediction.threshold.free_symbols <= {n}:
        raise ValueError(
            f"Expected at least 2 tokens and a threshold in n but got tokens={prediction.tokens}, "
            f"threshold={prediction.threshold}; a pair is needed, and one number for each n."
        )
    own = prediction.curvature
    own = own if beta in flow.model.parameters else own.subs(beta, 0)
    off, sign = off_curvature(flow, own), climbs_curvature(flow)
    if off:
        return Counterexample(off)
    if sign == -1 or (sign == 1 and prediction.low < 0):
        found = polygon_is_maximum(prediction.tokens[0], sign, prediction.low)
        return Counterexample(f"{flow.name}: {found}") if found else None
    for tokens in (k for k in prediction.tokens if k <= 4):
        found = wide_gap(tokens, float(prediction.gap))
        if found:
            return Counterexample(f"n = {tokens}, β = 1.3: {found} > {prediction.gap}")
    for tokens in prediction.tokens:
        left = enclose(_profile(prediction, tokens))
        if left.a > 0:
            return Counterexample(
                f"n = {tokens}: at β = {_from_here(prediction, tokens).n(6)} the {tokens - 1} "
                f"edges of length τ* span more than {(2 * pi - prediction.gap).n(6)}: not inside "
                "a half circle"
            )
    return None


def conclude_saddles(flow: Flow, prediction: Saddles) -> Concluded | Refusal:
    """Say that all but consensus are strict saddles, by trees of boxes, and that tokens meet.

    The certificates' own argument beyond the trees has the curvature, the threshold and the gap.
    """
    own = prediction.curvature, prediction.threshold, prediction.gap
    if own != (CURVATURE, THRESHOLD, pi):
        return Refusal("certificates are of another curvature, threshold or gap")
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    return few_on_circle(subject, prediction.tokens, prediction.low)


SADDLES: Statement[Saddles] = Statement(
    "",
    "d = 2, few tokens: every critical point but consensus is a strict saddle",
    Concludes(conclude_saddles, words=(("d", "2"), ("masses", "1/n"))),
    refute=refute_saddles,
    typed=True,
)


def _few(**parameters: float) -> float:
    return 6.0 - parameters["n"]


PROBLEM_3_SMALL = Claim(
    "Problem 3, n=3..6",
    "d = 2, n = 3 to 6: every critical point but consensus is a strict saddle, for every β >= 0. "
    "For every n it is certified otherwise: Saddles on the circle.",
    (USA, USA.subs({beta: 0})),
    Saddles((3, 4, 5, 6)),
    SADDLES,
    (
        Control("β >= 0 -> β >= -7/10", prediction=Saddles((3, 4), low=Rational(-7, 10))),
        Control("V = -I", model=REPULSIVE),
        Control("half the threshold", prediction=Saddles((3, 4), threshold=THRESHOLD / 2)),
        Control("g without β", prediction=Saddles((3, 4), curvature=DROPPED)),
        Control("gap > π -> gap > π/2", prediction=Saddles((3, 4), gap=pi / 2)),
    ),
    Verdict.CERTIFIED,
    (IN_THE_PLANE, Hypothesis("n <= 6", _few), WARM),
    origin="extension",
    concludes=Conclusion.CONSENSUS,
    equivalents=(
        Equivalent("the statement is on the energy alone", ("*.velocity: *",)),
        Equivalent(
            "the trees certify this n too",
            ("prediction.tokens.?: + 1", "prediction.tokens.[1-3]: - 1"),
        ),
        Equivalent("two tokens in place of three", ("prediction.tokens.0: - 1",)),
        Equivalent("a larger threshold", ("prediction.threshold: × n",)),
        Equivalent("said of fewer β", ("prediction.low: + 1",)),
    ),
)
CLAIMS = (PROBLEM_3, PROBLEM_3_SMALL)
