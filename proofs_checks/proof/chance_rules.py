"""Rules on null sets, cells of hyperplanes and probabilities; `rules` has the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import sympify

from proofs_checks.proof.rule import Rule, unconditional


def _some_codimension(codimension: Any) -> str:
    known = sympify(codimension)
    return "" if (known - 1).is_nonnegative else f"the codimension {known} isn't shown >= 1"


def _counts_add(counts: Sequence[tuple[int, int, int]]) -> str:
    bad = [(cells, old, new) for cells, old, new in counts if cells != old + new]
    return f"{bad[0][0]} cells were counted, not {bad[0][1]} + {bad[0][2]}" if bad else ""


def _no_residual(residual: str) -> str:
    return residual


def _not_everywhere_zero(value: Any) -> str:
    return "" if sympify(value) != 0 else "it is 0 where it was evaluated"


COUNTABLE_COVER = Rule(
    "countable cover",
    "every point of a subset of a manifold has a neighbourhood: countably many of these cover it",
    "Lindelöf: a manifold has a countable base; Lee, Introduction to Smooth Manifolds, 1.15",
    1,
    unconditional,
)


CAUGHT = Rule(
    "caught near its limit",
    "X(t) -> y in an open B, and W holds the points of B whose orbits stay in B: X(q) is in W for "
    "an integer q, so that X(0) is in Φ_q^{-1}(W)",
    "definition of a limit",
    2,
    unconditional,
)


NULL_SETS = Rule(
    "null sets",
    "countably many discs of codimension k >= 1, and their preimages under the diffeomorphisms "
    "Φ_0, Φ_1, …: the union of all of these is null",
    "such a disc is null by Sard's theorem; a diffeomorphism keeps null sets; countable additivity",
    1,
    _some_codimension,
)


GENERAL_POSITION = Rule(
    "general position",
    "a polynomial that isn't 0 everywhere is 0 on a null set of the sphere or of its powers only",
    "Fubini, by the number of variables: one variable has finitely many zeros; normalise Gaussians",
    1,
    _not_everywhere_zero,
)


HALF_SPACES = Rule(
    "signs and cells",
    "w off all hyperplanes <x_i,w> = 0: the cell of w is where its signs s are constant, and there "
    "is such a w if and only if the s_i x_i are in an open hemisphere: as many cells as such s",
    "s_i <x_i,w> = <s_i x_i,w> > 0; a set of constant signs is convex, so it is one cell",
    1,
    unconditional,
)


TRACES = Rule(
    "traces in general position",
    "y, x_1, …, x_k independent: the projections of the x_i along y are independent",
    "Σ c_i (x_i - a_i y) = 0 gives Σ c_i x_i = (Σ c_i a_i) y, hence all c_i = 0",
    1,
    unconditional,
    rocq="Forms.rule_traces",
)


ONE_MORE = Rule(
    "one more hyperplane",
    "a hyperplane H through 0 adds as many cells as the others' traces have in H",
    "a cell is an open convex cone: H cuts it into two if it meets it, in one cell of the traces, "
    "and leaves it whole if not; each cell of the traces lies in one cell",
    2,
    _counts_add,
)


RECURSION = Rule(
    "induction on a recursion",
    "C(n,d) = C(n-1,d) + C(n-1,d-1) for n, d >= 2 has one solution with given C(1,d) and C(n,1)",
    "induction on n",
    3,
    _no_residual,
    rocq="Rules.rule_recursion",
)


ALL_SIGNS = Rule(
    "all signs",
    "the x_i are independent with laws that x -> -x keeps: P(A) is the mean, over the 2^n signs, "
    "of P(A at s_1 x_1, …, s_n x_n), so N/2^n where N of the signs have A almost surely",
    "each sign vector keeps the law of (x_1, …, x_n); linearity of the mean",
    2,
    unconditional,
)


LARGER_EVENT = Rule(
    "larger event",
    "S contains S_k up to a null set: P(S) >= P(S_k), so that P(S) -> 1 where P(S_k) -> 1",
    "monotonicity of a probability",
    2,
    unconditional,
)


FALLING_RATIO = Rule(
    "falling ratio of densities",
    "densities f, g on an interval, f/g falls: the law of f gives [.., s] at least what g's gives",
    "Lehmann and Romano, Testing Statistical Hypotheses, Lemma 3.4.2",
    1,
    unconditional,
)


MARKOV = Rule(
    "Markov",
    "y_1, …, y_k >= 0: P(some y_i > s) <= Σ E y_i/s",
    "union bound and Markov's inequality",
    1,
    unconditional,
    rocq="Times.rule_markov",
    narrower="of finitely many outcomes",
)


CHANCE_RULES = (
    COUNTABLE_COVER,
    CAUGHT,
    NULL_SETS,
    GENERAL_POSITION,
    HALF_SPACES,
    TRACES,
    ONE_MORE,
    RECURSION,
    ALL_SIGNS,
    LARGER_EVENT,
    FALLING_RATIO,
    MARKOV,
)
