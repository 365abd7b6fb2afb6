"""Ensembles of a function of yours: systems at times of their own, in the array loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numerics import sphere
from numerics.arguments import FloatArray, IntArray, check_choice
from numerics.ensembles.problem import Problem, check_times
from numerics.functions import FunctionField
from numerics.stepping import ArrayVelocity


@dataclass(frozen=True, eq=False)
class FunctionProblem(Problem):
    """A checked call for a function: nothing is bound anew for some systems."""

    def velocities(self, rows: IntArray) -> tuple[ArrayVelocity, ArrayVelocity | None]:
        """Velocity of some systems, each at a time of its own."""
        shape = self.points.shape[-2:]

        def velocity(t: FloatArray, x: FloatArray) -> tuple[FloatArray, Any]:
            v = self.field.unchecked(x.reshape(-1, *shape), t[:, None, None])
            return v.reshape(x.shape), 0.0

        return velocity, None


def checked_function(
    function: Any,
    points: ArrayLike,
    t_eval: ArrayLike,
    rtol: float,
    masses: ArrayLike | None,
    backend: str | None,
    parameters: dict[str, Any],
) -> FunctionProblem:
    """Check the arguments of `ensemble` for a function ``f(points, t)``."""
    field = function if isinstance(function, FunctionField) else FunctionField(function)
    given = [*parameters, *([] if masses is None else ["masses"])]
    if given:
        raise TypeError(
            f"Expected no parameters beside a function but got {', '.join(given)}; bind them "
            "inside the function."
        )
    if backend is not None:
        check_choice(backend, "backend", ("numpy",), "a function of yours runs in NumPy")
    x = np.asarray(sphere.check_points(points, space=field.space), dtype=np.float64)
    if field.space == "sphere":
        x = sphere.project(x)
    times = check_times(t_eval, "t_eval", rtol)
    _check_apart(field, x)
    return FunctionProblem(
        field=field,
        points=x,
        basis=None,
        batch=x.shape[:-2],
        times=times,
        rtol=float(rtol),
        backend="numpy",
        attractive=False,
    )


def _check_apart(field: FunctionField, points: FloatArray) -> None:
    """Refuse a function that doesn't take batches, or lets one system see another."""
    systems = points.reshape(-1, *points.shape[-2:])[:2]
    if not len(systems):
        return
    zero = np.zeros((len(systems), 1, 1))
    together = field(systems, zero)
    alone = np.concatenate([field(systems[k : k + 1], zero[:1]) for k in range(len(systems))])
    scale = float(np.max(np.abs(alone), initial=0.0))
    if not np.allclose(together, alone, rtol=1e-9, atol=1e-9 * scale):
        raise ValueError(
            f"Expected a function that treats each system by itself but got {field.model.name}, "
            "whose velocity of a system changes with the others beside it; sum over axis -2, the "
            "tokens, not over axis 0."
        )
