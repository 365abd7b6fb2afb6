"""A solution with numbers: what terms are evaluated along.

Tokens start with positive coordinates, so in an open hemisphere and at angles below 90°, where the
theorems on attraction have their hypotheses; masses and lengths are spread over decades.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
from sympy import DiagMatrix, Dummy, Expr, Inverse, MatrixSymbol, lambdify

from numerics import compile_model, integrate
from numerics.arguments import FloatArray
from proofs_checks.proof import Flow
from proofs_checks.propositions import Subject
from proofs_checks.sample import sample_of
from theory.atoms import Sinkhorn
from theory.blocks import Block
from theory.engines import Evaluator
from theory.models import Model
from theory.symbols import X, beta, d, k, m, n, r, t, z
from theory.terms import count_of

TIMES = (0.15, 0.6, 1.4)
"""Early, and when lengths of order 1 have about doubled."""

STEP = 2.0**-9
"""Of differences: their error, of fourth order, and the integration's over it are below 1e-8."""

STENCIL = (-2, -1, 1, 2)
DECADES, MOST_STEPS = 9, 300
"""Lengths bring tokens together like 1/t, and what takes more steps rests at no consensus."""

TOGETHER = 1e-7
"""A tenth of what differences are right to."""

PANELS, NODES = 6, 5
"""Gauss and Legendre's rule in pieces: exact to 1e-10 where smooth, to 1e-4 at a kink."""


@dataclass(frozen=True, eq=False)
class Solution:
    """A solution of a model, at the times that values, derivatives and integrals need.

    Attributes
    ----------
    model : Model or None
        None of a state that nothing moves.
    numbers : Mapping
        Values of the parameters, by their symbols.
    masses : ndarray
        Masses of the tokens, shape (n,); where they move, those of the start.
    states : Mapping
        At each time the blocks by their symbols.
    times : tuple of float
        Times to evaluate at.
    scale : float
        The time that differences are taken by.
    ending : callable
        Finds the point that all tokens tend to, or None.
    beside : str
        What Y is beside it: one of `PAIRS`, or nothing.
    asked : dict
        Steps that were evaluated along it, with what was found.
    """

    model: Model | None
    numbers: Mapping[Any, Any]
    masses: FloatArray
    states: Mapping[float, Mapping[Any, FloatArray]]
    times: tuple[float, ...] = TIMES
    scale: float = 1.0
    ending: Callable[[], FloatArray | None] = lambda: None
    beside: str = ""
    asked: dict[Any, Any] = field(default_factory=dict, repr=False)
    _matrices: dict[Any, FloatArray] = field(default_factory=dict)
    _functions: dict[Any, Callable[..., Any]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Number of tokens."""
        return len(self.masses)

    @cached_property
    def limit(self) -> FloatArray | None:
        """The point that all tokens tend to; None where that isn't seen."""
        return self.ending()

    @cached_property
    def sizes(self) -> dict[Any, int]:
        """Numbers for the symbols of shapes: of the tokens, and of other species."""
        state = next(iter(self.states.values()))
        found = {n: self.size}
        if X in state:
            found |= {k: state[X].shape[1]}
        matrices = {a: v for a, v in self.numbers.items() if isinstance(a, MatrixSymbol)}
        for block, value in {**state, **matrices}.items():
            shape = zip(block.shape, np.shape(value), strict=True)
            found |= {size: many for size, many in shape if size.is_Symbol}
        return found

    def count(self, index: Any) -> int:
        """Return how many tokens an index is one of."""
        many = count_of(index)
        return self.sizes[many] if many in self.sizes else int(many.subs(self.sizes))

    @cached_property
    def subject(self) -> Subject | None:
        """What theorems on the model speak of."""
        return None if self.model is None else Subject.of(Flow.of(self.model).model)

    def matrix(self, expr: Any, time: float) -> FloatArray:
        """Return the value of a matrix expression at a time."""
        if (expr, time) not in self._matrices:
            values = {m: self.masses[:, None], **self.states[time]}
            values |= {a: v for a, v in self.numbers.items() if isinstance(a, MatrixSymbol)}
            inverses = {a for a in expr.atoms(Inverse) if not isinstance(a.arg, DiagMatrix)}
            parts = {*inverses, *expr.atoms(Sinkhorn)}
            known = {a: MatrixSymbol(str(a), *a.shape) for a in parts}
            for part, symbol in known.items():
                own = [self.matrix(a, time) for a in part.args[:2] if not a.is_number]
                values[symbol] = _inverse(*own) if part in inverses else _balanced(*own)
            rows = {a: np.asarray(v, dtype=float).tolist() for a, v in values.items()}
            found = Evaluator(
                rows,
                self.sizes,
                scalar=lambda a: float(self.number(a, {}, time)),
                apply=lambda body, value: float(self.number(body, {z: value}, time)),
            )(expr.xreplace(known))
            self._matrices[expr, time] = np.array(found, dtype=float)
        return self._matrices[expr, time]

    def number(self, expr: Expr, values: Mapping[Any, Any], time: float) -> FloatArray:
        """Return the value of a SymPy expression, for values of the symbols or nodes in it."""
        own = {**self.numbers, **self.sizes, t: time, **values}
        used = [a for a in own if not isinstance(a, MatrixSymbol) and expr.has(a)]
        key = (expr, *used)
        if key not in self._functions:
            names = [Dummy() for _ in used]
            named = expr.xreplace(dict(zip(used, names, strict=True)))
            if unknown := named.free_symbols - set(names):
                raise KeyError(*unknown)
            function = lambdify(names, named, ["numpy", "scipy"], docstring_limit=0)
            # NumPy computes all pieces and takes one: where the others have no value is no matter.
            # Nor is an infinite logarithm: 1/log 0 is 0. Of what is no number nothing is told.
            self._functions[key] = np.errstate(all="ignore")(function)
        given = np.broadcast_arrays(*(np.asarray(own[a], dtype=float) for a in used))
        return np.asarray(self._functions[key](*given), dtype=float)


def solution_of(
    model: Model,
    rng: Any = 0,
    tokens: int = 4,
    dimension: int = 4,
    masses: FloatArray | None = None,
    even: bool = False,
) -> Solution:
    """Draw a start and parameters for a model, and integrate it.

    Parameters
    ----------
    model : Model
    rng : int or Generator
    tokens, dimension : int
    masses : ndarray, optional
        Over a decade by default.
    even : bool
        Whether lengths are equal at the start.

    Returns
    -------
    Solution

    Raises
    ------
    ValueError
        Where the solution ends before the last time.

    Examples
    --------
    >>> from theory.models import SA
    >>> solution_of(SA).states[0.0][X].shape
    (4, 4)
    """
    rng = np.random.default_rng(rng)
    sample = sample_of(model, tokens, dimension)
    start = {b.symbol: _drawn(b, sample.state[str(b.symbol)].shape, rng) for b in model.blocks}
    if even and r in start:
        start[r] = np.full_like(start[r], start[r][0])
    own = 10 ** rng.uniform(-1, 0.3, tokens)
    values = {str(a): _signed(a, sample.values[str(a)]) for a in model.parameters}
    return solved(model, values, start, own if masses is None else masses)


STEPS = 1000
"""Attempted steps of a solution, more than ten times what most take: e^(10t) would take hours."""


def _signed(symbol: Any, value: Any) -> Any:
    """Return a value of the sign that a parameter is declared to have."""
    return -value if symbol.is_nonpositive else value


def solved(
    model: Model,
    values: Mapping[str, Any],
    start: Mapping[Any, FloatArray],
    masses: FloatArray,
    *,
    times: tuple[float, ...] = TIMES,
    scale: float = 1.0,
) -> Solution:
    """Integrate a model from a start.

    Parameters
    ----------
    model : Model
    values : Mapping
        Parameters by name.
    start : Mapping
        Blocks by their symbols.
    masses : ndarray
        Of the tokens, where they aren't a block.
    times : tuple of float
        Times to evaluate at, in units of the scale.
    scale : float
        A time in which the tokens don't move far, which differences are taken by.

    Returns
    -------
    Solution

    Raises
    ------
    ValueError
        Where the solution ends before the last time.

    Examples
    --------
    >>> from theory.models import SA
    >>> start = {X: np.eye(3)}
    >>> solved(SA, {"beta": 1.0}, start, np.ones(3) / 3, times=(0.1, 0.2)).times
    (0.1, 0.2)
    """
    nodes, _ = quadrature()
    own = tuple(float(scale * time) for time in times)
    places = {0.0}
    for time in own:
        places |= {time, *(time + shift * scale * STEP for shift in STENCIL)}
        places |= {float(time * s) for s in nodes}
    instants = np.array(sorted(places))
    moving = m in start
    given = dict(values) if moving else {**values, "masses": masses}
    compiled: Any = compile_model(model, backend="plain", **given)
    ahead = instants[instants >= 0]
    found, run = _followed(compiled, start, float(ahead[-1]), t_eval=ahead, max_steps=STEPS)
    before = instants[instants < 0]
    if len(before):  # differences at the start
        past, _ = _followed(compiled, start, float(before[0]), t_eval=before[::-1])
        found = {
            a: v if v.shape == start[a].shape else np.concatenate([past[a][::-1], v])
            for a, v in found.items()
        }
    if len(run.times) < np.sum(instants >= 0):
        raise ValueError(
            f"Expected a solution up to t={instants[-1]:.3g} but got {run.status.message}; take "
            f"another start."
        )
    still = {b.symbol for b in model.blocks if found[b.symbol].shape == start[b.symbol].shape}
    states = {
        float(time): {a: v if a in still else v[place] for a, v in found.items()}
        for place, time in enumerate(instants)
    }
    numbers = {parameter: values[str(parameter)] for parameter in model.parameters}
    weights = start[m][:, 0] if moving else masses
    end = float(instants[-1]), states[float(instants[-1])]
    return Solution(model, numbers, weights, states, own, scale, partial(_limit, compiled, *end))


def _followed(
    compiled: Any, start: Mapping[Any, FloatArray], end: float, rtol: float = 1e-12, **more: Any
) -> tuple[dict[Any, FloatArray], Any]:
    """Integrate from a start; return the blocks along the way, and the run."""
    if len(start) == 1:
        run: Any = integrate(compiled, start[X], end, rtol=rtol, **more)
        return {X: run.points}, run
    state = {str(symbol): value for symbol, value in start.items()}
    run = integrate(compiled, state, end, rtol=rtol, **more)
    return {symbol: np.asarray(run.state[str(symbol)]) for symbol in start}, run


def _limit(compiled: Any, time: float, state: Mapping[Any, FloatArray]) -> FloatArray | None:
    """Return the point that all tokens tend to, if they come so near within a few decades."""
    for _ in range(DECADES):
        points = np.vstack([v for a, v in state.items() if a.shape[1] == d])  # of all species
        middle = points.mean(axis=0)
        if np.max(np.ptp(points, axis=0)) < TOGETHER:
            return np.asarray(middle / np.linalg.norm(middle))
        try:
            found, run = _followed(
                compiled,
                state,
                10 * time,
                rtol=TOGETHER / 1000,
                t_start=time,
                t_eval=[10 * time],
                max_steps=MOST_STEPS,
            )
        except (ArithmeticError, ValueError):
            return None
        if not len(run.times):
            return None
        state = {a: v if v.shape == state[a].shape else v[-1] for a, v in found.items()}
        time *= 10
    return None


SECOND = MatrixSymbol("Y", n, d)
"""Tokens of a second solution, as theorems on two of them name it."""

PROBED = MatrixSymbol("U", n, d)
"""Points beside two species, of which the second is called Y."""

ON_CIRCLE = "angles"
"""The definition by which tokens are on the circle, at angles."""

ANY_ANGLE = MatrixSymbol("phi", n, 1)
"""Angles that move smoothly, whatever the tokens do."""


def angles_of(block: Any) -> MatrixSymbol:
    """Return the angles of the tokens of a block, as theorems on the circle name them."""
    return MatrixSymbol("theta" if block == X else "psi", block.shape[0], 1)


def in_angles(on: Solution) -> Solution:
    """Return a solution on the circle with the angles of its tokens, and others, at each time.

    Examples
    --------
    >>> from theory.models import SA
    >>> on = in_angles(solution_of(SA, dimension=2))
    >>> state = on.states[0.0]
    >>> bool(np.allclose(np.cos(state[angles_of(X)]), state[X][:, :1]))
    True
    """
    states = {}
    for time, state in on.states.items():
        own = {
            angles_of(b): np.arctan2(x[:, 1:], x[:, :1])
            for b, x in state.items()
            if b.shape[1] == d
        }
        any_ = np.sin(np.arange(1, on.size + 1)[:, None] + time / on.scale)
        states[time] = {**state, **own, ANY_ANGLE: any_}
    return replace(on, states=states, beside=ON_CIRCLE, asked={}, _matrices={}, _functions={})


NAMED = (SECOND, PROBED, angles_of(X), ANY_ANGLE)
"""What theorems name beside a solution: not every solution has it."""

TWO_HEATS, ABREAST, PROBES_BESIDE = "two heats", "pair of one length", "probes beside species"
SPECIES_PAIR, SPECIES_HEATS = "pair of species", "two heats of species"
PAIRS = ("pair", TWO_HEATS, ABREAST, "probes", PROBES_BESIDE, SPECIES_PAIR, SPECIES_HEATS)
"""Definitions by which Y solves the same model, or that at β = 0 from one start; of lengths, which
both have, the third one says that all are equal at the start; and of probes, that Y moves somehow,
as a second solution does; or that points U do so beside two species. Of two species U and W do
what Y does of one."""

SECOND_KEYS = "W"
"""The name of a second species in a second solution."""


def beside(first: Solution, kind: str, start: FloatArray | None = None) -> Solution:
    """Return a solution with a second one beside it, at the same times.

    Parameters
    ----------
    first : Solution
        Of a model whose tokens alone move; or lengths too at two heats, and equal ones abreast.
    kind : str
        One of `PAIRS`.
    start : ndarray, optional
        Where the second one starts; at the same point by default. Another species that moves
        starts elsewhere then too.

    Raises
    ------
    ValueError
        Where more than that moves, or the second solution ends before the last time.

    Examples
    --------
    >>> from theory.models import SA
    >>> two = beside(solution_of(SA), "two heats")
    >>> [bool(np.all(two.states[t][SECOND] == two.states[t][X])) for t in (0.0, two.times[0])]
    [True, False]
    """
    model, at_start = first.model, first.states[0.0]
    species = {key: {*at_start} for key in (PROBES_BESIDE, SPECIES_PAIR, SPECIES_HEATS)}
    moves = {TWO_HEATS: {X, r} & {*at_start}, ABREAST: {X, r}, **species}
    uneven = kind == ABREAST and r in at_start and np.ptp(at_start[r]) > 0
    if model is None or set(at_start) != moves.get(kind, {X}) or uneven:
        raise ValueError(f"Expected a model of tokens alone but got model={model}; others differ.")
    own = model.subs({beta: 0}) if kind in (TWO_HEATS, SPECIES_HEATS) else model
    values = {str(a): v for a, v in first.numbers.items() if a in own.parameters}
    begun = at_start if start is None else {**at_start, X: start}
    if start is not None and kind == SPECIES_PAIR:
        begun = {**begun, **{a: _elsewhere(at_start[a]) for a in model.velocities if a != X}}
    times = tuple(time / first.scale for time in first.times)
    second = solved(own, values, begun, first.masses, times=times, scale=first.scale)
    along = zip(sorted(first.states), sorted(second.states), strict=True)  # equal up to rounding
    named = {X: PROBED if kind in species else SECOND}
    if kind in (SPECIES_PAIR, SPECIES_HEATS):
        named |= {a: MatrixSymbol(SECOND_KEYS, *a.shape) for a in at_start if a != X}
    states = {
        a: {**first.states[a], **{name: second.states[b][one] for one, name in named.items()}}
        for a, b in along
    }
    return replace(first, states=states, beside=kind, asked={}, _matrices={}, _functions={})


def _elsewhere(rows: FloatArray) -> FloatArray:
    """Return unit rows between those that are given and their coordinates turned round."""
    moved = rows + np.roll(rows, 1, axis=1)
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True))


def model_of(subject: Subject) -> Model:
    """Return what a theorem is of as a model: at the values that it is asked at.

    Parameters
    ----------
    subject : Subject

    Returns
    -------
    Model

    Examples
    --------
    >>> from theory.models import SA
    >>> from theory.symbols import beta
    >>> model_of(Subject.of(SA, {beta: 2})).parameters
    ()
    """
    moves, spaces = subject.velocities, subject.spaces
    free = frozenset[Any]().union(*(how.free_symbols for how in moves.values()))
    matrices = {*spaces, *(symbol for symbol in free if isinstance(symbol, MatrixSymbol))}
    sizes = {a for symbol in matrices for size in symbol.shape for a in size.free_symbols}
    return Model(
        subject.name,
        moves if len(spaces) > 1 else moves[X],
        parameters=tuple(sorted(free - {n, d, k, t, m, *spaces, *sizes}, key=str)),
        kind=subject.kind,
        blocks=tuple(Block(symbol, space) for symbol, space in spaces.items()),
    )


def quadrature() -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights for an integral over [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    starts = np.arange(PANELS)[:, None]
    return ((starts + (nodes + 1) / 2) / PANELS).ravel(), np.tile(weights / 2 / PANELS, PANELS)


def _drawn(block: Any, shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
    """Draw a value of a block in its space, vectors with positive coordinates."""
    if block.space == "positive":
        return np.asarray(10 ** rng.uniform(-0.3, 1, shape))
    drawn = np.abs(rng.normal(size=shape)) + 0.1
    if block.space == "simplex":
        return np.asarray(drawn / drawn.sum())
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


def _inverse(matrix: FloatArray) -> FloatArray:
    if np.linalg.matrix_rank(matrix) < len(matrix):
        raise LookupError("Expected a matrix that has an inverse; nothing is told of it.")
    return np.asarray(np.linalg.inv(matrix))


def _balanced(scores: FloatArray, masses: FloatArray) -> FloatArray:
    """Return weights f_i e^(s_ij) f_j m_j whose rows sum to one, by Newton's method in log f."""
    kernel, weights = np.exp(scores - scores.max()), masses[:, 0]
    logs = np.zeros(len(weights))
    for _ in range(50):
        plan = np.exp(logs)[:, None] * kernel * (np.exp(logs) * weights)
        over = plan.sum(axis=1) - 1
        step = np.linalg.solve(plan + np.diag(plan.sum(axis=1)), over)
        logs -= step / max(1.0, np.abs(step).max())  # of light rows a whole step overflows
        if np.max(np.abs(over)) < 1e-14:
            break
    return plan
