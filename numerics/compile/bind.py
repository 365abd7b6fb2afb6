"""From the proved expression to array code: ``compile_model`` binds the parameters.

The velocity that is integrated is printed from ``Model.velocity``; nothing is written twice.
"""

from __future__ import annotations

import linecache
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike
from sympy import MatrixSymbol

from numerics.arguments import (
    as_float,
    check_choice,
    check_masses,
    check_model,
    refuse_option_names,
    shown,
)
from numerics.compile.field import VelocityField
from numerics.compile.printer import XP, compiled_function, on_sphere, printed_function
from numerics.compile.systems import SystemField
from numerics.compile.values import bound_value
from numerics.fused import load_numba
from theory.masks import GRAPH, Mask
from theory.models import Model, attention_form
from theory.symbols import m, z

BACKENDS = ("plain", "numpy", "numba")


def _check_sizes(parameter: Any, shape: tuple[int, ...], sizes: dict[Any, tuple[str, int]]) -> None:
    """Refuse matrices that share a dimension and disagree on it, such as Q (2, d) and K (3, d)."""
    for symbol, size in zip(parameter.shape, shape, strict=True):
        if symbol.is_Integer and symbol != size:
            raise ValueError(
                f"Expected {parameter} of shape {parameter.shape} but got {parameter} of shape "
                f"{shape}."
            )
        if symbol.is_Symbol:
            other, expected = sizes.setdefault(symbol, (str(parameter), size))
            if expected != size:
                raise ValueError(
                    f"Expected {parameter} to agree with {other} on {symbol}={expected} but got "
                    f"{parameter} of shape {shape}."
                )


def _check_positive_kernel(model: Model, values: Mapping[str, Any]) -> None:
    """Refuse a softmax form whose rows may sum to 0 at these parameters: h' < 0, or h'(1) = 0.

    A jump of h' has no value, nan, at its place.
    """
    form = attention_form(model)
    if form is None or not form.normalised or form.kernel.func == sp.exp:
        return
    scalars = [p for p in model.parameters if not isinstance(p, MatrixSymbol)]
    if any(callable(values[str(p)]) for p in scalars):
        return
    grid = np.linspace(-1.0, 1.0, 2001)
    kernel = printed_function((z, *scalars, XP), form.kernel)
    flat = [np.reshape(values[str(p)], (-1, 1)) for p in scalars]
    with np.errstate(all="ignore"):
        weights = np.broadcast_to(
            kernel(grid, *flat, np), np.broadcast_shapes((2001,), *map(np.shape, flat))
        )
    wrong = (weights < 0) | ((grid == 1) & ~(weights > 0))
    bad = np.argwhere(wrong)
    if bad.size:
        at = grid[bad[0][-1]]
        raise ValueError(
            f"Expected a kernel h' >= 0, h'(1) > 0, for a softmax model but got h'(t)="
            f"{weights[tuple(bad[0])]:.3g} at t={at:.4g}; use the Wasserstein flow."
        )


def _check_graphs(model: Model, values: Mapping[str, Any]) -> None:
    """Refuse a graph of who sees whom with other entries than 0 and 1, or an empty row."""
    for mask in model.velocity.atoms(Mask):
        name = str(mask.parameter)
        if mask.kind != GRAPH or name not in values or callable(values[name]):
            continue
        entries = values[name]
        other = entries[(entries != 0) & (entries != 1)]
        if other.size:
            raise ValueError(
                f"Expected {name} of entries 0 and 1, who sees whom, but got {name} with "
                f"{other[0]:.4g}; a weight belongs into the scores, as its logarithm."
            )
        blind = np.argwhere(~np.any(entries, axis=-1))
        if blind.size:
            raise ValueError(
                f"Expected {name} to let every token see some token but got {name} with row "
                f"{blind[0][-1]} zero; let it see itself, {name}[{blind[0][-1]}, "
                f"{blind[0][-1]}] = 1."
            )


def _at_zero(parameter: Any, function: Any) -> Any:
    """Try a parameter that is a function of time."""
    try:
        return function(0.0)
    except Exception as error:  # the user's code may raise whatever it likes
        raise ValueError(
            f"Expected {parameter} a number or a function of t but got {parameter}="
            f"{shown(function)}, which fails at t=0 ({type(error).__name__}: {error}); "
            f"write {parameter}=lambda t: ..."
        ) from error


def model_numbers(model: Model) -> dict[str, Any]:
    """Values that a model brings along for its matrix parameters."""
    return {
        str(parameter): np.array(model.numbers[parameter].tolist(), dtype=np.float64)
        for parameter in model.parameters
        if parameter in model.numbers
    }


def compile_model(
    model: Model,
    *,
    masses: ArrayLike | None = None,
    backend: str = "numpy",
    threads: int = 1,
    precise: bool = False,
    **parameters: Any,
) -> VelocityField:
    """Print a model's expressions as array code and bind its parameters.

    Parameters
    ----------
    model : Model
        The model.
    masses : array_like, shape (n,) or (batch, n), optional
        Positive masses, used as given; 1/n of the call's n by default.
    backend : {"plain", "numpy", "numba"}
        ``"plain"`` runs the printed velocity as it stands. The others run a fused kernel where
        one is recognised in it (see `numerics.fused`), sum attention inside it in one fused pass
        (under a mask, beside lengths), and run the print otherwise; ``"numba"`` needs the extra
        ``fast``.
    threads : int
        Threads that share a batch, or the tiles of one large system; the products inside should
        then stay on one (``OPENBLAS_NUM_THREADS=1``). Of a batch, each system has the same bits
        on any number of threads; one large system has not.
    precise : bool
        Sum the velocity by differences, without the self term (see `VelocityField.differences`):
        for models ``P_i Σ_j w_ij x_j`` where a row's own weight drowns the others, as near
        consensus or at large β.
    **parameters
        A value for every parameter of the model, by name. A scalar may have the shape of the
        batch and a matrix the shape (batch, rows, columns); a callable is a function of time.

    Returns
    -------
    VelocityField or SystemField
        The latter for a model with several blocks.

    Raises
    ------
    ValueError
        For a missing, unknown, non-finite or misshaped parameter, masses that aren't positive,
        a softmax kernel that isn't positive, `precise` for another model, or masses for a model
        whose states hold them.
    ModuleNotFoundError
        For ``backend="numba"`` without numba.

    Examples
    --------
    >>> import numpy as np
    >>> from theory import SA
    >>> field = compile_model(SA, beta=1.0)
    >>> velocity = field(np.array([[1.0, 0.0], [0.0, 1.0]]))
    >>> round(float(velocity[0, 1]), 4)
    0.2689
    """
    check_model(model, "make one with gradient_flow")
    refuse_option_names(compile_model, model)
    check_choice(backend, "backend", BACKENDS, "leave it out for 'numpy'")
    if not isinstance(threads, int) or isinstance(threads, bool) or threads < 1:
        raise ValueError(f"Expected a whole number of threads >= 1 but got threads={threads!r}.")
    if backend == "numba":
        load_numba()
    if not isinstance(precise, bool | np.bool_):
        raise ValueError(f"Expected precise True or False but got precise={shown(precise)}.")
    names = [str(p) for p in model.parameters]
    parameters = model_numbers(model) | parameters
    missing = [name for name in names if name not in parameters]
    unknown = [name for name in parameters if name not in names]
    if missing or unknown:
        raise ValueError(
            f"Expected the parameters {names} of {model.name} but got "
            f"{', '.join(f'{a}={shown(b)}' for a, b in parameters.items()) or 'none'}; "
            + "; ".join(
                part
                for part in (
                    f"add {missing}" if missing else "",
                    f"drop {unknown}" if unknown else "",
                )
                if part
            )
            + "."
        )
    values: dict[str, Any] = {}
    sizes: dict[Any, tuple[str, int]] = {}
    for parameter in model.parameters:
        value = parameters[str(parameter)]
        bound = bound_value(parameter, _at_zero(parameter, value) if callable(value) else value)
        values[str(parameter)] = value if callable(value) else bound
        if isinstance(parameter, MatrixSymbol):
            _check_sizes(parameter, bound.shape[-2:], sizes)
    _check_positive_kernel(model, values)
    _check_graphs(model, values)
    checked = None
    if masses is not None:
        array = as_float(masses, "masses")
        if array.ndim == 0 or array.size == 0:
            raise ValueError(
                f"Expected masses of shape (n,) or (batch, n) but got masses={shown(masses)}; "
                "give one mass a token."
            )
        checked = check_masses(masses, array.shape[-1])
    if len(model.blocks) > 1:
        if precise:
            raise ValueError(
                f"Expected a model of one block for precise=True but got model={model.name} of the "
                f"blocks {[str(block.symbol) for block in model.blocks]}; leave precise out."
            )
        if checked is not None and any(block.symbol == m for block in model.blocks):
            raise ValueError(
                f"Expected the masses of {model.name} in its states, where they are the block m, "
                f"but got masses={shown(masses)}; leave masses out."
            )
        # the one type that nearly every caller has; a state of several blocks says what it is
        return cast(Any, SystemField(model, values, checked, backend, threads))
    velocity = on_sphere(model.velocity) if model.space == "sphere" else model.velocity
    function = compiled_function(velocity, model.parameters)
    source = "".join(linecache.getlines(function.__code__.co_filename)).strip()
    source = source.replace("_lambdifygenerated", "velocity")
    return VelocityField(model, values, checked, backend, source, threads, bool(precise))
