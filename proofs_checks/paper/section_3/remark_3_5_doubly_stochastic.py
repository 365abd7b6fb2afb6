"""Remark 3.5: Sinkhorn attention is doubly stochastic, and the gradient flow of its energy.

How it is proved
----------------
Exact for symbolic n and masses, as sums over i and j of the plan Π_ij = m_i A_ij = m_i m_j e^{p_i +
S_ij + p_j}. The potential p is the one critical point of D(p) = 2 Σ m p - Σ Π, strictly concave
with limit -oo: its equations are the row sums, and as Π is symmetric the columns follow. They vary
to Σ_j Π_ij (dp_i + dS_ij + dp_j) = 0, whose sum over i is 2 Σ m dp + 2β Σ <dx_i, (ΠX)_i>, so that
dE = Σ <dx_i, m_i (AX)_i>. Watched in floats, n = 3 and 5, drawn masses: rows and columns, symmetry,
the gradient, the Jacobian. Cited: implicit function theorem.

References
----------
arXiv 2312.10794, Remark 3.5.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from sympy import (
    Expr,
    IndexedBase,
    Integer,
    MatMul,
    Piecewise,
    S,
    Symbol,
    exp,
    expand,
    limit,
    oo,
    simplify,
)

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Part, Verdict
from proofs_checks.proof import (
    COLUMN,
    KNOWN,
    MASS,
    ON_SPHERE,
    ONE_MAXIMUM,
    ROW,
    SUM,
    Array,
    Counterexample,
    Flow,
    How,
    Outcome,
    PairSum,
    Premise,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    cited,
    derived,
    exchanged,
    gap,
    leaves_sphere,
    on_sphere,
    over_pairs,
    over_tokens,
    short,
)
from theory.atoms import Sinkhorn, SinkhornPotential, Tangent
from theory.bounded import remainder
from theory.engines import inner, residual, vectors
from theory.models import SA, SINKHORN, USA, Model
from theory.symbols import X, beta, m, n, t


@dataclass(frozen=True)
class EntropicGradient:
    """``Σ_j A_ij = marginal = Σ_i m_i A_ij / m_j``, and ``x_i' = factor P_i (1/m_i) dE/dx_i``.

    Attributes
    ----------
    factor : Expr
        In ``beta`` and n.
    marginal : Expr
        In n; with masses 1/n it is the sum of every row and column of A.
    """

    factor: Expr = S.One
    marginal: Expr = S.One


_TOLERANCE = 1e-6
_SIZES = (3, 5)
"""Numbers of tokens of the trials."""


def _unprojected(model: Model) -> Model | None:
    """Field ``A X`` before projection, or None when the flow isn't of this form."""
    field = model.velocity.field if isinstance(model.velocity, Tangent) else None
    factors = () if field is None else field.args
    if not factors or factors[-1] != X:
        return None
    return Model("A X", field, parameters=model.parameters, space="euclidean")


def _gradient_defects(
    model: Model, plain: Model, points: Array, masses: Array, hot: float, said: EntropicGradient
) -> list[tuple[str, float]]:
    """Defects of the marginals, of the symmetry, of the gradient and of its Jacobian."""
    size, dimension = points.shape
    # The rows of X are independent, so A X determines A.
    weights = compile_model(plain, beta=hot, masses=masses)(points) @ np.linalg.pinv(points)
    plan = masses[:, None] * weights
    field, step = compile_model(model, beta=hot, masses=masses), 1e-4
    target, factor = (
        float(value.subs({beta: hot, n: size})) for value in (said.marginal, said.factor)
    )
    shifts = np.eye(size * dimension).reshape(-1, size, dimension) * step
    forward, backward = on_sphere(points + shifts), on_sphere(points - shifts)
    slope = (field.energy(forward) - field.energy(backward)) / (2 * step)
    momentum = masses[:, None] * field(points)
    change = masses[:, None] * (field(forward) - field(backward))
    jacobian = change.reshape(-1, size * dimension) / (2 * step)
    # Directions tangent to the sphere at every token.
    blocks = np.eye(dimension) - points[:, :, None] * points[:, None, :]
    frame = np.zeros((size, dimension, size, dimension))
    frame[np.arange(size), :, np.arange(size), :] = blocks
    flat = frame.reshape(size * dimension, -1)
    form = flat @ jacobian @ flat
    columns = plan.sum(axis=0) / masses
    return [
        ("a row sum of A is off by", float(np.abs(weights.sum(axis=1) - target).max())),
        ("a column sum of m_i A_ij / m_j is off by", float(np.abs(columns - target).max())),
        ("m_i A_ij is asymmetric by", float(np.abs(plan - plan.T).max())),
        (
            "m_i x_i' and P_i dE/dx_i differ by",
            float(np.abs(momentum.ravel() - factor * slope).max()),
        ),
        ("the Jacobian of m_i x_i' is asymmetric by", float(np.abs(form - form.T).max())),
    ]


@dataclass(frozen=True)
class Entropic:
    """``x_i' = pace P_i (A X)_i``, A Sinkhorn's for ``share X X^T``; E is outer times ``Σ m p``."""

    share: Expr
    outer: Expr
    pace: Expr = S.One


def _entropic(flow: Flow) -> Entropic | None:
    """Read the scores and the energy off a flow, or return None."""
    velocity, energy = flow.model.velocity, flow.model.energy
    field = velocity.field if isinstance(velocity, Tangent) else None
    if not isinstance(field, MatMul) or energy is None:
        return None
    pace, field = field.as_coeff_mmul()
    if type(field.args[0]) is not Sinkhorn or t in pace.free_symbols:
        return None
    if len(field.args) != 2 or field.args[1] != X:
        return None
    scores = field.args[0].scores
    share, product = scores.as_coeff_mmul()
    outer, potential = energy.as_coeff_mmul()
    if product != X * X.T or field.args[0].masses != m:
        return None
    known = potential == m.T * SinkhornPotential(scores, m)
    return Entropic(share, outer, pace) if known else None


def _is_entropic(flow: Flow) -> Step:
    text = "A_ij = e^{p_i + S_ij + p_j} m_j, S = c X X^T, and E is a multiple of Σ m p"
    if _entropic(flow) is None:
        return Step(text, How.DERIVED, Outcome.FAILS, "no weights e^{p_i + S_ij + p_j} m_j")
    return Step(text, How.DERIVED)


ENTROPIC = Premise("ENTROPIC", _is_entropic, kind=True)


POTENTIAL, SCORE = IndexedBase("p"), IndexedBase("S")
"""The potential p_i and the scores S_ij."""
MOVED, PULL = IndexedBase("v"), IndexedBase("a")
"""A direction v_i in which p moves, and a_ij = <dx_i, x_j>."""
PLAN = MASS[ROW] * MASS[COLUMN] * exp(POTENTIAL[ROW] + SCORE[ROW, COLUMN] + POTENTIAL[COLUMN])
"""``Π_ij = m_i A_ij``."""


@lru_cache(maxsize=16)
def _varied(order: int, change: Expr = S.Zero) -> Expr:
    """Differentiate Π_ij along v, the scores moving by ``change``, over Π_ij."""
    along = Symbol("epsilon", real=True)
    moved = {POTENTIAL[k]: POTENTIAL[k] + along * MOVED[k] for k in (ROW, COLUMN)}
    plan = PLAN.xreplace({**moved, SCORE[ROW, COLUMN]: SCORE[ROW, COLUMN] + along * change})
    return expand(simplify(plan.diff(along, order).subs(along, 0) / PLAN))


def _potential_steps(entropic: Step) -> tuple[Step, ...]:
    """Show for every n that there is one potential, whose equations are the sums of rows."""
    slope = over_tokens(2 * MASS[ROW] * MOVED[ROW]) - over_pairs(_varied(1), marginals=False)
    said = over_tokens(2 * MASS[ROW] * MOVED[ROW]) - over_pairs(2 * MOVED[ROW], marginals=False)
    equation = derived(
        "D(p) = 2 Σ_i m_i p_i - Σ_ij Π_ij: ∂D/∂p_i = 2 (m_i - Σ_j Π_ij)", (slope - said).residual
    )
    bend = derived(
        "d²D = -Σ_ij Π_ij (v_i + v_j)²", expand(_varied(2) - (MOVED[ROW] + MOVED[COLUMN]) ** 2)
    )
    concave = apply(
        SUM,
        "d²D <= -4 Σ_i Π_ii v_i² < 0 for v ≠ 0",
        bend,
        terms={"Π_ij (v_i + v_j)², i ≠ j": ">= 0", "4 Π_ii v_i² for a v_i ≠ 0": "> 0"},
    )
    bounded = apply(
        SUM,
        "D(p) <= Σ_i g(p_i), g(p_i) = 2 m_i p_i - Π_ii",
        entropic,
        terms={"Π_ij, i ≠ j": "> 0"},
    )
    mass, level, place = Symbol("m_i", positive=True), Symbol("S_ii", real=True), Symbol("p_i")
    alone = (2 * MASS[ROW] * POTENTIAL[ROW] - PLAN.xreplace({COLUMN: ROW})).xreplace(
        {MASS[ROW]: mass, SCORE[ROW, ROW]: level, POTENTIAL[ROW]: place}
    )
    ends = tuple(limit(alone, place, end) for end in (oo, -oo))
    one = apply(ONE_MAXIMUM, "D has exactly one critical point p", concave, bounded, ends=ends)
    return equation, bend, concave, bounded, one


@lru_cache(maxsize=16)
def _envelope(share: Expr) -> PairSum:
    """Sum of the varied equations of the potential, minus what they are said to give.

    The potential's equation, varied: ``Σ_j Π_ij (dp_i + dS_ij + dp_j) = 0``, where ``dS_ij =
    share (<dx_i,x_j> + <x_i,dx_j>)``; its sum over i gives ``2 Σ m dp = -Σ Π dS``.
    """
    change = _varied(1, share * (PULL[ROW, COLUMN] + PULL[COLUMN, ROW]))
    return (
        over_pairs(change)
        - over_tokens(2 * MASS[ROW] * MOVED[ROW])
        - over_pairs(2 * share * PULL[ROW, COLUMN])
    )


def derive_gradient(flow: Flow) -> EntropicGradient | None:
    """Return the factor that the envelope gives, and the marginals 1."""
    form = _entropic(flow)
    if form is None:
        return None
    return EntropicGradient(simplify(-form.pace / (form.outer * form.share)))


def refute_gradient(
    flow: Flow, prediction: EntropicGradient | None, budget: Budget
) -> Counterexample | None:
    """Find tokens that leave the sphere, or descend: ``dE/dt = Σ m_i |x_i'|²/c`` with c < 0."""
    found = leaves_sphere(flow.model, budget.rng)
    if not found and prediction is not None and prediction.factor.subs(flow.values).is_negative:
        found = (
            "E falls at any tokens that move: "
            f"x_i' = c P_i (1/m_i) dE/dx_i with c = {prediction.factor}"
        )
    return Counterexample(found) if found else None


def say_gradient(flow: Flow, prediction: EntropicGradient) -> str:
    """Say the factor, where the flow is that of a multiple of its energy."""
    factor = prediction.factor
    return _SAYS if factor == 1 or factor.is_negative else f"{_SAYS}, times {factor}"


_SAYS = "Sinkhorn attention is doubly stochastic, symmetric, and the gradient flow of its energy"


def decide(flow: Flow, prediction: EntropicGradient) -> Sheet:
    """Vary the equations of the potential: their sum gives dE."""
    form, own = _entropic(flow), derive_gradient(flow)
    if form is None or own is None:
        missing = gap("x_i' = c P_i (1/m_i) dE/dx_i, rows and columns sum to 1", "no such form")
        return Sheet((missing,), {"n": "3, 5", "d": "n + 1", "beta": "[0.5, 2.5]"})
    share, before = form.share, _is_entropic(flow)
    potential = _potential_steps(before)
    one = potential[-1]
    text = "at p: Σ_j Π_ij = m_i, so the rows of A sum to Σ_j A_ij = 1"
    rows = Step(text, How.DERIVED) if one.holds and potential[0].holds else gap(text, str(one))
    columns = over_pairs(MOVED[COLUMN]) - over_tokens(MASS[ROW] * MOVED[ROW])
    steps = (
        before,
        *potential,
        rows,
        derived("Π_ij = Π_ji, as S = S^T", simplify(PLAN - exchanged(PLAN).xreplace(_SYMMETRIC))),
        derived("Σ_i Π_ij = m_j: the columns sum to Σ_i m_i A_ij = m_j", columns.residual),
        derived(
            f"masses 1/n: the rows and columns of A sum to {prediction.marginal}",
            remainder(prediction.marginal - 1),
        ),
        cited(SMOOTH, potential[2]),
        derived(f"dS_ij = ({share}) (<dx_i,x_j> + <x_i,dx_j>)", _change_of_scores(share)),
        derived(
            f"0 = Σ_ij Π_ij (dp_i + dS_ij + dp_j) = 2 Σ m dp + 2 ({share}) Σ <dx_i,(ΠX)_i>",
            _envelope(share).residual,
        ),
        derived(
            f"dE = ({form.outer}) Σ m dp, so x_i' = ({prediction.factor}) P_i (1/m_i) dE/dx_i",
            remainder(own.factor - prediction.factor),
        ),
    )
    return Sheet(
        steps,
        {"n": "symbolic", "d": "symbolic", "beta": "symbolic, nonzero", "masses": "symbolic"},
        (flow.model.velocity, flow.model.energy),
        "the potential's equations have one solution; varied, they sum to 2 Σ m dp + 2 "
        f"({share}) Σ <dx_i,(ΠX)_i>: residual 0 for every n, so dE = Σ <dx_i, m_i (AX)_i>; "
        f"watched: marginals, symmetry, gradient, symmetric Jacobian, within {_TOLERANCE:g}",
    )


_SYMMETRIC = {SCORE[COLUMN, ROW]: SCORE[ROW, COLUMN]}


def _change_of_scores(share: Expr) -> Expr:
    """Differentiate ``share <x_i, x_j>`` along dx, minus what is said of it."""
    along = Symbol("epsilon", real=True)
    x, y, u, v = vectors("x_i x_j dx_i dx_j")
    moved = share * inner(x + u * along, y + v * along)
    return residual(moved.diff(along).subs(along, 0) - share * (inner(u, y) + inner(x, v)))


def watch_gradient(flow: Flow, prediction: EntropicGradient, budget: Budget) -> Trial:
    """Look at marginals, symmetry, gradient and Jacobian at drawn tokens, in floats."""
    plain = _unprojected(flow.model)
    if plain is None or flow.model.energy is None or flow.given:
        return Trial(silent=f"{flow.name}: no flow P_i (A X)_i with an energy, or given values")
    worst = 0.0
    for case in range(1, budget.cases + 1):
        size = _SIZES[case % len(_SIZES)]
        points = np.asarray(random_points(size, size + 1, budget.rng))
        masses = budget.rng.uniform(0.5, 2.0, size)
        hot = float(budget.rng.uniform(0.5, 2.5))
        for text, defect in _gradient_defects(flow.model, plain, points, masses, hot, prediction):
            if not defect <= _TOLERANCE:
                at = f"β = {hot:.4g}, m = {short(masses)}, X = {short(points)}"
                return Trial(f"{text} {defect:.4g} at {at}", 1 - defect / _TOLERANCE, case)
            worst = max(worst, defect)
    return Trial("", 1 - worst / _TOLERANCE, budget.cases)


SMOOTH = "implicit function theorem: the potential is smooth"
OF_MODELS: Statement[EntropicGradient] = Statement(
    "Remark 3.5",
    _SAYS,
    decide,
    derive_gradient,
    refute_gradient,
    premises=(KNOWN, ON_SPHERE, ENTROPIC),
    says=say_gradient,
)
"""What is asked of a model; of others than Sinkhorn's it says nothing."""


STOCHASTIC: Statement[EntropicGradient] = replace(
    OF_MODELS, name="", premises=(), trial=watch_gradient, also=(OF_MODELS,)
)
"""The same of the paper's models, which runs refute where it isn't their form."""


DOUBLY_STOCHASTIC = Claim(
    "Remark 3.5",
    "Sinkhorn attention is doubly stochastic, symmetric, and the gradient flow of its energy, for "
    "every n and all masses.",
    SINKHORN,
    EntropicGradient(),
    STOCHASTIC,
    (
        Control("the softmax of SA", model=SA),
        Control("the unnormalised USA", model=USA),
        Control("twice the gradient", prediction=EntropicGradient(Integer(2))),
        Control("E without 1/β", prediction=EntropicGradient(1 / beta)),
        Control(
            "the gradient for n <= 4 only",
            prediction=EntropicGradient(Piecewise((S.One, n <= 4), (Integer(2), True))),
        ),
        Control(
            "doubly stochastic for n <= 4 only",
            prediction=EntropicGradient(marginal=1 + (n - 2) * (n - 3) * (n - 4)),
        ),
    ),
    Verdict.PROVED,
    cases=2,
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
)


CLAIMS = (DOUBLY_STOCHASTIC,)
