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
    drift : VelocityField
        The model without its noise.
    rows : VelocityField or None
        The rows y_i that a noisy V multiplies.
    strength : callable
        κ of each system at a time, from the values of the parameters.
    """

    noise: Noise
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
        drift = compile_model(model.drift, masses=masses, backend=backend, **parameters)
        rows = None
        if noise.on is not None:
            carried = replace(
                model.drift,
                name=f"rows that {noise.on} multiplies",
                velocity=carried_rows(model.velocity, noise.on),
                energy=None,
                metric=None,
            )
            rows = compile_model(carried, masses=masses, backend=backend, **parameters)
        scalars = [p for p in model.parameters if not isinstance(p, MatrixSymbol)]
        return cls(noise, drift, rows, sp.lambdify([*scalars, time], noise.strength, "numpy"))

    def kappa(self, t: float) -> FloatArray:
        """Strength κ at a time, a number or shape (systems, 1, 1)."""
        scalars = [p for p in self.drift.model.parameters if not isinstance(p, MatrixSymbol)]
        known = dict(zip(self.drift.model.parameters, self.drift.values(t), strict=True))
        kappa = np.asarray(self.strength(*(known[p] for p in scalars), t), dtype=np.float64)
        if not np.all(np.isfinite(kappa) & (kappa >= 0)):
            raise ValueError(
                f"Expected a strength κ >= 0 but got {self.noise.strength} = "
                f"{float(np.min(kappa))!r} at t={t}; give other parameters."
            )
        return kappa

    def part(self, systems: IntArray) -> Driven:
        """Bind the parameters of some of the systems of a flat batch."""
        drift = _part(self.drift, systems)
        rows = None if self.rows is None else _part(self.rows, systems)
        return replace(self, drift=drift, rows=rows)

    def velocity(self, points: FloatArray, rough: float) -> Velocity:
        """Say who evaluates the drift at points (systems, n, d), up to errors that are `rough`."""
        field = self.drift
        if len(points) == 1:
            chosen = choose(field, points[0], rough, "auto")
            if isinstance(chosen, FastField):
                return lambda x, t: chosen.unchecked(x[0], t)[None]
        return field.unchecked


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

    rows = None if driven.rows is None else flat(driven.rows)
    return replace(driven, drift=flat(driven.drift), rows=rows)
