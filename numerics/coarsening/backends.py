"""Who sums over the pairs of a coarsening run: NumPy, or numba where it can be imported."""

from __future__ import annotations

import importlib

from numerics.arguments import FloatArray, IntArray, check_choice
from numerics.coarsening.kernels import Kernel
from numerics.coarsening.legs import Leg, leg
from numerics.coarsening.pairs import Backend, NumpyPairs, Pairs
from numerics.coarsening.step import Options, State
from numerics.extras import numba_works, require_numba


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
        return "numba" if numba_works() else "numpy"
    remedy = "pass None to take numba when it is installed"
    check_choice(backend, "backend", ("numpy", "numba"), remedy)
    if backend == "numba":
        require_numba()
    return backend


def make_pairs(
    backend: Backend, masses: FloatArray, kernel: Kernel, normalised: bool, floor: float
) -> Pairs:
    """Pair sums of the chosen backend; numba is imported on first use only."""
    if backend == "numba":
        compiled = importlib.import_module("numerics.coarsening.neighbour_lists")
        pairs: Pairs = compiled.NumbaPairs(masses, kernel, normalised, floor)
        return pairs
    return NumpyPairs(masses, kernel, normalised, floor)


def take_leg(
    pairs: Pairs,
    state: State,
    h: float,
    options: Options,
    component: IntArray,
    radius: float,
    budget: int,
) -> Leg:
    """Take steps until something happens, by the compiled loop where the pairs have one."""
    own = getattr(pairs, "leg", None)
    if own is None:
        return leg(pairs, state, h, options, component, radius, budget)
    found: Leg = own(state, h, options, component, radius, budget)
    return found
