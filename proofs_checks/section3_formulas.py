"""Section 3, the formulas: (3.1)-(3.3), Remark 3.1, the energy (3.5), (3.8)-(3.10), (3.16).

Fields and potentials are read at any points of the sphere; sums over tokens are integrals.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from mpmath import inf as INFINITY
from mpmath import mp
from sympy import (
    DiagMatrix,
    Expr,
    Integer,
    MatrixSymbol,
    OneMatrix,
    Rational,
    S,
    Symbol,
    ZeroMatrix,
    exp,
    lambdify,
    log,
    simplify,
)
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import WARM, Budget, Claim, Control, Evidence, Hypothesis, Verdict
from proofs_checks.identity import (
    MOVE,
    PROBE_MOVE,
    TOLERANCE,
    Identity,
    adding,
    at_tokens,
    compare,
)
from proofs_checks.row_algebra import (
    PROBES,
    SYMBOLIC,
    RowAlgebra,
    Witness,
    as_interval,
    decimal,
    excludes_zero,
    leaves_sphere,
    random_unit,
    settle,
)
from proofs_checks.section2_model import unprojected
from proofs_checks.section3_energy import NONZERO, check_first_variation, check_weak_form
from proofs_checks.section4_small_beta import each, pair_sum
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.differential import Evaluator, differential
from theory.energy import energy_gradient, interaction_energy, pair_kernel, pole_free
from theory.gram import basis_trace, inner, residual
from theory.models import CAUSAL, REPULSIVE, SA, USA, Model, attention_form, gradient_flow
from theory.symbols import X, beta, d, m, n, z

_KERNEL = Elementwise(exp(beta * z), PROBES * X.T)
_MASS = _KERNEL * m
_SUM = Tangent(PROBES, _KERNEL * DiagMatrix(m) * X)
_MEAN = Tangent(PROBES, RowSoftmax(beta * PROBES * X.T, m) * X)
_POTENTIAL = Elementwise(exp(beta * z) / beta, PROBES * X.T) * m
_ONE_PROBE = PROBES.shape[0]
_HEATS = (Rational(1, 4), Rational(5, 4), Integer(4))
"""Cold, generic and hot values of β: a bound may be wrong on one side of β = 1 only."""
_DENSE = ("finite measures are dense: both sides are weakly continuous in mu",)


def _dot(left: Any, right: Any) -> Any:
    return sum(a * b for a, b in zip(left, right, strict=True))


# -- (3.1) -----------------------------------------------------------------------------------


def check_empirical(model: Model, prediction: MatrixExpr, budget: Budget) -> Evidence:
    """Check ``x_i' = X[mu](x_i)``, and that a token without mass moves along X[mu] too.

    Parameters
    ----------
    model : Model
        The flow of the tokens.
    prediction : MatrixExpr
        X[mu] at the rows of ``PROBES``.
    budget : Budget
        Points to draw.
    """
    evidence = compare(
        [Identity("x_i' - X[mu](x_i)", model.velocity, at_tokens(prediction))], budget
    )
    if evidence.verdict is not Verdict.PROVED:
        return evidence
    for _ in range(budget.cases):
        point = Witness(budget.rng, [model.velocity, at_tokens(prediction)])
        point.sizes[_ONE_PROBE] = 1
        place = [list(random_unit(budget.rng, point.sizes[d]))]
        more = {X: [*point.matrices[X], *place], m: [*point.matrices[m], [S.Zero]]}
        moved = point.evaluator(more)(model.velocity)
        field = point.evaluator({PROBES: place})(prediction)
        expected = [*point.evaluator()(model.velocity), *field]
        for i, (left, right) in enumerate(zip(moved, expected, strict=True), start=1):
            for a, b in zip(left, right, strict=True):
                if excludes_zero(a - b):
                    detail = (
                        f"a token without mass at {place[0]} changes x_{i}', or moves off X[mu], "
                        f"by {decimal(a - b)} at {point}"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=budget.cases)
    return adding(evidence, "tokens without mass follow X[mu] and change nothing", budget.cases)


EQUATION_3_1 = Claim(
    "(3.1)",
    "x_i' = X[mu](x_i): tokens, and points without mass, move along the field of their measure.",
    SA,
    _MEAN,
    check_empirical,
    (
        Control("a causal mask, which sees labels", model=CAUSAL),
        Control(
            "tokens counted, not weighed",
            model=replace(SA, velocity=Tangent(X, RowSoftmax(beta * X * X.T, OneMatrix(n, 1)) * X)),
        ),
        Control("the field without 1/Z", prediction=_SUM),
    ),
    Verdict.PROVED,
    cases=3,
)


# -- (3.2) -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class MeanField:
    """``X[mu]`` at the rows of ``PROBES``, and the largest length it can have."""

    field: MatrixExpr
    speed: Expr = S.One


@lru_cache(maxsize=32)
def _scaling(field: MatrixExpr) -> MatrixExpr:
    """Differentiate along the masses: 0 for a field of degree 0 in them (Euler)."""
    return differential(field, m, m)


def check_mean_field(model: Model, prediction: MeanField, budget: Budget) -> Evidence:
    """Check that X[mu] is tangent, of degree 0 in mu, at most ``speed`` long, and the velocity.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : MeanField
        The field and its bound.
    budget : Budget
        Points to draw.
    """
    field = prediction.field
    same = Identity("x_i' - X[mu](x_i)", model.velocity, at_tokens(field))
    evidence = compare([same], budget)
    scaled = _scaling(field) if evidence.verdict is Verdict.PROVED else ZeroMatrix(n, d)
    if not isinstance(scaled, ZeroMatrix):
        evidence = compare([Identity("d/dc X[c mu]", scaled, ZeroMatrix(n, d))], budget)
    if evidence.verdict is not Verdict.PROVED:
        return evidence
    algebra = RowAlgebra()
    radial = residual(inner(algebra.vector(PROBES), algebra.vector(field)))
    if radial != 0:
        return Evidence(Verdict.UNDECIDED, f"<x, X[mu](x)> = {radial}")
    longest = 0.0
    for case in range(budget.cases + 1):
        point = Witness(budget.rng, [at_tokens(field)], tokens=2)
        if case == 0:
            # A light token across from a heavy one moves almost at the speed 1.
            point.matrices |= {
                X: [[S.One, S.Zero], [S.Zero, S.One]],
                m: [[S.One], [Integer(10**6)]],
            }
            point.scalars[beta] = Rational(5, 4)
        for i, row in enumerate(point.evaluator()(at_tokens(field)), start=1):
            square = _dot(row, row)
            longest = max(longest, float(square.mid) ** 0.5)
            if prediction.speed < 0 or (square - as_interval(prediction.speed**2)).a > 0:
                detail = f"|X[mu](x_{i})| = {longest:.6g} > {prediction.speed} at {point}"
                return Evidence(Verdict.REFUTED, detail, cases=case + 1)
    form = attention_form(model)
    if form is None or not form.kernel.is_positive or prediction.speed < 1:
        return Evidence(Verdict.UNDECIDED, "the weights aren't shown to be positive of sum one")
    return adding(
        evidence,
        "d/dc X[c mu] = 0 and <x, X[mu](x)> = 0; a mean of unit vectors with weights e^{βg}/Z > 0 "
        f"of sum 1 is at most 1 long, and so is its projection; longest seen {longest:.6f}",
        budget.cases + 1,
        float(prediction.speed) - longest,
    )


EQUATION_3_2 = Claim(
    "(3.2)",
    "X[mu] = P_x Z^{-1} ∫e^{β<x,y>} y dmu is tangent, at most 1 long, the same for c mu.",
    SA,
    MeanField(_MEAN),
    check_mean_field,
    (
        Control("no 1/Z", prediction=MeanField(_SUM)),
        Control("the flow USA", model=USA),
        Control(
            "no projection",
            prediction=MeanField(RowSoftmax(beta * PROBES * X.T, m) * X),
        ),
        Control("at most 1/2 long", prediction=MeanField(_MEAN, S.Half)),
    ),
    Verdict.PROVED,
    cases=3,
)


# -- (3.3) -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Weight:
    """``Z[mu]`` at the rows of ``PROBES``, and bounds of it for mass one, functions of β >= 0."""

    total: MatrixExpr
    low: Expr
    high: Expr


def check_weight(model: Any, prediction: Weight, budget: Budget) -> Evidence:
    """Check ``Z(x_i) x_i' = x_i'`` of the unnormalised flow, and the bounds of Z.

    Parameters
    ----------
    model : tuple of Model
        The normalised flow and the other.
    prediction : Weight
        Z and its bounds.
    budget : Budget
        Points to draw.
    """
    normalised, plain = model
    here = at_tokens(prediction.total)
    evidence = compare(
        [
            Identity(
                f"Z x_i' of {normalised.name} - x_i' of {plain.name}",
                normalised.velocity,
                plain.velocity,
                here,
            )
        ],
        budget,
        scope={**SYMBOLIC, "masses": "symbolic; sum 1 in the bounds"},
    )
    if evidence.verdict is not Verdict.PROVED:
        return evidence
    form = attention_form(normalised)
    hot = Symbol("beta", nonnegative=True)
    if form is None:
        return Evidence(Verdict.UNDECIDED, f"{normalised.name} is no scalar attention")
    kernel = form.kernel.subs(beta, hot)
    ends = [kernel.subs(z, place) for place in (-1, 1)]
    gaps = [ends[0] - prediction.low.subs(beta, hot), prediction.high.subs(beta, hot) - ends[1]]
    for name, place, gap in zip(
        ("low", "high"), ("all mass at -x", "all mass at x"), gaps, strict=True
    ):
        for heat in _HEATS:
            value = gap.subs(hot, heat).evalf(20)
            if value < -1e-15:
                detail = f"{place}, β = {heat}: Z is beyond the {name} bound by {(-value).n(6)}"
                return Evidence(Verdict.REFUTED, detail)
    if not kernel.diff(z).is_nonnegative or [simplify(gap) for gap in gaps] != [0, 0]:
        return Evidence(Verdict.UNDECIDED, f"the bounds leave {gaps}")
    return adding(evidence, f"{ends[0]} <= Z <= {ends[1]}: the kernel rises, ends attained")


_WEIGHT = Weight(_MASS, exp(-beta), exp(beta))
_COUNTED = _KERNEL * OneMatrix(n, 1)

EQUATION_3_3 = Claim(
    "(3.3)",
    "Z[mu](x_i) = ∫e^{β<x_i,y>} dmu, Z_i/n for tokens, takes SA to USA; for mass one "
    "e^{-β} <= Z <= e^β.",
    (SA, USA),
    _WEIGHT,
    check_weight,
    (
        Control("Z_i, tokens counted", prediction=replace(_WEIGHT, total=_COUNTED)),
        Control("β -> 2β in Z", prediction=replace(_WEIGHT, total=_MASS.subs(beta, 2 * beta))),
        Control("Z <= e^{β/2}", prediction=replace(_WEIGHT, high=exp(beta / 2))),
        Control("Z >= 1", prediction=replace(_WEIGHT, low=S.One)),
        Control("V = -I", model=(REPULSIVE, USA)),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=3,
)


# -- Remark 3.1 ------------------------------------------------------------------------------


@dataclass(frozen=True)
class LipschitzField:
    """Fields at the rows of ``PROBES`` and their Lipschitz constants, one a model."""

    fields: tuple[MatrixExpr, ...]
    constants: tuple[Expr, ...]


def _leaves(model: Model) -> str:
    """Say how one token of mass one leaves the sphere, "" if it stays."""
    r = Symbol("r", positive=True)
    alone = Evaluator({X: [[r, S.Zero]], m: [[S.One]]}, {n: 1, d: 2})(model.velocity)[0][0]
    rate = simplify(alone)
    if rate.subs(r, 1) == 0:
        return ""
    hot = {beta: Rational(5, 4)}
    time = mp.quad(lambdify(r, 1 / rate.subs(hot), "mpmath"), [1, 2, 4, 8, INFINITY])
    return (
        f"{model.name}, one token at |x| = 1: |x|' = {rate.subs(r, 1)}, not 0; from |x| = r the "
        f"speed is {rate}, and |x| is infinite at t = {mp.nstr(time, 6)} for β = 5/4"
    )


_PLACES = (
    ("one cluster at x", [[1, 0]], [[1, 0]], [[0, 1]]),
    ("an antipodal pair across from x", [[0, 1], [0, -1]], [[1, 0]], [[0, 1]]),
)


def check_well_posed(model: Any, prediction: LipschitzField, budget: Budget) -> Evidence:
    """Prove the Lipschitz constants of x -> X[mu](x), uniform in mu, and that the sphere is kept.

    Parameters
    ----------
    model : tuple of Model
        The flows.
    prediction : LipschitzField
        Fields and constants.
    budget : Budget
        Points to draw.
    """
    worst, cases, identity = np.inf, 0, list[Any]()
    for flow, field, constant in zip(
        each(model), prediction.fields, prediction.constants, strict=True
    ):
        if not isinstance(flow.velocity, Tangent):
            found = _leaves(flow)
            return Evidence(Verdict.REFUTED if found else Verdict.UNDECIDED, found)
        same = compare(
            [Identity(f"{flow.name}: x_i' - X[mu](x_i)", flow.velocity, at_tokens(field))], budget
        )
        if same.verdict is not Verdict.PROVED:
            return same
        turned = differential(field, PROBES, Tangent(PROBES, PROBE_MOVE))
        identity += [*same.identity, at_tokens(turned), constant]
        samples: list[tuple[str, Witness, dict[Any, Any]]] = []
        for (text, tokens, probe, move), heat in product(_PLACES, _HEATS):
            point = Witness(budget.rng, [flow.velocity], tokens=len(tokens))
            point.scalars[beta] = heat
            share = [[Rational(1, len(tokens))]] * len(tokens)
            samples.append((text, point, {X: tokens, m: share, PROBES: probe, PROBE_MOVE: move}))
        for _ in range(budget.cases):
            point = Witness(budget.rng, [flow.velocity])
            point.scalars[beta] = abs(point.scalars[beta])
            total = sum(row[0] for row in point.matrices[m])
            x = random_unit(budget.rng, 2)
            put = {
                m: [[row[0] / total] for row in point.matrices[m]],
                PROBES: [list(x)],
                PROBE_MOVE: [[-x[1], x[0]]],
            }
            samples.append(("a drawn point", point, put))
        for text, point, put in samples:
            point.sizes[_ONE_PROBE], cases = 1, cases + 1
            row = point.evaluator(put)(turned)[0]
            rate = float(_dot(row, row).mid) ** 0.5
            bound = float(constant.subs(beta, point.scalars[beta]))
            worst = min(worst, (bound - rate) / abs(bound))
            if worst < -1e-12:
                detail = (
                    f"{flow.name}, {text}: |D_x X[mu] v| = {rate:.6g} > {bound:.6g} for |v| = 1 "
                    f"at β = {point.scalars[beta]}, {put}"
                )
                return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
        form = attention_form(flow)
        # |D_x X v| <= |β Cov v| + |<x,F>| + |<v,F>|: (β + 2) sup|F|, F the sum before projection.
        hot = Symbol("beta", nonnegative=True)
        if form is None or not form.kernel.is_positive:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: the kernel isn't positive")
        slope = simplify((form.kernel.diff(z) / form.kernel).subs(beta, hot))
        longest = S.One if form.normalised else form.scale * form.kernel.subs(beta, hot).subs(z, 1)
        excess = simplify(constant.subs(beta, hot) / ((slope + 2) * longest))
        if z in slope.free_symbols or not (excess.is_number and excess >= 1):
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: constant over derived one {excess}")
    return Evidence(
        Verdict.PROVED,
        "|D_x X[mu] v| <= |β Cov(v)| + |<x,F>| + |<v,F>| <= (β+2) sup|F|, sup|F| = 1 (SA), e^β "
        f"(USA), for every mu; the sphere is compact and kept; smallest slack seen {worst:.3g}",
        {**SYMBOLIC, "beta": "symbolic, >= 0", "masses": "symbolic, sum 1; any measure"},
        ("Picard-Lindelöf", "the weak solution for any measure: Dobrushin's fixed point (cited)"),
        cases,
        worst,
        identity=tuple(identity),
    )


_FIELDS = LipschitzField((_MEAN, _SUM), (beta + 2, (beta + 2) * exp(beta)))

REMARK_3_1 = Claim(
    "Remark 3.1",
    "Global existence: X[mu] is tangent and Lipschitz, with β+2 (SA), (β+2)e^β (USA), for all mu.",
    (SA, USA),
    _FIELDS,
    check_well_posed,
    (
        Control("USA without the projection, which blows up", model=(SA, unprojected(USA))),
        Control(
            "SA constant / 10",
            prediction=replace(_FIELDS, constants=((beta + 2) / 10, _FIELDS.constants[1])),
        ),
        Control(
            "USA constant without e^β", prediction=replace(_FIELDS, constants=(beta + 2, beta + 2))
        ),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=3,
)


# -- (3.5) -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class PairEnergy:
    """``E = ½∬ h dmu dmu``, with bounds for mass one, and h - const as β -> 0.

    Attributes
    ----------
    kernel : Expr
        h in ``z`` and ``beta``.
    low, high : Expr
        Bounds of E over probability measures.
    cold : Expr
        What remains of h at β = 0.
    """

    kernel: Expr
    low: Expr
    high: Expr
    cold: Expr


def check_energy(model: Any, prediction: PairEnergy, budget: Budget) -> Evidence:
    """Compare the models' energy with the double integral, at rational points and as a kernel."""
    worst, cases, hot = np.inf, 0, Symbol("beta", positive=True)
    energies = []
    for flow in each(model):
        if flow.energy is None:
            return Evidence(Verdict.UNDECIDED, f"{flow.name} has no energy")
        energies.append(flow.energy)
        for _ in range(budget.cases):
            point = Witness(budget.rng, [flow.energy, prediction.high])
            cases += 1
            point.scalars[beta] = abs(point.scalars[beta])
            total = sum(row[0] for row in point.matrices[m])
            point.matrices[m] = [[row[0] / total] for row in point.matrices[m]]
            at = point.evaluator()
            # An independent double sum over the entries of the Gram matrix.
            terms = [
                at.scalar(a[0] * b[0]) * at.apply(prediction.kernel, as_interval(_dot(x, y)))
                for a, x in zip(point.matrices[m], point.matrices[X], strict=True)
                for b, y in zip(point.matrices[m], point.matrices[X], strict=True)
            ]
            value, claimed = at(flow.energy)[0][0], sum(terms) / 2
            if excludes_zero(value - claimed):
                detail = (
                    f"{flow.name}: E = {decimal(value)} but ½ΣΣ m_i m_j h = {decimal(claimed)} at "
                    f"{point}"
                )
                return Evidence(Verdict.REFUTED, detail, cases=cases)
            low, high = at.scalar(prediction.low), at.scalar(prediction.high)
            if (low - value).a > 0 or (value - high).a > 0:
                detail = f"{flow.name}: E = {decimal(value)} out of bounds at {point}"
                return Evidence(Verdict.REFUTED, detail, cases=cases)
            # At one cluster the upper bound is attained, up to rounding.
            slack = max(min(float((value - low).mid), float((high - value).mid)), 0.0)
            worst = min(worst, slack / float((high - low).mid))
        kernel = pair_kernel(flow.energy)
        if kernel is None or simplify(kernel - prediction.kernel) != 0:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: kernel {kernel}", cases=cases)
        warm = kernel.subs(beta, hot)
        # E = h(1)/2 at one cluster, so the largest value is attained.
        above = simplify(warm.subs(z, 1) / 2 - prediction.high.subs(beta, hot))
        below = simplify(warm.subs(z, -1) / 2 - prediction.low.subs(beta, hot))
        # Two opposite clusters have the energy (h(1) + h(-1))/4.
        pair = (warm.subs(z, 1) + warm.subs(z, -1)) / 4
        for heat in _HEATS:
            excess = above.subs(hot, heat).evalf(20)
            lack = (prediction.low.subs(beta, hot) - pair).subs(hot, heat).evalf(20)
            if max(excess, lack) > 1e-15:
                place = "one cluster" if excess > 1e-15 else "an antipodal pair"
                beyond = max(excess, lack).n(6)
                detail = f"{flow.name}: {place} at β = {heat} is beyond the bound by {beyond}"
                return Evidence(Verdict.REFUTED, detail, cases=cases)
        if not (above.is_nonpositive and below.is_nonnegative):
            return Evidence(Verdict.UNDECIDED, f"bounds leave {above}, {below}", cases=cases)
        cold = pole_free(kernel, beta, 0)
        if simplify(cold - prediction.cold) != 0:
            detail = (
                f"{flow.name}: h - const -> {cold} as β -> 0, not {prediction.cold}, e.g. at 1/2"
            )
            return Evidence(Verdict.REFUTED, detail, cases=cases)
        if not warm.diff(z).is_positive:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: h isn't shown to rise", cases=cases)
    return Evidence(
        Verdict.PROVED,
        f"h = {prediction.kernel} rises, so {prediction.low} <= E <= {prediction.high}; E - const "
        "-> ½|Σ m_i x_i|² as β -> 0; the double sum agrees at rational points",
        {**NONZERO, "beta": "symbolic, > 0"},
        (),
        cases,
        worst,
        identity=(*energies, pair_sum(prediction.kernel / 2)),
    )


_ENERGY = PairEnergy(exp(beta * z) / beta, exp(-beta) / (2 * beta), exp(beta) / (2 * beta), z)


def _heat(beta: float = 1.0, **_: float) -> float:
    return beta if beta > 0 else -1.0


EQUATION_3_5 = Claim(
    "(3.5)",
    "E = (1/2β)∬e^{β<x,y>} dmu dmu is in [e^{-β}/2β, e^β/2β]; E - 1/2β -> ½|∫x dmu|² as β -> 0.",
    (SA, USA),
    _ENERGY,
    check_energy,
    (
        Control("1/β in place of 1/2β", prediction=replace(_ENERGY, kernel=2 * _ENERGY.kernel)),
        Control("no 1/β", prediction=replace(_ENERGY, kernel=exp(beta * z))),
        Control("E <= 1/2β", prediction=replace(_ENERGY, high=1 / (2 * beta))),
        Control("limit |∫x dmu|²", prediction=replace(_ENERGY, cold=2 * z)),
        Control("h = z²", model=(gradient_flow(interaction_energy(z**2), "z²"),)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (Hypothesis("β > 0", _heat),),
    cases=4,
)


# -- potentials and test functions --------------------------------------------------------------

_DIRECTION = MatrixSymbol("b", d, 1)
_POWER = Symbol("p", integer=True, positive=True)
_TEST = Elementwise(z**_POWER, PROBES * _DIRECTION)


def _along(algebra: RowAlgebra, potential: MatrixExpr) -> Expr:
    """``<u, grad φ(x_i)>`` for an arbitrary u."""
    slope = differential(potential, PROBES, Tangent(PROBES, PROBE_MOVE))
    return algebra.column(at_tokens(slope))


def _along_at(potential: MatrixExpr, at: Evaluator, axis: int, sizes: Any) -> list[Any]:
    """``<e_axis, grad φ(x_i)>`` for every token, in numbers."""
    slope = at_tokens(differential(potential, PROBES, Tangent(PROBES, PROBE_MOVE)))
    unit = [[as_interval(Integer(c == axis)) for c in range(sizes[d])]] * sizes[n]
    return [row[0] for row in at.with_value(MOVE, unit)(slope)]


def _tested(expressions: list[Any], rng: np.random.Generator) -> Witness:
    """Draw a point, and a test function <b, x>^p with p = 1, 2, 3."""
    point = Witness(rng, [at_tokens(e) for e in expressions])
    point.scalars[_POWER] = Integer(int(rng.integers(1, 4)))
    return point


def check_flux(model: Model, prediction: MatrixExpr, budget: Budget) -> Evidence:
    """Check ``d/dt ∫f dmu = ∫<grad f, grad φ> dmu`` for f = <b,x>^p with symbolic b and p.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : MatrixExpr
        The potential φ at the rows of ``PROBES``.
    budget : Budget
        Points to draw for a counterexample, and to watch.
    """
    algebra = RowAlgebra()
    moment = differential(at_tokens(_TEST), X, model.velocity)
    masses, move = algebra.column(m), algebra.vector(MOVE)
    rate = masses * algebra.column(moment)
    flux = masses * basis_trace(_along(algebra, _TEST) * _along(algebra, prediction), move)

    def gap(rng: np.random.Generator) -> tuple[Any, Any, Witness]:
        point = _tested([model.velocity, prediction, _TEST], rng)
        at = point.evaluator()
        left = sum(w[0] * row[0] for w, row in zip(at(m), at(moment), strict=True))
        right: Any = 0
        for axis in range(point.sizes[d]):
            pairs = zip(
                at(m),
                _along_at(_TEST, at, axis, point.sizes),
                _along_at(prediction, at, axis, point.sizes),
                strict=True,
            )
            right += sum(w[0] * a * b for w, a, b in pairs)
        return left, right, point

    def refute(rng: np.random.Generator) -> str:
        left, right, point = gap(rng)
        if not excludes_zero(left - right):
            return ""
        return f"d/dt ∫f dmu = {decimal(left)}, ∫<grad f, grad φ> dmu = {decimal(right)} at {point}"

    return _watched(
        settle(
            [("d/dt ∫f dmu - ∫<grad f, grad φ> dmu", residual(rate - flux))],
            refute,
            replace(budget, cases=10 * budget.cases),
            f"d/dt ∫<b,x>^p dmu - ∫<grad <b,x>^p, grad φ> dmu for φ = {prediction}",
            legend=algebra.legend,
            scope={**NONZERO, "test functions": "<b,x>^p, b and p symbolic"},
            assumptions=("the span of the powers <b,x>^p is dense in C^1 of the sphere", *_DENSE),
            identity=(m.T * moment, rate - flux),
        ),
        lambda rng: gap(rng)[:2],
        budget,
    )


def _watched(evidence: Evidence, sides: Any, budget: Budget) -> Evidence:
    """Look at a proved identity at drawn points."""
    if evidence.verdict is not Verdict.PROVED:
        return evidence
    worst = 0.0
    for _ in range(budget.cases):
        left, right = sides(budget.rng)
        if excludes_zero(left - right):
            detail = f"residual 0, but {decimal(left)} against {decimal(right)} at a point"
            return Evidence(Verdict.UNDECIDED, detail, cases=budget.cases)
        worst = max(worst, abs(float((left - right).mid)))
    return adding(evidence, "watched at rational points", budget.cases, 1 - worst / TOLERANCE)


# -- (3.8) and (3.9) -------------------------------------------------------------------------


def check_continuity(model: Model, prediction: MatrixExpr, budget: Budget) -> Evidence:
    """Check the weak continuity equation of a field, and watch ``x_i' = X[mu](x_i)`` at points."""
    evidence = check_weak_form(model, prediction, budget)
    if evidence.verdict is not Verdict.PROVED:
        return evidence
    same = Identity("x_i' - X[mu](x_i)", model.velocity, at_tokens(prediction))
    seen = compare([same], budget)
    return adding(evidence, "watched at rational points", seen.cases, seen.margin)


def check_first_gradient(model: Model, prediction: MatrixExpr, budget: Budget) -> Evidence:
    """Check ``φ = δE[mu]`` and ``X[mu] = grad φ``, and watch it at points, axis by axis."""

    def sides(rng: np.random.Generator) -> tuple[Any, Any]:
        point = Witness(rng, [model.velocity, at_tokens(prediction)])
        at, axis = point.evaluator(), int(rng.integers(point.sizes[d]))
        slopes = _along_at(prediction, at, axis, point.sizes)
        return slopes[0], at(model.velocity)[0][axis]

    return _watched(check_first_variation(model, prediction, budget), sides, budget)


EQUATION_3_8 = Claim(
    "(3.8)",
    "USA on measures: mu_t + div(X[mu] mu) = 0 weakly, X[mu](x) = P_x ∫e^{β<x,y>} y dmu.",
    USA,
    _SUM,
    check_continuity,
    (
        Control("divided by Z", prediction=_MEAN),
        Control("a causal mask", model=CAUSAL),
        Control("tokens counted, not weighed", prediction=Tangent(PROBES, _KERNEL * X)),
        Control("no projection", prediction=_KERNEL * DiagMatrix(m) * X),
    ),
    Verdict.PROVED,
    cases=4,
)

EQUATION_3_9 = Claim(
    "(3.9)",
    "X[mu] = grad δE[mu] for USA, δE[mu] = G_β*mu, G_β(t) = e^{βt}/β.",
    USA,
    _POTENTIAL,
    check_first_gradient,
    (
        Control("½ G_β*mu", prediction=_POTENTIAL / 2),
        Control("G_β without 1/β", prediction=_MASS),
        Control("log ∫e^{β<x,y>} dmu / β, for SA", prediction=Elementwise(log(z) / beta, _MASS)),
        Control("the normalised flow SA", model=SA),
    ),
    Verdict.PROVED,
    cases=4,
)


# -- (3.10) and (3.16) -----------------------------------------------------------------------


EQUATION_3_10 = Claim(
    "(3.10)",
    "USA solves mu_t + div(grad(G_β*mu) mu) = 0, G_β(t) = e^{βt}/β, in the weak sense.",
    USA,
    _POTENTIAL,
    check_flux,
    (
        Control("G_β without 1/β", prediction=_MASS),
        Control("½ G_β*mu", prediction=_POTENTIAL / 2),
        Control("the normalised flow SA", model=SA),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    cases=2,
)


def check_metric_tensor(model: Model, prediction: MatrixExpr, budget: Budget) -> Evidence:
    """Check ``dE[mu](-div(mu grad ψ)) = ∫<X[mu], grad ψ> w dmu`` for ψ = <b,x>^p.

    The right side is the metric tensor of weight w between the flow and any other motion: the
    flow is the gradient of E in this metric, and with ψ' = X itself it is dE/dt.

    Parameters
    ----------
    model : Model
        The flow with its energy.
    prediction : MatrixExpr
        The weight w at the rows of ``PROBES``.
    budget : Budget
        Points to draw for a counterexample, and to watch.
    """
    lost = leaves_sphere(model, budget.rng)
    if model.energy is None or lost:
        verdict = Verdict.REFUTED if lost else Verdict.UNDECIDED
        return Evidence(verdict, lost or f"{model.name} has no energy")
    algebra = RowAlgebra()
    gradient = energy_gradient(model.energy)
    weight = at_tokens(prediction)
    along = differential(_TEST, PROBES, PROBE_MOVE).xreplace(
        {PROBE_MOVE: model.velocity, PROBES: X}
    )
    climb, move = algebra.vector(gradient), algebra.vector(MOVE)
    ascent = basis_trace(_along(algebra, _TEST) * inner(move, climb), move)
    velocity = algebra.vector(model.velocity)
    along = basis_trace(_along(algebra, _TEST) * inner(move, velocity), move)
    tensor = algebra.column(m) * algebra.column(weight) * along
    square = algebra.column(m) * algebra.column(weight) * inner(velocity, velocity)
    growth = inner(climb, velocity) - square

    def gap(rng: np.random.Generator) -> tuple[Any, Any, Witness]:
        point = _tested([model.velocity, gradient, weight, _TEST], rng)
        at = point.evaluator()
        left: Any = 0
        right: Any = 0
        heavy = [w[0] * v[0] for w, v in zip(at(m), at(weight), strict=True)]
        for axis in range(point.sizes[d]):
            slopes = _along_at(_TEST, at, axis, point.sizes)
            left += sum(g[axis] * a for g, a in zip(at(gradient), slopes, strict=True))
            pairs = zip(heavy, at(model.velocity), slopes, strict=True)
            right += sum(w * v[axis] * a for w, v, a in pairs)
        return left, right, point

    def refute(rng: np.random.Generator) -> str:
        left, right, point = gap(rng)
        if not excludes_zero(left - right):
            return ""
        return f"dE along grad ψ = {decimal(left)}, <X, grad ψ> = {decimal(right)} at {point}"

    return _watched(
        settle(
            [
                ("dE[grad ψ] - ∫<X, grad ψ> w dmu", residual(ascent - tensor)),
                ("dE/dt - ∫|X|² w dmu", residual(growth)),
            ],
            refute,
            replace(budget, cases=10 * budget.cases),
            f"dE[grad ψ] - ∫<X, grad ψ> w dmu and dE/dt - ∫|X|² w dmu for w = {prediction}",
            legend=algebra.legend,
            scope={**NONZERO, "test functions": "<b,x>^p, b and p symbolic"},
            assumptions=("the span of the powers <b,x>^p is dense in C^1 of the sphere", *_DENSE),
            identity=(gradient, DiagMatrix(m) * DiagMatrix(weight) * model.velocity, growth),
        ),
        lambda rng: gap(rng)[:2],
        budget,
    )


EQUATION_3_16 = Claim(
    "(3.16)",
    "SA is the gradient of E in the metric ∫<grad ψ1, grad ψ2> Z dmu, and dE/dt = ∫|X|² Z dmu.",
    SA,
    _MASS,
    check_metric_tensor,
    (
        Control("no weight: the metric of W_2", prediction=OneMatrix(n, 1)),
        Control("weight δE = Z/β", prediction=_POTENTIAL),
        Control("the flow USA", model=USA),
        Control("V = -I, the same energy", model=replace(REPULSIVE, energy=SA.energy)),
    ),
    Verdict.PROVED,
    cases=2,
)

CLAIMS_SECTION_3_FORMULAS = (
    EQUATION_3_1,
    EQUATION_3_2,
    EQUATION_3_3,
    REMARK_3_1,
    EQUATION_3_5,
    EQUATION_3_8,
    EQUATION_3_9,
    EQUATION_3_10,
    EQUATION_3_16,
)
"""The claims of this file, in paper order."""

__all__ = [
    "CLAIMS_SECTION_3_FORMULAS",
    "EQUATION_3_1",
    "EQUATION_3_2",
    "EQUATION_3_3",
    "EQUATION_3_5",
    "EQUATION_3_8",
    "EQUATION_3_9",
    "EQUATION_3_10",
    "EQUATION_3_16",
    "REMARK_3_1",
    "LipschitzField",
    "MeanField",
    "PairEnergy",
    "Weight",
    "check_continuity",
    "check_empirical",
    "check_energy",
    "check_first_gradient",
    "check_flux",
    "check_mean_field",
    "check_metric_tensor",
    "check_weight",
    "check_well_posed",
]
