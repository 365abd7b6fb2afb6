"""Models whose state has several blocks, compiled for arrays: a state is a mapping by symbol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sympy import MatrixSymbol, Symbol

from numerics.arguments import FloatArray, as_float, check_finite, first_true, row_name, shown
from numerics.compile.printer import compiled_function, on_sphere
from numerics.compile.values import bound_value, check_time
from numerics.fused import Parted, parted
from numerics.sphere import check_points, project
from theory.blocks import Block
from theory.models import Model
from theory.summaries import Tabled
from theory.symbols import X, d, m, n

State = dict[str, FloatArray]
"""Value of each block by the name of its symbol."""


@dataclass(frozen=True)
class SystemField(Tabled):
    """A model of several blocks with its parameters bound. Made by ``compile_model``.

    Parameters
    ----------
    model : Model
        The model it was printed from.
    parameters : Mapping
        Value of each parameter by name; a callable is a function of time.
    masses : ndarray or None
        Masses of shape (n,) or (batch, n), or None for 1/n; None where the masses are a block.
    backend : str
        Who evaluates attention, see :func:`compile_model`.
    threads : int
        Threads of a fused pass.
    """

    _shown = ("model", "parameters", "masses", "backend")
    _spread = ("model", "parameters", "masses")

    model: Model
    parameters: Mapping[str, Any]
    masses: FloatArray | None
    backend: str = "numpy"
    threads: int = 1

    def __call__(self, state: Mapping[str, Any], t: float = 0.0) -> State:
        """Velocity of every block that moves.

        Parameters
        ----------
        state : mapping from name to array_like
            A value for each block: unit rows, positive numbers and so on, see `Block`. A column
            may be given with the shape (..., n).
        t : float
            Time.

        Returns
        -------
        dict
            The velocity of each block that moves, of the block's shape.

        Raises
        ------
        ValueError
            For a missing or unknown block, a wrong shape, or values outside the block's space.
        OverflowError
            When a velocity can't be represented.
        """
        checked = self.checked(state)
        check_time(t)
        velocity = self.unchecked(checked, t)
        for name, value in velocity.items():
            if not np.all(np.isfinite(value)):
                raise OverflowError(
                    f"Expected a representable velocity but got an overflow in block {name}; "
                    "use smaller parameters."
                )
        return velocity

    def unchecked(self, state: Mapping[str, Any], t: Any = 0.0) -> State:
        """Velocity of every block that moves, without validation.

        Attention on the sphere is summed once, in a fused pass, however often it occurs.

        Parameters
        ----------
        state : Mapping
            Block by name: an array each.
        t : object, optional
            Time.

        Returns
        -------
        State
            Velocity by block.
        """
        parts = self._parted
        given = parts.values(
            lambda expr: self._evaluate(expr, state, t),
            state["X"],
            state["m"][..., 0] if "m" in state else self.masses,
            self.backend,
            self.threads,
        )
        return {
            symbol.name: self._evaluate(expr, state, t, given)
            for symbol, expr in zip(self.model.velocities, parts.rest, strict=True)
        }

    def energy(self, state: Mapping[str, Any], t: float = 0.0) -> FloatArray:
        """Energy of a state, shape (...).

        Parameters
        ----------
        state : Mapping
            Block by name: an array each.
        t : float, optional
            Time.

        Returns
        -------
        ndarray
            The energy, shape (...).

        Raises
        ------
        ValueError
            When the model has no energy.
        """
        if self.model.energy is None:
            raise ValueError(
                f"Expected a model with an energy but got model={self.model.name}; "
                "give Model an energy, or use another observable."
            )
        check_time(t)
        return np.asarray(self._evaluate(self.model.energy, self.checked(state), t)[..., 0, 0])

    def checked(self, state: Mapping[str, Any]) -> State:
        """Validate a state: every block there, of its shape, in its space.

        Parameters
        ----------
        state : Mapping
            Block by name: an array each.

        Returns
        -------
        State
            The state, as arrays of the right shapes.
        """
        state = self._named(state)
        sizes: dict[Any, tuple[str, int]] = {}
        if self.masses is not None:
            sizes[n] = ("masses", self.masses.shape[-1])
        found = {}
        for block in self.model.blocks:
            name = str(block.symbol)
            array = _column(as_float(state[name], name), block)
            _check_shape(array, block, sizes)
            check_finite(array, name)
            found[name] = _in_space(array, block)
        self._check_matrices(sizes)
        self._check_batches(found)
        return found

    def _named(self, state: Any) -> Mapping[str, Any]:
        """Blocks by name, all of them; symbols are taken for their names."""
        names = [str(block.symbol) for block in self.model.blocks]
        written = f"write {{{', '.join(f'{name!r}: ...' for name in names)}}}."
        if not isinstance(state, Mapping):
            raise ValueError(
                f"Expected a state with the blocks {names} but got {shown(state)}; {written}"
            )
        given = {str(key): value for key, value in state.items()}
        missing = [name for name in names if name not in given]
        unknown = [name for name in given if name not in names]
        if missing or unknown:
            told = [f"add {missing}"] * bool(missing) + [f"drop {unknown}"] * bool(unknown)
            raise ValueError(
                f"Expected a state with the blocks {names} but got {sorted(given)}; "
                f"{', '.join(told)}: {written}"
            )
        return given

    def _check_matrices(self, sizes: Mapping[Any, tuple[str, int]]) -> None:
        """Refuse parameters that don't fit the blocks, such as Q (2, 3) for tokens in R^4."""
        for parameter, value in zip(self.model.parameters, self.values(0.0), strict=True):
            if not isinstance(parameter, MatrixSymbol):
                continue
            for symbol, size in zip(parameter.shape, np.shape(value)[-2:], strict=True):
                owner, expected = sizes.get(symbol, ("", size))
                if expected != size:
                    raise ValueError(
                        f"Expected {parameter} of shape {tuple(parameter.shape)} with {symbol}="
                        f"{expected} of {owner} but got {parameter} of shape {np.shape(value)}."
                    )

    def batches(self, state: Mapping[str, Any], t: float = 0.0) -> list[tuple[int, ...]]:
        """Leading axes of the blocks, the masses and the parameters.

        Parameters
        ----------
        state : Mapping
            Block by name: an array each.
        t : float, optional
            Time.

        Returns
        -------
        list[tuple of int]
            Shapes of the leading axes.
        """
        shapes = [np.shape(value)[:-2] for value in (*state.values(), *self.values(t))]
        return shapes if self.masses is None else [*shapes, self.masses.shape[:-1]]

    def _check_batches(self, state: State) -> None:
        """Refuse leading axes that don't broadcast."""
        shapes = self.batches(state)
        try:
            np.broadcast_shapes(*shapes)
        except ValueError as error:
            raise ValueError(
                f"Expected leading axes that broadcast but got {shapes} of the blocks "
                f"{list(state)}, the parameters and the masses; give each the shape of the batch, "
                "or none."
            ) from error

    def values(self, t: Any) -> list[Any]:
        """Return the values of the model's parameters at a time, in their order.

        Parameters
        ----------
        t : object
            Time.

        Returns
        -------
        list of Any
            An entry a parameter.
        """
        pairs = [(p, self.parameters[p.name]) for p in self.model.parameters]
        return [bound_value(p, value(t)) if callable(value) else value for p, value in pairs]

    def _evaluate(
        self, expr: Any, state: Mapping[str, Any], t: Any, given: Mapping[Any, Any] | None = None
    ) -> FloatArray:
        """Evaluate an expression in all blocks; what has no batch axis is shared."""
        points = state["X"]
        masses = state.get("m", self._masses(points.shape[-2]))
        symbols = {symbol: state[symbol.name] for symbol in self._others}
        symbols |= {symbol: self._size(symbol, state) for symbol in self._sizes}
        symbols |= given or {}
        function = compiled_function(on_sphere(expr), (*symbols, *self.model.parameters))
        values = *symbols.values(), *self.values(t)
        # What overflows is told by the caller's finiteness check, not by a warning.
        with np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore"):
            value = function(points, masses, t, *values, 0.0, *points.shape[-2:], np)
        return np.asarray(value, dtype=np.float64)

    @cached_property
    def _parted(self) -> Parted:
        velocities = tuple(self.model.velocities.values())
        plain = self.backend == "plain" or self.model.space != "sphere"
        return Parted(velocities, ()) if plain else parted(velocities)

    @cached_property
    def _others(self) -> tuple[Any, ...]:
        return tuple(b.symbol for b in self.model.blocks if b.symbol not in (X, m))

    @cached_property
    def _sizes(self) -> tuple[Any, ...]:
        free = {s for symbol in self._others for s in symbol.shape if isinstance(s, Symbol)}
        return tuple(sorted(free - {n, d}, key=str))

    def _size(self, symbol: Any, state: Mapping[str, Any]) -> int:
        for other in self._others:
            for axis in (0, 1):
                if other.shape[axis] == symbol:
                    return int(state[str(other)].shape[axis - 2])
        raise KeyError(symbol)  # it is in the shape of a block

    def _masses(self, count: int) -> FloatArray:
        return np.full((count, 1), 1.0 / count) if self.masses is None else self.masses[..., None]


def _column(array: FloatArray, block: Block) -> FloatArray:
    """Give a column its last axis where it was left out."""
    single = block.symbol.shape[1] == 1
    return array[..., None] if single and (array.ndim == 1 or array.shape[-1:] != (1,)) else array


def _check_shape(array: FloatArray, block: Block, sizes: dict[Any, tuple[str, int]]) -> None:
    name = str(block.symbol)
    if array.ndim < 2:
        raise ValueError(
            f"Expected {name} of shape (..., {block.symbol.shape[0]}, {block.symbol.shape[1]}) but "
            f"got {name} of shape {array.shape}."
        )
    for symbol, size in zip(block.symbol.shape, array.shape[-2:], strict=True):
        if symbol.is_Integer:
            fits, against = int(symbol) == size, f"{symbol}"
        else:
            owner, expected = sizes.setdefault(symbol, (name, size))
            fits, against = expected == size, f"{symbol}={expected} of {owner}"
        if not fits:
            raise ValueError(
                f"Expected {name} of shape {tuple(block.symbol.shape)} with {against} but got "
                f"{name} of shape {array.shape}."
            )


def _in_space(array: FloatArray, block: Block) -> FloatArray:
    name = str(block.symbol)
    if block.space == "sphere":
        return project(check_points(array, name))
    if block.space in ("positive", "simplex") and not np.all(array > 0):
        place = first_true(~(array[..., 0] > 0))
        raise ValueError(
            f"Expected {name} positive but got {row_name(name, place)}="
            f"{float(array[..., 0][place])!r}; a {block.space} block holds numbers > 0."
        )
    return array
