"""Who sums over the pairs of a coarsening run: NumPy, or numba where it can be imported."""

from __future__ import annotations

from numerics.arguments import check_choice
from numerics.coarsening.pairs import Backend, FloatArray, NumpyPairs, Pairs


def choose_backend(backend: Backend | None) -> Backend:
    """Resolve the backend: numba where it can be imported unless one is asked for by name.

    Raises
    ------
    ValueError
        If the name is unknown.
    ModuleNotFoundError
        If numba is asked for and cannot be imported.
    """
    if backend is None:
        return "numba" if _numba_works() else "numpy"
    remedy = "pass None to take numba when it is installed"
    check_choice(backend, "backend", ("numpy", "numba"), remedy)
    if backend == "numba" and not _numba_works():
        raise ModuleNotFoundError(
            "Expected numba to be importable but got backend='numba'. "
            "Install the extra `fast` (pip install 'attnflow[fast]') or pass backend='numpy'."
        )
    return backend


def _numba_works() -> bool:
    """Whether numba can be imported; an installed one may not fit the NumPy beside it."""
    from numerics.coarsening.compiled import numba

    return numba is not None


def make_pairs(
    backend: Backend, masses: FloatArray, beta: float, normalised: bool, floor: float
) -> Pairs:
    """Pair sums of the chosen backend; numba is imported on first use only."""
    if backend == "numba":
        from numerics.coarsening.neighbour_lists import NumbaPairs

        return NumbaPairs(masses, beta, normalised, floor)
    return NumpyPairs(masses, beta, normalised, floor)
