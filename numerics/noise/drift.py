"""The parts of a noisy model that are evaluated in a step: drift, noisy rows, strength of noise.

All are compiled from the model's expressions. Sums over pairs are taken by whom is quickest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike
from sympy import MatrixSymbol

from numerics.arguments import FloatArray, IntArray
from numerics.compile import VelocityField, compile_model
from numerics.fastsum import FastField, choose
from theory.models import Model
from theory.noise import Noise, carried_rows
from theory.symbols import t as time

Velocity = Callable[[FloatArray, float], FloatArray]


@dataclass(frozen=True)
class Driven:
    """A noisy model with its parameters bound, for a flat batch of systems.

    Attributes
    ----------
    noise : Noise
    bound : VelocityField
        The model without its noise, with all parameters.
    drift : VelocityField
        The same with the parameters of the velocity alone.
    rows : VelocityField or None
        The rows y_i that a noisy V multiplies.
    strength : callable
        κ of each system at a time, from the values of the parameters.
    """

    noise: Noise
    bound: VelocityField
    drift: VelocityField
    rows: VelocityField | None
    strength: Callable[..., Any]

    @classmethod
    def of(
        cls, model: Model, masses: ArrayLike | None, backend: str, parameters: dict[str, Any]
    ) -> Driven:
        """Compile a model with noise."""
        noise = model.noise
        assert noise is not None  # asked before
        bound = compile_model(model.drift, masses=masses, backend=backend, **parameters)
        used = tuple(p for p in model.parameters if p in model.velocity.free_symbols)
        alone = replace(model.drift, energy=None, metric=None, parameters=used)
        named = {str(p): parameters[str(p)] for p in used}
        drift = compile_model(alone, masses=masses, backend=backend, **named)
        rows = None
        if noise.on is not None:
            name = f"rows that {noise.on} multiplies"
            carried = replace(alone, name=name, velocity=carried_rows(model.velocity, noise.on))
            rows = compile_model(carried, masses=masses, backend=backend, **named)
        letters = [p for p in model.parameters if not isinstance(p, MatrixSymbol)]
        strength = sp.lambdify([*letters, time], noise.strength, "numpy")
        return cls(noise, bound, drift, rows, strength)

    def kappa(self, t: float) -> FloatArray:
        """Strength κ at a time, a number or shape (systems, 1, 1)."""
        pairs = zip(self.bound.model.parameters, self.bound.values(t), strict=True)
        known = (value for symbol, value in pairs if not isinstance(symbol, MatrixSymbol))
        kappa = np.asarray(self.strength(*known, t), dtype=np.float64)
        if not np.all(np.isfinite(kappa) & (kappa >= 0)):
            raise ValueError(
                f"Expected a strength κ >= 0 but got {self.noise.strength} = "
                f"{float(np.min(kappa))!r} at t={t}; give other parameters."
            )
        return kappa

    def part(self, systems: IntArray) -> Driven:
        """Bind the parameters of some of the systems of a flat batch."""
        return self.each(lambda field: _part(field, systems))

    def each(self, change: Callable[[VelocityField], VelocityField]) -> Driven:
        """Change every field."""
        return replace(
            self,
            bound=change(self.bound),
            drift=change(self.drift),
            rows=None if self.rows is None else change(self.rows),
        )

    def velocity(self, points: FloatArray, rough: float) -> Velocity:
        """Say who evaluates the drift at points (systems, n, d), up to errors that are `rough`."""
        chosen = choose(self.drift, points[0], rough, "auto")
        if len(points) == 1 and isinstance(chosen, FastField):
            return lambda x, t: chosen.unchecked(x[0], t)[None]
        if points.shape[-1] == 2 and self.drift.backend != "plain":
            n = points.shape[1]
            try:
                fast = choose(self.drift, points[0], rough, "fast")
            except ValueError:
                return self.drift.unchecked
            if isinstance(fast, FastField) and n >= 3 * fast.modes() and points.size * n >= 1 << 18:
                return fast.of_systems
        return self.drift.unchecked


def _part(field: VelocityField, systems: IntArray) -> VelocityField:
    values = {
        name: value[systems] if not callable(value) and np.ndim(value) == 3 else value
        for name, value in field.parameters.items()
    }
    masses = field.masses
    return replace(
        field,
        parameters=values,
        masses=masses[systems] if masses is not None and masses.ndim == 2 else masses,
    )


def flattened(driven: Driven, batch: tuple[int, ...]) -> Driven:
    """Write the parameters of a batch of systems with one axis for all of them."""

    def flat(field: VelocityField) -> VelocityField:
        values = {
            name: np.broadcast_to(value, (*batch, *value.shape[-2:])).reshape(-1, *value.shape[-2:])
            if not callable(value) and np.ndim(value) > 2
            else value
            for name, value in field.parameters.items()
        }
        masses = field.masses
        if masses is not None and masses.ndim > 1:
            masses = np.broadcast_to(masses, (*batch, masses.shape[-1]))
            masses = masses.reshape(-1, masses.shape[-1])
        return replace(field, parameters=values, masses=masses)

    return driven.each(flat)
