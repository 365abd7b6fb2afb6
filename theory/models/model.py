"""Models: one matrix expression each for the velocity, the energy it climbs, and the metric.

``gradient_flow`` makes a model of any energy; those of the paper are in ``theory.models.paper``,
others by name in the catalogue, layers in ``theory.layers``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from sympy import (
    DiagMatrix,
    Dict,
    Expr,
    HadamardProduct,
    MatAdd,
    MatMul,
    OneMatrix,
    S,
    ZeroMatrix,
    exp,
    sympify,
)
from sympy.matrices.expressions import MatrixExpr

from theory.atoms import Elementwise, RowSoftmax, Tangent, row_normalised
from theory.blocks import Block
from theory.bounded import exponential_parts
from theory.energy import energy_at, energy_gradient, masked_term, pair_kernel
from theory.latex import latex_equation
from theory.masks import Mask
from theory.noise import Noise
from theory.parameter_values import read_values, refuse_shared_names
from theory.summaries import Formulas, Summarised
from theory.symbols import X, beta, d, k, m, n, t, z
from theory.weights import on_unit_rows, refuse_empty_rows

SPACES = ("sphere", "euclidean")
KINDS = ("flow", "map")


@dataclass(frozen=True)
class Model(Formulas):
    """A particle system written once.

    Parameters
    ----------
    name : str
        How the model is called in reports.
    velocity : MatrixExpr, shape (n, d), or mapping from symbol to MatrixExpr
        ``x' = velocity`` for a flow, ``x <- velocity`` for a map, in the symbols ``X``, ``m``,
        ``t`` and the parameters. With several blocks, one expression for each that moves, of the
        block's shape, in the symbols of all blocks.
    energy : MatrixExpr, shape (1, 1), optional
        The scalar that the flow climbs.
    metric : MatrixExpr, shape (n, 1), optional
        Row weights g such that the velocity is ``diag(g)^{-1} dE/dX``, projected.
    parameters : tuple of Symbol or MatrixSymbol
        What must be given a value before the model can be evaluated.
    space : {"sphere", "euclidean"}
        Where the tokens live: short for ``blocks=(Block(X, space),)``.
    kind : {"flow", "map"}
        Differential equation or discrete layer.
    reference : str
        Equation or theorem label.
    blocks : tuple of Block
        What the state consists of; the tokens ``X`` alone by default.
    noise : Noise, optional
        What drives the tokens of a flow on the sphere beside the velocity, which is the drift then:
        `numerics.noisy` integrates it. `drift` is the model without.
    numbers : mapping from MatrixSymbol to Matrix
        Values of matrix parameters, as `subs` puts them in: what `compile_model` and `check_model`
        take where the call gives none. Derivations and proofs are those for any matrix.

    Raises
    ------
    ValueError
        On a wrong shape, an unknown space or kind, a block without a velocity, a symbol that is not
        a parameter, two symbols of one name, or a parameter that has its value already.

    Examples
    --------
    Directions that move slower the longer their vectors have grown:

    >>> from sympy import DiagMatrix, MatrixSymbol, OneMatrix
    >>> from theory.atoms import Elementwise
    >>> from theory.models import SA
    >>> r = MatrixSymbol("r", n, 1)
    >>> slow = DiagMatrix(Elementwise(1 / z, r)) * SA.velocity
    >>> parts = (Block(X), Block(r, "positive"))
    >>> grown = Model("grown", {X: slow, r: OneMatrix(n, 1)}, blocks=parts)
    >>> [str(block.symbol) for block in grown.blocks]
    ['X', 'r']
    """

    _shown = ("name", "parameters", "space", "kind", "noise", "reference")

    name: str
    velocity: Any
    energy: MatrixExpr | None = None
    metric: MatrixExpr | None = None
    parameters: tuple[Any, ...] = (beta,)
    space: str = ""
    kind: str = "flow"
    reference: str = ""
    blocks: tuple[Block, ...] = ()
    noise: Noise | None = None
    numbers: Any = field(default=Dict(), repr=False)

    def __post_init__(self) -> None:
        """Refuse what could not be compiled or proved later."""
        self._settle_blocks()
        refuse_shared_names((X, m, n, d, t, z, *(b.symbol for b in self.blocks)), self.parameters)
        if self.kind not in KINDS:
            raise ValueError(f"Expected kind one of {KINDS} but got kind={self.kind!r}.")
        shapes: list[tuple[str, Any, tuple[Any, ...]]] = [
            (
                "velocity" if len(self.blocks) == 1 else f"velocity[{symbol}]",
                expr,
                tuple(symbol.shape),
            )
            for symbol, expr in self.velocities.items()
        ]
        shapes += [("energy", self.energy, (1, 1)), ("metric", self.metric, (n, 1))]
        state = {s for block in self.blocks for s in (block.symbol, *block.symbol.shape)}
        for name, expr, shape in shapes:
            if expr is None:
                if name == "velocity":
                    raise ValueError("Expected velocity a matrix expression but got velocity=None.")
                continue
            if tuple(getattr(expr, "shape", ())) != shape:
                raise ValueError(
                    f"Expected {name} of shape {shape} but got {name}={expr} of shape "
                    f"{getattr(expr, 'shape', None)}; write it with theory.symbols.X and m."
                )
            known = {X, m, n, d, k, t, z, *self.parameters} | state
            known = known.union(*(p.free_symbols | _letters(p) for p in self.parameters))
            unknown = sorted(str(s) for s in expr.free_symbols - known)
            if unknown:
                own = [letter for letter in ("z", "t") if letter in unknown]
                remedy = f"theory.symbols.{own[0]} is another symbol" if own else "add"
                raise ValueError(
                    f"Expected {name} in X, m, t and the parameters "
                    f"{tuple(str(p) for p in self.parameters)} but got {name} with {unknown}; "
                    + (f"{remedy}: take that." if own else "add them to parameters.")
                )
        if self.noise is not None:
            self._check_noise()

    def _check_noise(self) -> None:
        """Refuse noise that this model can't have."""
        if not isinstance(self.noise, Noise):
            raise ValueError(
                f"Expected a theory.Noise or None but got noise={self.noise!r}; write for instance "
                "noise=Noise(0.1)."
            )
        if (self.kind, self.space, len(self.blocks)) != ("flow", "sphere", 1):
            raise ValueError(
                "Expected a flow of tokens alone on the sphere for noise but got a "
                f"{self.kind} of the blocks {[str(b.symbol) for b in self.blocks]} on {self.space} "
                f"with noise={self.noise}; leave noise out."
            )
        letters = {t}.union(*(p.free_symbols for p in self.parameters))
        self.noise.in_model(self.velocity, self.parameters, letters)

    def _settle_blocks(self) -> None:
        """Fill in the one block of most models; with several, keep the velocities as one Dict."""
        blocks = tuple(self.blocks)
        if not blocks or (len(blocks) == 1 and blocks[0].implied):
            space = self.space or "sphere"
            if space not in SPACES:
                raise ValueError(f"Expected space one of {SPACES} but got space={space!r}.")
            blocks = (Block(X, space, implied=True),)
        first, *others = blocks
        if first.symbol != X or first.space not in SPACES:
            raise ValueError(
                f"Expected the tokens X first, on one of {SPACES}, but got blocks={blocks}; "
                'begin with Block(X, "sphere").'
            )
        object.__setattr__(self, "blocks", blocks)
        symbols = [block.symbol for block in self.blocks]
        if len(set(symbols)) < len(symbols):
            raise ValueError(f"Expected each symbol in one block but got blocks={self.blocks}.")
        if self.space not in ("", first.space):
            raise ValueError(
                f"Expected space or blocks but got space={self.space!r} and X in "
                f"{first.space!r}; leave space out."
            )
        object.__setattr__(self, "space", first.space)
        given = self.velocity
        if not isinstance(given, Mapping | Dict):
            if others:
                raise ValueError(
                    f"Expected a velocity for each block but got velocity={given}; write "
                    f"{{{', '.join(f'{block.symbol}: ...' for block in self.blocks)}}}."
                )
            return
        moving = [block.symbol for block in self.blocks if block.moves]
        table = {key: given[key] for key in given}
        if set(table) != set(moving):
            raise ValueError(
                f"Expected velocities of {moving} but got velocity with {sorted(table, key=str)}; "
                "give one for every block that moves."
            )
        velocity = Dict(table) if others else table[X]
        object.__setattr__(self, "velocity", velocity)

    @property
    def velocities(self) -> dict[Any, Any]:
        """The velocity of each block that moves, by its symbol."""
        if not isinstance(self.velocity, Dict):
            return {X: self.velocity}
        return {b.symbol: self.velocity[b.symbol] for b in self.blocks if b.moves}

    def subs(self, values: Mapping[Any, Any], name: str | None = None) -> Model:
        """Replace parameters by expressions, such as ``{"Q": cos(t) * Q}`` or ``{"beta": 4}``.

        The noise, the energy (but for a constant) and the metric are replaced along; a parameter
        made to depend on time, or put where the energy has no value, drops the last two.

        Parameters go by their symbols or names. One that is a matrix also takes numbers, as an
        array, rows or a SymPy matrix: they become `numbers`. A ValueError says what doesn't fit.

        Parameters
        ----------
        values : Mapping
            Expressions by parameter, or by its name.
        name : str, optional
            Name of the new model; that of this one by default.

        Returns
        -------
        Model
            The new model.

        Examples
        --------
        >>> from theory.models import QKV, SA
        >>> SA.subs({"beta": 2}).parameters
        ()
        >>> rotation = [[0, -1], [1, 0]]
        >>> turned = QKV.subs({"V": rotation})
        >>> turned.name, list(turned.numbers)
        ('QKV[V=2x2 numbers]', [V])
        """
        values, numbers, shown = read_values(self.parameters, self.numbers, values)
        timed = any(t in value.free_symbols for value in values.values())
        added: set[Any] = set()
        for value in values.values():
            added |= value.free_symbols - {t, n, d, k}
        kept = [p for p in self.parameters if p not in values or p in added]

        def put(expr: Any) -> Any:
            if isinstance(expr, Dict):
                return Dict({key: put(value) for key, value in expr.items()})
            return None if expr is None else expr.xreplace(values).doit()

        energy = None if timed else energy_at(self.energy, values)
        return replace(
            self,
            name=name or f"{self.name}[{shown}]",
            velocity=put(self.velocity),
            energy=energy,
            metric=None if timed or (energy is None and self.energy) else put(self.metric),
            parameters=(*kept, *sorted(added - set(kept), key=str)),
            noise=None if self.noise is None else self.noise.subs(values),
            numbers=Dict(numbers),
        )

    def formulas(self) -> list[str]:
        """Write the equations of motion, as one token sees them.

        Returns
        -------
        list of str
            LaTeX, an equation each.
        """
        pairs = self.velocities.items()
        return [latex_equation(s, rate, self.kind, self.token_counts) for s, rate in pairs]

    @property
    def token_counts(self) -> tuple[Any, ...]:
        """Sizes that count tokens: n, and the numbers of rows of the other blocks of tokens."""
        rows = [b.symbol.shape[0] for b in self.blocks if b.symbol.shape[1] == X.shape[1]]
        return tuple(dict.fromkeys((n, *rows)))

    @property
    def drift(self) -> Model:
        """The model without its noise: the flow that theorems and deterministic code speak of."""
        return self if self.noise is None else replace(self, noise=None)

    def freeze(self, symbol: Any, name: str | None = None) -> Model:
        """Make a block a constant of the state: it stays where it is, and the energy is dropped.

        Parameters
        ----------
        symbol : MatrixSymbol
            A block other than the tokens X; `swap` names others the tokens.
        name : str, optional
            Of the result.

        Returns
        -------
        Model
            The new model.

        Examples
        --------
        >>> from theory.models import ENCODER_DECODER
        >>> Y = ENCODER_DECODER.blocks[1].symbol
        >>> list(ENCODER_DECODER.freeze(Y).velocities)
        [X]
        """
        self._require_block(symbol, "swap it with another first")
        return replace(
            self,
            name=name or f"{self.name}, {symbol} fixed",
            velocity={s: v for s, v in self.velocities.items() if s != symbol},
            energy=None,
            metric=None,
            blocks=tuple(
                Block(symbol, "constant") if b.symbol == symbol else b for b in self.blocks
            ),
        )

    def swap(self, symbol: Any, name: str | None = None) -> Model:
        """Name the tokens of another block X, and the tokens X by that block's symbol.

        The tokens that were X have equal masses then, and the energy is dropped.

        Parameters
        ----------
        symbol : MatrixSymbol
            A block of rows as long as those of X.
        name : str, optional
            Of the result.

        Returns
        -------
        Model
            The new model.

        Examples
        --------
        >>> from theory.models import ENCODER_DECODER
        >>> Y = ENCODER_DECODER.blocks[1].symbol
        >>> ENCODER_DECODER.swap(Y).velocities[X] == ENCODER_DECODER.velocities[Y].xreplace(
        ...     {Y: X, Y.shape[0]: n}
        ... )
        True
        """
        self._require_block(symbol, "it is X already")
        rows, columns = symbol.shape
        if columns != X.shape[1]:
            raise ValueError(
                f"Expected a block of rows as long as those of X but got symbol={symbol} of shape "
                f"{symbol.shape}."
            )
        renamed = {X: symbol, symbol: X, n: rows, rows: n, m: OneMatrix(rows, 1) / rows}
        parts = [Block(b.symbol.xreplace(renamed), b.space) for b in self.blocks]
        velocities = {s.xreplace(renamed): v.xreplace(renamed) for s, v in self.velocities.items()}
        return replace(
            self,
            name=name or f"{self.name}, X and {symbol} swapped",
            velocity=velocities,
            energy=None,
            metric=None,
            space="",
            blocks=tuple(sorted(parts, key=lambda b: b.symbol != X)),
        )

    def _require_block(self, symbol: Any, remedy: str) -> None:
        others = [block.symbol for block in self.blocks[1:]]
        if symbol not in others:
            raise ValueError(
                f"Expected a further block, one of {others}, but got symbol={symbol}"
                f"{f'; {remedy}' if symbol == X else ''}."
            )

    def __str__(self) -> str:
        """Name and equation."""
        sign = "' =" if self.kind == "flow" else " <-"
        lines = ", ".join(f"{symbol}{sign} {expr}" for symbol, expr in self.velocities.items())
        return f"{self.name}: {lines}{'' if self.noise is None else f', with {self.noise}'}"


def _letters(symbol: Any) -> set[Any]:
    """Return the symbols in the size of a matrix."""
    return set().union(*(sympify(size).free_symbols for size in getattr(symbol, "shape", ())))


@dataclass(frozen=True)
class AttentionForm(Summarised):
    """``x_i' = P_i scale Σ_j m_j kernel(<x_i,x_j>) x_j``, divided by its row sum if normalised.

    ``kernel`` is an expression in ``theory.symbols.z``.

    Parameters
    ----------
    kernel : Expr
        The kernel, in ``theory.symbols.z``.
    normalised : bool
        Whether a row is divided by its sum.
    scale : Expr
        Factor in front, in the symbols of the model.
    """

    kernel: Expr
    normalised: bool
    scale: Expr


@lru_cache(maxsize=256)
def attention_form(model: Model) -> AttentionForm | None:
    """Read a model's velocity as scalar attention with value matrix ``scale·I``, or return None.

    Parameters
    ----------
    model : Model
        A flow of tokens.

    Examples
    --------
    >>> from theory.models import SA, catalogue
    >>> attention_form(SA).normalised, attention_form(catalogue("L2")).kernel
    (True, exp(2*beta*z))
    """
    velocity = model.velocity
    if not isinstance(velocity, Tangent) or velocity.points != X:
        return None
    velocity = on_unit_rows(velocity) if model.space == "sphere" else velocity
    if isinstance(velocity.field, ZeroMatrix):  # nothing moves
        return AttentionForm(S.Zero, False, S.One)
    terms = velocity.field.args if isinstance(velocity.field, MatAdd) else (velocity.field,)
    kernel: Expr = S.Zero
    for term in terms:
        coefficient, product = term.as_coeff_mmul() if isinstance(term, MatMul) else (S.One, term)
        factors: list[Any] = list(product.args) if isinstance(product, MatMul) else [product]
        if factors[-1] != X:
            return None
        head = factors[:-1]
        if len(head) == 1 and type(head[0]) is RowSoftmax and head[0].masses == m:
            scores = head[0].scores
            weights = scores if isinstance(scores, Elementwise) else Elementwise(exp, scores)
            body = exp(scores.body) if weights is scores else weights.body
            if isinstance(scores, ZeroMatrix):  # all weigh alike, as at β = 0
                weights, body = Elementwise(S.One, X * X.T), S.One
            if weights.expr != X * X.T or len(terms) > 1:
                return None
            return AttentionForm(body, True, coefficient)
        if len(head) == 3 and head[2] == DiagMatrix(m) and len(terms) == 1:
            weights = head[1]
            if (
                isinstance(weights, Elementwise)
                and weights.expr == X * X.T
                and head[0] == DiagMatrix(weights * m) ** -1
            ):
                return AttentionForm(weights.body, True, coefficient)
        if len(head) != 2 or head[1] != DiagMatrix(m) or not isinstance(head[0], Elementwise):
            return None
        if head[0].expr != X * X.T:
            return None
        kernel += coefficient * head[0].body
    return AttentionForm(kernel, False, S.One)


def pair_weights(velocity: MatrixExpr) -> MatrixExpr | None:
    """Read the weights W off a velocity ``P_i Σ_j W_ij x_j``, or return None.

    Multiples of a row itself, which the projection takes out, are left out.

    Examples
    --------
    >>> from theory.models import CAUSAL, QKV
    >>> from theory.masks import Mask
    >>> pair_weights(CAUSAL.velocity) == RowSoftmax(beta * X * X.T, m, Mask.causal())
    True
    >>> pair_weights(QKV.velocity) is None
    True
    """
    if not isinstance(velocity, Tangent) or velocity.points != X:
        return None
    terms = velocity.field.args if isinstance(velocity.field, MatAdd) else (velocity.field,)
    weights = []
    for term in terms:
        coefficient, product = term.as_coeff_mmul() if isinstance(term, MatMul) else (S.One, term)
        head = product.args[:-1] if isinstance(product, MatMul) else ()
        if (product.args[-1] if head else product) != X:
            return None
        if head:
            factors = head if coefficient == 1 else (coefficient, *head)
            weights.append(MatMul(*factors) if len(factors) > 1 else head[0])
    if not weights:
        return None
    return MatAdd(*weights) if len(weights) > 1 else weights[0]


def softmax_metric(scores: MatrixExpr) -> MatrixExpr:
    """Row weights ``m_i Z_i`` with ``Z = [e^scores] m``: the metric of (3.12)–(3.14)."""
    return HadamardProduct(m, Elementwise(exp, scores) * m)


def gradient_flow(
    energy: MatrixExpr,
    name: str | None = None,
    flow: str = "wasserstein",
    parameters: tuple[Any, ...] | None = None,
    reference: str = "",
) -> Model:
    """Model that climbs an energy: ``x_i' = P_i (1/m_i) dE/dx_i``, the Wasserstein gradient.

    Parameters
    ----------
    energy : MatrixExpr, shape (1, 1)
        A sum of pair terms and anchor terms (``interaction_energy``, ``anchor_energy``).
    name : str, optional
        Name of the model.
    flow : {"wasserstein", "softmax"}
        ``"softmax"`` divides row i by ``Σ_k m_k h'(<x_i,x_k>)``, as SA does to USA; this needs
        one isotropic pair kernel h with ``h' >= 0`` on [-1, 1] and ``h'(1) > 0``, as a row's sum
        holds the token's own term; all pairs or those of a mask of mutual sight. Where a mask
        keeps tokens from seeing themselves, ``h' > 0``.
    parameters : tuple, optional
        The parameters; by default every free symbol but X, m, n, d, k.
    reference : str
        Equation label.

    Returns
    -------
    Model
        The new model.

    Raises
    ------
    ValueError
        For a term that can't be differentiated, or a softmax flow whose rows may sum to 0.

    Examples
    --------
    >>> from theory.energy import ENERGY
    >>> from theory.models import USA
    >>> gradient_flow(ENERGY).velocity == USA.velocity
    True
    """
    if flow not in ("wasserstein", "softmax"):
        raise ValueError(f"Expected flow 'wasserstein' or 'softmax' but got flow={flow!r}.")
    gradient = energy_gradient(energy)
    if parameters is None:
        free = energy.free_symbols - {X, m, n, d, k, z, t}
        parameters = tuple(sorted(free, key=lambda s: (str(s) != "beta", str(s))))
    if flow == "wasserstein":
        velocity = Tangent(X, _divide_rows(gradient))
        return Model(name or "gradient flow", velocity, energy, m, parameters, reference=reference)
    kernel, mask = pair_kernel(energy), None
    masked = masked_term(energy)
    if masked is not None:
        kernel, mask = masked.kernel, _mutual(masked.mask)
    if kernel is None:
        raise ValueError(
            f"Expected an isotropic pair energy for flow='softmax' but got energy={energy}; "
            "use flow='wasserstein'."
        )
    slope = kernel.diff(z)
    refuse_empty_rows(slope, own=mask is None or mask.everybody_sees_itself)
    weights: Any = Elementwise(slope, X * X.T)
    weights = weights if mask is None else HadamardProduct(mask, weights)
    rate = _exponent(slope)
    attention = (
        RowSoftmax(rate * X * X.T, m, mask) if rate is not None else row_normalised(weights, m)
    )
    return Model(
        name or "softmax flow",
        Tangent(X, attention * X),
        energy,
        HadamardProduct(m, weights * m),
        parameters,
        reference=reference,
    )


def _mutual(mask: Mask) -> Mask:
    """Refuse a mask along which softmax attention climbs no pair energy."""
    if not mask.symmetric:
        raise ValueError(
            f"Expected mutual sight for flow='softmax' but got mask={mask}; use "
            "flow='wasserstein', whose weights are the mean of both directions."
        )
    return mask


def _divide_rows(gradient: MatrixExpr) -> MatrixExpr:
    """``diag(m)^{-1} gradient`` with the masses cancelled in every term."""
    terms = gradient.args if isinstance(gradient, MatAdd) else (gradient,)
    divided = []
    for term in terms:
        coefficient, product = term.as_coeff_mmul() if isinstance(term, MatMul) else (S.One, term)
        factors = list(product.args) if isinstance(product, MatMul) else [product]
        if factors[0] == DiagMatrix(m):
            factors = factors[1:]
        elif factors[0] == m:
            factors[0] = OneMatrix(n, 1)
        else:
            factors = [DiagMatrix(m) ** -1, *factors]
        divided.append(MatMul(coefficient, *factors).doit(deep=False))  # a gradient's own factors
    return MatAdd(*divided).doit() if len(divided) > 1 else divided[0]


def _exponent(kernel: Expr) -> Expr | None:
    """Rate a of a kernel ``c e^{az}`` with c > 0 free of z, or None."""
    parts = exponential_parts(kernel)
    return parts[1] if parts is not None and parts[0].is_positive else None
