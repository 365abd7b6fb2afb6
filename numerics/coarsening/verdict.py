"""Whether the equilibrium where a coarsening run ended is stable, and how fast one escapes it.

The eigenvalues are those of `theory.linearize`.
"""

from __future__ import annotations

import math

import numpy as np
import sympy as sp

from numerics.arguments import FloatArray, checked_first
from numerics.coarsening.result import Coarsening, CoarsenStatus, check_run
from numerics.equilibria import polish, spectrum_at
from theory import symbols
from theory.linearize import Spectrum, antipodal, polygon
from theory.models import Model

_LARGEST_POLYGON = 8


_LARGEST_SPECTRUM = 48  # tangent dimensions


_ROUGH = 1e-3  # how far a run may end from its equilibrium


@checked_first(check_run)
def stationary_verdict(result: Coarsening) -> Spectrum:
    """Linearise the flow at the equilibrium where a run ended.

    Parameters
    ----------
    result : Coarsening
        A run that ended with status STATIONARY, d ≥ 2.

    Returns
    -------
    Spectrum
        Its ``stable`` is the verdict, its ``eigenvalues`` the rates; `escape_log_rate` gives the
        rate at which a perturbation grows. For an antipodal pair, and for equal clusters at the
        vertices of a regular polygon of up to 8, the eigenvalues are exact at every β; else they
        are floats of `numerics.spectrum_at`.

    Raises
    ------
    ValueError
        If the run did not end at an equilibrium, d = 1, or there are too many clusters.

    Examples
    --------
    >>> from numerics.coarsening.run import coarsen
    >>> spectrum = stationary_verdict(coarsen([[1, 0], [-1, 0]], beta=4))
    >>> spectrum.stable.name, round(escape_log_rate(spectrum), 6)
    ('UNSTABLE', -7.307188)
    """
    if result.status is not CoarsenStatus.STATIONARY:
        raise ValueError(
            f"Expected a run that ended at an equilibrium but got status={result.status.name}. "
            "Only STATIONARY ends have a spectrum."
        )
    x, masses = result.final_points, result.final_masses
    k, d = x.shape
    if d < 2:
        raise ValueError(
            f"Expected d >= 2 but got d={d}. Nothing moves on two points: embed them in a plane."
        )
    hot = symbols.beta in result.model.parameters
    known = _known(result.model, x, masses)
    if known is not None and hot:
        return known.at({symbols.beta: sp.nsimplify(sp.Float(result.beta, 17), rational=True)})
    if known is not None:
        return known
    if k * (d - 1) > _LARGEST_SPECTRUM:
        raise ValueError(
            f"Expected at most {_LARGEST_SPECTRUM} tangent dimensions but got "
            f"k*(d-1)={k * (d - 1)}. Call numerics.spectrum_at with result.final_points; it takes "
            "minutes."
        )
    model = result.model.subs({symbols.beta: sp.Float(result.beta)}) if hot else result.model
    weights = masses.tolist()
    return spectrum_at(model, polish(model, x, weights, within=_ROUGH), weights)


def _known(model: Model, x: FloatArray, masses: FloatArray) -> Spectrum | None:
    """Recognise an antipodal pair and regular polygons, whose spectra are exact."""
    k, d = x.shape
    exact = [sp.nsimplify(sp.Float(w, 15), rational=True) for w in masses.tolist()]
    if k == 2 and np.linalg.norm(x[0] + x[1]) < 1e-12:
        return antipodal(model, 1, 1, exact, d)
    equal = float(np.ptp(masses)) <= 1e-12 * float(masses.max())
    if not 3 <= k <= _LARGEST_POLYGON or not equal:
        return None
    # a regular polygon: of rank 2, and the sorted inner products with any vertex are its cosines
    cosines = np.sort(np.cos(2 * np.pi * np.arange(k) / k))
    gram = x @ x.T
    rank = int(np.linalg.matrix_rank(x, tol=1e-10))
    if rank != 2 or float(np.abs(np.sort(gram, axis=1) - cosines).max()) > 1e-10:
        return None
    return polygon(model, k, 1, sp.Integer(k) * exact[0], d)


def escape_log_rate(spectrum: Spectrum) -> float:
    """Logarithm of the rate of the fastest unstable mode, −inf if there is none.

    A perturbation of size ε leaves the equilibrium in a time of about log(1/ε) divided by this
    rate: the lifetime e^{−rate} of the state in log t, up to a logarithm.

    Parameters
    ----------
    spectrum : Spectrum
        With numbers for eigenvalues.

    Returns
    -------
    float
    """
    best = -math.inf
    for value, _ in spectrum.eigenvalues:
        # enough digits that sums of exponentials e^{-2β} do not cancel
        real = sp.re(sp.N(value, 30))
        if real > 0:
            best = max(best, float(sp.log(real)))
    return best
