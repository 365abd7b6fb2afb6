"""Geodesic distances of two systems of tokens: how fast the linearised flow lets them grow.

For tangent ``u_i``, the longest of length 1 and along v at token i, ``<v, D_u F_i>`` is the mean of
``<v,u_j> - g_ij`` and of what the weights gain; both stay below a mean over the pairs of token i
alone, without n. Every step is exact, for any number of tokens, dimension and masses.
"""

from __future__ import annotations

from sympy import (
    Derivative,
    Expr,
    Piecewise,
    Rational,
    S,
    Subs,
    Symbol,
    cos,
    exp,
    expand,
    simplify,
    sin,
    sqrt,
)  # fmt: skip

from proofs_checks.proof.alphabet import HOT
from proofs_checks.proof.exponential import heat
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.rule import apply
from proofs_checks.proof.rules import CARRIED, CHAIN, COVARIANCE, GRONWALL, SUM
from proofs_checks.proof.sheet import How, Step, derived, gap
from proofs_checks.readings import scalar_attention
from proofs_checks.said import say, saying
from theory.engines import Vector, inner, residual, vectors
from theory.predictions import geodesic_lipschitz
from theory.symbols import beta, z


def exponential_weights(flow: Flow) -> Step:
    """Step on the weights: a softmax of ``e^{cg}``, or ``m_j e^{cg}`` alone, with c >= 0."""
    form, hot = flow.still_form, heat(flow)
    text = "m_i = Σ_j A_ij x_j, A_ij = m_j e^{c g_ij}" + (
        "/Σ_k m_k e^{c g_ik}" if flow.normalised else ""
    )
    if form is None or hot is None or not hot.subs(beta, HOT).is_nonnegative:
        return gap(text, "the weights are no c e^{hg}, h >= 0")
    factor = form.scale if form.normalised else (form.scale * form.kernel).subs(z, 0)
    if factor != 1:
        return gap(text, f"the factor is {factor}, not 1")
    kernel = say(Derivative(form.kernel, z), "=", hot * form.kernel)
    read = scalar_attention(flow.model, flow.values)
    said = (kernel,) if read is None else (read, kernel)
    return Step(f"{text}, c = {hot}", How.DERIVED, evidence=f"k'/k = {hot}", formal=said)


def linearised(flow: Flow) -> tuple[Step, ...]:
    """Bound ``<v, D_u F_i>`` for ``|u_j| <= 1``, ``u_i = v`` of length 1, by means over A_ij."""
    x, v, mean, moved, token = vectors("x v m w y", unit="x v y")
    # P_x m = m - x<x,m> moves by dm - v<x,m> - x(<v,m> + <x,dm>) where x moves by v.
    turned = moved - v * inner(x, mean) - x * (inner(v, mean) + inner(x, moved))
    left = inner(v, turned) - inner(v, moved) + inner(x, mean)
    slope = derived("<v, d(P_x m)> = <v,dm> - <x,m>, v ⊥ x, |v| = 1", _upright(left, x, v))
    weights = exponential_weights(flow)
    text = (
        "<v,dm_i> <= Σ_j A_ij <v,u_j> + c(V+√(VW)), V = Σ_j A_ij <v,x_j>², W = Σ_j A_ij <x_i,u_j>²"
    )
    gains = apply(COVARIANCE, text, weights)
    rest = token - x * inner(x, token) - v * inner(v, token)
    square = 1 - inner(x, token) ** 2 - inner(v, token) ** 2 - inner(rest, rest)
    bessel = derived("1 - <x,y>² - <v,y>² = |y - <x,y>x - <v,y>v|²", _upright(square, x, v))
    text = "<v,x_j>², <x_i,u_j>² <= 1-g_ij², as v ⊥ x_i, u_j ⊥ x_j"
    narrow = apply(SUM, text, bessel, terms={"|y - <x,y>x - <v,y>v|²": ">= 0"})
    text = "<v, D_u F_i> <= Σ_j A_ij (1-g_ij) + c(V+√(VW)), V, W <= Σ_j A_ij (1-g_ij²)"
    terms = {"1 - <v,u_j>": ">= 0"}
    return (
        slope,
        weights,
        gains,
        bessel,
        narrow,
        apply(SUM, text, slope, gains, narrow, terms=terms),
    )


def _upright(left: Expr, x: Vector, v: Vector) -> Expr:
    """Residual for v ⊥ x."""
    return residual(left.subs(inner(x, v), 0))


def pair_rate(flow: Flow) -> Expr:
    """``(1-g)(1+2c(1+g))`` for a heat c, without softmax times ``e^{cg}``, in z."""
    hot = heat(flow)
    assert hot is not None  # asked where the weights are exponential
    rate = (1 - z) * (1 + 2 * hot * (1 + z))
    return rate if flow.normalised else exp(hot * z) * rate


def largest_rate(normalised: bool) -> tuple[Step, ...]:
    """Show that ``geodesic_lipschitz`` is the maximum of the rate of a pair, at every c >= 0."""
    c = Symbol("c", positive=True)
    found = geodesic_lipschitz(c, "SA" if normalised else "USA")
    assert isinstance(found, Piecewise)
    (low, below), (high, _) = found.args
    place = Rational(1, 4) if normalised else Rational(1, 6)
    text = f"the constants change at c = {place}"
    split = derived(text, S.Zero if below == (c <= place) else below)
    plain = (1 - z) * (1 + 2 * c * (1 + z))
    if not normalised:
        return (*_hottest_pair(c, plain, low, high), split)
    square = expand(high - plain - 2 * c * (z + 1 / (4 * c)) ** 2)
    factors = expand(low - plain - (1 + z) * (1 - 2 * c * (1 - z)))
    above, below = 2 * c * (z + 1 / (4 * c)) ** 2, (1 + z) * (1 - 2 * c * (1 - z))
    warm = say(c, "<=", place)
    return (
        saying(
            derived("(4c+1)²/(8c) - (1-g)(1+2c(1+g)) = 2c(g + 1/(4c))² >= 0", square),
            say(high - plain, "=", above),
            say(0, "<=", above),
        ),
        saying(
            derived("2 - (1-g)(1+2c(1+g)) = (1+g)(1-2c(1-g)) >= 0 for c <= 1/4", factors),
            say(low - plain, "=", below),
            say(0, "<=", below, (*_ON_SPHERE, warm)),
        ),
        split,
    )


_ON_SPHERE = (say(-1, "<=", z), say(z, "<=", 1))


def _hottest_pair(c: Symbol, plain: Expr, low: Expr, high: Expr) -> tuple[Step, ...]:
    """Place the maximum of ``e^{cg}(1-g)(1+2c(1+g))`` over [-1, 1]."""
    rate = exp(c * z) * plain
    slope = expand(simplify(rate.diff(z) * exp(-c * z)))
    quadratic = 2 * c**2 + c - 1 - 5 * c * z - 2 * c**2 * z**2
    at_start = expand(quadratic.diff(z).subs(z, -1) - c * (4 * c - 5))
    root = sqrt(16 * c**2 + 8 * c + 17)
    top, r = (root - 5) / (4 * c), Symbol("r", positive=True)
    said_root = say(r**2, "=", 16 * c**2 + 8 * c + 17)
    factors = -2 * c**2 * (z - (r - 5) / (4 * c)) * (z + (r + 5) / (4 * c))
    about_start = 6 * c - 1 + c * (4 * c - 5) * (z + 1) - 2 * c**2 * (z + 1) ** 2
    return (
        saying(
            derived(
                "(e^{cg}(1-g)(1+2c(1+g)))' e^{-cg} = q, q = 2c²+c-1-5cg-2c²g²", slope - quadratic
            ),
            say(Derivative(rate, z) * exp(-c * z), "=", quadratic),
        ),
        saying(
            derived("q is concave, q(-1) = 6c-1", expand(quadratic.subs(z, -1) - 6 * c + 1)),
            say(Subs(quadratic, z, -1), "=", 6 * c - 1),
            say(Derivative(quadratic, (z, 2)), "=", -4 * c**2),
        ),
        saying(
            derived("q = 0 at the larger root g*", expand(quadratic.subs(z, top))),
            say(Subs(quadratic, z, top), "=", 0),
        ),
        saying(
            derived(
                "c >= 1/6: q >= 0 up to g* and <= 0 beyond", simplify(high - rate.subs(z, top))
            ),
            say(quadratic, "=", factors, (said_root,)),
            say(4 * c, "<=", r + 5, (said_root,)),
        ),
        saying(
            derived("c <= 1/6: q'(-1) = c(4c-5) <= 0, so q <= 0", at_start),
            say(quadratic, "=", about_start),
            say(c * (4 * c - 5), "<=", 0, (say(c, "<=", Rational(1, 6)),)),
        ),
        saying(
            derived("then the maximum is at g = -1", simplify(low - rate.subs(z, -1))),
            say(low, "=", Subs(rate, z, -1)),
        ),
    )


def geodesic_growth(flow: Flow, said: Expr) -> tuple[Step, ...]:
    """Prove that the largest geodesic distance, and the largest chord, grow at most at a rate.

    Parameters
    ----------
    flow : Flow
    said : Expr
        The rate, in ``beta``.
    """
    steps = linearised(flow)
    if not steps[-1].holds:
        return (*steps, gap(f"geodesics grow at most at the rate {said}", steps[-1].evidence))
    hot, apart = heat(flow), 1 - z + 2 * beta * (1 - z**2)
    joined = derived(
        "1 - g + 2c(1-g²) = (1-g)(1+2c(1+g))", expand(apart - (1 - z) * (1 + 2 * beta * (1 + z)))
    )
    joined = saying(joined, say(apart, "=", (1 - z) * (1 + 2 * beta * (1 + z))))
    weight = "Σ_j A_ij = 1" if flow.normalised else "Σ_j m_j = 1"
    text = f"{weight}: <v, D_u F_i> <= L = max_g {pair_rate(flow).subs(z, Symbol('g'))}"
    mean_rate = apply(SUM, text, steps[-1], joined, terms={"A_ij": "> 0"})
    largest = largest_rate(flow.normalised)
    own = geodesic_lipschitz(HOT, "SA" if flow.normalised else "USA").subs(HOT, beta)
    same = hot == beta and own == said
    text = f"L = {said}"
    most = Step(text, How.DERIVED) if same else gap(text, f"it is {own} at c = {hot}")
    text = "max dist(x_i,y_i) <= e^{Lt} max dist(x_i(0),y_i(0)), the path of starts of geodesics"
    carried = apply(CARRIED, text, mean_rate, *largest, most)
    far = apply(
        GRONWALL,
        "max dist(x_i,y_i) grows at most at the rate L",
        carried,
        rate=-own.subs(beta, HOT),
    )
    u = Symbol("u", nonnegative=True)
    rises = derived("(sin u - u cos u)' = u sin u >= 0", (sin(u) - u * cos(u)).diff(u) - u * sin(u))
    rises = saying(rises, say(Derivative(sin(u) - u * cos(u), u), "=", u * sin(u)))
    text = "|x-y| = 2 sin(D/2), D = dist: (2 sin(D/2))' <= L D cos(D/2) <= 2L sin(D/2)"
    chords = apply(CHAIN, f"chords too: {text}", far, rises)
    return (*steps, joined, mean_rate, *largest, most, carried, far, rises, chords)
