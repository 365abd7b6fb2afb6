"""Appendices A and B, the formulas: Lemma A.1, (A.2)-(A.4), (B.2), (B.4) and (B.5).

Second variations of the energy, pair by pair in the Gram algebra: along rotations of a subset,
and along any curve of the sphere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm
from sympy import (
    Expr,
    Matrix,
    MatrixSymbol,
    OneMatrix,
    Rational,
    S,
    Symbol,
    cos,
    exp,
    expand,
    lambdify,
    simplify,
    sin,
)
from sympy.matrices.expressions import MatrixExpr

from numerics.compile import compile_model
from numerics.integrate import integrate
from numerics.sphere import random_points
from proofs_checks.appendix_a_b import Pairings
from proofs_checks.claim import WARM, Budget, Claim, Control, Evidence, Verdict
from proofs_checks.section4_small_beta import (
    CENTRE_STABLE,
    THEOREM_4_1,
    P,
    Q,
    each,
    subjects,
)
from proofs_checks.section4_thresholds import without_temperature
from theory.atoms import Elementwise
from theory.differential import Evaluator
from theory.energy import pair_kernel, pole_free
from theory.gram import Vector, basis_trace, inner, project, residual, vectors
from theory.linearize import Spectrum, antipodal, consensus
from theory.models import REPULSIVE, SA, USA, Model
from theory.reductions import phi as PHI
from theory.symbols import X, beta, d, m, n, z

Array = NDArray[np.float64]

SQUARE, CUT = Symbol("s", positive=True), Symbol("c", real=True)
"""|y_S|² and the cut <y_S, y_c>, y_S the sum of the tokens of S, y_c of the others."""
PART_P, PART_Q = Symbol("a", nonnegative=True), Symbol("b", nonnegative=True)
"""How many of the p tokens at x, and of the q at -x, are in S."""

SUBSET, TURN = MatrixSymbol("chi", n, 1), MatrixSymbol("B", d, d)
"""1 at the tokens of S, 0 at the others; the matrix that turns them."""
ANGLES = MatrixSymbol("theta", n, 1)
"""Angles of the tokens of the circle."""

SYMBOLIC_SIZES = {"n": "symbolic", "d": "symbolic, >= 2", "masses": "symbolic"}
"""Scope of a proof for all sizes and masses."""
_MORE_N, _MORE_D = Symbol("i", nonnegative=True), Symbol("j", nonnegative=True)
SIZES = {n: 2 + _MORE_N, d: 2 + _MORE_D}
"""n and d written so that both are seen to be at least 2."""

Rows = tuple[tuple[Any, ...], ...]
_THREE, _FOUR = Rational(3, 5), Rational(4, 5)
SQUARE_TOKENS: Rows = ((1, 0), (0, 1), (-1, 0), (0, -1))
RECTANGLE: Rows = ((_THREE, _FOUR), (_FOUR, _THREE), (-_THREE, -_FOUR), (-_FOUR, -_THREE))
THREE_AGAINST_ONE: Rows = ((1, 0), (1, 0), (1, 0), (-1, 0))
PAIR_OF_PAIRS: Rows = ((_THREE, _FOUR), (_THREE, _FOUR), (-_THREE, -_FOUR), (-_THREE, -_FOUR))
OCTAHEDRON: Rows = ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1))
ALL_ALIKE: Rows = ((_THREE, _FOUR),) * 3
ORTHOGONAL: Rows = ((1, 0), (0, 1))
CRITICAL = (SQUARE_TOKENS, RECTANGLE, THREE_AGAINST_ONE, PAIR_OF_PAIRS, OCTAHEDRON)
"""Exact equilibria at β = 0 off consensus: balanced ones, and antipodal ones."""


def _energies(field: Any, systems: Array) -> Array:
    return np.asarray([float(field.energy(points)) for points in systems])


def _off_sphere(systems: Array) -> str:
    """Name a token that has left the sphere, "" if none has."""
    lengths = np.linalg.norm(systems, axis=-1).ravel()
    worst = int(np.abs(lengths - 1).argmax())
    return (
        f"a turned token has length {lengths[worst]:.6f}" if abs(lengths[worst] - 1) > 1e-9 else ""
    )


def _dot(x: Sequence[Any], y: Sequence[Any]) -> Expr:
    return sum((a * b for a, b in zip(x, y, strict=True)), S.Zero)


def _total(rows: Sequence[Sequence[Any]], width: int) -> list[Expr]:
    return [sum((row[c] for row in rows), S.Zero) for c in range(width)]


def cold_speed(model: Model, tokens: Rows) -> Expr:
    """Return ``Σ |x_i'|²`` at exact tokens of equal masses, at β = 0.

    Parameters
    ----------
    model : Model
    tokens : tuple of rows
        Rational coordinates.
    """
    size, width = len(tokens), len(tokens[0])
    values = {X: [list(row) for row in tokens], m: [[Rational(1, size)]] * size}
    velocity = Evaluator(values, {n: size, d: width}, lambda e: S(e).subs(beta, 0), _at_zero)(
        model.velocity
    )
    return sum((_dot(row, row) for row in velocity), S.Zero)


def pair_cut(pairs: MatrixExpr) -> MatrixExpr:
    """Return ``Σ_{S×S^c}`` of a matrix of pairs, for n tokens."""
    cut: MatrixExpr = SUBSET.T * pairs * (OneMatrix(n, 1) - SUBSET)
    return cut


@lru_cache(maxsize=32)
def cold_kernel(model: Model) -> Expr | None:
    """Return what remains of the energy's pair kernel at β = 0, None without a pair energy."""
    kernel = None if model.energy is None else pair_kernel(model.energy)
    return None if kernel is None else simplify(pole_free(kernel, beta, 0))


def _at_zero(body: Expr, value: Any) -> Any:
    return body.subs({beta: 0}).subs(z, value)


# -- Lemma A.1 -------------------------------------------------------------------------------


@dataclass(frozen=True)
class UnstableDirections:
    """At least ``count`` rates at the state are positive; in p, q (``P``, ``Q``) and ``d``."""

    state: str
    count: Expr


@lru_cache(maxsize=16)
def _spectrum(model: Model, state: str) -> Spectrum:
    return antipodal(model, P, Q) if state == "antipodal" else consensus(model)


def _positive(spectrum: Spectrum) -> Expr:
    """Count the rates that are positive for all p, q and β."""
    found = S.Zero
    for value, multiplicity in spectrum.eigenvalues:
        if value.subs(beta, Symbol("beta", nonnegative=True)).is_positive:
            found += multiplicity
    return expand(found)


def check_null_set(model: Any, prediction: UnstableDirections, budget: Budget) -> Evidence:
    """Count the unstable directions, and watch that perturbed saddles are left.

    The centre-stable set of a saddle has the dimension of the space less this count.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : UnstableDirections
        State and count.
    budget : Budget
        Perturbed saddles to run.
    """
    worst, cases = np.inf, 0
    for flow in each(model):
        spectrum = _spectrum(flow, prediction.state)
        derived = _positive(spectrum)
        for half, hot in ((1, S.Zero), (1, S.Half), (2, S.Half)):
            here = {P: half, Q: half, n: 2 * half, d: 3, beta: hot}
            rates = spectrum.at(here).eigenvalues
            number = sum((k for value, k in rates if value.evalf(20) > 0), S.Zero)
            said = prediction.count.subs(here)
            if said > number:
                detail = (
                    f"{flow.name}, {prediction.state}, n = {2 * half}, d = 3, β = {hot}: {number} "
                    f"positive rates of {4 * half}, {said} predicted"
                )
                return Evidence(Verdict.REFUTED, detail)
        if simplify((derived - prediction.count).subs(d, 2 + _MORE_D)).is_nonnegative is not True:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: only {derived} shown positive")
        for split in ((1, 1), (2, 2), (1, 3)):
            size, pole = sum(split), np.repeat([1.0, -1.0], split)
            points = np.zeros((budget.cases, size, 3))
            points[..., 0] = pole
            points += 1e-3 * budget.rng.standard_normal(points.shape)
            points /= np.linalg.norm(points, axis=-1, keepdims=True)
            final = integrate(compile_model(flow, beta=0.5), points, 30.0, rtol=1e-5).points[-1]
            gram = final @ final.swapaxes(-1, -2)
            apart = np.abs(gram - np.outer(pole, pole)).max(axis=(-2, -1))
            cases, worst = cases + budget.cases, min(worst, float(apart.min()) / 0.1 - 1)
            if worst < 0:
                detail = f"{flow.name}, {split}: still within {apart.min():.3g} of it at t = 30"
                return Evidence(Verdict.UNDECIDED, detail, cases=cases, margin=worst)
    return Evidence(
        Verdict.PROVED,
        f"{prediction.count} rates are positive for all p, q, β >= 0, so the set that converges to "
        f"the {prediction.state} state has that codimension; {cases} perturbed saddles were left",
        {"n": "p + q, symbolic", "d": "symbolic", "beta": "symbolic, >= 0", "masses": "1/n"},
        (CENTRE_STABLE,),
        cases,
        worst,
        identity=subjects(model, derived, prediction.count),
    )


LEMMA_A_1 = Claim(
    "Lemma A.1",
    "Strict saddles attract a null set: of codimension d-1 or more at p tokens against q.",
    (SA, USA),
    UnstableDirections("antipodal", d - 1),
    check_null_set,
    (
        Control("consensus, no saddle", prediction=UnstableDirections("consensus", d - 1)),
        Control("all n(d-1) directions", prediction=UnstableDirections("antipodal", n * (d - 1))),
        Control("codimension d", prediction=UnstableDirections("antipodal", d)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=4,
)


# -- (A.2) -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cuts:
    """``<y_S, y_c>`` for every S, at equilibria of both kinds, unit masses.

    Attributes
    ----------
    balanced : Expr
        In ``SQUARE`` = |y_S|².
    antipodal : Expr
        In ``P``, ``Q`` and the parts ``PART_P``, ``PART_Q`` of S.
    tokens : tuple of rows
        Exact equilibria; each is said to have a negative cut.
    """

    balanced: Expr
    antipodal: Expr
    tokens: tuple[Rows, ...] = CRITICAL


def check_cuts(model: Any, prediction: Cuts, budget: Budget) -> Evidence:
    """Derive the cut of every S, and enumerate all S at exact equilibria.

    Parameters
    ----------
    model : Model or tuple of Model
        Flows whose equilibria at β = 0 are meant.
    prediction : Cuts
        The cuts.
    budget : Budget
        Not used: the equilibria are exact.
    """
    cases, least = 0, S.Infinity
    for flow in each(model):
        if cold_speed(flow, ORTHOGONAL) == 0:
            detail = f"{flow.name}: {ORTHOGONAL} is an equilibrium at β = 0, and both cuts are 0"
            return Evidence(Verdict.REFUTED, detail)
        for tokens in prediction.tokens:
            if cold_speed(flow, tokens) != 0:
                detail = (
                    f"{flow.name}: {tokens} is no equilibrium, speed² {cold_speed(flow, tokens)}"
                )
                return Evidence(Verdict.REFUTED, detail)
            size, width, lowest = len(tokens), len(tokens[0]), S.Zero
            whole = _total(tokens, width)
            for count in range(1, size):
                for chosen in combinations(range(size), count):
                    cases += 1
                    y = _total([tokens[i] for i in chosen], width)
                    cut = _dot(y, [a - b for a, b in zip(whole, y, strict=True)])
                    lowest = min(lowest, cut)
                    signs = [_dot(row, tokens[0]) for row in tokens]
                    put = {SQUARE: _dot(y, y), P: signs.count(1), Q: signs.count(-1)}
                    put[PART_P] = sum(signs[i] == 1 for i in chosen)
                    put[PART_Q] = sum(signs[i] == -1 for i in chosen)
                    balanced = _dot(whole, whole) == 0
                    said = prediction.balanced if balanced else prediction.antipodal
                    if cut != said.subs(put):
                        detail = f"{tokens}, S = {chosen}: cut {cut}, predicted {said.subs(put)}"
                        return Evidence(Verdict.REFUTED, detail, cases=cases)
            if lowest >= 0:
                detail = f"{tokens}: no S has a negative cut, the least is {lowest}"
                return Evidence(Verdict.REFUTED, detail, cases=cases)
            least = min(least, -lowest)
    # Balanced: y_c = -y_S. Antipodal: y_S = (a-b) x, the sum of all (p-q) x.
    sum_s, x = vectors("y x", unit="x")
    part, whole_sum = x * (PART_P - PART_Q), x * (P - Q)
    gaps = [
        inner(sum_s, -sum_s).subs(inner(sum_s, sum_s), SQUARE) - prediction.balanced,
        inner(part, whole_sum - part) - prediction.antipodal,
    ]
    left = [residual(gap) for gap in gaps]
    pole = expand(prediction.antipodal.subs({PART_P: P, PART_Q: 0}))
    if left != [0, 0] or not (prediction.balanced.is_negative and pole.is_negative):
        return Evidence(Verdict.UNDECIDED, f"derived minus predicted cuts {left}", cases=cases)
    return Evidence(
        Verdict.PROVED,
        f"Σ x = 0: cut -|y_S|² for every S, -1 for one token; antipodal: S one pole has {pole}; "
        "all S enumerated exactly at the square, a rectangle, 3:1, 2:2 and the octahedron",
        {"n": "symbolic", "d": "symbolic", "beta": "0", "masses": "equal"},
        (),
        cases,
        float(least),
        identity=(pair_cut(X * X.T), *gaps),
    )


_CUTS = Cuts(-SQUARE, (PART_P - PART_Q) * (P - Q - PART_P + PART_Q))

EQUATION_A_2 = Claim(
    "(A.2)",
    "β = 0: at an equilibrium off consensus Σ_{S×S^c}<x_i,x_j> < 0 for some S; -|y_S|² if Σ x = 0.",
    (SA, USA),
    _CUTS,
    check_cuts,
    (
        Control("consensus too", prediction=replace(_CUTS, tokens=(*CRITICAL, ALL_ALIKE))),
        Control(
            "two orthogonal tokens, no equilibrium",
            prediction=replace(_CUTS, tokens=(((1, 0), (0, 1)),)),
        ),
        Control("balanced cut -2|y_S|²", prediction=replace(_CUTS, balanced=-2 * SQUARE)),
        Control("antipodal cut -ab", prediction=replace(_CUTS, antipodal=-PART_P * PART_Q)),
    ),
    Verdict.PROVED,
)


# -- (A.3) -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class TurnedCut:
    """``E_0'' = factor · <B² y_S, y_c>`` along x_i -> e^{εB} x_i, i in S, E_0 = Σ_ij <x_i,x_j>/n.

    ``sign`` is -1 for skew B, with B² = -I, and 1 for symmetric B, with B² = I.
    """

    factor: Expr
    sign: int = -1


def check_turned_cut(model: Any, prediction: TurnedCut, budget: Budget) -> Evidence:
    """Derive E_0'' along the rotation, and compare with finite differences of the energy.

    Parameters
    ----------
    model : Model or tuple of Model
        Models; E_0 is 2n times their energy at β = 0.
    prediction : TurnedCut
        Factor and kind of B.
    budget : Budget
        Configurations and subsets to draw.
    """
    worst, cases, tolerance, step = np.inf, 0, 1e-5, 1e-3
    block = np.array([[0.0, 1.0], [float(prediction.sign), 0.0]])
    for flow in each(model):
        cold = cold_kernel(flow)
        if cold is None:
            return Evidence(Verdict.UNDECIDED, f"{flow.name} has no pair energy at β = 0")
        for size, dimension in ((3, 2), (5, 4)):
            kernel = lambdify(z, cold.subs(n, size), "numpy")
            frame = np.linalg.qr(budget.rng.standard_normal((dimension, dimension)))[0]
            turn = frame @ np.kron(np.eye(dimension // 2), block) @ frame.T
            for _ in range(budget.cases):
                points = np.asarray(random_points(size, dimension, budget.rng))
                chosen = np.arange(size) < budget.rng.integers(1, size)
                moved = []
                for amount in (-step, 0.0, step):
                    turned = points @ expm(amount * turn).T
                    moved.append(np.where(chosen[:, None], turned, points))
                lost = _off_sphere(np.asarray(moved))
                if lost:
                    return Evidence(Verdict.REFUTED, f"{flow.name}, n = {size}: {lost}")
                # E_0 = 2n E, which has the masses 1/n.
                turns = np.asarray(moved)
                gram = turns @ turns.swapaxes(-1, -2)
                values = (kernel(gram) + np.zeros_like(gram)).sum(axis=(-2, -1)) / size
                found = (values[0] - 2 * values[1] + values[2]) / step**2
                y, c = points[chosen].sum(axis=0), points[~chosen].sum(axis=0)
                said = float(prediction.factor.subs(n, size)) * float((turn @ turn @ y) @ c)
                cases, worst = cases + 1, min(worst, 1 - abs(found - said) / tolerance)
                if worst < 0:
                    detail = (
                        f"{flow.name}, n = {size}, d = {dimension}: E_0'' = {found:.6g}, predicted "
                        f"{said:.6g}, for {int(chosen.sum())} tokens turned"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
        if simplify(cold.diff(z)) != 1:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: a pair has {cold} at β = 0")
    y, b, bb, c = vectors("y b B c")
    epsilon = Symbol("epsilon", real=True)
    moved_sum = y + b * epsilon + bb * (epsilon**2 / 2) + c
    bend = (inner(moved_sum, moved_sum) / n).diff(epsilon, 2).subs(epsilon, 0)
    # Skew B: <By, By> = -<y, B²y>.
    bend = expand(bend).subs(inner(b, b), -inner(y, bb))
    gap = bend - prediction.factor * inner(bb, c)
    if residual(gap) != 0 or prediction.sign != -1:
        detail = f"derived minus predicted: {residual(gap)}"
        return Evidence(Verdict.UNDECIDED, detail, cases=cases)
    return Evidence(
        Verdict.PROVED,
        "E_0'' - (2/n)<B²y_S,y_c>: residual 0 for skew B; d even and B² = -I: E_0'' = -(2/n)·cut > "
        "0; finite differences of the energy agree",
        {"n": "symbolic", "d": "symbolic", "beta": "0", "masses": "equal"},
        (),
        cases,
        worst,
        identity=(gap, prediction.factor * pair_cut(X * TURN.T * TURN.T * X.T)),
    )


_TURNED = TurnedCut(2 / n)

EQUATION_A_3 = Claim(
    "(A.3)",
    "Turning S by e^{εB}, B skew: E_0'' = (2/n) Σ_{S×S^c}<B²x_i,x_j>; B² = -I for even d.",
    (SA, USA),
    _TURNED,
    check_turned_cut,
    (
        Control("2/n -> 1/n", prediction=replace(_TURNED, factor=1 / n)),
        Control("B symmetric", prediction=replace(_TURNED, sign=1)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    THEOREM_4_1.hypotheses,
    cases=3,
)


# -- (A.4) -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class PairingSum:
    """``Σ_j <B_j² y_S, y_c> = total · cut`` for odd d, B_j pairing the coordinates other than j.

    ``best`` times n|cut| is said to be exceeded by the largest E_0''; both in ``d``.
    """

    total: Expr
    best: Expr
    pairings: Pairings = Pairings(((0, -1), (1, 0)), True)  # noqa: RUF009


def _odd_equilibria(dimension: int) -> tuple[Rows, ...]:
    """Exact equilibria of R^d: an antipodal pair, and a balanced system along two axes."""
    pad = (S.Zero,) * (dimension - 2)
    first, second = (_THREE, _FOUR, *pad), (*pad, -_FOUR, _THREE)

    def minus(row: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(-a for a in row)

    return (
        (first, first, minus(first)),
        (first, second, minus(first), minus(second)),
    )


def check_pairing_sum(model: Any, prediction: PairingSum, budget: Budget) -> Evidence:
    """Sum over the pairings for symbolic d, and find the best one at exact equilibria.

    Parameters
    ----------
    model : Model or tuple of Model
        Models; E_0 is 2n times their energy at β = 0.
    prediction : PairingSum
        The sum, the best pairing and the matrices.
    budget : Budget
        Not used: the equilibria are exact.
    """
    cases, slack, slopes = 0, S.Infinity, list[Expr]()
    for flow in each(model):
        cold = cold_kernel(flow)
        slope = None if cold is None else cold.diff(z)
        if slope is None or z in slope.free_symbols:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: a pair has {cold} at β = 0")
        for dimension in (3, 5):
            for tokens in _odd_equilibria(dimension):
                size, y = len(tokens), list(tokens[0])
                c = _total(tokens[1:], dimension)
                cut = _dot(y, c)
                squares = [b * b for b in prediction.pairings.matrices(dimension)]
                bends = [(Matrix([y]) * b * Matrix(c))[0] for b in squares]
                total, cases = sum(bends, S.Zero), cases + len(bends)
                said = (prediction.total * cut).subs(d, dimension)
                if total != said:
                    detail = (
                        f"d = {dimension}, {tokens}: Σ_j <B_j² y_S,y_c> = {total}, predicted {said}"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=cases)
                top = max(slope.subs(n, size) * 2 * value / size for value in bends)
                bound = (prediction.best.subs({d: dimension, n: size})) * abs(cut)
                slack = min(slack, top - bound)
                if top < bound:
                    detail = (
                        f"{flow.name}, d = {dimension}, {tokens}: the best E_0'' is {top}, less "
                        f"than {bound}"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=cases)
        slopes.append(slope)
    # B_j² = -I + e_j e_j^T, summed over a basis e_j: -d <y,c> + <y,c>.
    y_vector, c_vector, e = vectors("y c e")
    product = inner(y_vector, c_vector)
    spread = basis_trace(inner(e, y_vector) * inner(e, c_vector), e)
    gap = -d * product + spread - prediction.total * product
    left = residual(gap)
    averages = [-2 * slope * prediction.total / (n * d) for slope in slopes]
    room = [simplify(average - prediction.best) for average in averages]
    if left != 0 or not all(value.subs(SIZES).is_nonnegative for value in room):
        return Evidence(Verdict.UNDECIDED, f"sum {left}, average less best {room}", cases=cases)
    return Evidence(
        Verdict.PROVED,
        "B_j² = -I + e_j e_j^T: Σ_j <B_j² y_S,y_c> = -(d-1)·cut for every d: residual 0; so some "
        "pairing has E_0'' >= (2(d-1)/(dn))|cut|; exact at equilibria of R³ and R⁵",
        {"n": "symbolic", "d": "symbolic, odd", "beta": "0", "masses": "equal"},
        (),
        cases,
        float(slack),
        identity=(gap, *averages, prediction.best),
    )


_PAIRING_SUM = PairingSum(-(d - 1), 2 * (d - 1) / (d * n))

EQUATION_A_4 = Claim(
    "(A.4)",
    "d odd: Σ_j <B_j² y_S,y_c> = -(d-1)·cut, so a pairing B_j has E_0'' >= (2(d-1)/(dn))|cut| > 0.",
    (SA, USA),
    _PAIRING_SUM,
    check_pairing_sum,
    (
        Control("-(d-1) -> -d", prediction=replace(_PAIRING_SUM, total=-d)),
        Control(
            "B_j symmetric",
            prediction=replace(_PAIRING_SUM, pairings=Pairings(((0, 1), (1, 0)), True)),
        ),
        Control(
            "the j-th block, as printed",
            prediction=replace(_PAIRING_SUM, pairings=Pairings(((0, -1), (1, 0)), False)),
        ),
        Control("E_0'' >= (4/n)|cut|", prediction=replace(_PAIRING_SUM, best=4 / n)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
)


# -- (B.2) -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class AngleCut:
    """``E'' = -Σ m_i m_j g(θ_i-θ_j)`` when the angles of S are turned together.

    Attributes
    ----------
    g : Expr
        In ``PHI`` and ``beta``.
    inside : bool
        Whether the pairs within S count too.
    """

    g: Expr
    inside: bool = False


def check_angle_cut(model: Any, prediction: AngleCut, budget: Budget) -> Evidence:
    """Differentiate a turned pair twice, and compare with finite differences of the energy.

    Parameters
    ----------
    model : Model or tuple of Model
        Models with an energy.
    prediction : AngleCut
        g, and which pairs count.
    budget : Budget
        Angles, masses and subsets to draw.
    """
    worst, cases, step, tolerance = np.inf, 0, 1e-3, 1e-4
    apart = ANGLES * OneMatrix(1, n) - OneMatrix(n, 1) * ANGLES.T
    identity = [pair_cut(Elementwise(prediction.g.subs(PHI, z), apart))]
    profile = lambdify((PHI, beta), prediction.g, "numpy")
    for flow in each(model):
        if without_temperature(flow) or flow.energy is None:
            return Evidence(Verdict.UNDECIDED, f"{flow.name} has no energy in β")
        for size in (3, 5):
            for _ in range(budget.cases):
                angles = budget.rng.uniform(-np.pi, np.pi, size)
                masses = budget.rng.uniform(0.2, 1.0, size)
                hot = float(budget.rng.uniform(0.3, 2.5))
                chosen = np.arange(size) < budget.rng.integers(2, size)
                field = compile_model(flow, beta=hot, masses=masses)
                moved = angles + np.array([-step, 0.0, step])[:, None] * chosen
                values = _energies(field, np.stack([np.cos(moved), np.sin(moved)], axis=-1))
                found = (values[0] - 2 * values[1] + values[2]) / step**2
                weights = np.outer(masses, masses) * profile(angles[:, None] - angles, hot)
                counted = np.outer(chosen, ~chosen)
                if prediction.inside:
                    counted = counted | np.triu(np.outer(chosen, chosen), 1)
                said = -float(weights[counted].sum())
                size_of = float(np.abs(weights).sum())
                gap = abs(found - said) / (tolerance * size_of)
                cases, worst = cases + 1, min(worst, 1 - gap)
                if gap > 1:
                    detail = (
                        f"{flow.name}, β = {hot:.4g}, angles {np.round(angles, 3)}, "
                        f"{int(chosen.sum())} turned: E'' = {found:.6g}, predicted {said:.6g}"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
        kernel = pair_kernel(flow.energy)
        epsilon = Symbol("epsilon", real=True)
        if kernel is None or prediction.inside:
            return Evidence(Verdict.UNDECIDED, "pairs within S keep their angles", cases=cases)
        turned = kernel.subs(z, cos(PHI + epsilon)).diff(epsilon, 2).subs(epsilon, 0)
        identity.append(turned + prediction.g)
        left = simplify(expand(identity[-1]))
        if left != 0:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: a pair leaves {left}")
    return Evidence(
        Verdict.PROVED,
        "a pair of S×S^c has second derivative -g, a pair within S or S^c none: E'' = -Σ_{S×S^c} "
        "m_i m_j g, so Σ_{S×S^c} m_i m_j g >= 0 for every S at a local maximum",
        {"n": "symbolic", "d": "2", "beta": "symbolic", "masses": "symbolic"},
        (),
        cases,
        worst,
        identity=tuple(identity),
    )


_PROFILE = (cos(PHI) - beta * sin(PHI) ** 2) * exp(beta * cos(PHI))

EQUATION_B_2 = Claim(
    "(B.2)",
    "d = 2: turning S has E'' = -Σ_{S×S^c} m_i m_j g, so the sum is >= 0 at a local maximum.",
    (SA, USA),
    AngleCut(_PROFILE),
    check_angle_cut,
    (
        Control(
            "sign of β sin²",
            prediction=AngleCut((cos(PHI) + beta * sin(PHI) ** 2) * exp(beta * cos(PHI))),
        ),
        Control("pairs within S count", prediction=AngleCut(_PROFILE, True)),
        Control("g without β", prediction=AngleCut(_PROFILE.subs(beta, 1))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    cases=3,
)


# -- (B.4) -----------------------------------------------------------------------------------

BEND, STRETCH = Symbol("q", real=True), Symbol("l", real=True)
"""``<B²x,y>`` and ``<Bx,y>`` for a pair."""


@dataclass(frozen=True)
class TurnedPair:
    """Second derivative of h(<e^{εB}x, y>), B skew or (sign 1) symmetric.

    ``value`` is an expression in ``z``, ``beta``, ``BEND`` and ``STRETCH``.
    """

    value: Expr
    sign: int = -1


def check_turned_pair(model: Any, prediction: TurnedPair, budget: Budget) -> Evidence:
    """Derive a pair's second variation, and compare with finite differences of the energy.

    Parameters
    ----------
    model : Model or tuple of Model
        Models with an isotropic pair energy.
    prediction : TurnedPair
        The second variation.
    budget : Budget
        Configurations, matrices and subsets to draw.
    """
    worst, cases, step, tolerance = np.inf, 0, 1e-3, 1e-4
    identity = list[Any]()
    value = lambdify((z, BEND, STRETCH, beta), prediction.value, "numpy")
    for flow in each(model):
        if without_temperature(flow) or flow.energy is None:
            return Evidence(Verdict.UNDECIDED, f"{flow.name} has no energy in β")
        for size, dimension in ((3, 3), (5, 4)):
            for _ in range(budget.cases):
                points = np.asarray(random_points(size, dimension, budget.rng))
                masses = budget.rng.uniform(0.2, 1.0, size)
                hot = float(budget.rng.uniform(1.2, 2.5))
                raw = budget.rng.standard_normal((dimension, dimension))
                turn = (raw + prediction.sign * raw.T) / 2
                chosen = np.arange(size) < budget.rng.integers(1, size)
                field = compile_model(flow, beta=hot, masses=masses)
                moved = [
                    np.where(chosen[:, None], points @ expm(e * turn).T, points)
                    for e in (-step, 0.0, step)
                ]
                lost = _off_sphere(np.asarray(moved))
                if lost:
                    return Evidence(Verdict.REFUTED, f"{flow.name}, n = {size}: {lost}")
                values = _energies(field, np.asarray(moved))
                found = (values[0] - 2 * values[1] + values[2]) / step**2
                bends = points @ turn.T @ turn.T @ points.T
                pairs = value(points @ points.T, bends, points @ turn.T @ points.T, hot)
                weights = np.outer(masses, masses) * pairs
                said = float(weights[np.outer(chosen, ~chosen)].sum())
                gap = abs(found - said) / (tolerance * float(np.abs(weights).sum()))
                cases, worst = cases + 1, min(worst, 1 - gap)
                if gap > 1:
                    detail = (
                        f"{flow.name}, n = {size}, d = {dimension}, β = {hot:.4g}: E'' = "
                        f"{found:.6g}, predicted {said:.6g}, {int(chosen.sum())} tokens turned"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
        kernel = pair_kernel(flow.energy)
        if kernel is None or prediction.sign != -1:
            return Evidence(Verdict.UNDECIDED, "only skew B keeps the tokens' lengths")
        x, y, b, bb = vectors("x y b B", unit="x y")
        epsilon = Symbol("epsilon", real=True)
        product = inner(x + b * epsilon + bb * (epsilon**2 / 2), y)
        first, second = (product.diff(epsilon, k).subs(epsilon, 0) for k in (1, 2))
        names = {inner(x, y): z, inner(b, y): STRETCH, inner(bb, y): BEND}
        slope = kernel.diff(z)
        bend = (slope.diff(z) * first**2 + slope * second).xreplace(names)
        identity += [flow.energy, bend - prediction.value]
        left = simplify(expand(bend - prediction.value))
        if left != 0:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: a pair leaves {left}", cases=cases)
    return Evidence(
        Verdict.PROVED,
        "h(<e^{εB}x,y>)'' - e^{βg}(β<Bx,y>² + <B²x,y>): residual 0, and pairs within S or S^c "
        "don't change: at a local maximum the sum over S×S^c is <= 0 for every skew B",
        {**SYMBOLIC_SIZES, "beta": "symbolic"},
        (),
        cases,
        worst,
        identity=tuple(identity),
    )


_TURNED_PAIR = exp(beta * z) * (beta * STRETCH**2 + BEND)

EQUATION_B_4 = Claim(
    "(B.4)",
    "Turning S by e^{εB}: E'' = Σ_{S×S^c} m_i m_j e^{βg}(β<Bx_i,x_j>² + <B²x_i,x_j>), B skew.",
    (SA, USA),
    TurnedPair(_TURNED_PAIR),
    check_turned_pair,
    (
        Control(
            "the factor β dropped",
            prediction=TurnedPair(_TURNED_PAIR.subs(beta * STRETCH**2, STRETCH**2)),
        ),
        Control("-<B²x_i,x_j>", prediction=TurnedPair(_TURNED_PAIR.subs(BEND, -BEND))),
        Control("B symmetric", prediction=TurnedPair(_TURNED_PAIR, 1)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    cases=3,
)

# -- (B.5) -----------------------------------------------------------------------------------

FIRST, CROSS, NORMS = Symbol("u", real=True), Symbol("w", real=True), Symbol("N", real=True)
"""``<v_i,x_j> + <x_i,v_j>``, ``<v_i,v_j>`` and ``|v_i|² + |v_j|²`` for a pair."""


@dataclass(frozen=True)
class CurveHessian:
    """``d²E/dt² = ½ Σ_ij m_i m_j value`` along curves of the sphere with velocities v.

    Attributes
    ----------
    value : Expr
        In ``z``, ``beta``, ``FIRST``, ``CROSS`` and ``NORMS``.
    anywhere : bool
        Whether the acceleration is said to be without effect at every point, not at critical ones.
    """

    value: Expr
    anywhere: bool = False


def pair_bend(slope: Expr) -> Expr:
    """Derive the second derivative of h(<x,y>) along two curves, less h' times the acceleration.

    Parameters
    ----------
    slope : Expr
        h' in ``z``.
    """
    x, y, u, r, a, b = vectors("x y u r a b", unit="x y")
    epsilon = Symbol("epsilon", real=True)
    moved = []
    for foot, move, push in ((x, u, a), (y, r, b)):
        v = project(foot, move)
        bend: Vector = project(foot, push) - foot * inner(v, v)
        moved.append(foot + v * epsilon + bend * (epsilon**2 / 2))
    product = expand(inner(*moved))
    first, second = product.coeff(epsilon, 1), 2 * product.coeff(epsilon, 2)
    v, w = project(x, u), project(y, r)
    names = {
        FIRST: inner(v, y) + inner(x, w),
        CROSS: inner(v, w),
        NORMS: inner(v, v) + inner(w, w),
        z: inner(x, y),
    }
    pushed = inner(project(x, a), y) + inner(x, project(y, b))
    gaps = (
        residual(first - names[FIRST]),
        residual(second - pushed - 2 * names[CROSS] + names[NORMS] * names[z]),
    )
    if gaps != (0, 0):
        return S.NaN
    return slope.diff(z) * FIRST**2 + slope * (2 * CROSS - NORMS * z)


def along_curve(
    flow: Model, points: Array, hot: float, v: Array, a: Array, pair: Any
) -> tuple[float, Array]:
    """Second difference of E along ``x + εv + ε²a/2``, and a pair's Hessian for every pair.

    Parameters
    ----------
    flow : Model
        The flow with its energy.
    points, v, a : ndarray, shape (n, d)
        Tokens, tangent velocities, and accelerations.
    hot : float
        β.
    pair : callable
        Of ``z``, ``beta``, ``FIRST``, ``CROSS``, ``NORMS``.
    """
    step = 1e-3
    systems = [points + e * v + e**2 / 2 * a for e in (-step, 0.0, step)]
    systems = [x / np.linalg.norm(x, axis=-1, keepdims=True) for x in systems]
    values = _energies(compile_model(flow, beta=hot), np.asarray(systems))
    across, square = v @ points.T, (v * v).sum(axis=1)
    pairs = pair(points @ points.T, hot, across + across.T, v @ v.T, square[:, None] + square)
    return (values[0] - 2 * values[1] + values[2]) / step**2, pairs


def check_any_curve(model: Any, prediction: CurveHessian, budget: Budget) -> Evidence:
    """Derive the second variation along any curve, and compare with differences of the energy.

    Parameters
    ----------
    model : Model or tuple of Model
        Models with an isotropic pair energy.
    prediction : CurveHessian
        The Hessian of a pair.
    budget : Budget
        Curves to draw at every configuration.
    """
    worst, cases, tolerance = np.inf, 0, 1e-4
    arguments, identity = (z, beta, FIRST, CROSS, NORMS), list[Any]()
    value = lambdify(arguments, prediction.value, "numpy")
    for flow in each(model):
        if without_temperature(flow) or flow.energy is None:
            return Evidence(Verdict.UNDECIDED, f"{flow.name} has no energy in β")
        for tokens in (SQUARE_TOKENS, THREE_AGAINST_ONE, OCTAHEDRON):
            points = np.asarray(tokens, dtype=float)
            size = len(points)
            if prediction.anywhere:
                points = np.asarray(random_points(size, points.shape[1], budget.rng))
            for _ in range(budget.cases):
                hot = float(budget.rng.uniform(1.2, 2.5))
                v, a = budget.rng.standard_normal((2, *points.shape))
                v -= (v * points).sum(axis=1, keepdims=True) * points
                found, pairs = along_curve(flow, points, hot, v, a, value)
                said = float(pairs.sum()) / (2 * size**2)
                gap = abs(found - said) / (tolerance * float(np.abs(pairs).sum()) / size**2)
                cases, worst = cases + 1, min(worst, 1 - gap)
                if gap > 1:
                    detail = (
                        f"{flow.name}, n = {size}, β = {hot:.4g}: along a curve E'' = {found:.6g}, "
                        f"predicted {said:.6g}"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
        kernel = pair_kernel(flow.energy)
        if kernel is None or prediction.anywhere:
            return Evidence(Verdict.UNDECIDED, "the acceleration counts off critical points")
        derived = pair_bend(kernel.diff(z))
        left = simplify(expand(derived - prediction.value))
        x, a, f = vectors("x a f", unit="x")
        # Σ_j m_j h' <P_i a, x_j> = <a, P_i f>, f the sum: zero where P_i f = 0.
        adjoint = inner(project(x, a), f) - inner(a, project(x, f))
        identity += [flow.energy, derived - prediction.value, adjoint]
        if left != 0 or residual(adjoint) != 0:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: a pair leaves {left}", cases=cases)
    return Evidence(
        Verdict.PROVED,
        "a pair's second derivative is h''s² + h'(2<v,w> - (|v|²+|w|²)g) plus h' times its "
        "acceleration, whose sum is Σ m_i <a_i, P_i Σ_j m_j h' x_j> = 0 at a critical point",
        {**SYMBOLIC_SIZES, "beta": "symbolic"},
        (),
        cases,
        worst,
        identity=tuple(identity),
    )


HESSIAN = exp(beta * z) * (beta * FIRST**2 + 2 * CROSS - NORMS * z)
"""(A.5) for one pair of (SA) or (USA)."""

EQUATION_B_5 = Claim(
    "(B.5)",
    "At a critical point E'' is the Hessian (A.5) of v along every curve with velocity v.",
    (SA, USA),
    CurveHessian(HESSIAN),
    check_any_curve,
    (
        Control("at every point", prediction=CurveHessian(HESSIAN, True)),
        Control(
            "the factor β dropped",
            prediction=CurveHessian(exp(beta * z) * (FIRST**2 + 2 * CROSS - NORMS * z)),
        ),
        Control("2<v_i,v_j> -> <v_i,v_j>", prediction=CurveHessian(HESSIAN.subs(CROSS, CROSS / 2))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    cases=3,
)


CLAIMS_APPENDIX_A_B_FORMULAS = (
    LEMMA_A_1,
    EQUATION_A_2,
    EQUATION_A_3,
    EQUATION_A_4,
    EQUATION_B_2,
    EQUATION_B_4,
    EQUATION_B_5,
)
"""The claims of this file, in paper order."""

__all__ = [
    "ALL_ALIKE",
    "CLAIMS_APPENDIX_A_B_FORMULAS",
    "CRITICAL",
    "CROSS",
    "EQUATION_A_2",
    "EQUATION_A_3",
    "EQUATION_A_4",
    "EQUATION_B_2",
    "EQUATION_B_4",
    "EQUATION_B_5",
    "FIRST",
    "HESSIAN",
    "LEMMA_A_1",
    "NORMS",
    "OCTAHEDRON",
    "ORTHOGONAL",
    "SIZES",
    "SQUARE_TOKENS",
    "SYMBOLIC_SIZES",
    "THREE_AGAINST_ONE",
    "AngleCut",
    "CurveHessian",
    "Cuts",
    "PairingSum",
    "TurnedCut",
    "TurnedPair",
    "UnstableDirections",
    "along_curve",
    "check_angle_cut",
    "check_any_curve",
    "check_cuts",
    "check_null_set",
    "check_pairing_sum",
    "check_turned_cut",
    "check_turned_pair",
    "cold_kernel",
    "cold_speed",
    "pair_bend",
]
