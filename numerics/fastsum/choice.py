"""Who sums over the pairs: making a fast field, and choosing one by the number of tokens."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numerics.arguments import FloatArray, as_number, refuse_option_names, shown
from numerics.compile import VelocityField, compile_model
from numerics.fastsum.field import (
    ON_SPHERE,
    SUMS,
    TOLERANCE,
    FastField,
    has,
    load,
    sphere_library,
)
from theory.models import Model, attention_form

BACKENDS = ("auto", "numpy", "finufft", "ducc0")


_RANGE = (1e-12, 1e-2)


def fast_field(
    model: Model,
    *,
    masses: ArrayLike | None = None,
    tolerance: float = TOLERANCE,
    backend: str = "auto",
    threads: int = 1,
    **parameters: Any,
) -> FastField:
    """Compile a model of scalar attention with fast sums, for points on the circle and on S².

    Parameters
    ----------
    model : Model
        A flow ``± P_i Σ_j m_j f(<x_i,x_j>) x_j`` on the sphere, normalised or not, with f smooth
        on [-1, 1]: SA, USA, or ``gradient_flow`` of an energy of pairs.
    masses : array_like, shape (n,), optional
        Positive masses; 1/n by default.
    tolerance : float
        The error to be stated, in [1e-12, 1e-2].
    backend : {"auto", "numpy", "finufft", "ducc0"}
        Who sums. On the circle: matrix products in NumPy, or finufft (extra ``fastsum``), which
        "auto" takes from 4000 tokens on where it is installed. On S²: ducc0 (extra ``sphere``,
        GPL-2, several times faster) where it is installed, else finufft; or the one named here.
        `FastField.library` says who it is.
    threads : int
        Threads of finufft or ducc0; 0 leaves them to it. With one, a result is repeated bit for
        bit; with more, the order of its additions, and with it the last bits, differ from run to
        run.
    **parameters
        A number, or a callable of time, for every parameter of the model.

    Returns
    -------
    FastField
        The compiled field.

    Raises
    ------
    ValueError
        For another model, a parameter with a batch, a kernel that isn't smooth, or a tolerance
        that can't be reached.
    ModuleNotFoundError
        For ``backend="finufft"`` without finufft, ``backend="ducc0"`` without ducc0.

    Examples
    --------
    >>> from numerics import sphere
    >>> from theory import SA
    >>> points = sphere.random_points(300, 2, rng=0)
    >>> fast = fast_field(SA, beta=10.0)
    >>> direct = compile_model(SA, beta=10.0)
    >>> bool(np.max(np.abs(fast(points) - direct(points))) < 1e-12)
    True
    """
    if isinstance(model, Model):
        refuse_option_names(fast_field, model)
    direct = compile_model(model, masses=masses, **parameters)
    return _fast(direct, tolerance, backend, threads)


def _fast(
    direct: VelocityField,
    tolerance: float = TOLERANCE,
    backend: str = "auto",
    threads: int = 1,
) -> FastField:
    reason = _obstacle(direct)
    if reason:
        raise ValueError(f"Expected {reason}; use compile_model.")
    error = as_number(tolerance, "tolerance", "give a number from 1e-12 to 1e-2")
    if not _RANGE[0] <= error <= _RANGE[1]:
        raise ValueError(
            f"Expected a tolerance in [1e-12, 1e-2] but got tolerance={shown(tolerance)}; "
            "below, only the direct sum of compile_model will do."
        )
    if not (isinstance(backend, str) and backend in BACKENDS):
        raise ValueError(f"Expected backend one of {BACKENDS} but got backend={shown(backend)}.")
    if backend in ON_SPHERE:
        load(backend)
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 0:
        raise ValueError(
            f"Expected a number of threads >= 0 but got threads={threads!r}; "
            "0 leaves the number to the library."
        )
    field = FastField(direct, error, backend, threads)
    field.modes()  # refuses a kernel that isn't smooth
    return field


def _obstacle(direct: VelocityField) -> str:
    """Say what a fast sum expects and doesn't find in a field, or nothing."""
    model = direct.model
    form = attention_form(model) if model.space == "sphere" and model.kind == "flow" else None
    if form is None:
        return f"a flow of scalar attention on the sphere but got model={model.name}"
    for parameter, value in zip(model.parameters, direct.values(0.0), strict=True):
        if np.ndim(value) > 0:
            return f"a number for {parameter} but got {parameter} of shape {np.shape(value)}"
    if direct.masses is not None and direct.masses.ndim > 1:
        return f"masses of shape (n,) but got masses of shape {direct.masses.shape}"
    return ""


def break_even(d: int, modes: int) -> int:
    """Give the number of tokens from which the fast sum is quicker than the fused kernels.

    Fitted, on the safe side, to `benchmarks/fastsum.py`; on S² it depends on who is installed.
    """
    if d == 2:
        return 500 + modes
    if has("ducc0"):
        return 1200 + 25 * modes
    return 2500 + 30 * modes + modes**2 // 20


def choose(
    field: VelocityField | FastField, points: FloatArray, rtol: float, sums: str
) -> VelocityField | FastField:
    """Pick the fast twin of a field for an integration, or the field itself.

    Parameters
    ----------
    field : VelocityField or FastField
        What is to be integrated; a ``FastField`` is taken as it is.
    points : ndarray, shape (..., n, d)
        The start.
    rtol : float
        Tolerance of a step; the stated error of the sums has to be 100 times smaller.
    sums : {"auto", "direct", "fast"}
        ``"auto"``: fast where n is past the break-even and rtol >= 1e-8; ``"fast"``: fast at any
        n, for rtol >= 1e-10, with a stated error of rtol/100 or the default if that is smaller.

    Raises
    ------
    ValueError
        For another word, or when ``"fast"`` can't be had.
    """
    if not (isinstance(sums, str) and sums in ("auto", "direct", "fast")):
        raise ValueError(
            f"Expected sums 'auto', 'direct' or 'fast' but got sums={shown(sums)}; "
            "leave it out for 'auto'."
        )
    if isinstance(field, FastField):
        if sums == "direct":
            return field.direct
        if not _resolves(field.tolerance, rtol):
            raise ValueError(
                f"Expected rtol at least 100 times the error of the fast sums but got rtol={rtol} "
                f"and tolerance={field.tolerance}; lower the tolerance of fast_field."
            )
        return field
    if sums == "direct":
        return field
    n, d = points.shape[-2:]
    if sums == "fast":
        if d not in SUMS:
            raise ValueError(
                f"Expected points on the circle or S² for sums='fast' but got d={d}; "
                "use sums='direct'."
            )
        if not _resolves(_RANGE[0], rtol):
            raise ValueError(
                f"Expected rtol >= {100 * _RANGE[0]:g} for sums='fast', whose error is at least "
                f"{_RANGE[0]:g}, but got rtol={rtol}; use sums='direct'."
            )
        if d == 3:
            load(sphere_library())
        return _fast(field, min(TOLERANCE, rtol / 100), threads=field.threads)
    if (
        points.ndim != 2
        or d not in SUMS
        or n < break_even(d, 1)
        or field.backend not in ("numpy", "numba")
        or not _resolves(TOLERANCE, rtol)
        or (d == 3 and not any(has(library) for library in ON_SPHERE))
        or _obstacle(field)
    ):
        return field
    try:
        fast = _fast(field, threads=field.threads)
        modes = fast.modes()
    except ValueError:
        return field  # the kernel isn't smooth or isn't finite
    # Half the largest degree: 200 to 400 MB, which nobody has asked for by name.
    if n < break_even(d, modes) or (d == 3 and modes > _max_degree() // 2):
        return field
    return fast


def _max_degree() -> int:
    return int(ON_SPHERE[sphere_library()].MAX_DEGREE)


def _resolves(tolerance: float, rtol: float) -> bool:
    return rtol >= 100 * tolerance * (1 - 1e-12)
