"""Oscillators with frequencies: threshold and order parameter, (7.2); twisted states on rings."""

from __future__ import annotations

from sympy import Expr, Integral, S, Symbol, cos, pi, sin, sqrt

from theory.predictions.arguments import (
    NONNEGATIVE,
    UNIT,
    Value,
    positive_number,
    readable,
    whole_number,
    within,
)

FREQUENCY = Symbol("omega", real=True)
"""Argument of a density of frequencies."""

_theta = Symbol("theta", real=True)


def _density(value: Value) -> Expr:
    """Read a density of frequencies."""
    density = None if isinstance(value, str) else readable(value)  # its ω is another symbol
    if density is None:
        raise ValueError(
            f"Expected a density in theory.predictions.FREQUENCY but got density={value!r}; write "
            "for instance exp(-FREQUENCY**2)/sqrt(pi)."
        )
    return within(density, "density", NONNEGATIVE, "a density has no other values.")


def kuramoto_threshold(density: Value) -> Expr:
    """Coupling K_c = 2/(π g(0)) beyond which oscillators synchronise in part, n = ∞.

    Parameters
    ----------
    density : Expr
        The density g of the frequencies in ``theory.predictions.FREQUENCY``, symmetric
        and falling away from 0.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Raises
    ------
    ValueError
        If g(0) isn't a positive finite value, as where all frequencies are equal: K_c is 0 then.

    Notes
    -----
    Source: `kuramoto_consistency` as the order parameter r tends to 0 (extension).

    Examples
    --------
    >>> w = Symbol("w", positive=True)
    >>> kuramoto_threshold(w / pi / (w**2 + FREQUENCY**2))
    2*w
    """
    density = _density(density)
    peak = density.subs(FREQUENCY, 0)
    if density.has(FREQUENCY) and density.subs(FREQUENCY, -FREQUENCY).equals(density) is False:
        raise ValueError(f"Expected a symmetric density but got density={density}; centre it at 0.")
    if (
        peak.is_positive is False
        or peak.is_finite is False
        or not peak.is_comparable | (bool(peak.free_symbols))
    ):
        raise ValueError(
            f"Expected a density that is positive at 0 but got g(0)={peak}; equal frequencies "
            "synchronise at every coupling."
        )
    return 2 / (pi * peak)


def kuramoto_consistency(density: Value, coupling: Value, order: Value) -> Expr:
    """Return ``K ∫ cos²θ g(K r sin θ) dθ`` over (-π/2, π/2): it is 1 at the order parameter r > 0.

    Oscillators of ``|ω| <= Kr`` rest at ``sin θ = ω/(Kr)``; the others drift, and by symmetry add
    nothing to r.

    Parameters
    ----------
    density : Expr
        In ``theory.predictions.FREQUENCY``.
    coupling, order : number or Expr
        K > 0 and r in [0, 1]; at r = 0 the limit.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Notes
    -----
    Source: Kuramoto (1975); Strogatz, Physica D 143 (2000), section 4 (extension).

    Examples
    --------
    >>> kuramoto_consistency(1 / pi / (1 + FREQUENCY**2), 4, 0).doit()
    2
    """
    coupling, density = positive_number(coupling, "coupling"), _density(density)
    order = within(order, "order", UNIT, "r is the length of a mean of unit vectors.")
    at = density.subs(FREQUENCY, coupling * order * sin(_theta))
    return coupling * Integral(cos(_theta) ** 2 * at, (_theta, -pi / 2, pi / 2))


def kuramoto_order(coupling: Value, width: Value = 1) -> Expr:
    """Order parameter ``sqrt(1 - K_c/K)`` of Lorentzian frequencies, K_c = 2·width; 0 below K_c.

    Parameters
    ----------
    coupling : number or Expr
        K > 0.
    width : number or Expr
        Half width w of the density ``(w/π)/(w² + ω²)``.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Raises
    ------
    ValueError
        If a number isn't positive.

    Notes
    -----
    Source: `kuramoto_consistency`, whose integral is elementary for this density (extension).

    Examples
    --------
    >>> kuramoto_order(4), kuramoto_order(1)
    (sqrt(2)/2, 0)
    """
    coupling = positive_number(coupling, "coupling")
    critical = 2 * positive_number(width, "width")
    if (coupling - critical).is_nonpositive:
        return S.Zero
    return sqrt(1 - critical / coupling)


def twisted_state_rate(mode: Value, n: Value, winding: Value = 1, coupling: Value = 1) -> Expr:
    """Growth rate of mode p about ``theta_j = 2πqj/n`` of equal oscillators on a ring.

    ``-(2K/n) cos(2πq/n) (1 - cos(2πp/n))``, with neighbours of weight 1/n: stable iff
    ``cos(2πq/n) > 0``, which for q = 1 is n >= 5.

    Parameters
    ----------
    mode : int or Expr
        The mode, p = 0, …, n - 1; p = 0 turns all and has the rate 0.
    n : int or Expr
        Number of oscillators, n >= 3.
    winding : int or Expr
        The winding number q.
    coupling : number or Expr
        K.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Notes
    -----
    Source: the circulant linearisation; Wiley, Strogatz, Girvan, Chaos 16 (2006) (extension).

    Examples
    --------
    >>> twisted_state_rate(1, 6)
    -1/12
    >>> twisted_state_rate(1, 4), twisted_state_rate(1, 3) > 0
    (0, True)
    """
    n, mode = whole_number(n, "n", 3), whole_number(mode, "mode", 0)
    if (n - mode).is_nonpositive:
        raise ValueError(f"Expected a mode below n but got mode={mode}, n={n}; pass one of 0..n-1.")
    winding = within(winding, "winding", S.Reals, "pass a whole number.")
    coupling = within(coupling, "coupling", S.Reals, "pass a number.")
    if winding.is_integer is False:
        raise ValueError(
            f"Expected a whole winding number but got winding={winding}; pass one of either sign."
        )
    slope = cos(2 * pi * winding / n)
    return -2 * coupling / n * slope * (1 - cos(2 * pi * mode / n))
