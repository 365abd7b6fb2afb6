"""Fast velocity fields: scalar attention on the circle and on S² without a loop over pairs.

``x_i' = ± P_i Σ_j m_j f(<x_i,x_j>) x_j``, divided by ``Σ_j m_j f(<x_i,x_j>)`` for SA: Fourier modes
on the circle, spherical harmonics on S². Rows that a fast sum can't give are summed directly.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.arguments import FloatArray
from numerics.compile import VelocityField, is_foreign
from numerics.fastsum import circle as fastsum_circle
from numerics.fastsum import harmonics as fastsum_harmonics
from numerics.fastsum import sphere as fastsum_sphere
from numerics.fastsum.kernel import ScaledKernel, scaled_kernel
from theory.energy import pair_kernel, pole_free
from theory.models import AttentionForm, Model, attention_form
from theory.summaries import Tabled
from theory.symbols import t as time

TOLERANCE = 1e-10
"""The error stated by default, relative to the largest ``Σ_j |w_ij|``."""


SUMS = {2: "circle", 3: "sphere"}


ON_SPHERE = {"ducc0": fastsum_harmonics, "finufft": fastsum_sphere}
"""Who can sum on S²: the first that is installed does, where none is asked for by name."""


_NUFFT_FROM = 4000  # tokens from which finufft on one thread beats the matrix products


_BLOCK = 1 << 22  # weights at a time where rows are summed directly


@dataclass(frozen=True)
class FastField(Tabled):
    """A velocity field whose sums over pairs are fast; made by :func:`fast_field`.

    It is called like a ``VelocityField``, and ``integrate`` takes it in place of one. Rows are
    read as directions: lengths that are off by rounding don't matter.

    Parameters
    ----------
    direct : VelocityField
        The model compiled with its parameters and masses.
    tolerance : float
        The stated error of the velocity (relative to ``max_i Σ_j |w_ij|``, w the weights as used)
        and of the energy (relative), beside the rounding of the direct sum itself.
    backend : {"auto", "numpy", "finufft", "ducc0"}
        Who sums, as it was asked for; :meth:`library` says who does.
    threads : int
        Threads of finufft or ducc0; 0 leaves them to it.
    """

    _shown = ("model", "parameters", "masses", "tolerance", "backend")
    _spread = ("model", "parameters", "masses")

    direct: VelocityField
    tolerance: float
    backend: str
    threads: int

    @property
    def model(self) -> Model:
        """The model."""
        return self.direct.model

    @property
    def parameters(self) -> Any:
        """Value of each parameter by name."""
        return self.direct.parameters

    @property
    def masses(self) -> FloatArray | None:
        """Masses, or None for 1/n."""
        return self.direct.masses

    @cached_property
    def _form(self) -> AttentionForm:
        form = attention_form(self.model)
        assert form is not None  # fast_field refuses other models
        return form

    def __call__(self, points: ArrayLike, t: float = 0.0) -> FloatArray:
        """Velocity at the points, as ``VelocityField`` gives it.

        Parameters
        ----------
        points : array_like, shape (..., n, 2) or (..., n, 3)
            Unit rows.
        t : float
            Time.

        Raises
        ------
        ValueError
            For points of a wrong shape, not finite, off the sphere, or in another dimension.
        OverflowError
            When the velocity can't be represented; use ``scaled``.
        """
        velocity = self.unchecked(self._checked(points), t)
        if not np.all(np.isfinite(velocity)):
            raise OverflowError(
                f"Expected a representable velocity but got an overflow in {self.model.name}; "
                "call scaled(points)."
            )
        return velocity

    def unchecked(self, points: FloatArray, t: float = 0.0) -> FloatArray:
        """Velocity without validation.

        Parameters
        ----------
        points : ndarray
            Tokens as unit rows.
        t : float, optional
            Time.

        Returns
        -------
        ndarray
            The velocity, shape (..., n, d).
        """
        u, log_scale = self._scaled(points, t)
        if np.all(log_scale == 0.0):
            return u
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(u * np.exp(log_scale)[..., None, None])

    def of_systems(self, points: FloatArray, t: float = 0.0) -> FloatArray:
        """Velocity of many small systems on the circle together, without validation.

        Modes below a hundredth of the stated error are left out; systems whose sums would miss it
        go one by one.

        Parameters
        ----------
        points : ndarray, shape (systems, n, 2)
            Tokens as unit rows.
        t : float, optional
            Time.

        Returns
        -------
        ndarray
            The velocity, of the shape of the points.
        """
        kernel = self._kernel(self._form.kernel, t)
        sizes = np.abs(kernel.cosine)
        kept = int(np.flatnonzero(sizes > 1e-2 * self.tolerance * sizes.max(initial=0.0))[-1]) + 1
        masses = self._masses(points.shape[1])
        pull, sums, size = fastsum_circle.of_systems(points, masses, kernel.cosine[:kept])
        error = 2 * _rounding(kept) * size + float(np.sum(sizes[kept:]) * np.sum(masses))
        least = np.min(sums, axis=-1) if self._form.normalised else np.max(np.abs(sums), axis=-1)
        if self._form.normalised:
            pull /= sums
        else:
            with np.errstate(over="ignore"):
                pull *= np.exp(kernel.log_scale)
        velocity = np.empty(points.shape)
        np.multiply(pull, -float(self._form.scale) * points[..., 1], out=velocity[..., 0])
        np.multiply(pull, float(self._form.scale) * points[..., 0], out=velocity[..., 1])
        missed = ~(least * self.tolerance >= error)
        if np.any(missed):
            velocity[missed] = self.unchecked(points[missed], t)
        return velocity

    def scaled(self, points: ArrayLike, t: float = 0.0) -> tuple[FloatArray, FloatArray]:
        """Velocity as ``e^log_scale · u``, without overflow at any parameter.

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
            0 for SA; otherwise log of the largest |f| on [-1, 1].
        """
        return self._scaled(self._checked(points), t)

    def row_sums(self, points: ArrayLike, t: float = 0.0) -> tuple[FloatArray, FloatArray]:
        """``Z_i = Σ_j m_j f(<x_i,x_j>)`` as ``e^log_scale · sums``.

        With it the dissipation is ``dE/dt = Σ m_i Z_i |x_i'|²`` for SA.

        Parameters
        ----------
        points : array_like, shape (..., n, d)
            Tokens as unit rows.
        t : float, optional
            Time.

        Returns
        -------
        sums : ndarray, shape (..., n)
            The sums.
        log_scale : ndarray, shape (...)
            Logarithm of the scale.
        """
        x = self._checked(points)
        kernel = self._kernel(self._form.kernel, t)

        def row_sums(one: FloatArray) -> FloatArray:
            _, sums, log_rows = self._pull_and_sums(one, kernel)
            return sums * np.exp(log_rows)

        sums = self._each(x, row_sums, (x.shape[-2],))
        return sums, np.full(x.shape[:-2], kernel.log_scale)

    def library(self, n: int, d: int) -> str:
        """Say who sums over n tokens: "numpy", "finufft" or "ducc0".

        Parameters
        ----------
        n : int
            Number of tokens.
        d : int
            Dimension: points lie on the sphere of R^d.

        Returns
        -------
        str
            One of the three names.

        Raises
        ------
        ModuleNotFoundError
            On S² without finufft and ducc0.

        Examples
        --------
        >>> from numerics.fastsum import fast_field
        >>> from theory import SA
        >>> fast_field(SA, beta=1.0, backend="numpy").library(100, 2)
        'numpy'
        """
        if d == 2:
            return "finufft" if self._nufft(n) else "numpy"
        if self.backend in ON_SPHERE:
            return self.backend
        return sphere_library()

    def modes(self, t: float = 0.0) -> int:
        """Count the Fourier modes of the kernel on the circle, which set the cost of the sums.

        Parameters
        ----------
        t : float, optional
            Time.

        Returns
        -------
        int
            Number of modes.
        """
        return int(self._kernel(self._form.kernel, t).cosine.size)

    def energy(self, points: ArrayLike, t: float = 0.0) -> FloatArray:
        """Energy ``½ ΣΣ m_i m_j h(<x_i,x_j>)``, shape (...), from the moments alone.

        Where h is infinite by a constant (β = 0 in the paper's energy): without that constant.

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
            When the model has no energy, or not one of isotropic pairs.
        OverflowError
            When it can't be represented; use ``log_energy``.
        """
        kernel = self._energy_kernel(t)
        x = self._checked(points)
        sums, log_sums = self._pair_sums(x, kernel)
        with np.errstate(over="ignore", under="ignore"):
            values = 0.5 * sums * np.exp(kernel.log_scale + log_sums)
        if not np.all(np.isfinite(values)):
            raise OverflowError(
                f"Expected a representable energy but got an overflow in {self.model.name}; "
                "call log_energy(points)."
            )
        return np.asarray(values)

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
            When f isn't exponential.
        """
        kernel = self._kernel(self._form.kernel, t)
        if kernel.rate is None:
            raise ValueError(
                f"Expected a model with an exponential kernel but got f={self._form.kernel}; "
                "use energy."
            )
        x = self._checked(points)
        sums, log_sums = self._pair_sums(x, kernel)
        return np.asarray(abs(kernel.rate) + np.log(np.abs(sums)) + log_sums)

    # -- evaluation

    def _checked(self, points: ArrayLike) -> FloatArray:
        if is_foreign(points):
            raise ValueError(
                f"Expected NumPy points for fast sums but got {type(points).__name__}; "
                "use compile_model."
            )
        x = self.direct.checked(points)
        if x.shape[-1] not in SUMS:
            raise ValueError(
                f"Expected points on the circle or S² (d = 2 or 3) but got d={x.shape[-1]}; "
                "use compile_model."
            )
        if x.shape[-1] == 3:
            load(self.library(x.shape[-2], 3))
        return x

    def _values(self, t: float) -> tuple[tuple[Any, float], ...]:
        bound = zip(self.model.parameters, self.direct.values(t), strict=True)
        return tuple((parameter, float(value)) for parameter, value in bound)

    def _kernel(self, expr: Any, t: float) -> ScaledKernel:
        timed = ((time, float(t)),) if time in expr.free_symbols else ()
        return scaled_kernel(expr, self._values(t) + timed)

    def _energy_kernel(self, t: float) -> ScaledKernel:
        expression = self.direct.energy_expression()
        kernel = pair_kernel(expression)
        if kernel is None:
            raise ValueError(
                f"Expected an energy of isotropic pairs but got energy={expression}; "
                "use compile_model."
            )
        for parameter, value in self._values(t):
            if value == 0:
                kernel = pole_free(kernel, parameter, 0)
        return self._kernel(kernel, t)

    def _nufft(self, size: int) -> bool:
        """Whether finufft sums on the circle."""
        if self.backend in ("auto", "ducc0"):
            return size >= _NUFFT_FROM and has("finufft")
        return self.backend == "finufft"

    def _masses(self, size: int) -> FloatArray:
        return np.full(size, 1.0 / size) if self.masses is None else self.masses

    def _each(
        self, x: FloatArray, function: Callable[[FloatArray], Any], shape: tuple[int, ...]
    ) -> FloatArray:
        """Evaluate a function of one system on every system of a batch."""
        out = np.empty((*x.shape[:-2], *shape))
        for index in np.ndindex(*x.shape[:-2]):
            out[index] = function(np.ascontiguousarray(x[index]))
        return out

    def _scaled(self, x: FloatArray, t: float) -> tuple[FloatArray, FloatArray]:
        kernel = self._kernel(self._form.kernel, t)
        scale = float(self._form.scale)
        normalised = self._form.normalised

        def velocity(one: FloatArray) -> FloatArray:
            pull, sums, _ = self._pull_and_sums(one, kernel)
            return scale * pull / sums[:, None] if normalised else scale * pull

        u = self._each(x, velocity, x.shape[-2:])
        return u, np.full(x.shape[:-2], 0.0 if normalised else kernel.log_scale)

    def _pull_and_sums(
        self, x: FloatArray, kernel: ScaledKernel
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Pull ``P_i Σ_j m_j g_ij x_j`` and sums ``Σ_j m_j g_ij`` of one system.

        Row i of both is to be multiplied by e^{log_rows_i}, the third array.
        """
        masses = self._masses(x.shape[0])
        if x.shape[1] == 2:
            nufft = self._nufft(x.shape[0])
            along, sums, size = fastsum_circle.pull_and_sums(
                x, masses, kernel.cosine, nufft, self.threads
            )
            pull = along[:, None] * np.stack([-x[:, 1], x[:, 0]], axis=1)
        else:
            q = masses[:, None] * x
            strengths = np.stack([q[:, 0] + 1j * q[:, 1], q[:, 2] + 1j * masses])
            sums_on_sphere = ON_SPHERE[self.library(*x.shape)].weighted_sums
            both, size = sums_on_sphere(x, strengths, kernel.legendre, self.threads)
            pull = _tangent(x, np.stack([both[0].real, both[0].imag, both[1].real], axis=1))
            sums = np.ascontiguousarray(both[1].imag)
        error = 2 * _rounding(kernel.cosine.size) * size
        if self._form.normalised:
            unresolved = np.flatnonzero(sums * self.tolerance < error)
        else:
            largest = float(np.max(np.abs(sums)))
            if largest * self.tolerance < error:
                # Weights of both signs: |Σ_j w_ij| says little, one row says enough.
                row = np.abs(kernel(x[:1] @ x.T))[0] @ masses
                largest = max(largest, float(row))
            every = largest * self.tolerance < error
            unresolved = np.arange(x.shape[0] if every else 0)
        log_rows = np.zeros(x.shape[0])
        if unresolved.size:
            pull[unresolved], sums[unresolved], log_rows[unresolved] = _directly(
                x, unresolved, masses, kernel, self._form.normalised
            )
        return pull, sums, log_rows

    def _pair_sums(self, x: FloatArray, kernel: ScaledKernel) -> tuple[FloatArray, FloatArray]:
        """``ΣΣ m_i m_j g_ij`` of every system, times e^{log_sums}, the second array."""

        def pair_sum(one: FloatArray) -> tuple[float, float]:
            masses = self._masses(one.shape[0])
            if one.shape[1] == 2:
                nufft = self._nufft(one.shape[0])
                value, size = fastsum_circle.pair_sum(
                    one, masses, kernel.cosine, nufft, self.threads
                )
            else:
                pair_sum_on_sphere = ON_SPHERE[self.library(*one.shape)].pair_sum
                value, size = pair_sum_on_sphere(one, masses, kernel.legendre, self.threads)
            if abs(value) * self.tolerance < 2 * _rounding(kernel.cosine.size) * size:
                rows = np.arange(one.shape[0])
                _, sums, log_rows = _directly(one, rows, masses, kernel, True)
                top = float(np.max(log_rows))
                return float(masses @ (sums * np.exp(log_rows - top))), top
            return value, 0.0

        both = self._each(x, pair_sum, (2,))
        return both[..., 0], both[..., 1]


def _rounding(modes: int) -> float:
    """Bound on the error of a sum over its size ``Σ_k |a_k M_k|``, phases being off by k·eps.

    Against 80-bit sums at most half of it was seen, from β = 0 to 10⁶ (7709 modes: 4e-13).
    """
    return 2e-14 + 1e-16 * modes


def _tangent(x: FloatArray, vectors: FloatArray) -> FloatArray:
    return np.asarray(vectors - np.vecdot(x, vectors)[:, None] * x)


def _directly(
    x: FloatArray, rows: NDArray[np.intp], masses: FloatArray, kernel: ScaledKernel, by_row: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Pull, sums and their logarithmic factor for some rows, pair by pair.

    By row the factor is the largest weight where the kernel is exponential, as its sum may be too
    small for a number; otherwise it is 1.
    """
    pull, (sums, log_rows) = np.empty((rows.size, x.shape[1])), np.zeros((2, rows.size))
    step = max(1, _BLOCK // x.shape[0])
    for start in range(0, rows.size, step):
        part = rows[start : start + step]
        weights = x[part] @ x.T
        if by_row and kernel.rate is not None:
            weights *= kernel.rate
            top = np.max(weights, axis=1, keepdims=True)
            weights -= top
            np.exp(weights, out=weights)
            weights *= kernel.sign
            log_rows[start : start + step] = top[:, 0] - abs(kernel.rate)
        else:
            weights = kernel(weights)
        weights *= masses
        sums[start : start + step] = np.sum(weights, axis=1)
        pull[start : start + step] = _tangent(x[part], weights @ x)
    return pull, sums, log_rows


@lru_cache
def has(library: str) -> bool:
    """Whether finufft or ducc0 is installed."""
    return importlib.util.find_spec(library) is not None


def sphere_library() -> str:
    """Give who sums on S² where none is asked for by name.

    Raises
    ------
    ModuleNotFoundError
        Without finufft and ducc0.
    """
    for library in ON_SPHERE:
        if has(library):
            return library
    raise ModuleNotFoundError(
        "Expected finufft or ducc0 to be installed for a fast sum on S² but found neither; "
        "pip install 'attnflow[fastsum]' (finufft) or 'attnflow[sphere]' (ducc0, GPL-2, several "
        "times faster), or use the direct sum."
    )


def load(library: str) -> Any:
    """Import finufft or ducc0.

    Raises
    ------
    ModuleNotFoundError
        When it can't be imported.
    """
    try:
        return importlib.import_module(library)
    except ImportError as error:
        extra = {"finufft": "fastsum", "ducc0": "sphere"}[library]
        raise ModuleNotFoundError(
            f"Expected {library} to be importable for a fast sum; install it with "
            f"pip install 'attnflow[{extra}]', or use the direct sum."
        ) from error
