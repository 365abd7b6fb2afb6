"""A function of yours, ``f(points, t) -> velocity``, as a field that can be integrated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sympy import Expr

from numerics.arguments import FloatArray, check_choice, shown
from numerics.compile import is_foreign, namespace
from theory.summaries import Summarised
from theory.symbols import t as TIME


@dataclass(frozen=True)
class FunctionModel:
    """What is known of a function: its name and where its points live; no energy, no expression."""

    name: str
    space: str
    kind: str = "flow"
    energy: None = None
    parameters: tuple[Any, ...] = ()
    velocity: Expr = TIME
    """Only says that the velocity may depend on time."""


@dataclass(frozen=True)
class FunctionField(Summarised):
    """A function of points and time as a field: what `integrate` and `ensemble` make of one.

    On the sphere the values are projected to the tangent spaces, ``P_i f_i``: what points along a
    row is taken out. How the rounding of the function adds up isn't known, nor is its energy.

    Parameters
    ----------
    function : callable
        ``f(points, t)``, from shape (..., n, d) to the velocity of that shape, for each system of
        the leading axes alone. `ensemble`, whose systems are at different times, gives t of shape
        (k, 1, 1) beside points of shape (k, n, d).
    space : {"sphere", "euclidean"}
        Where the points live.

    Examples
    --------
    All tokens to the north, at any speed a function may have:

    >>> north = FunctionField(lambda x, t: (1 + t) * np.array([0.0, 1.0]))
    >>> north([[1.0, 0.0]], t=1.0).tolist()
    [[0.0, 2.0]]
    """

    function: Callable[[Any, Any], Any]
    space: str = "sphere"
    model: FunctionModel = field(init=False, repr=False)

    backend = "plain"
    threads = 1
    masses = None
    precise = False

    def __post_init__(self) -> None:
        """Refuse what can't be called."""
        if not callable(self.function):
            raise TypeError(
                f"Expected a function f(points, t) but got function={shown(self.function)}; "
                "write for instance lambda x, t: -x."
            )
        check_choice(self.space, "space", ("sphere", "euclidean"), "leave it out for 'sphere'")
        name = getattr(self.function, "__qualname__", type(self.function).__name__)
        object.__setattr__(self, "model", FunctionModel(name, self.space))

    @property
    def parameters(self) -> dict[str, Any]:
        """None: a function has bound its own."""
        return {}

    def __call__(self, points: Any, t: Any = 0.0) -> Any:
        """Velocity at the points, with what the function returns checked.

        Raises
        ------
        ValueError
            For a function that fails, a velocity of another shape, or one that isn't real and
            finite.
        """
        x = points if is_foreign(points) else np.asarray(points, dtype=np.float64)
        try:
            self.function(x, t)
        except Exception as error:  # the user's code may raise whatever it likes
            raise ValueError(
                f"Expected a function f(points, t) but got {self.model.name}, which fails at "
                f"points of shape {tuple(x.shape)} ({type(error).__name__}: {error}); write for "
                "instance lambda x, t: -x."
            ) from error
        velocity = self.unchecked(x, t)
        xp = namespace(velocity)
        if not bool(xp.all(xp.isfinite(velocity))):
            raise ValueError(
                f"Expected a finite velocity but got NaN or infinity from {self.model.name} at "
                f"t={shown(t)}; look at its value there."
            )
        return velocity

    def unchecked(self, points: Any, t: Any = 0.0) -> Any:
        """Velocity, projected to the tangent spaces on the sphere.

        Parameters
        ----------
        points : object
            Tokens as unit rows.
        t : object, optional
            Time.

        Returns
        -------
        object
            The velocity, shape (..., n, d).
        """
        value = self.function(points, t)
        velocity = value if is_foreign(value) else self._array(value)
        if velocity.shape != points.shape:
            try:
                velocity = np.broadcast_to(velocity, points.shape)
            except ValueError:
                raise ValueError(
                    f"Expected a velocity of shape {tuple(points.shape)} but got "
                    f"{self.model.name}(points, t) of shape {tuple(velocity.shape)}; return one "
                    "row for each token."
                ) from None
        if self.space == "euclidean":
            return velocity
        along = namespace(points).sum(velocity * points, axis=-1, keepdims=True)
        return velocity - along * points

    def _array(self, value: Any) -> FloatArray:
        array = np.asarray(value)
        if array.dtype.kind not in "iuf":
            raise ValueError(
                f"Expected a velocity of real numbers but got {self.model.name}(points, t) of "
                f"dtype {array.dtype}; return an array of floats."
            )
        return array.astype(np.float64, copy=False)

    def scaled(self, points: Any, t: Any = 0.0) -> tuple[Any, Any]:
        """Velocity over e^0: a function has no clock of its own.

        Parameters
        ----------
        points : object
            Tokens as unit rows.
        t : object, optional
            Time.

        Returns
        -------
        tuple[Any, Any]
            The velocity, and a log_scale of 0.
        """
        xp = namespace(points)
        velocity = self.unchecked(points, t)
        return velocity, xp.zeros(points.shape[:-2])

    def log_energy(self, points: Any, t: float = 0.0) -> Any:
        """Refuse: a function has no energy.

        Parameters
        ----------
        points : object
            Tokens as unit rows.
        t : float, optional
            Time.

        Raises
        ------
        ValueError
            Always.
        """
        raise ValueError(
            f"Expected a model for log_energy but got the function {self.model.name}, whose energy "
            "isn't known; integrate a model."
        )
