"""Rules of inference: what a sheet may conclude from its steps, each with statement and source.

`rule` says what a rule is and applies it. Those on null sets and probabilities are in
`chance_rules`, on graphs in `graph_rules`; all are listed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Expr, S, exp, oo, simplify, sympify

from proofs_checks.decide import bounds_norm
from proofs_checks.proof import chance_rules, graph_rules
from proofs_checks.proof.law_rules import LAW_RULES
from proofs_checks.proof.rule import Rule, unconditional
from proofs_checks.proof.scores import NORM
from theory.symbols import X, t, z


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


def _nonnegative(terms: Mapping[str, Any]) -> str:
    bad = [name for name, sign in terms.items() if sign not in ("> 0", ">= 0")]
    return f"the sign of {bad[0]} is {terms[bad[0]]}" if bad else ""


def _positive_area(area: Expr) -> str:
    return "" if area.is_positive else f"the integral {area} isn't positive"


def _ends_at_zero(end: Expr) -> str:
    return "" if end == S.Zero else f"the speed at the end is {end}, not 0"


def _few_edges(edges: Any, tokens: Any) -> str:
    gap = sympify(tokens) - sympify(edges)
    return "" if gap == 1 else f"{tokens} vertices have spanning trees of {tokens} - 1 edges"


def _bounds_norm(bound: Any, rows: Any = None) -> str:
    """Say that a bound isn't shown to be at least |M|: of numbers exactly, else against NORM."""
    if rows is not None:
        return "" if bounds_norm(bound, rows) else f"{bound} is less than the norm of {rows}"
    share = sympify(bound) / NORM
    return "" if share.is_number and share >= 1 else f"{bound} isn't shown to be at least {NORM}"


def _floor(least: Any, reach: Any, divided: bool) -> str:
    """Say that a bound is more than e^{-2L} of a quotient, e^{-L} of one exponential."""
    share = simplify(sympify(least) / exp(-(2 if divided else 1) * sympify(reach)))
    return "" if share.is_number and 0 < share <= 1 else f"{least} isn't shown for |l| <= {reach}"


def _one_cut(cut: int) -> str:
    return "" if cut == 1 else f"{cut} hyperplanes leave {cut} coordinates free"


def _one_leads(leader: tuple[Any, ...], others: tuple[tuple[Any, ...], ...]) -> str:
    bad = [o for o in others if o == leader or any(a > b for a, b in zip(o, leader, strict=True))]
    return f"{bad[0]} isn't below {leader} throughout" if bad else ""


GRONWALL = Rule(
    "Grönwall",
    "D' <= -λ D almost everywhere, D locally Lipschitz, λ constant: D(t) <= D(0) e^{-λt}",
    "Teschl, Ordinary Differential Equations and Dynamical Systems, Lemma 2.7",
    1,
    _constant_rate,
    rocq="Rules.rule_gronwall",
    narrower="of the largest of finitely many differentiable D",
)


COMPARISON = Rule(
    "comparison",
    "u' <= f(u), v' = f(v), f Lipschitz, u(0) <= v(0): u <= v as long as both exist",
    "Teschl, Theorem 1.3",
    2,
    unconditional,
    rocq="Rules.rule_comparison",
)


LEAST = Rule(
    "derivative of a minimum",
    "f_1, …, f_n differentiable: min f_i is Lipschitz on compact times, and its derivative is "
    "f_i' for an i where the minimum is, almost everywhere; so it never falls if f_i' >= 0 there",
    "Danskin; Clarke, Optimization and Nonsmooth Analysis, Theorem 2.8.2",
    1,
    unconditional,
    rocq="Rules.rule_least",
    narrower="that it never falls",
)


SUM = Rule(
    "sum of nonnegative terms",
    "a sum of terms >= 0 is >= 0, and 0 only where each of them is",
    "order of the reals",
    1,
    _nonnegative,
    rocq="Rules.rule_sum",
)


CONTRACTION = Rule(
    "contraction of a diameter",
    "y_i' = Σ_j a_ij (y_j - y_i) with a_ij >= λ m_j, m_j >= 0, Σ m_j = 1: the diameter D of the "
    "y_i has D' <= -λ D almost everywhere",
    "for a widest pair, <y_i-y_j, y_k-y_i> <= 0: take λ m_k out of both sums; Danskin",
    2,
    _constant_rate,
    rocq="Contraction.contraction",
    narrower="with Grönwall's conclusion",
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
    rocq="Times.rule_time_change",
    narrower="that y(τ(t)) is a solution, with the limit of y",
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
    rocq="Rules.rule_monotone_limit",
)


IMPLICATION = Rule(
    "weaker bound",
    "D <= C e^{-λt}, 0 <= C <= C', λ' <= λ: D <= C' e^{-λ't} for t >= 0",
    "order of the reals",
    2,
    unconditional,
    rocq="Rules.rule_implication",
)


CHAIN = Rule(
    "chain of bounds",
    "a_1 <= a_2, a_2 <= a_3, …: a_1 <= the last of them",
    "order of the reals",
    2,
    unconditional,
    rocq="Rules.rule_chain",
)


LIMIT_POINT = Rule(
    "limit of a shrinking hull",
    "the convex hull of the y_i(t) never grows and its diameter D(t) tends to 0: all y_i converge "
    "to one point, at most D(t) away",
    "nested compact sets",
    1,
    unconditional,
    rocq="Contraction.limit_point",
)


TRIANGLE = Rule(
    "triangle inequality",
    "|Σ_j m_j v_j| <= Σ_j m_j |v_j| <= Σ_j m_j · max |v_j|, m_j >= 0",
    "norm",
    1,
    unconditional,
    rocq="Rules.rule_triangle",
)


MEAN_VALUE = Rule(
    "mean value",
    "|f(a) - f(b)| <= max |f'| · |a - b| on an interval; weights e^{l_j}/Σ e^{l_k} that move by "
    "dl_j move Σ_j A_j y_j, |y_j| <= 1, by max |dl_j| at most",
    "mean value theorem; covariance of two variables, one of norm at most 1",
    1,
    unconditional,
    rocq="Rules.rule_mean_value",
    narrower="of a function on an interval",
)


SHARE = Rule(
    "share of one term",
    "A_j = k_j/Σ_l k_l, k > 0: A_j <= k_j/k_i for every i",
    "order of the reals: the sum holds k_i",
    1,
    unconditional,
    rocq="Rules.rule_share",
)


PRODUCT_AT_ZERO = Rule(
    "product at a zero",
    "f = u v, v(p) = 0: df = u dv at p",
    "product rule",
    1,
    unconditional,
    rocq="Rules.rule_product_at_zero",
)


QUOTIENT = Rule(
    "quotient of forms",
    "1/r <= <v,Mv> <= r for |v| = 1, λ = max <v,Hv>/<v,Mv>, μ = max <v,Hv>, one of them > 0: "
    "μ/r <= λ <= r μ",
    "order of the reals, at the two maximisers",
    2,
    unconditional,
    rocq="Rules.rule_quotient",
)


RAYLEIGH = Rule(
    "Rayleigh quotient",
    "H symmetric: its top eigenvalue is at least <v,Hv>/|v|² for every v, hence at least "
    "Σ <v_k,Hv_k>/Σ |v_k|² for several",
    "Horn and Johnson, Matrix Analysis, Theorem 4.2.2",
    1,
    unconditional,
    rocq="Forms.rule_rayleigh",
    narrower="where <v,Hv>/|v|² has a largest value",
)


TANGENT = Rule(
    "tangent of a convex function",
    "k'' > 0: k(t) >= k(a) + k'(a)(t - a), equal for t = a only",
    "Taylor's formula",
    1,
    unconditional,
    rocq="Rules.rule_tangent",
)


DISJOINT = Rule(
    "disjoint intervals",
    "f >= 0 and ∫f >= a > 0 over infinitely many disjoint intervals: ∫f = ∞",
    "monotone convergence",
    1,
    _positive_area,
    rocq="Times.rule_disjoint",
    narrower="of intervals in order",
)
MONOTONE = Rule(
    "inverse of a monotone function",
    "f continuous and rising on [a, b): it takes each value in [f(a), sup f) once, and "
    "inf {s : f(s) >= v} exists for every v < sup f",
    "intermediate values",
    2,
    unconditional,
    rocq="Rules.rule_monotone",
    narrower="on a closed interval",
)


CAUCHY_SCHWARZ = Rule(
    "Cauchy-Schwarz",
    "|<v,w>| <= |v||w| <= (|v|²+|w|²)/2",
    "norm of an inner product",
    1,
    unconditional,
    rocq="Rules.rule_cauchy_schwarz",
)


OPERATOR_NORM = Rule(
    "operator norm",
    "|x| = |y| = 1: |<Qx, Ky>| = |<x, Q^T K y>| <= |Q^T K|, the largest singular value",
    "Cauchy-Schwarz; Horn and Johnson, Matrix Analysis, Section 5.6",
    1,
    _bounds_norm,
    rocq="Rules.rule_operator_norm",
)


LEAST_EXPONENTIAL = Rule(
    "least weight of exponentials",
    "|l_k| <= L, m_k >= 0, Σ m_k = 1: e^{l_j} >= e^{-L}, and e^{l_j}/Σ_k m_k e^{l_k} >= e^{-2L}",
    "order of the reals: Σ_k m_k e^{l_k} <= e^L",
    1,
    _floor,
    rocq="Models.least_softmax",
)


AVERAGE = Rule(
    "mean",
    "the mean of f over finitely many values, or over a probability measure, is > c: f > c "
    "somewhere; f <= c everywhere: the mean is <= c",
    "monotonicity of the integral",
    1,
    unconditional,
    rocq="Rules.rule_average",
    narrower="of finitely many values",
)


EXTREME = Rule(
    "extreme points of a cut box",
    "a convex function on a box, cut by k hyperplanes, is largest at a point all of whose "
    "coordinates but k at most are ends; Σ φ(g_j), φ rising, on Σ g <= s where Σ g = s",
    "Bauer's maximum principle; two free coordinates can move against each other",
    1,
    _one_cut,
)


RISING = Rule(
    "rising function",
    "k' > 0 on [a, b], or k' < 0: k(x) ≠ k(y) for x ≠ y",
    "mean value theorem",
    1,
    unconditional,
    rocq="Rules.rule_rising",
)


COMPOSITION = Rule(
    "composition of Lipschitz maps",
    "f = w ∘ σ ∘ (x -> a x + b), σ on each component with |σ'| <= 1: f is Lipschitz with the "
    "constant |w| |a|, Euclidean operator norms",
    "the constants of a composition multiply; σ shortens every component of a difference",
    2,
    unconditional,
    rocq="Forms.rule_composition",
)


COVARIANCE = Rule(
    "moving weights",
    "weights k_j = m_j e^{l_j}, or A_j = k_j/Σ k_k: their mean of y_j moves by the mean of dy_j "
    "and by Σ k_j dl_j y_j, or the covariance of dl_j and y_j; dl_j = c(a_j + b_j), <v,y_j> = a_j, "
    "c >= 0: along v that is at most c (V + √(VW)), V, W the means of a_j² and b_j²",
    "derivative of a quotient; Cauchy-Schwarz, a variance being at most the mean square",
    1,
    unconditional,
    rocq="Times.rule_covariance",
)


CARRIED = Rule(
    "carried path",
    "a smooth flow carries a path of starts to a path; |∂_s x_i| solves the linearised flow, and "
    "its maximum over i grows at most at the rate R: two solutions are no further apart than the "
    "path is long, ∫ max_i |∂_s x_i| ds",
    "differentiable dependence on the start; derivative of a maximum (Danskin); arc length",
    1,
    unconditional,
)


GERSHGORIN = Rule(
    "row sums",
    "H, K symmetric: the top eigenvalue of K is at most that of H and the largest Σ_k |K_jk-H_jk|",
    "Horn and Johnson, Matrix Analysis, Theorems 4.3.1 and 6.1.1",
    1,
    unconditional,
    rocq="Forms.rule_row_sums",
    narrower="of eigenvalues that bound <v,Hv>/|v|²",
)


LARGEST_POWER = Rule(
    "largest power",
    "N = Σ a_i n^{e_i}, D = Σ b_i n^{f_i}, one exponent the largest of each, b of it not 0: N/D is "
    "a/b n^{e-f} times a factor that tends to 1; exponents linear in g, compared at both ends of a "
    "range, or at its start with their slopes",
    "division by the largest powers",
    2,
    _one_leads,
)


SECANT = Rule(
    "secant",
    "f'' >= 0 on [0, h]: f(x) <= f(0) + (f(h) - f(0)) x/h",
    "convexity",
    1,
    unconditional,
    rocq="Rules.rule_secant",
)


BERNOULLI = Rule(
    "Bernoulli's inequality of growth",
    "R' <= R (a + (b + κ a) R) while 0 < R <= R_1; a, b, κ >= 0, A' = a, A(0) = 0, and B >= "
    "e^{-A(s)} ∫_0^s b e^A; R(0) <= e^{-A(s)}/(1/R_1 + κ + B): R <= R_1 on [0, s]",
    "(e^A/R)' >= -e^A (b + κ a), up to the first time with R = R_1",
    2,
    unconditional,
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
    CHAIN,
    LIMIT_POINT,
    TRIANGLE,
    MEAN_VALUE,
    SHARE,
    PRODUCT_AT_ZERO,
    QUOTIENT,
    RAYLEIGH,
    TANGENT,
    DISJOINT,
    MONOTONE,
    CAUCHY_SCHWARZ,
    OPERATOR_NORM,
    LEAST_EXPONENTIAL,
    AVERAGE,
    EXTREME,
    RISING,
    COMPOSITION,
    COVARIANCE,
    CARRIED,
    GERSHGORIN,
    LARGEST_POWER,
    SECANT,
    BERNOULLI,
    *chance_rules.CHANCE_RULES,
    *graph_rules.GRAPH_RULES,
    *LAW_RULES,
)
"""Every rule."""
