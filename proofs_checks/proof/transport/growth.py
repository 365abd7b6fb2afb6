"""How fast the linearised flow lets ``(Σ_i m_i |u_i|^p)^{1/p}`` grow, for tangent u_i.

Weights are a softmax of ``e^{cg}``, or ``m_j e^{cg}`` alone. What token i gains by its own move and
what it gains by those of others are bounded apart; every step is exact, for any number of tokens,
dimension and masses of total 1.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Derivative, Expr, Piecewise, Rational, S, Subs, Symbol, exp, expand, sqrt

from proofs_checks.proof.alphabet import HOT
from proofs_checks.proof.exponential import heat
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.geodesics import linearised
from proofs_checks.proof.rule import apply
from proofs_checks.proof.rules import COVARIANCE, LEAST_EXPONENTIAL, SUM, TRIANGLE
from proofs_checks.proof.sheet import How, Step, derived, gap
from proofs_checks.proof.transport.rules import CARRIED_PLAN, SCHUR, SYMMETRIC
from proofs_checks.said import say, saying
from theory.engines import inner, residual, vectors
from theory.predictions import transport_lipschitz
from theory.symbols import beta, z

ORDER = Symbol("p", positive=True)
"""Order of a Wasserstein distance, p >= 1."""


@lru_cache(maxsize=2)
def least_growth(normalised: bool) -> Expr:
    """Return the rate of weights ``e^{βg}``, in a softmax or alone: SymPy's Max is long at it."""
    return transport_lipschitz(beta, "SA" if normalised else "USA", ORDER)


def plan_growth(flow: Flow, said: Expr) -> tuple[Step, ...]:
    """Prove that W_p grows at most at a rate.

    Parameters
    ----------
    flow : Flow
        With weights ``e^{cg}``, c >= 0, in a softmax or times m_j.
    said : Expr
        The rate, in ``beta`` and ``ORDER``.
    """
    slope, weights, _, bessel, narrow, _ = linearised(flow)
    if not weights.holds:
        return (weights, gap(f"W_p grows at most at the rate {said}", weights.evidence))
    lead = (slope, weights, bessel, narrow)
    steps = _of_softmax(*lead) if flow.normalised else _of_sums(*lead)
    own = least_growth(flow.normalised)
    same = heat(flow) == beta and own == said
    text = f"C = {said}"
    most = Step(text, How.DERIVED) if same else gap(text, f"it is {own} at c = {heat(flow)}")
    # The last of the steps bounds the growth.
    plan = apply(CARRIED_PLAN, "W_p(μ(t), ν(t)) <= e^{Ct} W_p(μ(0), ν(0))", steps[-1], most)
    return (*lead, *steps, most, plan)


def _of_softmax(slope: Step, weights: Step, bessel: Step, narrow: Step) -> tuple[Step, ...]:
    """Bound of a softmax: rows of the weights sum to 1, columns to e^{2c} at most."""
    own = apply(
        COVARIANCE, "u_i = v alone: <v, dm_i> <= c Σ_j A_ij <v,x_j>², l_j = c g_ij", weights, narrow
    )
    text = "u_i alone: <u_i, D_u F_i> <= (1+c) |u_i|²"
    alone = apply(SUM, text, slope, own, narrow, terms={"1 + <x_i,m_i>": ">= 0"})
    moved = apply(
        COVARIANCE,
        "the others: D_u F_i = P_i Σ_j A_ij (u_j + c<x_i,u_j>(x_j - m_i)), l_j = c g_ij",
        weights,
    )
    others = apply(TRIANGLE, "|D_u F_i| <= (1+2c) Σ_j A_ij |u_j|, as |x_j - m_i| <= 2", moved)
    # A_ij = m_j a_ij, and 1/a_ij = Σ_k m_k e^{c(g_ik - g_ij)} is such a mean of exponentials.
    columns = apply(
        LEAST_EXPONENTIAL,
        "Σ_i m_i a_ij <= e^{2c}, A_ij = m_j a_ij: 1/a_ij = Σ_k m_k e^{c(g_ik - g_ij)} >= e^{-2c}",
        weights,
        least=exp(-2 * HOT),
        reach=2 * HOT,
        divided=False,
    )
    rows = derived("Σ_j m_j a_ij = 1", S.Zero, "a softmax")
    schur = apply(
        SCHUR,
        "Σ_i m_i |u_i|^{p-1} |D_u F_i| <= (1+2c) e^{2c/p} Σ_i m_i |u_i|^p of the others",
        rows,
        columns,
        others,
    )
    text = "(||u||_p)' <= C ||u||_p, ||u||_p^p = Σ_i m_i |u_i|^p, C = 1+c + (1+2c) e^{2c/p}"
    grows = apply(SUM, text, alone, schur, terms={"the rest": ">= 0"})
    return (own, alone, moved, others, columns, rows, schur, grows)


def _of_sums(slope: Step, weights: Step, bessel: Step, narrow: Step) -> tuple[Step, ...]:
    """Bound of weights m_j e^{cg}: symmetric, so that a pair bounds its two tokens at once."""
    c = Symbol("c", positive=True)
    q = c * (1 - z**2) - z
    text = "u_i = v alone: <v, D_u F_i> = Σ_j m_j e^{cg}(c<v,x_j>² - g) <= Σ_j m_j e^{cg} q"
    alone = apply(SUM, f"{text}, q = c(1-g²) - g", slope, weights, narrow, terms={"c": ">= 0"})
    parts = _moved_pair()
    square = expand(1 + (1 - z**2) * (c**2 - (1 + c * z) ** 2) - q**2)
    ends = derived("at <x,u>² = (1-g²)|u|² that is q²|u|²", square)
    at_end = 1 + (1 - z**2) * (c**2 - (1 + c * z) ** 2)
    ends = saying(ends, say(at_end, "=", q**2))
    text = "|P_x(u + c<x,u>y)| <= max(1,|q|) |u|, its square being linear in <x,u>² on [0, 1-g²]"
    others = apply(SUM, text, parts, ends, narrow, terms={"|u|²": ">= 0"})
    text = (
        "Σ_i m_i |u_i|^{p-1} |Σ_j m_j e^{cg} P_i(u_j + c<x_i,u_j>x_j)| <= "
        "Σ_ij m_i m_j e^{cg} max(1,|q|) |u_i|^p"
    )
    symmetric = apply(SYMMETRIC, text, others, weights)
    factors = (1 - z) * (1 + c * (1 + z))
    least = saying(
        derived("1 + q = (1-g)(1+c(1+g)) >= 0", expand(1 + q - factors)),
        say(1 + q, "=", factors),
        say(0, "<=", 1 + q, (say(-1, "<=", z), say(z, "<=", 1))),
    )
    largest = _largest(c, q)
    text = "(||u||_p)' <= C ||u||_p, C = max_g e^{cg}(q + max(1,|q|)) = max_g e^{cg} max(1+q, 2q)"
    grows = apply(SUM, text, alone, symmetric, least, *largest, terms={"m_i |u_i|^p": ">= 0"})
    return (alone, parts, ends, others, symmetric, least, *largest, grows)


def _moved_pair() -> Step:
    """Length of what token x gains where y moves by u."""
    x, y, u = vectors("x y u", unit="x y")
    hot = Symbol("c", positive=True)
    gained = u + y * (hot * inner(x, u))
    tangent = gained - x * inner(x, gained)
    said = inner(u, u) + inner(x, u) ** 2 * (hot**2 - (1 + hot * inner(x, y)) ** 2)
    left = residual((inner(tangent, tangent) - said).subs(inner(y, u), 0))
    return derived("|P_x(u + c<x,u>y)|² = |u|² + <x,u>²(c² - (1+cg)²), u ⊥ y", left)


def _largest(c: Symbol, q: Expr) -> tuple[Step, ...]:
    """Place the maxima over g of ``e^{cg}(1+q)`` and of ``2 e^{cg} q``."""
    found = transport_lipschitz(c, "USA", ORDER)
    steps: list[Step] = []
    for name, rate, shift, place in (
        ("1+q", 1 + q, 1, Rational(1, 4)),
        ("2q", 2 * q, 0, Rational(1, 3)),
    ):
        top = (sqrt(4 * c**2 + 4 * c * shift + 5) - 3) / (2 * c)
        slope = expand(rate.diff(z) + c * rate) / (2 - shift)
        bend = c**2 + c * shift - 1 - 3 * c * z - c**2 * z**2
        high = exp(c * z).subs(z, top) * rate.subs(z, top)
        closed = Piecewise((2 * exp(-c), c <= place), (high, True))
        first = bend.diff(z).subs(z, -1) - c * (2 * c - 3)
        size, slope_at = exp(c * z) * rate, Subs(Derivative(bend, z), z, -1)
        said = f"at g* for c >= {place}, else at -1: 2e^{{-c}}"
        steps += [
            saying(
                derived(
                    f"(e^{{cg}}({name}))' has the sign of r = {bend.subs(z, Symbol('g'))}",
                    expand(slope - bend),
                ),
                say(Derivative(size, z), "=", (2 - shift) * exp(c * z) * bend),
            ),
            saying(
                derived("r is concave, r(1) < 0", expand(bend.subs(z, 1) + 1 + c * (3 - shift))),
                say(Derivative(bend, z, z), "<", 0),
                say(Subs(bend, z, 1), "<", 0),
            ),
            saying(
                derived(f"r(-1) = {1 / place}c - 1", expand(bend.subs(z, -1) - c / place + 1)),
                say(Subs(bend, z, -1), "=", c / place - 1),
            ),
            saying(
                derived(f"r(g*) = 0, g* = {top}", expand(bend.subs(z, top))),
                say(Subs(bend, z, top), "=", 0),
            ),
            saying(
                derived("r'(-1) = c(2c-3) < 0 for c < 3/2", expand(first)),
                say(slope_at, "=", c * (2 * c - 3)),
                say(slope_at, "<", 0, (say(c, "<", Rational(3, 2)),)),
            ),
            saying(
                derived(f"e^{{cg}}({name}) is largest {said}", rate.subs(z, -1) - 2),
                say(Subs(size, z, -1), "=", 2 * exp(-c)),
            ),
            Step(f"that is in C: {closed}", How.DERIVED)
            if closed in found.args
            else gap(f"C holds {closed}", f"it is {found}"),
        ]
    return tuple(steps)
