"""Measures on the sphere and their energies: which of them is said to be extreme, and what ties.

Means of a kernel over the uniform measure in closed form, rivals on the circle, and ties of odd,
even and polynomial kernels: what Proposition 3.4 is decided and refuted with.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import (
    Add,
    Expr,
    Integer,
    Poly,
    Rational,
    S,
    Symbol,
    besseli,
    factorial,
    gamma,
    gammasimp,
    rf,
    simplify,
)

from proofs_checks.decide import Decision, decide_positive
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.traps import witness_values
from theory.bounded import exponential_parts, vanishes
from theory.predictions import EnergyBounds
from theory.symbols import beta, d, n, t, z


@dataclass(frozen=True)
class KernelSeries:
    """A kernel ``Σ_l p_l z^l + c e^{az}``: the polynomial's coefficients, c and a."""

    powers: tuple[tuple[int, Expr], ...]
    amplitude: Expr
    rate: Expr

    def mean(self, dimension: Any) -> Expr:
        """Mean over the uniform measure; the even moments are (1/2)_j / (d/2)_j."""
        half = dimension / Integer(2)
        total = sum(
            (
                c * rf(Rational(1, 2), e // 2) / rf(half, e // 2)
                for e, c in self.powers
                if e % 2 < 1
            ),
            S.Zero,
        )
        if self.amplitude == 0:
            return total
        order = half - 1
        bessel = gamma(half) * (2 / self.rate) ** order * besseli(order, self.rate)
        return total + self.amplitude * bessel


POSITIVE_BETA = Symbol("beta", positive=True)


def kernel_series(kernel: Expr) -> KernelSeries | None:
    """Read a kernel as a polynomial and one exponential, or return None."""
    powers: dict[int, Expr] = {}
    exponential = S.Zero
    for term in Add.make_args(kernel.subs(beta, POSITIVE_BETA).expand()):
        if term.is_polynomial(z):
            for (e,), c in Poly(term, z).terms():
                powers[int(e)] = powers.get(int(e), S.Zero) + c
        else:
            exponential += term
    if exponential == 0:
        return KernelSeries(tuple(powers.items()), S.Zero, S.Zero)
    read = exponential_parts(exponential)
    return None if read is None else KernelSeries(tuple(powers.items()), *read)


def recurrence_is_positive() -> bool:
    """Whether ``t P_k = a P_{k+1} + b P_{k-1}`` has a > 0 and b > 0 for k >= 1 and every d >= 2.

    P_k is the Gegenbauer polynomial of the sphere with P_k(1) = 1; t P_0 = P_1. Hence t^l has
    a positive coefficient along P_k whenever l >= k and l - k is even, and none else.
    """
    degree = Symbol("k", integer=True, positive=True)
    excess = Symbol("e", integer=True, nonnegative=True)  # d - 2
    up = (degree + excess) / (2 * degree + excess)
    down = degree / (2 * degree + excess)
    return bool(up.is_positive and down.is_positive and simplify(up + down - 1) == 0)


def same_minimum(series: KernelSeries, claimed: Expr) -> bool:
    """Compare the claimed minimum with ``½∬h``, term by term in the Bessel function's series."""
    j = Symbol("j", integer=True, nonnegative=True)
    size = Symbol("d", integer=True, positive=True)

    def term(order: Any, at: Any) -> Expr:
        return (at / 2) ** (2 * j + order) / (factorial(j) * gamma(j + order + 1))

    moment = gamma(j + Rational(1, 2)) / gamma(Rational(1, 2)) * gamma(size / 2)
    moment = moment / gamma(j + size / 2)
    own = series.amplitude * series.rate ** (2 * j) / factorial(2 * j) * moment / 2
    ratio = claimed.replace(besseli, term) / own
    powers = [c for e, c in series.powers if c != 0]
    return not powers and simplify(gammasimp(ratio.rewrite(gamma))) == 1


UNIFORM, DIRAC = "uniform measure", "Dirac masses"
"""Measures that a prediction may name."""


LEAST_VALUE = Symbol("E_min")
"""Least energy where it has no closed form here: ½∬ h dσ dσ."""


_AT = Rational(5, 4)
"""Value of β at which counterexamples are looked at."""


def at_numbers(expr: Expr) -> Expr:
    """Put numbers in place of parameters: β = 5/4, d = 2, n = 3, others 1."""
    put = {beta: _AT, POSITIVE_BETA: _AT, d: Integer(2), n: Integer(3)}
    return expr.subs({s: put.get(s, S.One) for s in expr.free_symbols - {z}})


def _energies(kernel: Expr, series: KernelSeries | None) -> list[tuple[str, Expr]]:
    """Return twice the energies of measures on the circle, those that have a closed form here."""
    at = {place: at_numbers(kernel).subs(z, place) for place in (-1, 0, 1)}
    found = [
        (DIRAC, at[1]),
        ("two orthogonal points", (at[1] + at[0]) / 2),
        ("two antipodal points", (at[1] + at[-1]) / 2),
        ("the square", (at[1] + 2 * at[0] + at[-1]) / 4),
    ]
    if series is not None:
        found.append((UNIFORM, at_numbers(series.mean(Integer(2)))))
    return found


def beaten(kernel: Expr, series: KernelSeries | None, name: str, sign: int) -> str:
    """Name a measure with less energy (sign 1) or more (-1) than the named one, or ""."""
    energies = _energies(kernel, series)
    for rival, bound in energies:
        for other, value in energies if rival == name else ():
            lead = (sign * (value - bound)).evalf(30)
            if lead.is_number and lead < -Rational(1, 10**20):
                word = "below" if sign > 0 else "above"
                return (
                    f"{other} has energy {(value / 2).n(6)}, {word} that of the {name}, "
                    f"{(bound / 2).n(6)}, at d = 2, beta = 5/4, h = {kernel}"
                )
    return ""


def below_top(kernel: Expr, *, strict: bool) -> Decision:
    """Decide that ``h(t) < h(1)`` for t < 1, or <=: by h' > 0 where that holds."""
    slope = decide_positive(kernel.diff(z), closed=(False, False))
    if slope.holds:
        return replace(slope, asked=None)  # another question than the one that it answers
    drop = kernel.subs(z, 1) - kernel
    return decide_positive(drop, strict=strict, closed=(True, not strict))


def _named(prediction: EnergyBounds) -> None:
    """Refuse a measure that has no name here."""
    for name in (prediction.minimiser, prediction.maximiser):
        if name not in (UNIFORM, DIRAC):
            raise ValueError(f"Expected {UNIFORM!r} or {DIRAC!r} but got measure={name!r}.")


def _off_value(name: str, claimed: Expr, value: Expr) -> str:
    """Say by how much a value differs, or ""."""
    left = at_numbers(claimed - value).evalf(30)
    if not left.is_number or abs(left) <= Rational(1, 10**20):
        return ""
    return f"the {name} is {left.n(6)} off at d = 2, beta = 5/4: {claimed} against {value}"


def more_than_maximum(flow: Flow, bounds: EnergyBounds) -> str:
    """Two atoms with more energy than one, another measure, or another value; or ""."""
    kernel = flow.kernel
    if kernel is None or t in kernel.free_symbols:
        return ""
    _named(bounds)
    found = beaten(kernel, kernel_series(kernel), bounds.maximiser, -1)
    loose = below_top(kernel, strict=False)
    if bounds.maximiser == DIRAC and loose.refuted:
        values = witness_values(loose)
        found = f"two atoms with <x,y> = {loose.witness['z']} have more energy than one"
        found += f", {values}" if values else ""
    return found or _off_value("maximum", bounds.maximum, kernel.subs(z, 1) / 2)


def less_than_minimum(flow: Flow, bounds: EnergyBounds) -> str:
    """Find a degree at which a perturbed uniform measure has less energy, or a value; or ""."""
    kernel = flow.kernel
    if kernel is None or t in kernel.free_symbols:
        return ""
    _named(bounds)
    series = kernel_series(kernel)
    if bounds.minimiser == UNIFORM and flow.definite.refuted:
        return f"{flow.definite.detail}, so a perturbation of the uniform measure has less energy"
    found = beaten(kernel, series, bounds.minimiser, 1)
    if found or series is None or bounds.minimum == LEAST_VALUE:
        return found
    return _off_value("minimum", bounds.minimum.subs(d, 2), series.mean(Integer(2)) / 2)


def tie_of(flow: Flow, bounds: EnergyBounds) -> str:
    """Another minimiser or maximiser, exactly, or ""."""
    h = flow.kernel
    if h is None or t in h.free_symbols:
        return ""
    strict = below_top(h, strict=True)
    if strict.refuted and vanishes((h.subs(z, 1) - h).subs(z, strict.witness["z"])):
        return f"two atoms with <x,y> = {strict.witness['z']} have the energy of one"
    if vanishes(h + h.subs(z, -z) - 2 * h.subs(z, 0)):
        return "h - h(0) is odd, and ½(δ_x + δ_{-x}) has the energy of the uniform measure"
    if vanishes(h - h.subs(z, -z)):
        return "h is even, and twice its half on a hemisphere ties with the uniform measure"
    if h.is_polynomial(z):
        degree = Poly(h, z).degree()
        return (
            f"h has degree {degree}: 1 + Y/2 with a harmonic Y of degree {degree + 1}, |Y| <= 1, "
            "has the energy of the uniform measure"
        )
    if flow.definite.refuted and below_top(h, strict=False).holds:
        return f"{flow.definite.detail}: a third measure is the least, not uniform, no Dirac mass"
    return ""


DEGREE = Symbol("k", integer=True, positive=True)
"""Degree of a term of a Fourier series."""
