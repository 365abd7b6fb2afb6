"""Section 7, the circle: the continuity equation, the energies (7.3) and (7.4), (7.5), Problem 3.

Fourier coefficients by Jacobi and Anger, for every order; and, for three tokens, every critical
point but consensus is a strict saddle, for every β >= 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import (
    Expr,
    Integer,
    Rational,
    S,
    Symbol,
    cancel,
    cos,
    diff,
    exp,
    expand,
    factorial,
    gammasimp,
    pi,
    powsimp,
    simplify,
    sin,
    solve,
    sqrt,
    together,
)

from proofs_checks.claim import WARM, Budget, Claim, Control, Evidence, Hypothesis, Verdict
from proofs_checks.row_algebra import unreached
from proofs_checks.section4_small_beta import THEOREM_4_1, subjects
from proofs_checks.section6_clustering import enclose
from theory.energy import pair_kernel, pole_free
from theory.models import REPULSIVE, SA, USA, Model
from theory.reductions import circle_angles
from theory.reductions import phi as PHI
from theory.symbols import beta, n, z


def _each(model: Any) -> tuple[Model, ...]:
    return model if isinstance(model, tuple) else (model,)


def _normal(expr: Expr) -> Expr:
    """Return the normal form of a function of sin, cos and exponentials of PHI."""
    c, s = Symbol("c", real=True), Symbol("s", real=True)
    plain = powsimp(expand(expr)).subs({cos(PHI): c, sin(PHI): s})
    return cancel(together(plain)).subs({c: cos(PHI), s: sin(PHI)})


def _terms(flow: Model) -> tuple[Expr, Expr | None, str]:
    """Summand and weight of the equation of the angles, and what fails, if anything."""
    reduced = circle_angles(flow)
    if not reduced.proved or len(reduced.terms) != 1:
        return S.Zero, None, f"{flow.name}: no single sum in the equation of the angles"
    summand, weight = reduced.terms[0]
    return summand, weight, ""


_WARM = Rational(5, 4)
_POINT = {PHI: Integer(1), beta: _WARM, n: Integer(3)}


def _shown(expr: Expr) -> str:
    """Value at φ = 1, β = 5/4, n = 3."""
    return f"{expr.subs(_POINT).n(6)} at φ = 1, β = 5/4, n = 3"


# -- (7.1), continuity ------------------------------------------------------------------------


@dataclass(frozen=True)
class Convolution:
    """``X[nu] = factor (h' * nu)``, divided by ``h * nu`` for SA.

    Attributes
    ----------
    kernel : Expr
        h, a function of ``PHI``.
    factor : Expr
        In ``beta``.
    """

    kernel: Expr
    factor: Expr


def check_continuity(model: Any, prediction: Convolution, budget: Budget) -> Evidence:
    """Compare the equation of the angles with the convolutions, pair by pair.

    For an empirical measure ``f * nu`` is ``Σ_j m_j f(θ_i - θ_j)``; by linearity one summand
    decides for every n and all masses.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : Convolution
        Kernel and factor.
    budget : Budget
        Not used.
    """
    slope = prediction.factor * diff(prediction.kernel, PHI)
    for flow in _each(model):
        summand, weight, reason = _terms(flow)
        if reason:
            return unreached(flow, reason, budget.rng)
        claimed = S.One if weight is None else prediction.kernel
        divisor = S.One if weight is None else weight
        # The factor that numerator and denominator share is a constant: they are two sums.
        gap = _normal(diff(divisor, PHI) * claimed - divisor * diff(claimed, PHI))
        if gap == 0:
            gap = _normal(summand * claimed - slope * divisor)
        if gap != 0:
            return Evidence(
                Verdict.REFUTED,
                f"{flow.name}: the summand of θ_i' minus that of X[nu](θ_i) is {gap}, "
                f"{_shown(gap)}",
            )
        if weight is not None:
            ratio = _normal(prediction.kernel / weight)
            if PHI in ratio.free_symbols:
                return Evidence(
                    Verdict.REFUTED, f"{flow.name}: kernel over weight is {ratio}, {_shown(ratio)}"
                )
    return Evidence(
        Verdict.PROVED,
        "θ_i' - X[nu](θ_i), summand by summand: residual 0; so d/dt ∫f dnu = ∫f' X[nu] dnu for "
        "every test function f",
        {"n": "symbolic", "d": "2", "beta": "symbolic, nonzero", "masses": "symbolic"},
        ("finite measures are dense: both sides are weakly continuous in nu",),
        identity=subjects(model, prediction.kernel),
    )


_HEAT = exp(beta * cos(PHI))


def _plane(**parameters: float) -> float:
    return 2.0 - parameters["d"]


def _three(**parameters: float) -> float:
    return 3.0 - parameters["n"]


def _nonzero(beta: float = 1.0, **_: float) -> float:
    return abs(beta) if beta else -1.0


def _positive(beta: float = 1.0, **_: float) -> float:
    return beta if beta > 0 else -1.0


CONTINUITY = Claim(
    "(7.1) continuity",
    "On the circle X[nu] = β^{-1} h'*nu (USA), divided by h*nu (SA), with h = e^{β cos θ}.",
    (USA, SA),
    Convolution(_HEAT, 1 / beta),
    check_continuity,
    (
        Control("1/β dropped", prediction=Convolution(_HEAT, S.One)),
        Control("e^{β cos θ} -> e^{2β cos θ}", prediction=Convolution(_HEAT**2, 1 / beta)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (Hypothesis("β != 0", _nonzero),),
)


# -- (7.3) and (7.4) -------------------------------------------------------------------------


@dataclass(frozen=True)
class CircleEnergy:
    """``F = Σ_ij pair(θ_i - θ_j)`` with θ' = n grad F, the largest value at equal angles.

    Attributes
    ----------
    pair : Expr
        An even function of ``PHI``, with ``n`` and ``beta``.
    largest : Expr
        max F.
    temperature : Expr, optional
        The β of the flow; symbolic by default.
    """

    pair: Expr
    largest: Expr
    temperature: Expr = beta


def _range(temperature: Expr) -> str:
    return str(temperature) if temperature.is_number else "symbolic, positive"


def _off_energy(flow: Model, prediction: CircleEnergy) -> str:
    """Where the pair energy isn't the flow's own at that temperature, up to a constant, or ""."""
    kernel = None if flow.energy is None else pair_kernel(flow.energy)
    if kernel is None:
        return ""
    own = pole_free(kernel, beta, prediction.temperature).subs(z, cos(PHI)) / (2 * n**2)
    if prediction.temperature != beta:
        own = own.subs(beta, prediction.temperature)
    gap = _normal(diff(own - prediction.pair, PHI))
    return f"{flow.name}: dE/dφ of a pair minus the claimed one is {_shown(gap)}" if gap else ""


def check_circle_energy(model: Any, prediction: CircleEnergy, budget: Budget) -> Evidence:
    """Differentiate the double sum, compare with the flow, and check the maximum.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows, without division by Z_i.
    prediction : CircleEnergy
        The pair energy.
    budget : Budget
        Not used.
    """
    pair = prediction.pair
    slope = diff(pair, PHI)
    # d/dθ_i of Σ_ij pair(θ_i-θ_j): θ_i is the first angle of one pair, the second of another.
    gradient = slope - slope.subs(PHI, -PHI)
    for flow in _each(model):
        summand, weight, reason = _terms(flow)
        if reason:
            return unreached(flow, reason, budget.rng)
        at = {beta: prediction.temperature}
        divisor = S.One if weight is None else weight.subs(at)
        off = _off_energy(flow, prediction)
        if off:
            return Evidence(Verdict.REFUTED, off)
        # A flow that is divided by Σ_j m_j weight is a pair sum only if the weight is constant.
        gap = _normal(summand.subs(at) / divisor / n - n * gradient)
        if divisor.has(PHI) and gap == 0:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: division by the weight {divisor}")
        if gap != 0:
            return Evidence(
                Verdict.REFUTED,
                f"{flow.name}: the pair's part of θ_i' - n dF/dθ_i is {_shown(gap)} "
                f"(residual {gap})",
            )
    level = Symbol("c", real=True)
    body = pair.subs(cos(PHI), level)
    top = n**2 * pair.subs(PHI, 0)
    if simplify(top - prediction.largest) != 0:
        return Evidence(
            Verdict.REFUTED, f"F is {top} at equal angles, not {prediction.largest}, e.g. at n = 3"
        )
    hot = Symbol("beta", positive=True)
    rising = simplify(diff(body, level).subs(beta, hot))
    if PHI in body.free_symbols or not rising.is_positive:
        return Evidence(Verdict.UNDECIDED, f"dF/dcos = {rising} isn't known to be positive")
    return Evidence(
        Verdict.PROVED,
        f"θ_i' - n dF/dθ_i: residual 0; each pair's energy rises with cos(θ_i-θ_j), so F <= {top} "
        "with equality for equal angles only",
        {"n": "symbolic", "d": "2", "beta": _range(prediction.temperature), "masses": "1/n"},
        identity=subjects(model, prediction.pair),
    )


_SYNC = cos(PHI) / (2 * n**2)

KURAMOTO_ENERGY = Claim(
    "(7.3)",
    "Kuramoto: θ' = n grad F with F = (1/2n²) Σ cos(θ_i-θ_j) <= 1/2, equal for equal angles.",
    (USA, SA),
    CircleEnergy(_SYNC, S.Half, S.Zero),
    check_circle_energy,
    (
        Control("1/(2n²) -> 1/n²", prediction=CircleEnergy(2 * _SYNC, S.One, S.Zero)),
        Control("β = 1/10 in place of 0", prediction=CircleEnergy(_SYNC, S.Half, Rational(1, 10))),
        Control("V = -I", model=(REPULSIVE,)),
        Control("maximum 1", prediction=CircleEnergy(_SYNC, S.One, S.Zero)),
    ),
    Verdict.PROVED,
)

_WARM_PAIR = _HEAT / (2 * beta * n**2)
_TOP = exp(beta) / (2 * beta)

CIRCLE_ENERGY = Claim(
    "(7.4)",
    "USA on the circle: θ' = n grad E, E = (1/2βn²) Σ e^{β cos(θ_i-θ_j)} <= e^β/2β.",
    USA,
    CircleEnergy(_WARM_PAIR, _TOP),
    check_circle_energy,
    (
        Control("E without 1/n²", prediction=CircleEnergy(n**2 * _WARM_PAIR, n**2 * _TOP)),
        Control("E without 1/β", prediction=CircleEnergy(beta * _WARM_PAIR, beta * _TOP)),
        Control("the normalised flow SA", model=SA),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    (Hypothesis("β > 0", _positive),),
)


# -- (7.5) -----------------------------------------------------------------------------------

ORDER = Symbol("k", integer=True, nonnegative=True)
"""Order of a Fourier coefficient."""
TERM = Symbol("j", integer=True, nonnegative=True)
"""Index of the series."""


@dataclass(frozen=True)
class Fourier:
    """``e^{β cos θ} = Σ_k I_k e^{ikθ}``, I_k = Σ_j term, and the coupling of (7.5).

    Attributes
    ----------
    term : Expr
        In ``ORDER``, ``TERM`` and ``beta``.
    coupling : Expr
        h of (7.5), ``θ_i' = (1/n) Σ_j h(θ_j - θ_i)``, in ``PHI``.
    """

    term: Expr
    coupling: Expr


def check_fourier(model: Model, prediction: Fourier, budget: Budget) -> Evidence:
    """Compare the series with the Cauchy product of e^{βw/2} and e^{β/(2w)}, w = e^{iθ}.

    Parameters
    ----------
    model : Model
        The flow of (7.5).
    prediction : Fourier
        The series and the coupling.
    budget : Budget
        Not used.
    """
    summand, weight, reason = _terms(model)
    if reason or weight is not None:
        return unreached(model, reason or f"{model.name}: the flow is normalised", budget.rng)
    # circle_angles has φ = θ_i - θ_j, (7.5) has θ_j - θ_i.
    gap = _normal(summand - prediction.coupling.subs(PHI, -PHI))
    if gap != 0:
        return Evidence(Verdict.REFUTED, f"coupling: derived minus claimed is {gap}, {_shown(gap)}")
    hot = Symbol("beta", positive=True)
    product = (hot / 2) ** (TERM + ORDER) / factorial(TERM + ORDER) * (hot / 2) ** TERM
    product = product / factorial(TERM)
    ratio = gammasimp(simplify(prediction.term.subs(beta, hot) / product))
    if ratio != 1:
        rows = [
            sum(
                (e.subs({ORDER: 1, hot: _WARM, beta: _WARM, TERM: j}) for j in range(12)),
                start=S.Zero,
            )
            for e in (prediction.term, product)
        ]
        verdict = Verdict.REFUTED if abs(rows[0] - rows[1]) > Rational(1, 1000) else None
        return Evidence(
            verdict or Verdict.UNDECIDED,
            f"term over the Cauchy product is {ratio}: at k = 1, β = 5/4 the series is "
            f"{rows[0].n(6)}, the coefficient {rows[1].n(6)}",
        )
    if not product.is_positive:
        return Evidence(Verdict.UNDECIDED, "the sign of the terms is unknown")
    return Evidence(
        Verdict.PROVED,
        "e^{β cos θ} = e^{βw/2} e^{β/(2w)}: the coefficient of w^k is Σ_j (β/2)^{2j+k}/(j!(j+k)!), "
        "term by term, all positive; symmetric in w -> 1/w; (7.5) derived with h = sin e^{β cos}",
        {"k": "symbolic", "beta": "symbolic, positive", "n": "symbolic"},
        ("Cauchy product of absolutely convergent series",),
        identity=subjects(model, prediction.term),
    )


_BESSEL = (beta / 2) ** (2 * TERM + ORDER) / (factorial(TERM) * factorial(TERM + ORDER))
_COUPLING = sin(PHI) * _HEAT

FOURIER = Claim(
    "(7.5)",
    "(7.5) with h = sin e^{β cos} is (7.1); e^{β cos θ} has the Fourier coefficients I_k(β) > 0.",
    USA,
    Fourier(_BESSEL, _COUPLING),
    check_fourier,
    (
        Control("J_k in place of I_k", prediction=Fourier((-1) ** TERM * _BESSEL, _COUPLING)),
        Control("β/2 -> β in I_k", prediction=Fourier(_BESSEL.subs(beta, 2 * beta), _COUPLING)),
        Control("h = sin", prediction=Fourier(_BESSEL, sin(PHI))),
        Control("β -> 2β in the flow", model=USA.subs({beta: 2 * beta})),
    ),
    Verdict.PROVED,
)


# -- Problem 3 -------------------------------------------------------------------------------


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
            enclose(curvature.subs({beta: hot, PHI: 2 * pi * j / tokens}), {})
            for j in range(1, tokens)
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
    (Hypothesis("d = 2", _plane), Hypothesis("n <= 3", _three), WARM),
)

CLAIMS_SECTION_7_MORE = (CONTINUITY, KURAMOTO_ENERGY, CIRCLE_ENERGY, FOURIER, PROBLEM_3)
"""The claims of this file, in paper order."""

__all__ = [
    "CIRCLE_ENERGY",
    "CLAIMS_SECTION_7_MORE",
    "CONTINUITY",
    "FOURIER",
    "KURAMOTO_ENERGY",
    "ORDER",
    "PROBLEM_3",
    "TERM",
    "CircleEnergy",
    "Convolution",
    "Fourier",
    "Landscape",
    "check_circle_energy",
    "check_continuity",
    "check_fourier",
    "check_landscape",
]
