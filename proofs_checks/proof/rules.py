"""Rules of inference: what a sheet may conclude from its steps, each with statement and source.

`apply` checks that the steps hold and that the rule's own condition on the data does; a broken use
gives a gap, never a step that holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Expr, S, oo, sympify

from proofs_checks.proof.sheet import How, Outcome, Step
from theory.symbols import X, t, z


@dataclass(frozen=True)
class Rule:
    """A rule of inference.

    Attributes
    ----------
    name : str
    statement : str
        Hypotheses and conclusion.
    source : str
        Where its proof stands.
    needs : int
        How many steps it is applied to, at least.
    check : callable
        ``check(**data)`` says what of its condition on the data fails, "" if nothing does.
    """

    name: str
    statement: str
    source: str
    needs: int
    check: Callable[..., str]


def apply(rule: Rule, text: str, *steps: Step, **data: Any) -> Step:
    """Conclude a step by a rule from earlier steps.

    Parameters
    ----------
    rule : Rule
    text : str
        The conclusion, in symbols.
    *steps : Step
        What it is applied to.
    **data
        What the rule's condition is about.

    Returns
    -------
    Step
        A gap, with its reason, if a step doesn't hold, one is missing, or the condition fails.
    """
    enclosed = any(step.enclosed for step in steps)
    if len(steps) < rule.needs:
        reason = f"{rule.name} needs {rule.needs} steps, not {len(steps)}"
        return Step(text, How.BY_RULE, Outcome.GAP, reason)
    for step in steps:
        if not step.holds:
            reason = f"{rule.name} needs: {step.text}: {step.evidence}"
            return Step(text, How.BY_RULE, Outcome.GAP, reason)
    reason = rule.check(**data)
    if reason:
        return Step(text, How.BY_RULE, Outcome.GAP, f"{rule.name}: {reason}")
    return Step(text, How.BY_RULE, Outcome.HOLDS, rule.name, enclosed=enclosed)


def _constant_rate(rate: Any) -> str:
    free = sympify(rate).free_symbols & {t, z, X}
    return f"the rate {rate} isn't constant along the flow" if free else ""


def _positive_time(factor: Expr, total: Any) -> str:
    if total is None:
        return f"whether the integral of {factor} diverges isn't decided"
    return "" if total == oo else f"the integral of {factor} is finite, {total}"


def _bounded_time(factor: Expr, total: Any) -> str:
    if total is None:
        return f"whether the integral of {factor} diverges isn't decided"
    return "" if total != oo else f"the integral of {factor} isn't bounded"


def _none() -> str:
    return ""


def _nonnegative(terms: Mapping[str, Any]) -> str:
    bad = [name for name, sign in terms.items() if sign not in ("> 0", ">= 0")]
    return f"the sign of {bad[0]} is {terms[bad[0]]}" if bad else ""


def _positive_area(area: Expr) -> str:
    return "" if area.is_positive else f"the integral {area} isn't positive"


def _ends_at_zero(end: Expr) -> str:
    return "" if end == S.Zero else f"the speed at the end is {end}, not 0"


def _some_codimension(codimension: Any) -> str:
    known = sympify(codimension)
    return "" if (known - 1).is_nonnegative else f"the codimension {known} isn't shown >= 1"


def _free_of_condition(law: tuple[Any, ...]) -> str:
    """Whether a law depends on the dimension and on how many points came before, no more."""
    free = {str(s) for part in law for s in sympify(part).free_symbols} - {"d", "i"}
    return f"the law depends on {', '.join(sorted(free))}" if free else ""


def _few_edges(edges: Any, tokens: Any) -> str:
    gap = sympify(tokens) - sympify(edges)
    return "" if gap == 1 else f"{tokens} vertices have spanning trees of {tokens} - 1 edges"


GRONWALL = Rule(
    "Grönwall",
    "D' <= -λ D almost everywhere, D continuous, λ constant: D(t) <= D(0) e^{-λt}",
    "Teschl, Ordinary Differential Equations and Dynamical Systems, Lemma 2.7",
    1,
    _constant_rate,
)


COMPARISON = Rule(
    "comparison",
    "u' <= f(u), v' = f(v), f Lipschitz, u(0) <= v(0): u <= v as long as both exist",
    "Teschl, Theorem 1.3",
    2,
    _none,
)


LEAST = Rule(
    "derivative of a minimum",
    "f_1, …, f_n differentiable: min f_i is Lipschitz on compact times, and its derivative is "
    "f_i' for an i where the minimum is, almost everywhere; so it never falls if f_i' >= 0 there",
    "Danskin; Clarke, Optimization and Nonsmooth Analysis, Theorem 2.8.2",
    1,
    _none,
)


SUM = Rule(
    "sum of nonnegative terms",
    "a sum of terms >= 0 is >= 0, and 0 only where each of them is",
    "order of the reals",
    1,
    _nonnegative,
)


CONTRACTION = Rule(
    "contraction of a diameter",
    "y_i' = Σ_j a_ij (y_j - y_i) with a_ij >= λ m_j, m_j >= 0, Σ m_j = 1: the diameter D of the "
    "y_i has D' <= -λ D almost everywhere",
    "for a widest pair, <y_i-y_j, y_k-y_i> <= 0: take λ m_k out of both sums; Danskin",
    2,
    _constant_rate,
)


SPANNING_TREE = Rule(
    "cut to spanning tree",
    "a graph on n vertices in which every cut is crossed by an edge is connected, so it has a "
    "spanning tree of n - 1 edges",
    "Diestel, Graph Theory, Proposition 1.5.6",
    1,
    _few_edges,
)


TIME_CHANGE = Rule(
    "time change",
    "x' = s(t) F(x): x(t) = y(τ), τ = ∫_0^t s, y' = F(y). If τ -> ∞ then x has the limits of y",
    "chain rule; Picard-Lindelöf",
    1,
    _positive_time,
)


FINITE_TIME = Rule(
    "bounded time",
    "x' = s(t) F(x), F Lipschitz with constant L in each token's own position, τ = ∫_0^t s "
    "bounded: distinct tokens never meet, |x_i-x_j| >= |x_i(0)-x_j(0)| e^{-L sup|τ|}",
    "chain rule; Grönwall on |x_i-x_j|",
    1,
    _bounded_time,
)


MONOTONE_LIMIT = Rule(
    "monotone limit",
    "γ' = f(γ), f > 0 on [γ_0, 1), f(1) = 0, f Lipschitz: γ rises from γ_0 to 1",
    "a bounded monotone solution tends to a zero of f",
    2,
    _ends_at_zero,
)


IMPLICATION = Rule(
    "weaker bound",
    "D <= C e^{-λt}, C <= C', λ' <= λ: D <= C' e^{-λ't} for t >= 0",
    "order of the reals",
    2,
    _none,
)


CHAIN = Rule(
    "chain of bounds",
    "a_1 <= a_2, a_2 <= a_3, …: a_1 <= the last of them",
    "order of the reals",
    2,
    _none,
)


LIMIT_POINT = Rule(
    "limit of a shrinking hull",
    "the convex hull of the y_i(t) never grows and its diameter D(t) tends to 0: all y_i converge "
    "to one point, at most D(t) away",
    "nested compact sets",
    1,
    _none,
)


TRIANGLE = Rule(
    "triangle inequality",
    "|Σ_j m_j v_j| <= Σ_j m_j |v_j| <= Σ_j m_j · max |v_j|, m_j >= 0",
    "norm",
    1,
    _none,
)


MEAN_VALUE = Rule(
    "mean value",
    "|f(a) - f(b)| <= max |f'| · |a - b| on an interval; weights e^{l_j}/Σ e^{l_k} that move by "
    "dl_j move Σ_j A_j y_j, |y_j| <= 1, by max |dl_j| at most",
    "mean value theorem; covariance of two variables, one of norm at most 1",
    1,
    _none,
)


SHARE = Rule(
    "share of one term",
    "A_j = k_j/Σ_l k_l, k > 0: A_j <= k_j/k_i for every i",
    "order of the reals: the sum holds k_i",
    1,
    _none,
)


PRODUCT_AT_ZERO = Rule(
    "product at a zero",
    "f = u v, v(p) = 0: df = u dv at p",
    "product rule",
    1,
    _none,
)


QUOTIENT = Rule(
    "quotient of forms",
    "1/r <= <v,Mv> <= r for |v| = 1, λ = max <v,Hv>/<v,Mv>, μ = max <v,Hv>, one of them > 0: "
    "μ/r <= λ <= r μ",
    "order of the reals, at the two maximisers",
    2,
    _none,
)


RAYLEIGH = Rule(
    "Rayleigh quotient",
    "H symmetric: its top eigenvalue is at least <v,Hv>/|v|² for every v, hence at least "
    "Σ <v_k,Hv_k>/Σ |v_k|² for several",
    "Horn and Johnson, Matrix Analysis, Theorem 4.2.2",
    1,
    _none,
)


TANGENT = Rule(
    "tangent of a convex function",
    "k'' > 0: k(t) >= k(a) + k'(a)(t - a), equal for t = a only",
    "Taylor's formula",
    1,
    _none,
)


DISJOINT = Rule(
    "disjoint intervals",
    "f >= 0 and ∫f >= a > 0 over infinitely many disjoint intervals: ∫f = ∞",
    "monotone convergence",
    1,
    _positive_area,
)
MONOTONE = Rule(
    "inverse of a monotone function",
    "f continuous and rising on [a, b): it takes each value in [f(a), sup f) once, and "
    "inf {s : f(s) >= v} exists for every v < sup f",
    "intermediate values",
    2,
    _none,
)


CAUCHY_SCHWARZ = Rule(
    "Cauchy-Schwarz",
    "|<v,w>| <= |v||w| <= (|v|²+|w|²)/2",
    "norm of an inner product",
    1,
    _none,
)


LARGER_EVENT = Rule(
    "larger event",
    "S contains S_k up to a null set: P(S) >= P(S_k), so that P(S) -> 1 where P(S_k) -> 1",
    "monotonicity of a probability",
    2,
    _none,
)


AVERAGE = Rule(
    "mean",
    "the mean of f over finitely many values, or over a probability measure, is > c: f > c "
    "somewhere; f <= c everywhere: the mean is <= c",
    "monotonicity of the integral",
    1,
    _none,
)


LINEARITY = Rule(
    "sum over pairs",
    "E = ½ Σ_ij m_i m_j h(<x_i,x_j>): a derivative of E is the sum of those of the pairs, for any "
    "n and masses; a pair that keeps its inner product adds 0",
    "linearity of the derivative",
    1,
    _none,
)


NULL_SETS = Rule(
    "null sets",
    "every equilibrium of a set has a disc of codimension k >= 1 that holds the orbits that stay "
    "near: the starts that converge to one of them are in countably many discs of codimension k, "
    "so they are null",
    "Lindelöf: countably many of the discs do; their preimages under the flow at the times 1, 2, … "
    "are discs too; a disc of codimension k >= 1 is null, and so are countably many",
    1,
    _some_codimension,
)


LAW_WITHOUT_CONDITION = Rule(
    "law without its condition",
    "given Z, Y has the law L, the same for almost every Z: Y has the law L and is independent of "
    "Z; so are Y_1, …, Y_n of each other if that holds of each and the earlier ones",
    "Kallenberg, Foundations of Modern Probability, Proposition 6.6; induction",
    2,
    _free_of_condition,
)


BLOCKS = Rule(
    "blocks",
    "a block diagonal matrix is skew if its blocks are, and has their squares as blocks",
    "multiplication by blocks",
    1,
    _none,
)


MAXIMUM = Rule(
    "local maximum",
    "at a local maximum of E the second derivative of E along every curve is <= 0",
    "E' = 0 there; Taylor",
    1,
    _none,
)


RULES = (
    GRONWALL,
    COMPARISON,
    LEAST,
    SUM,
    CONTRACTION,
    SPANNING_TREE,
    TIME_CHANGE,
    FINITE_TIME,
    MONOTONE_LIMIT,
    IMPLICATION,
    LIMIT_POINT,
    TRIANGLE,
    MEAN_VALUE,
    AVERAGE,
    LINEARITY,
    NULL_SETS,
    LAW_WITHOUT_CONDITION,
    BLOCKS,
    MAXIMUM,
    LARGER_EVENT,
    CAUCHY_SCHWARZ,
    DISJOINT,
    CHAIN,
    SHARE,
    PRODUCT_AT_ZERO,
    QUOTIENT,
    RAYLEIGH,
    TANGENT,
    MONOTONE,
)
"""Every rule."""
