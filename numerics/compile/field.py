"""The velocity field: a model compiled for arrays, with its parameters bound.

Velocity, scaled velocity, energy and its logarithm, all printed from the model's expressions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, reduce
from typing import Any, Literal

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike
from sympy import MatAdd, MatMul, MatrixSymbol
from sympy.matrices.expressions import MatrixExpr

from numerics.arguments import FloatArray
from numerics.compile.array_namespace import check_foreign_points, is_foreign, namespace
from numerics.compile.energies import Systems, energy_sum, log_pair_sum
from numerics.compile.printer import LogPairSum, compiled_function, on_sphere
from numerics.compile.scaled import scaled_of
from numerics.compile.values import bound_value, check_time, evaluating
from numerics.fused import FusedForm, Parted, differences, evaluate, parted, recognise
from numerics.pulls import pull_sums, tangent_pulls
from numerics.sphere import SPHERE_TOLERANCE, check_points
from theory.atoms import Elementwise, Tangent
from theory.bounded import exponential_parts
from theory.energy import energy_terms, pair_energy, pair_term, pole_free
from theory.models import Model, attention_form, pair_weights
from theory.summaries import Tabled
from theory.symbols import X, d, m, n

_FLOAT64 = np.dtype(np.float64)


@dataclass(frozen=True)
class VelocityField(Tabled):
    """A model compiled for arrays, with its parameters bound. Made by :func:`compile_model`.

    Parameters
    ----------
    model : Model
        The model it was printed from.
    parameters : Mapping
        Value of each parameter by name; a callable is a function of time.
    masses : ndarray or None
        Masses of shape (n,) or (batch, n), or None for 1/n.
    backend : str
        Who evaluates the velocity, see :func:`compile_model`.
    source : str
        The printed array code of the velocity.
    threads : int
        Threads of a fused kernel.
    precise : bool
        Whether the velocity is always summed by differences.
    """

    _shown = ("model", "parameters", "masses", "backend", "precise")
    _spread = ("model", "parameters", "masses")

    model: Model
    parameters: Mapping[str, Any]
    masses: FloatArray | None
    backend: str = "numpy"
    source: str = field(default="", repr=False)
    threads: int = 1
    precise: bool = False

    def __call__(self, points: ArrayLike, t: float = 0.0) -> FloatArray:
        """Velocity (flow) or next layer (map) at the points.

        Parameters
        ----------
        points : array_like, shape (..., n, d)
            Unit rows on the sphere; any finite rows for a Euclidean model. An array of PyTorch,
            JAX or CuPy stays where it is and keeps its precision (needs the extra ``array``).
            Inside ``jax.jit``, ``grad`` and ``vmap`` call ``unchecked``: there is nothing to
            validate yet.
        t : float

        Returns
        -------
        array, shape (..., n, d)
            Of the library of the points.

        Raises
        ------
        ValueError
            For points of a wrong shape, not finite or off the sphere.
        OverflowError
            When the velocity can't be represented; use ``scaled`` or ``numerics.coarsen``.
        """
        check_time(t)
        velocity = self.unchecked(self.checked(points), t)
        self._representable(velocity)
        return velocity

    def _representable(self, velocity: Any) -> None:
        """Refuse a velocity with infinities."""
        if not bool((xp := namespace(velocity)).all(xp.isfinite(velocity))):
            raise OverflowError(
                "Expected a representable velocity but got an overflow at "
                f"{self._described()}; call scaled(points) or numerics.coarsen."
            )

    def unchecked(self, points: Any, t: float = 0.0) -> Any:
        """Velocity without validation: what integrators and benchmarks call.

        SA, USA and their repulsive twins run in the kernels of `numerics.fused`, and so does
        attention inside other velocities, also under a mask, unless the backend is "plain".

        Parameters
        ----------
        points : object
            Tokens as unit rows.
        t : float, optional
            Time.

        Returns
        -------
        object
            The velocity, shape (..., n, d); of float32 in float32, summed in doubles.
        """
        if isinstance(points, np.ndarray) and points.dtype in (np.float32, np.float16):
            # the kernels are for doubles: two copies cost less than the plain print
            return self.unchecked(points.astype(_FLOAT64), t).astype(points.dtype)
        if self.precise:
            return self.unchecked_differences(points, t)[0]
        form = self._fused_for(points)
        if form is None:
            return self._in_passes(points, t)
        beta = self._value(form.parameter, form.name, t)
        return evaluate(form, points, beta, self.masses, self.backend, self.threads)

    def differences(self, points: ArrayLike, t: float = 0.0) -> tuple[FloatArray, FloatArray]:
        """Velocity by differences, without the self term, and how large the pulls are.

        Where a row's own weight drowns its neighbours' the plain velocity is rounding; this one
        errs, in the tangent space, by at most ``16 (1 + |β|) eps`` of the largest pull, against
        exact arithmetic at the points divided by their lengths (see `numerics.pulls`). Of a kernel
        that isn't exponential the weights count as they are printed.

        Parameters
        ----------
        points : array_like
            Tokens as unit rows.
        t : float, optional
            Time.

        Returns
        -------
        velocity : array, shape (..., n, d)
            The velocity, shape (..., n, d), and the size of the pulls, shape (..., n).
        pull : array, shape (...)
            ``max_i Σ_{j≠i} |w_ij| |p_ij|`` with w the weights as used and p_ij = P_i x_j.

        Raises
        ------
        ValueError
            For points as in a call, and for a model that isn't ``P_i Σ_j w_ij x_j``.
        OverflowError
            When the velocity can't be represented; use ``scaled``.

        Examples
        --------
        >>> from numerics import compile_model
        >>> from theory import SA
        >>> gap = 1e-12
        >>> velocity, pull = compile_model(SA, beta=1.0).differences([[1.0, 0.0], [1.0, gap]])
        >>> float(velocity[0, 1]) == float(pull) == gap / 2
        True
        """
        array = self.checked(points)
        check_time(t)
        velocity, pull = self.unchecked_differences(array, t)
        self._representable(velocity)
        return velocity, pull

    def unchecked_differences(self, points: Any, t: float = 0.0) -> tuple[Any, Any]:
        """``differences`` without validation of the points.

        Parameters
        ----------
        points : object
            Tokens as unit rows.
        t : float, optional
            Time.

        Returns
        -------
        tuple[Any, Any]
            As `differences` returns them.
        """
        return self.scaled_differences(points, t, 0.0)[:2]

    def scaled_differences(
        self, points: Any, t: float, scale: float | Literal["largest"]
    ) -> tuple[Any, Any, Any]:
        """Take differences without validation as ``e^log_scale``·u and ·pull.

        log_scale is `scale`, or that of the largest weight; 0 where no weight can overflow.

        Parameters
        ----------
        points : object
            Tokens as unit rows.
        t : float
            Time.
        scale : float or "largest"
            Logarithm of the scale; "largest" takes that of the largest weight.

        Returns
        -------
        u : array, shape (..., n, d)
            The velocity and the pulls, scaled, and log_scale.
        pull, log_scale : array, shape (...)
            The velocity and the pulls, scaled, and log_scale.
        """
        form = self._fused_for(points)
        if form is not None:
            beta = self._value(form.parameter, form.name, t)
            return differences(form, points, beta, self.masses, self.backend, self.threads, scale)
        log_scale = namespace(points).zeros(points.shape[:-2])
        expression, shift = self.model.velocity, 0.0
        if scale != 0.0 and scaled_of(expression).exponents:
            if scale == "largest":
                shift, log_scale = self._shift(points, t)
            else:
                shift, log_scale = scale, log_scale + scale
            expression = scaled_of(expression).velocity
        return (*self._pulls(expression, points, t, shift), log_scale)

    def slowed(self, points: Any, t: float, log_rate: float) -> Any:
        """Velocity over e^log_rate, without validation.

        The largest weight of `scaled` may be a token's own, beside which all others vanish.

        Parameters
        ----------
        points : object
            Tokens as unit rows.
        t : float
            Time.
        log_rate : float
            Natural logarithm of the rate.

        Returns
        -------
        object
            The slowed velocity, shape (..., n, d).
        """
        scaled = scaled_of(self.model.velocity)
        if not scaled.exponents:
            return math.exp(-log_rate) * self.unchecked(points, t)
        return self._evaluate(scaled.velocity, points, t, log_rate)

    def _shift(self, points: Any, t: float) -> tuple[Any, Any]:
        """Largest exponent of the weights of each system, shapes (..., 1, 1) and (...)."""
        scaled, xp = scaled_of(self.model.velocity), namespace(points)
        tops = [
            xp.max(self._evaluate(exponent, points, t), axis=(-2, -1), keepdims=True)
            for exponent in scaled.exponents
        ]
        shift = reduce(xp.maximum, tops)
        if scaled.floor:
            shift = xp.maximum(shift, xp.zeros_like(shift))
        return shift, shift[..., 0, 0] + xp.zeros(points.shape[:-2])

    @cached_property
    def has_differences(self) -> bool:
        """Whether the model is ``P_i Σ_j w_ij x_j``, which differences need."""
        flow = self.model.space == "sphere" and self.model.kind == "flow"
        return flow and pair_weights(self.model.velocity) is not None

    def weight_bound(self, points: Any, t: float = 0.0) -> Any:
        """``max_i Σ_j |w_ij|``, shape (...): what the rounding of the plain velocity scales with.

        Of a model that isn't ``P_i Σ_j w_ij x_j``: the largest row before the projection. Points
        are not validated.

        Parameters
        ----------
        points : object
            Tokens as unit rows.
        t : float, optional
            Time.

        Returns
        -------
        object
            The bound, shape (...).
        """
        form = self._fused_for(points)
        if form is not None and form.normalised:
            return np.ones(points.shape[:-2])
        expression = self.model.velocity
        weights = pair_weights(expression) if self.has_differences else None
        xp = namespace(points)
        if weights is not None:
            return xp.max(xp.sum(xp.abs(self._evaluate(weights, points, t)), axis=-1), axis=-1)
        inner = expression.field if isinstance(expression, Tangent) else expression
        rows = self._evaluate(inner, points, t)
        return xp.max(xp.sqrt(xp.sum(rows * rows, axis=-1)), axis=-1)

    def weight_limit(self, t: float = 0.0, log_scale: float = 0.0) -> Any:
        """``max_i Σ_j |w_ij|`` over e^log_scale wherever the points are, shape (...) or a number.

        Of a model that isn't scalar attention: the norm of its value matrix V, or 1.

        Parameters
        ----------
        t : float, optional
            Time.
        log_scale : float, optional
            Logarithm of the scale.

        Returns
        -------
        object
            The limit, shape (...) or a number.
        """
        total: Any = 1.0 if self.masses is None else np.sum(self.masses, axis=-1)
        form = recognise(self.model)
        if form is not None and not form.normalised:
            steep = np.abs(self._value(form.parameter, form.name, t))
            largest = np.exp(np.minimum(steep - log_scale, 709.0))
            return total * (largest[..., 0, 0] if np.ndim(largest) else largest)
        attention = attention_form(self.model)
        if attention is None or attention.normalised:
            value = self.parameters.get("V")
            norm = 1.0 if value is None or callable(value) else np.linalg.norm(value, 2, (-2, -1))
            return norm * math.exp(-log_scale)
        kernel = Elementwise(attention.kernel, X)
        function = compiled_function(on_sphere(kernel), self.model.parameters)
        grid = np.linspace(-1.0, 1.0, 2001)[:, None]
        with np.errstate(all="ignore"):  # n = d = 2: a kernel in n may have no value at 1
            sizes = np.abs(function(grid, 1.0, t, *self.values(t), 0.0, 2, 2, np))
        return total * np.nanmax(sizes, axis=(-2, -1)) * math.exp(-log_scale)

    def _in_passes(self, points: Any, t: float) -> Any:
        """Evaluate the velocity, attention inside it in fused passes."""
        fits = isinstance(points, np.ndarray) and points.dtype == _FLOAT64
        if not (fits and self._parted.outputs):
            return self._evaluate(self.model.velocity, points, t)
        given = self._parted.values(
            lambda expr: self._evaluate(expr, points, t),
            points,
            self.masses,
            self.backend,
            self.threads,
        )
        return self._evaluate(self._parted.rest[0], points, t, given=given)

    @cached_property
    def _parted(self) -> Parted:
        velocity = (self.model.velocity,)
        plain = self.backend == "plain" or self.model.space != "sphere"
        return Parted(velocity, ()) if plain else parted(velocity)

    @cached_property
    def _fused(self) -> FusedForm | None:
        return None if self.backend == "plain" else recognise(self.model)

    def _fused_for(self, points: Any) -> FusedForm | None:
        """Give the fused form where its kernels take the points."""
        fits = isinstance(points, np.ndarray) and points.dtype == _FLOAT64
        return self._fused if fits else None

    def scaled(self, points: ArrayLike, t: float = 0.0) -> tuple[FloatArray, FloatArray]:
        """Velocity as ``e^log_scale · u``, without overflow at any beta.

        Parameters
        ----------
        points : array_like
            Tokens as unit rows.
        t : float, optional
            Time.

        Returns
        -------
        u : ndarray, shape (..., n, d)
            The field u, shape (..., n, d), and log_scale, shape (...).
        log_scale : ndarray, shape (...)
            Logarithm of the largest weight, one number a system.
        """
        array = self.checked(points)
        check_time(t)
        if self.precise:
            velocity, _, log_scale = self.scaled_differences(array, t, "largest")
            return velocity, log_scale
        scaled = scaled_of(self.model.velocity)
        if not scaled.exponents:
            velocity = self.unchecked(array, t)
            return velocity, namespace(array).zeros(velocity.shape[:-2])
        shift, log_scale = self._shift(array, t)
        velocity = self._evaluate(scaled.velocity, array, t, shift)
        return velocity, log_scale + namespace(array).zeros(velocity.shape[:-2])

    def energy(self, points: ArrayLike, t: float = 0.0) -> FloatArray:
        """Energy that the flow climbs, shape (...).

        At a parameter value where the energy is infinite by a constant (β = 0 in the paper's
        energy), the limit without that constant: ``½ ΣΣ m_i m_j <x_i,x_j>``.

        Parameters
        ----------
        points : array_like
            Tokens as unit rows.
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
        OverflowError
            When it can't be represented; use ``log_energy``.
        """
        expression = self.energy_expression()
        array = self.checked(points)
        check_time(t)
        if any(callable(value) for value in self.parameters.values()):
            now = dict(zip(self.parameters, self.values(t), strict=True))
            return replace(self, parameters=now).energy(array, t)
        zeros = self._poles(expression)
        if not zeros:
            return self._finite_energy(self._energy_of(expression, array, t))
        parameter, at_pole = zeros
        regular = _without_pole(expression, parameter)
        limit = self._finite_energy(self._energy_of(regular, array, t))
        if np.all(at_pole):
            return limit
        safe = dict(self.parameters)
        safe[str(parameter)] = np.where(at_pole, 1.0, safe[str(parameter)])
        elsewhere = replace(self, parameters=safe)
        values = elsewhere.energy(array, t)
        xp = namespace(array)
        return xp.where(xp.asarray(at_pole[..., 0, 0], dtype=xp.bool), limit, values)

    def log_energy(self, points: ArrayLike, t: float = 0.0) -> FloatArray:
        """``log ΣΣ m_i m_j e^{β<x_i,x_j>}``, representable at every β, shape (...).

        Parameters
        ----------
        points : array_like
            Tokens as unit rows.
        t : float, optional
            Time.

        Returns
        -------
        ndarray
            The logarithm, shape (...).

        Raises
        ------
        ValueError
            When the energy isn't one pair term with an exponential kernel.
        """
        array = self.checked(points)
        check_time(t)
        rate, form = _exponential_scores(self.energy_expression())
        if is_foreign(array):
            scores = rate * X * X.T if form is None else rate * X * form * X.T
            return self._column(self._evaluate(LogPairSum(scores, m), array, t), array)
        batch, systems = self._systems(array, t)
        return log_pair_sum(rate, form, systems).reshape(batch)

    def _energy_of(self, expression: MatrixExpr, array: Any, t: float) -> Any:
        """Evaluate an energy: in blocks with NumPy, as it is printed elsewhere."""
        if is_foreign(array):
            return self._column(self._evaluate(expression, array, t), array)
        batch, systems = self._systems(array, t)
        with np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore"):
            return energy_sum(expression, systems).reshape(batch)

    def _systems(self, array: FloatArray, t: float) -> tuple[tuple[int, ...], Systems]:
        """Flatten the batch of points, masses and parameters; and its shape."""
        values = self.values(t)
        shapes = [np.shape(value)[:-2] for value in values]
        masses = self.masses
        if masses is None:
            masses = np.full(array.shape[-2], 1.0 / array.shape[-2])
        batch = np.broadcast_shapes(array.shape[:-2], masses.shape[:-1], *shapes)

        def flat(value: Any, axes: int) -> Any:
            if np.ndim(value) <= axes:
                return value[None] if np.ndim(value) else value
            shape = np.shape(value)[-axes:]
            return np.broadcast_to(value, (*batch, *shape)).reshape(-1, *shape)

        points = np.broadcast_to(array, (*batch, *array.shape[-2:]))
        return batch, Systems(
            points=points.reshape(-1, *array.shape[-2:]),
            masses=flat(masses, 1),
            parameters=self.model.parameters,
            values=tuple(flat(value, 2) for value in values),
            t=t,
            on_sphere=self.model.space == "sphere",
            compiled=self.backend == "numba",
        )

    # -- evaluation

    def checked(self, points: Any) -> Any:
        """Validate points, and that masses and matrices fit them.

        Parameters
        ----------
        points : object
            Tokens as unit rows.

        Returns
        -------
        object
            The points, as an array of floats.
        """
        if is_foreign(points):
            array = check_foreign_points(points, self.model.space, SPHERE_TOLERANCE)
        else:
            array = check_points(points, space=self.model.space)
        size, dimension = array.shape[-2:]
        if self.masses is not None and self.masses.shape[-1] != size:
            raise ValueError(
                f"Expected points with n={self.masses.shape[-1]} rows, as many as masses, "
                f"but got points of shape {array.shape}."
            )
        for parameter in self.model.parameters:
            value = self.parameters[str(parameter)]
            if callable(value):
                value = value(0.0)
            if isinstance(parameter, MatrixSymbol):
                for axis in (0, 1):
                    if parameter.shape[axis] == d and np.shape(value)[axis - 2] != dimension:
                        raise ValueError(
                            f"Expected {parameter} to act on points of dimension d={dimension} "
                            f"but got {parameter} of shape {np.shape(value)}."
                        )
                    if parameter.shape[axis] == n and np.shape(value)[axis - 2] != size:
                        raise ValueError(
                            f"Expected points with n={np.shape(value)[axis - 2]} rows, as many as "
                            f"{parameter}, but got points of shape {array.shape}."
                        )
        return array

    def values(self, t: float) -> list[Any]:
        """Return the values of the model's parameters at a time, in their order.

        Parameters
        ----------
        t : float
            Time.

        Returns
        -------
        list of Any
            An entry a parameter.
        """
        return [self._value(parameter, parameter.name, t) for parameter in self.model.parameters]

    def _value(self, parameter: Any, name: str, t: float) -> Any:
        value = self.parameters[name]
        return bound_value(parameter, value(t)) if callable(value) else value

    def _evaluate(
        self,
        expr: Any,
        points: Any,
        t: float,
        shift: Any = 0.0,
        given: Mapping[Any, Any] | None = None,
    ) -> Any:
        """Evaluate an expression; `given` holds values of symbols that stand for parts of it."""
        size, dimension = points.shape[-2:]
        xp = namespace(points)
        if self.masses is None:
            masses = xp.full((size, 1), 1.0 / size)
        else:
            masses = self.masses[..., None]
        expr = on_sphere(expr) if self.model.space == "sphere" else expr
        given = given or {}
        function = compiled_function(expr, (*given, *self.model.parameters))
        values = [*given.values(), *self.values(t)]
        if xp is not np:
            masses, shift, *values = (xp.asarray(value) for value in (masses, shift, *values))
        with evaluating(self.model.name, size, dimension, t):
            return function(points, masses, t, *values, shift, size, dimension, xp)

    def _pulls(
        self, velocity: MatrixExpr, points: Any, t: float, shift: Any = 0.0
    ) -> tuple[Any, Any]:
        """Velocity and largest pull from the printed weights of a velocity ``P_i Σ_j w_ij x_j``."""
        expression = pair_weights(velocity)
        if expression is None or not self.has_differences:
            raise _no_differences(self.model)
        weights = self._evaluate(expression, points, t, shift)
        xp = namespace(points)
        with np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore"):
            gram = points @ points.mT
            if xp is np:
                points = np.broadcast_to(points, (*weights.shape[:-2], *points.shape[-2:]))
                gram = np.broadcast_to(gram, weights.shape)
                weights = np.array(weights)
            found = pull_sums(points, slice(0, points.shape[-2]), gram, weights, xp=xp)
            return tangent_pulls(points, found.sums, xp), xp.max(found.lengths, axis=-1)

    def energy_expression(self) -> MatrixExpr:
        """Energy of the model; a model without one is an error.

        Returns
        -------
        MatrixExpr
            The expression.
        """
        if self.model.energy is None:
            raise ValueError(
                f"Expected a model with an energy but got model={self.model.name}; "
                "give Model(..., energy=...)."
            )
        return self.model.energy

    def _column(self, value: Any, points: Any) -> Any:
        xp = namespace(points)
        batch = np.broadcast_shapes(tuple(value.shape[:-2]), tuple(points.shape[:-2]))
        return value[..., 0, 0] + xp.zeros(batch)

    def _finite_energy(self, column: Any) -> Any:
        xp = namespace(column)
        if not bool(xp.all(xp.isfinite(column))):
            raise OverflowError(
                f"Expected a representable energy but got an overflow at {self._described()}; "
                "call log_energy(points)."
            )
        return column

    def _poles(self, expression: MatrixExpr) -> tuple[Any, FloatArray] | None:
        """Return the scalar parameter that is 0 where the energy has a pole, and where it is."""
        for parameter in self.model.parameters:
            value = self.parameters[str(parameter)]
            if isinstance(parameter, MatrixSymbol) or callable(value):
                continue
            at_zero = np.asarray(value) == 0
            if np.any(at_zero) and _has_pole(expression, parameter):
                return parameter, np.atleast_2d(at_zero)
        return None

    def _described(self) -> str:
        values = []
        for name, value in self.parameters.items():
            shown = value if callable(value) or np.size(value) > 1 else np.ravel(value)[0]
            values.append(
                f"{name}={shown}" if np.size(shown) == 1 else f"{name} of {np.shape(shown)}"
            )
        return ", ".join(values) or self.model.name

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as model and values: printed functions are made again where they are needed."""
        return VelocityField, (
            self.model,
            dict(self.parameters),
            self.masses,
            self.backend,
            self.source,
            self.threads,
            self.precise,
        )

    def __post_init__(self) -> None:
        """Refuse differences of a model that has none."""
        if self.precise and not self.has_differences:
            raise _no_differences(self.model)


def _no_differences(model: Model) -> ValueError:
    return ValueError(
        "Expected a flow P_i Σ_j w_ij x_j on the sphere for differences but got "
        f"model={model.name}; leave precise=True out, or substitute the identity for its value "
        "matrix (model.subs)."
    )


@lru_cache(maxsize=256)
def _has_pole(expression: MatrixExpr, parameter: Any) -> bool:
    """Whether the energy divides by a parameter."""
    infinite = (sp.zoo, sp.oo, -sp.oo, sp.nan)
    for term in energy_terms(expression):
        pair = pair_term(term)
        if pair is not None and pair.kernel.subs(parameter, 0).has(*infinite):
            return True
        if pair is None and isinstance(term, MatMul):
            if term.as_coeff_mmul()[0].subs(parameter, 0).has(*infinite):
                raise ValueError(
                    f"Expected an energy that is finite at {parameter}=0 but got energy={term}; "
                    f"use a non-zero {parameter}."
                )
    return False


@lru_cache(maxsize=256)
def _without_pole(expression: MatrixExpr, parameter: Any) -> MatrixExpr:
    """Pair energy at ``parameter = 0`` without its infinite constant."""
    terms = []
    for term in energy_terms(expression):
        pair = pair_term(term)
        terms.append(
            term.xreplace({parameter: sp.S.Zero})
            if pair is None
            else pair_energy(pole_free(pair.kernel, parameter, 0), pair.form)
        )
    return MatAdd(*terms) if len(terms) > 1 else terms[0]


@lru_cache(maxsize=256)
def _exponential_scores(expression: MatrixExpr) -> tuple[sp.Expr, MatrixExpr | None]:
    """Rate a and form S of an energy ``c ΣΣ m_i m_j e^{a <x_i, S x_j>}``."""
    terms = list(energy_terms(expression))
    pair = pair_term(terms[0]) if len(terms) == 1 else None
    if pair is not None:
        parts = exponential_parts(pair.kernel)
        if parts is not None:
            return parts[1], pair.form
    raise ValueError(
        f"Expected an energy with one exponential kernel but got energy={expression}; use energy."
    )
