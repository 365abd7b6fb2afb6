"""Spectrum where all tokens are at one point x*, for any model whose tokens stay together there.

Attention of value matrix c I, ``x_i' = P_i Σ_j W_ij x_j`` with weights of any kind, rests at every
x*: P_i x_j = 0 there, and d(P_i x_j) = u_j - u_i, so that W counts with its value at x* alone and
the linearisation is ``W - diag(W 1)``. Other models are differentiated: what they do to one token
moved, less what they do to the others, is the linearisation across the tokens that stay together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sympy import (
    Add,
    Dummy,
    Expr,
    ImmutableMatrix,
    Integer,
    MatrixSymbol,
    OneMatrix,
    S,
    Sum,
    Symbol,
    Transpose,
    ZeroMatrix,
    sympify,
)
from sympy.matrices import MatrixBase
from sympy.matrices.expressions import MatrixExpr

from theory.atoms import Elementwise, RowNormalize, RowSoftmax
from theory.bounded import simplified
from theory.derivations import Obstruction, is_permutation_equivariant
from theory.engines import (
    AFTER,
    BEFORE,
    DIRECTION,
    POINT,
    Coinciding,
    NoValue,
    Words,
    add_words,
    differential,
    scale_words,
)
from theory.linearize.eigenvalues import exact_eigenvalues
from theory.linearize.engine import token_masses
from theory.linearize.moves import consensus_break
from theory.linearize.nested import Chain, Nested
from theory.linearize.pulls import Weights, token_weights
from theory.linearize.spectrum import PLACE, Found, Spectrum, assembled_spectrum
from theory.masks import BIPARTITE, CAUSAL, GRAPH, STRICT, Mask
from theory.models import Model
from theory.noise import require_noiseless
from theory.norms import LayerNorm
from theory.symbols import X, d, eta, m, n

DEPTH = 3
"""How many functions one in another are differentiated at once: each multiplies the length."""

_SPEED = Symbol("|x*'|", nonnegative=True)
"""Size of the velocity where consensus moves."""


@dataclass(frozen=True)
class _Groups:
    """How tokens are grouped: sizes by length of the index, and the mass of a token."""

    sizes: Mapping[Any, tuple[Expr, ...]]
    masses: list[Expr]

    def at(self, model: Model, **more: Any) -> Coinciding:
        """Make the algebra with a model's state at one point."""
        values: dict[Any, list[list[Any]]] = {m: [[mass] for mass in self.masses]}
        for block in model.blocks:
            symbol = block.symbol
            groups = self.sizes.get(symbol.shape[0])
            if groups is None or symbol in values:
                continue
            if block.space in ("sphere", "euclidean") and symbol.shape[1] == d:
                values[symbol] = [[Transpose(POINT)]] * len(groups)
            elif block.moves and symbol.shape[1] == 1:
                values[symbol] = [[block_scalar(block)]] * len(groups)
        return Coinciding(self.sizes, values, unit=model.space == "sphere", **more)


def block_scalar(block: Any) -> Symbol:
    """Symbol of the number that all rows of a column of the state are."""
    positive = True if block.space in ("positive", "simplex") else None
    return Symbol(str(block.symbol), positive=positive, real=True)


def spectrum_at_one_point(
    model: Model, tokens: Any = None, masses: Any = None, dimension: Any = d
) -> Spectrum:
    """Spectrum where all tokens are at one point; see :func:`theory.linearize.consensus`."""
    require_noiseless(model)
    dimension = sympify(dimension)
    weights = token_weights(model)
    if weights is None:
        try:
            return _differentiated(model, masses, dimension)
        except (NoValue, NotImplementedError) as error:
            seen = consensus_break(model)
            raise error if seen is None else Obstruction(str(error), seen) from error
    masks = {mask for expr in model.velocities.values() for mask in expr.atoms(Mask)}
    if tokens is not None or isinstance(masses, Sequence | MatrixBase):
        return _explicit(model, weights, masks, tokens, masses, dimension)
    total = S.One if masses is None else sympify(masses)
    kinds = {mask.kind for mask in masks}
    if kinds and kinds <= {CAUSAL, STRICT} and list(weights) == [X]:
        return _triangular(model, weights[X][X], total, dimension)
    lengths = {symbol.shape[0] for symbol in weights}
    sizes: dict[Any, tuple[Expr, ...]] = {length: (length,) for length in lengths}
    if kinds == {BIPARTITE} and len(masks) == 1 and list(weights) == [X]:
        first = next(iter(masks)).parameter
        sizes[n] = (first, n - first)
    at = _Groups(sizes, [total / n] * len(sizes.get(n, (n,)))).at(model)
    found, rows = _linearised(at, weights)
    solved, left = exact_eigenvalues(rows, S.One)
    made = assembled_spectrum(
        [(value, copies * (dimension - 1), ()) for value, copies, _ in (*found, *solved)],
        _name(masks),
        S.Zero,
        Add(*lengths),
        dimension,
        1,
        [(poly, copies * (dimension - 1)) for poly, copies in left],
    )
    return _completed(made, model, at, total)


def _completed(made: Spectrum, model: Model, at: Coinciding, total: Expr) -> Spectrum:
    """Add the other columns' eigenvalues, and what the symbols stand for."""
    others = tuple((v, k.subs(n, made.tokens)) for v, k in _others(model, total))
    return _explained(replace(made, others=others), at)


def _explained(made: Spectrum, at: Coinciding) -> Spectrum:
    """Say what the symbols in a spectrum stand for."""
    values = [v for v, _ in (*made.eigenvalues, *made.places, *made.operators)]
    values += [v for _, v in made.moving]
    values += [e for poly, _ in made.factors for e in poly.all_coeffs()]
    values += [e for matrix, _ in made.matrices for e in matrix]
    used = {s: e for s, e in at.scalars.items() if any(value.has(s) for value in values)}
    return replace(made, scalars=tuple(used.items()))


def _name(masks: Any) -> str:
    return ", ".join(["consensus", *sorted(map(str, masks))])


def _linearised(at: Coinciding, weights: Weights) -> tuple[Found, list[list[Expr]]]:
    """Split ``W - diag(W 1)``: eigenvalues within each group, and the groups as tokens."""
    labels = [(s, c) for s in weights for c in range(len(at.sizes(s.shape[0])))]
    sizes = {(s, c): at.sizes(s.shape[0])[c] for s, c in labels}
    table: dict[Any, Expr] = {}
    own: dict[Any, Expr] = {label: S.Zero for label in labels}
    for s, pulls in weights.items():
        for other, expr in pulls.items():
            value = at(expr)
            for c in range(len(value.rows)):
                if s == other and value.excess:
                    own[s, c] += value.excess[c]
                for e in range(len(value.columns)):
                    table[(s, c), (other, e)] = value.number(c, e)
    spread = {a: [table.get((a, b), S.Zero) * sizes[b] for b in labels] for a in labels}
    leaves = {a: Add(own[a], *spread[a]) for a in labels}
    inside: Found = [
        (simplified(own[a] - leaves[a]), sizes[a] - 1, ()) for a in labels if sizes[a] != 1
    ]
    rows = [
        [w + (own[a] - leaves[a] if a == b else 0) for w, b in zip(spread[a], labels, strict=True)]
        for a in labels
    ]
    return inside, rows


def _draws_together(rows: list[list[Expr]]) -> bool:
    """Whether weights are >= 0 and some token is reached from all: all modes but one decay.

    Gershgorin's discs lie left of 0; 0 is simple as the chain of the weights has one closed class.
    """
    count = range(len(rows))
    if not all(rows[i][j].is_nonnegative for i in count for j in count if i != j):
        return False
    reach = [{i} | {j for j in count if j != i and rows[i][j].is_positive} for i in count]
    for _ in count:
        reach = [set().union(*(reach[j] for j in seen)) for seen in reach]
    return bool(set.intersection(*reach))


def _explicit(
    model: Model, weights: Weights, masks: Any, tokens: Any, masses: Any, dimension: Expr
) -> Spectrum:
    """Spectrum for a number of tokens, each a group of its own."""
    if list(weights) != [X]:
        raise ValueError(
            f"Expected one species of tokens but got model={model.name} with {list(weights)}; "
            "leave tokens out."
        )
    graphs = [mask.parameter for mask in masks if mask.kind == GRAPH]
    table = None
    if graphs:
        tokens = next((graph for graph in graphs if isinstance(graph, MatrixBase)), tokens)
        if not hasattr(tokens, "rows"):
            raise ValueError(
                f"Expected the matrix of who sees whom for mask={next(iter(masks))} but got "
                f"tokens={tokens}; give tokens=Matrix([[1, 0], [1, 1]])."
            )
        table = Mask.graph(tokens).parameter
        tokens = table.rows
    count = len(masses) if tokens is None else int(tokens)
    shares = token_masses(masses, count)
    groups = _Groups({n: (S.One,) * count}, shares)
    at = groups.at(model)
    if table is not None:
        named = [graph for graph in graphs if not isinstance(graph, MatrixBase)]
        at = at.with_values({graph: table.tolist() for graph in named})
    _, rows = _linearised(at, weights)
    places = range(count)
    matrices: tuple[tuple[Any, Expr], ...] = ()
    factors: list[Any] = []
    if all(rows[i][j] == 0 for i in places for j in places if j > i):
        solved: Found = [(simplified(rows[i][i]), S.One, ()) for i in places]
    elif count > 2 and any(e.free_symbols for row in rows for e in row):
        # rows sum to zero: what they do across (1, …, 1)
        inner = [[rows[i][j] - rows[0][j] for j in places[1:]] for i in places[1:]]
        solved, matrices = [(S.Zero, S.One, ())], ((ImmutableMatrix(inner), dimension - 1),)
    else:
        solved, factors = exact_eigenvalues(rows, S.One)
    made = assembled_spectrum(
        [(value, copies * (dimension - 1), ()) for value, copies, _ in solved],
        _name(masks),
        S.Zero,
        Integer(count),
        dimension,
        1,
        [(poly, copies * (dimension - 1)) for poly, copies in factors],
    )
    made = replace(made, matrices=matrices, contracting=_draws_together(rows))
    return _completed(made, model, at, Add(*shares))


def _triangular(model: Model, weights: MatrixExpr, total: Expr, dimension: Expr) -> Spectrum:
    """Spectrum under masks by which each token sees earlier ones, at every number of tokens.

    ``W = T + 1 qᵀ`` with T lower triangular: across 1 the linearisation ``W - diag(W 1)`` acts as
    the triangular ``T - diag(W 1)``, whose eigenvalues are its diagonal.
    """
    rate, at = _rate_by_place(model, weights, total)
    made = assembled_spectrum([(S.Zero, dimension - 1, ())], "consensus", S.Zero, n, dimension, 1)
    return _completed(replace(made, places=((rate, dimension - 1),)), model, at, total)


def triangular_rate(model: Model, weights: MatrixExpr, total: Expr = S.One) -> Expr:
    """Eigenvalue that the token at `PLACE`, from 2 to n, adds under causal masks."""
    return _rate_by_place(model, weights, total)[0]


def _rate_by_place(
    model: Model, weights: MatrixExpr, total: Expr = S.One
) -> tuple[Expr, Coinciding]:
    sizes = (PLACE - 1, S.One, n - PLACE)
    at = _Groups({n: sizes}, [total / n] * 3).at(model, place=PLACE)
    own, later = at.number(weights, 1, 1), at.number(weights, 1, 2)
    if later.free_symbols & {PLACE, BEFORE, AFTER}:
        raise NoValue(
            f"Expected weights of later tokens that all rows share but got {later} at {PLACE} in "
            f"model={model.name}; give a number of tokens."
        )
    rate = own - later - at.number(weights * OneMatrix(n, 1), 1)
    sums = {e: Dummy("sum", positive=True) for e in rate.atoms(Sum)}  # left as they stand
    return simplified(rate.xreplace(sums)).xreplace({s: e for e, s in sums.items()}), at


def _others(model: Model, total: Expr) -> tuple[tuple[Expr, Expr], ...]:
    """Eigenvalues of differences within the further columns of the state: lengths, masses."""
    columns = [b for b in model.blocks if b.moves and tuple(b.symbol.shape) == (n, 1)]
    if not columns:
        return ()
    at = _pair_of_groups(model, total)
    rows = [
        [_one_moved(at, model.velocities[b.symbol], c.symbol, [[S.One], [S.Zero]]) for c in columns]
        for b in columns
    ]
    solved, _ = exact_eigenvalues(
        [[simplified(own.get((), S.Zero)) for own, _ in row] for row in rows], S.One
    )
    return tuple((value, (n - 1) * copies) for value, copies, _ in solved)


def _pair_of_groups(model: Model, total: Expr) -> Coinciding:
    """One token, and the others."""
    return _Groups({n: (S.One, n - 1)}, [total / n] * 2).at(model)


def _one_moved(
    at: Coinciding, expr: MatrixExpr, symbol: Any, moved: list[list[Any]]
) -> tuple[Words, Words]:
    """Differentiate along one token's motion: (own, other) for the answers own + other, other."""
    direction = MatrixSymbol(f"{symbol}'", *symbol.shape)
    value = at.with_values({direction: moved})(differential(expr, symbol, direction))
    own, other = (at.turned(value.entries[c][0]) for c in (0, 1))
    return add_words(own, scale_words(other, S.NegativeOne)), other


def _differentiated(model: Model, masses: Any, dimension: Expr) -> Spectrum:
    """Spectrum across the tokens that stay together, of a permutation equivariant model.

    The linearisation is ``a I + b J``, a and b maps of directions: a is what counts where the
    motions of the tokens sum to zero.
    """
    if not is_permutation_equivariant(model) or isinstance(masses, Sequence | MatrixBase):
        raise NoValue(
            "Expected attention with value matrix c I, or a model that treats all tokens alike, "
            f"with equal masses, but got model={model.name}, masses={masses}; use configuration "
            "at explicit points."
        )
    if _depth(model.velocities[X]) > DEPTH:
        return _nested(model, masses, dimension)
    step = Dummy("eta", positive=True)
    velocity = model.velocities[X].xreplace({eta: step})
    total = S.One if masses is None else sympify(masses)
    at = _pair_of_groups(model, total)
    directions = [[Transpose(DIRECTION)], [ZeroMatrix(1, d)]]
    own, other = (_settled(at, w) for w in _one_moved(at, velocity, X, directions))
    moving = _settled(at, at.vector(velocity), keep=True)
    if model.kind == "map":
        moving = add_words(moving, {(POINT,): S.NegativeOne})
    width = dimension - 1 if at.unit else dimension
    copies = (n - 1) * width
    found: Found = []
    operators: tuple[tuple[Any, Expr], ...] = ()
    if set(own) <= {(DIRECTION,)}:
        found.append((own.get((DIRECTION,), S.Zero), copies, ()))
    else:
        operators = ((at.expression(own), n - 1),)
    if not moving:
        rest = _settled(at, add_words(own, scale_words(other, n)))
        found.append((rest.get((DIRECTION,), S.Zero), width, ()))
    made = _across(model, total, dimension, found, operators, at.expression(moving))
    return _explained(made, at).applied(lambda e: e.xreplace({step: eta}))


def _nested(model: Model, masses: Any, dimension: Expr) -> Spectrum:
    """Spectrum across tokens that stay together and move on, by the chain rule."""
    if consensus_break(model) is None:
        raise NoValue(
            f"Expected a velocity of at most {DEPTH} softmaxes, normalisations and activations "
            f"one in another where consensus rests but got model={model.name}; linearise its "
            "parts, or use numerics.spectrum_at."
        )
    step = Dummy("eta", positive=True)
    maps = Nested.of(model.velocities[X].xreplace({eta: step}))
    total = S.One if masses is None else sympify(masses)
    chain = Chain(_pair_of_groups(model, total))
    for symbol, expr in maps.inner.items():
        chain.learn(symbol, expr)
    slope, image = chain.slope(maps.outer), chain.at.vector(maps.outer)
    if model.kind == "map":
        image = add_words(image, {(POINT,): S.NegativeOne})
    moving = chain.at.expression(image)
    width = dimension - 1 if model.space == "sphere" else dimension
    found: Found = []
    operators: tuple[tuple[Any, Expr], ...] = ()
    if set(slope) <= {()}:
        found.append((slope.get((), S.Zero), (n - 1) * width, ()))
    else:
        operators = ((chain.expression(slope), n - 1),)
    made = _across(model, total, dimension, found, operators, moving)
    shown = (moving, *(value for value, *_ in (*found, *operators)))
    scalars = ((s, e.xreplace({step: eta})) for s, e in chain.scalars(*shown))
    return replace(made.applied(lambda e: e.xreplace({step: eta})), scalars=tuple(scalars))


def _across(
    model: Model, total: Expr, dimension: Expr, found: Found, operators: Any, moving: MatrixExpr
) -> Spectrum:
    """Put together what motions of sum zero do, and how consensus moves itself."""
    rests = isinstance(moving, ZeroMatrix)
    still = rests and model.space == "sphere"
    speed = S.Zero if rests else _SPEED
    made = assembled_spectrum(found, "consensus", speed, n, dimension, 1, isotropic=still)
    return replace(
        made,
        others=_others(model, total),
        operators=operators,
        moving=() if rests else ((X, moving),),
        multipliers=model.kind == "map",
    )


def _depth(node: Any) -> int:
    """How deep softmaxes, normalisations and activations of tokens stand in one another.

    Means and variances of components make a layer normalisation as long as three of them.
    """
    own = isinstance(node, RowSoftmax | RowNormalize | Elementwise) + 3 * isinstance(
        node, LayerNorm
    )
    parts = [_depth(part) for part in node.args if isinstance(part, MatrixExpr) and part.has(X)]
    return own + max(parts, default=0)


def _settled(at: Coinciding, words: Words, keep: bool = False) -> Words:
    """Simplify coefficients; a multiple of a unit point is no motion, unless it is kept."""
    out = {word: simplified(c) for word, c in words.items()}
    return {w: c for w, c in out.items() if c != 0 and (keep or not at.unit or w != (POINT,))}
