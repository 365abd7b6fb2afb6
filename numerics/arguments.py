"""Checks of arguments that every room shares: real arrays, masses, numbers, whole numbers.

An error says what was expected, what came, and what to do.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from functools import wraps
from inspect import Parameter, signature
from numbers import Real
from typing import Any, ParamSpec, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.energy import interaction_energy
from theory.models import Model, gradient_flow
from theory.noise import require_noiseless
from theory.parse import parse_kernel

FloatArray: TypeAlias = NDArray[np.float64]
"""Real numbers, in doubles: the arrays that every room computes with."""

IntArray: TypeAlias = NDArray[np.int64]
"""Counts, indices and labels."""


_P = ParamSpec("_P")
_R = TypeVar("_R")


def shown(value: Any) -> str:
    """Show a value in a message: its repr, cut where it is long."""
    try:
        text = repr(value)
    except ValueError:  # a whole number with more digits than Python writes
        text = f"<{type(value).__name__} too long to write>"
    return text if len(text) <= 200 else f"{text[:197]}..."


def check_whole(value: Any, name: str, least: int, most: int | None = None) -> None:
    """Validate a whole number, `least` or more, and `most` at most.

    Raises
    ------
    ValueError
        For anything else.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(
            f"Expected a whole number >= {least} but got {name}={shown(value)}; "
            f"give at least {least}."
        )
    if most is not None and value > most:
        raise ValueError(
            f"Expected a whole number <= {most} but got {name}={shown(value)}; give at most {most}."
        )


def as_number(value: Any, name: str, remedy: str) -> float:
    """Read a real number, which the caller bounds; an array without axes is the one it holds.

    A whole number beyond all doubles is infinite. NaN and infinities pass: no bound holds them.
    """
    scalar = value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value
    if isinstance(scalar, bool) or not isinstance(scalar, Real):
        raise TypeError(f"Expected a number but got {name}={shown(value)}; {remedy}.")
    try:
        return float(scalar)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def check_number(value: Any, name: str, remedy: str) -> float:
    """Read a finite real number; anything else is an error that ends with the remedy."""
    number = as_number(value, name, remedy)
    if not math.isfinite(number):
        raise ValueError(f"Expected a finite number but got {name}={shown(value)}; {remedy}.")
    return number


def check_log_time(value: Any, name: str, remedy: str) -> float:
    """Read the logarithm of a time: a real number, -inf or inf."""
    number = as_number(value, name, remedy)
    if math.isnan(number):
        raise ValueError(
            f"Expected the logarithm of a time but got {name}={shown(value)}; {remedy}."
        )
    return number


def check_choice(value: Any, name: str, choices: Sequence[str], remedy: str) -> None:
    """Validate one of a few words."""
    if not (isinstance(value, str) and value in choices):
        listed = ", ".join(map(repr, choices[:-1])) + f" or {choices[-1]!r}"
        raise ValueError(f"Expected one of {listed} but got {name}={shown(value)}; {remedy}.")


def check_model(model: Any, remedy: str = "pass theory.SA") -> None:
    """Validate a model, without noise: only `numerics.noisy` takes one with it."""
    if not isinstance(model, Model):
        raise ValueError(f"Expected a theory.Model but got model={shown(model)}; {remedy}.")
    require_noiseless(model)


def refuse_option_names(call: Callable[..., Any], model: Model) -> None:
    """Refuse a parameter of a model that a call can't be given by name: it has an option so called.

    Parameters
    ----------
    call : callable
        What takes values of parameters by name beside its options.
    model : Model

    Raises
    ------
    ValueError
        With the name of the first such parameter, and what to do.

    Examples
    --------
    >>> from sympy import Symbol
    >>> from theory import SA
    >>> def run(model, steps=3, **parameters): ...
    >>> refuse_option_names(run, SA)
    >>> refuse_option_names(run, SA.subs({"beta": Symbol("steps")}))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: Expected parameters called otherwise than the options of run but got steps ...
    """
    named = signature(call).parameters.values()
    options = [one.name for one in named if one.kind is not Parameter.VAR_KEYWORD]
    if taken := next((str(one) for one in model.parameters if str(one) in options), None):
        raise ValueError(
            f"Expected parameters called otherwise than the options of {call.__name__} but got "
            f"{taken} among those of {model.name}, and {taken}=... is the option; rename it, or "
            f'put its number in first: model.subs({{"{taken}": ...}}).'
        )


def check_order(call: str, points: Any, model: Any) -> None:
    """Refuse points in the place of the model, or a model in that of the points.

    Parameters
    ----------
    call : str
        How the call is written, for the message.
    points, model : object
        What was given for them.

    Raises
    ------
    TypeError
        If one of them stands for the other; it says the order.

    Examples
    --------
    >>> from theory import SA
    >>> check_order("run(model, points)", points=SA, model=[[1.0, 0.0]])
    Traceback (most recent call last):
        ...
    TypeError: Expected run(model, points) but got points=SA, a model; give them in this order.
    """
    if isinstance(points, Model | str) or hasattr(points, "unchecked"):
        given = getattr(points, "model", points)  # of a compiled field
        said = f"points={given.name if isinstance(given, Model) else shown(given)}, a model"
    elif isinstance(model, np.ndarray | list | tuple):
        said = f"model={shown(model)}"  # a ragged list has no shape
    else:
        return
    raise TypeError(f"Expected {call} but got {said}; give them in this order.")


def checked_first(
    check: Callable[[Any], None],
) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Check the first argument of a call before the others are counted.

    What takes a result is given a model and points, too many arguments, by who takes it for the
    function that runs them: the error is the kind of the first.

    Parameters
    ----------
    check : callable
        Raises an error for what isn't one.
    """

    def kept(function: Callable[_P, _R]) -> Callable[_P, _R]:
        first = next(iter(signature(function).parameters))

        @wraps(function)
        def called(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            if args or first in kwargs:
                check(args[0] if args else kwargs[first])
            return function(*args, **kwargs)

        return called

    return kept


def named(value: Any) -> str:
    """Show a value in a message, a model by its name."""
    return f"{value.name}, a model" if isinstance(value, Model) else shown(value)


def check_watcher(watch: Any, name: str) -> None:
    """Validate a function that is told how far a run is, or None."""
    if watch is not None and not callable(watch):
        raise TypeError(f"Expected a function or None but got {name}={shown(watch)}; leave it out.")


def check_executor(executor: Any) -> None:
    """Validate an executor, or None for this process."""
    works = callable(getattr(executor, "submit", None)) and callable(getattr(executor, "map", None))
    if executor is not None and (isinstance(executor, type) or not works):
        raise TypeError(
            f"Expected an Executor or None but got executor={shown(executor)}; "
            "open one with numerics.open_executor(jobs=2), or leave it out."
        )


def check_together(x: FloatArray, y: FloatArray, names: tuple[str, str]) -> None:
    """Refuse two arrays of rows that don't broadcast, or that have no coordinates."""
    try:
        shape = np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        shape = ()
    if not shape or shape[-1] == 0:
        raise ValueError(
            f"Expected rows of coordinates whose shapes broadcast but got {names[0]}.shape="
            f"{x.shape} and {names[1]}.shape={y.shape}; the last axis holds the coordinates."
        )


def refuse_gradients(values: Any, what: str) -> None:
    """Refuse an array that records gradients, which a run would carry as NaN.

    Raises
    ------
    ValueError
        With how to go on without.
    """
    listed = values if isinstance(values, list | tuple) else (values,)
    if any(getattr(value, "requires_grad", False) is True for value in listed):
        raise ValueError(
            f"Expected {what} without gradients but got requires_grad=True; they don't pass "
            "through the steps of a run: give .detach(), call a function of yours under "
            "torch.no_grad(), and differentiate the velocity field(points) itself."
        )


def as_float(values: ArrayLike, name: str) -> FloatArray:
    """Real numbers as a float64 array; anything else is a TypeError that names `name`."""
    if isinstance(values, Model):
        raise TypeError(
            f"Expected an array of real numbers but got {name}={values.name}, a model; give {name}."
        )
    refuse_gradients(values, name)
    try:
        array = np.asarray(values)
    except ValueError as error:  # rows of different lengths
        raise ValueError(
            f"Expected a rectangular array of numbers but got {name}={shown(values)}; "
            "give every row the same length."
        ) from error
    if np.ma.is_masked(values):
        raise ValueError(
            f"Expected an array without gaps but got {name} with masked entries; fill or drop them."
        )
    if array.dtype.kind == "O" and all(isinstance(value, int) for value in array.flat):
        array = _from_long(array, name)
    if array.dtype.kind not in "biuf" and array.size:
        raise TypeError(
            f"Expected an array of real numbers but got {name} of dtype={array.dtype}; "
            "convert it with `numpy.asarray(..., dtype=float)`."
        )
    return array.astype(np.float64, copy=False)


def _from_long(array: NDArray[Any], name: str) -> FloatArray:
    """Whole numbers beyond 64 bits as doubles."""
    try:
        return array.astype(np.float64)
    except OverflowError:
        raise ValueError(
            f"Expected numbers that doubles hold but got {name}={shown(array.tolist())}; "
            "no double is above 1.8e308."
        ) from None


def first_true(mask: NDArray[np.bool_]) -> tuple[int, ...]:
    """Index of the first True."""
    return tuple(int(k) for k in np.argwhere(mask)[0])


def row_name(name: str, index: tuple[int, ...]) -> str:
    """`points[3]`, or `points[0, 3]` inside a batch; `points` itself where there is one row."""
    return f"{name}[{', '.join(map(str, index))}]" if index else name


def check_finite(array: FloatArray, name: str) -> None:
    """Refuse coordinates that aren't finite; the message names the row."""
    bad = ~np.isfinite(array)
    if np.any(bad):
        index = first_true(bad)
        raise ValueError(
            f"Expected finite coordinates but got {row_name(name, index[:-1])}="
            f"{array[index[:-1]].tolist()}; remove or repair the row."
        )


def check_masses(masses: ArrayLike, n: int) -> FloatArray:
    """Validate masses and return them as float64; they are used as given, never normalised.

    Parameters
    ----------
    masses : array_like
        Shape (n,) or (batch, n): finite, positive, any sum.
    n : int
        Number of particles.

    Returns
    -------
    ndarray
        The masses as float64.

    Raises
    ------
    TypeError
        If the entries are not real numbers.
    ValueError
        If the length differs from n, or a mass is not finite and positive; the message names it.

    Examples
    --------
    >>> check_masses([1, 2, 0], 3)
    Traceback (most recent call last):
        ...
    ValueError: Expected finite masses > 0 but got masses[2]=0.0; drop particles without mass...
    """
    array = as_float(masses, "masses")
    if array.ndim == 0 or array.shape[-1] != n:
        raise ValueError(
            f"Expected one mass for each of the {n} particles but got masses.shape={array.shape}; "
            f"give an array of shape ({n},) or (..., {n})."
        )
    bad = ~(np.isfinite(array) & (array > 0))
    if np.any(bad):
        index = first_true(bad)
        raise ValueError(
            f"Expected finite masses > 0 but got {row_name('masses', index)}={array[index]}; "
            "drop particles without mass and use V = -I for repulsion."
        )
    return array


def as_model(model: Any, flow: str | None, names: tuple[str, ...]) -> Model:
    """Take a model as it is, and make one of a kernel given as text."""
    if isinstance(model, str):
        kernel = parse_kernel(model, "model", parameters=("beta", *names))
        return gradient_flow(interaction_energy(kernel), model, flow or "wasserstein")
    check_model(model, "pass SA, USA, or the text of a kernel")
    if flow is not None:
        raise ValueError(
            f"Expected flow with the text of a kernel but got flow={shown(flow)} and "
            f"model={model.name}, which has one; leave it out."
        )
    return model


def old_order(
    names: Sequence[str], new: int, is_old: Callable[[tuple[Any, ...]], bool]
) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Keep an old order of positional arguments, with a warning that says the new call.

    Parameters
    ----------
    names : sequence of str
        Names of the positional arguments in the old order.
    new : int
        How many of them still go by position.
    is_old : callable
        Whether the positional arguments of a call are in the old order.
    """

    def kept(function: Callable[_P, _R]) -> Callable[_P, _R]:
        @wraps(function)
        def called(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            if not is_old(args) or len(args) > len(names):
                return function(*args, **kwargs)
            moved = dict(zip(names[new:], args[new:], strict=False))
            said = [*names[:new]]
            said += [
                f"{k}={v!r}" if isinstance(v, int | float) else f"{k}=..." for k, v in moved.items()
            ]
            said += [f"{key}=..." for key in kwargs]
            warnings.warn(
                f"{function.__name__} takes {', '.join(moved)} by name, the order of arguments has "
                f"changed: write {function.__name__}({', '.join(said)}).",
                DeprecationWarning,
                stacklevel=2,
            )
            return function(*args[:new], **moved, **kwargs)  # type: ignore[arg-type]

        return called

    return kept
