"""(C.2): at equilibria off consensus Hess E_0 has top eigenvalue >= 2(d-1)/d, so >= 2(d-1)/(dn).

How it is proved
----------------
Equilibria of E_0 have Σ x = 0 or are antipodal. Σ x = 0: the quotient is averaged over v_i =
P_i z, with Σ g² >= n²/d by Cauchy-Schwarz (cited); antipodal tokens: 2, exactly. Both are derived
for symbolic n, d >= 2 and compared exactly; the square's exact eigenvalues show that 2(d-1)/d is
sharp. Watched: eigenvalues at exact equilibria, in floating point.

References
----------
arXiv 2312.10794, Appendix C, (C.2); the hypotheses are those of Theorem 4.1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from sympy import (
    Derivative,
    Expr,
    Integer,
    Matrix,
    Rational,
    Subs,
    Symbol,
    diag,
    expand,
    ones,
    simplify,
    sqrt,
    symbols,
)  # fmt: skip

from numerics.compile import compile_model
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Part, Verdict
from proofs_checks.paper.section_4.theorem_4_1_zero_beta import THEOREM_4_1
from proofs_checks.proof import (
    ALL_ALIKE,
    CRITICAL,
    KERNEL_AT_BETA_ZERO,
    RAYLEIGH,
    SIZES,
    SQUARE_TOKENS,
    Counterexample,
    Flow,
    How,
    P,
    Q,
    Rows,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    cited,
    cold_kernel,
    cold_speed,
    covariant_jacobian,
    derived,
    gap,
)
from proofs_checks.said import Said, say, saying
from theory.bounded import simplified
from theory.energy import interaction_energy
from theory.engines import basis_trace, inner, project, residual, vectors
from theory.models import REPULSIVE, SA, USA, Model, gradient_flow
from theory.symbols import d, n, z


@dataclass(frozen=True)
class TopCurvature:
    """Lower bounds of the top eigenvalue of Hess E_0, E_0 = Σ_ij <x_i,x_j>/n; in n and d.

    Attributes
    ----------
    balanced, antipodal : Expr
        At the two kinds of equilibria off consensus.
    least : Expr
        At all of them: the c of the paper.
    tokens : tuple of rows
        Exact equilibria to look at; the bound is sharp at the square.
    """

    balanced: Expr
    antipodal: Expr
    least: Expr
    tokens: tuple[Rows, ...] = CRITICAL


def _balanced_excess() -> Expr:
    """``Σ_z Hess[Pz,Pz] - balanced Σ_z |Pz|²`` at Σ x = 0 with Σ_ij g² at its least, n²/d."""
    x, y, e = vectors("x y e", unit="x y")
    pair = basis_trace(inner(project(x, e), project(y, e)), e)
    length = basis_trace(inner(project(x, e), project(x, e)), e)
    # Σ_ij g_ij² = |Σ x x^T|² >= (tr)²/d = n²/d, by Cauchy-Schwarz.
    summed = 2 / n * (n**2 * pair.subs(inner(x, y), 0) + n**2 / d * pair.coeff(inner(x, y), 2))
    return simplified(summed / (n * length))


def _antipodal_top() -> Expr:
    """Hess E_0[v,v]/|v|² along the relative mode sqrt(q/p) u at x and sqrt(p/q) u at -x."""
    x, u, epsilon = *vectors("x u", unit="x"), Symbol("epsilon", real=True)
    v = project(x, u)
    near, far = sqrt(Q / P), sqrt(P / Q)
    first = x + v * (near * epsilon) - x * (inner(v, v) * near**2 * epsilon**2 / 2)
    second = -x + v * (far * epsilon) + x * (inner(v, v) * far**2 * epsilon**2 / 2)
    total = first * P + second * Q
    bend = 2 * expand(inner(total, total)).coeff(epsilon, 2) / (P + Q)
    return simplify(residual(bend / (inner(v, v) * (P * near**2 + Q * far**2))))


def _antipodal_said(quotient: Expr) -> Said:
    """Say the same of coordinates along x and v, with p = a², q = b² and |v|² = N."""
    a, b, square = symbols("a b N", positive=True)
    step = Symbol("epsilon", real=True)
    near, far = b / a, a / b
    along = a**2 * (1 - square * near**2 * step**2 / 2) - b**2 * (1 - square * far**2 * step**2 / 2)
    across = (a**2 * near + b**2 * far) * step
    bend = Subs(Derivative(along**2 + square * across**2, (step, 2)), step, 0)
    length = square * (a**2 * near**2 + b**2 * far**2)
    return say(bend / (a**2 + b**2), "=", quotient * length)


@lru_cache(maxsize=32)
def _gradient_of(cold: Expr, size: int) -> Model:
    """With masses 1/n the gradient of E_0 = 2n E."""
    return gradient_flow(interaction_energy(2 * cold.subs(n, size)), "grad E_0")


@lru_cache(maxsize=256)
def _speed(cold: Expr, tokens: Rows) -> Expr:
    """Exact sum of squares of the gradient of E_0 at tokens."""
    return cold_speed(_gradient_of(cold, len(tokens)), tokens)


def derive_top(flow: Flow) -> TopCurvature | None:
    """Return the bounds of the paper's energy."""
    return None if flow.kernel is None else _TOP


def refute_top(flow: Flow, said: TopCurvature | None, budget: Budget) -> Counterexample | None:
    """Give an energy without a Hessian, or tokens that are no equilibrium."""
    cold = cold_kernel(flow.model)
    if cold is None or said is None:
        return None
    if z not in cold.free_symbols:
        return Counterexample(f"{flow.name}: a pair has {cold} at β = 0, so Hess E_0 is 0")
    for tokens in said.tokens:
        speed = _speed(cold, tokens)
        if speed != 0:
            return Counterexample(f"{tokens} is no equilibrium of E_0, speed² {speed}")
    return None


def _square_top() -> Expr:
    """Top eigenvalue of Hess E_0 at the square, exactly, in the angles of the four tokens."""
    rows = Matrix(SQUARE_TOKENS)
    gram = rows * rows.T
    hessian = (gram - diag(*(gram * ones(4, 1)))) / 2
    return max(hessian.eigenvals())


def decide(flow: Flow, said: TopCurvature) -> Sheet:
    """Derive a direction at either kind of equilibrium, for every n and d."""
    cold = cold_kernel(flow.model)
    if cold is None:
        return Sheet((gap("E_0 = Σ_ij g_ij/n", "no pair energy"),))
    x, total = vectors("x M", unit="x")
    pull = project(x, total)
    kinds = derived(
        "|P_i M|² = |M|² - <x_i,M>², M = Σ x: at equilibria x_i = ±M/|M|, or M = 0",
        residual(inner(pull, pull) - inner(total, total) + inner(x, total) ** 2),
    )
    energy = derived("2n E_β - const is Σ_ij g_ij/n = E_0 at β = 0", simplified(cold.diff(z)) - 1)
    energy = saying(energy, say(Derivative(cold, z), "=", 1))
    spread = cited(CAUCHY_SCHWARZ_TRACE, kinds)
    own = _balanced_excess(), _antipodal_top()
    balanced = derived(
        f"M = 0, v_i = P_i z, summed over a basis of z: a quotient >= {said.balanced}",
        simplified(own[0] - said.balanced),
    )
    antipodal = derived(
        f"p at x, q at -x, v = √(q/p) u at x, √(p/q) u at -x: the quotient is {said.antipodal}",
        simplify(own[1] - said.antipodal),
    )
    antipodal = saying(antipodal, _antipodal_said(said.antipodal))
    steps = [energy, kinds, spread, balanced, antipodal]
    steps.append(apply(RAYLEIGH, f"M = 0: top eigenvalue >= {said.balanced}", spread, balanced))
    steps.append(apply(RAYLEIGH, f"antipodal: top eigenvalue >= {said.antipodal}", antipodal))
    for kind in (said.balanced, said.antipodal):
        room = _positive_form(simplified((kind - said.least).subs(SIZES)))
        text = f"{kind} >= c = {said.least} for n, d >= 2"
        step = Step(text, How.DERIVED) if room.is_nonnegative else gap(text, f"room {room}")
        steps.append(saying(step, say(said.least, "<=", kind, (say(2, "<=", n), say(2, "<=", d)))))
    square = said.balanced.subs({n: 4, d: 2})
    steps.append(derived(f"at the square the top is {square}", _square_top() - square))
    alike = [tokens for tokens in said.tokens if len(set(tokens)) == 1]
    text = "the equilibria looked at are off consensus"
    steps.append(gap(text, f"{alike[0]} is one point") if alike else Step(text, How.DERIVED))
    text = "they are equilibria of E_0"
    moving = [tokens for tokens in said.tokens if _speed(cold, tokens) != 0]
    still = Step(text, How.DECIDED, evidence="their velocities, in exact numbers")
    steps.append(gap(text, f"{moving[0]} moves") if moving else still)
    return Sheet(
        tuple(steps),
        {
            "n": "symbolic, >= 2",
            "d": "symbolic, >= 2",
            "beta": "0",
            "masses": "equal",
            "tokens": "equilibria off consensus",
        },
        (*own, said.balanced, said.antipodal, said.least),
        "Σ x = 0: along v_i = P_i z, averaged over z, the quotient is >= 2(d-1)/d, as Σ g² >= "
        "n²/d; antipodal: 2, exactly; so c = 2(d-1)/(dn) holds with room n, and 2(d-1)/d is "
        "attained at the square",
    )


def watch(flow: Flow, said: TopCurvature, budget: Budget) -> Trial:
    """Compute the top eigenvalue at exact equilibria, last at the square."""
    cold = cold_kernel(flow.model)
    if cold is None:
        return Trial(silent="no pair energy")
    worst, cases, top, bound = np.inf, 0, 0.0, 0.0
    for tokens in (*said.tokens, SQUARE_TOKENS):
        points = np.asarray(tokens, dtype=float)
        size, width = points.shape
        jacobian = covariant_jacobian(compile_model(_gradient_of(cold, size)), points)
        top = float(np.linalg.eigvalsh((jacobian + jacobian.T) / 2).max())
        kind = said.balanced
        if float(np.linalg.norm(points.sum(axis=0))) > 1e-9 or width == 1:
            kind = said.antipodal
        put = {n: size, d: width}
        bound = max(float(kind.subs(put)), float(said.least.subs(put)))
        cases, worst = cases + 1, min(worst, (top + 1e-6 - bound) / bound)
        if top < bound - 1e-6:
            detail = f"{flow.name}, {tokens}: top eigenvalue {top:.6g}, bound {bound:.6g}"
            return Trial(detail, worst, cases)
    if top > bound + 1e-6:
        detail = f"{flow.name}: not sharp at the square, where {top:.6g} > {bound:.6g}"
        return Trial(detail, worst, cases)
    return Trial("", worst, cases)


CAUCHY_SCHWARZ_TRACE = "Cauchy-Schwarz: n² = (tr Σ x x^T)² <= d tr (Σ x x^T)² = d Σ g²"
TOP: Statement[TopCurvature] = Statement(
    "",
    "Hess E_0 has a positive eigenvalue at equilibria off consensus",
    decide,
    derive_top,
    refute_top,
    watch,
)


def _positive_form(value: Expr) -> Expr:
    """Write a rational function with expanded numerator and denominator."""
    top, below = value.together().as_numer_denom()
    return expand(top) / expand(below)


APART: Rows = ((Integer(1), Integer(0)), (Rational(3, 5), Rational(4, 5)))
"""Two tokens that move: at 60° the top eigenvalue is 0."""


_TOP = TopCurvature(2 * (d - 1) / d, Integer(2), 2 * (d - 1) / (d * n))


EQUATION_C_2 = Claim(
    "(C.2)",
    "At equilibria off consensus Hess E_0 has top eigenvalue >= 2(d-1)/d (sharp), hence >= c = "
    "2(d-1)/(dn).",
    (SA, USA),
    _TOP,
    TOP,
    (
        Control("2(d-1)/d -> 2 if Σ x = 0", prediction=replace(_TOP, balanced=Integer(2))),
        Control("c = 2", prediction=replace(_TOP, least=Integer(2))),
        Control("antipodal: n", prediction=replace(_TOP, antipodal=n)),
        Control("consensus too", prediction=replace(_TOP, tokens=(ALL_ALIKE,))),
        Control(
            "two tokens at angle arccos(3/5), no equilibrium",
            prediction=replace(_TOP, tokens=(APART,)),
        ),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    THEOREM_4_1.hypotheses,
    about=frozenset({Part.ENERGY}),
    equivalents=(
        Equivalent(
            "one of three against one turned over: two against two, another equilibrium",
            ("prediction.tokens.2.[012].0: sign",),
        ),
        KERNEL_AT_BETA_ZERO,
        Equivalent(
            "a smaller bound of the antipodal curvature",
            ("prediction.antipodal: sign", "prediction.antipodal: ÷ 2"),
        ),
        Equivalent(
            "a smaller c, as 2(d-1)/(dn) < 1",
            ("prediction.least: sign", "prediction.least: squared"),
        ),
        Equivalent("c = 2(d-1)/d holds for both kinds, with room n", ("prediction.least: × n",)),
    ),
)


CLAIMS = (EQUATION_C_2,)
