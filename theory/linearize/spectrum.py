"""The spectrum at an equilibrium: eigenvalues with multiplicities, and the verdict on stability.

Also how a spectrum is put together from what was found: equal eigenvalues are joined, signs are
read off the assumptions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    Float,
    Piecewise,
    Poly,
    Rational,
    S,
    Sum,
    Symbol,
    factor,
    nsimplify,
    simplify,
    sympify,
)
from sympy.core.function import AppliedUndef

from theory.bounded import BUDGET, NOISE, cost, vanishes
from theory.latex import latex_of
from theory.summaries import Formulas
from theory.symbols import d, n, t

LAMBDA = Symbol("lambda")


PLACE = Symbol("place", integer=True, positive=True)
"""Which token, from 1, under a mask that orders them."""


_CODIMENSION = Dummy("d1", integer=True, positive=True)


_LATER = Dummy("t", nonnegative=True)


_OTHERS = Dummy("n1", integer=True, positive=True)


TOLERANCE = 1e-8


class Stability(Enum):
    """Verdict on an equilibrium, rotations of the whole configuration apart."""

    STABLE = "stable"
    UNSTABLE = "unstable"
    DEGENERATE = "degenerate"
    UNRESOLVED = "below resolution"
    UNDECIDED = "undecided"

    @property
    def message(self) -> str:
        """What the verdict rests on, and what to do when there is none."""
        return {
            "stable": "Every eigenvalue is negative but the zeros of the rotations.",
            "unstable": "An eigenvalue is positive: the equilibrium is a strict saddle.",
            "degenerate": "Every eigenvalue is 0, beyond the rotations, as at consensus when "
            "h'(1) = 0: higher orders decide.",
            "below resolution": "More eigenvalues than the rotations are too small to be told from "
            "0 by 960 digits; give exact points, or a symbolic beta.",
            "undecided": "A sign depends on the parameters, or a zero is not a rotation; "
            "give numbers with spectrum.at({beta: 4}).",
        }[self.value]


@dataclass(frozen=True)
class Spectrum(Formulas):
    """Eigenvalues of the linearisation at an equilibrium.

    Parameters
    ----------
    configuration : str
        The equilibrium in words.
    eigenvalues : tuple of (value, multiplicity)
        Both may hold symbols. A multiplicity is never the integer 0.
    residual : Expr
        Size of the velocity at the configuration: 0 where exact, tiny for floats.
    tokens, dimension : Expr
        The numbers n and d; the tangent space has dimension n(d-1).
    rotations : Expr
        Dimension of the orbit under rotations, which is the least multiplicity of 0; set to 0 for
        a model with matrices, which breaks the symmetry.
    factors : tuple of (Poly, multiplicity)
        Factors of degree three or more of the characteristic polynomial, in the symbol
        ``lambda``, whose roots have no closed form here; irreducible over the rationals, and left
        whole where the configuration has square roots. ``at`` solves them.
    vectors : tuple of tuple of Matrix, optional
        For each eigenvalue, displacements of the clusters (one row a cluster), when asked for.
        A column beyond those of the points is a direction orthogonal to all of them. Motion
        within a cluster isn't listed: there, any displacements with weighted mean zero.
    unresolved : int
        Of eigenvalues of floats that are given as 0, how many more there are than rotations.
    places : tuple of (value, multiplicity)
        Under a mask that orders the tokens: eigenvalues for each `PLACE` from 2 to n.
    others : tuple of (value, multiplicity)
        Eigenvalues of the differences within further columns of the state, such as lengths.
    operators : tuple of (MatrixExpr, multiplicity)
        Where the linearisation is no multiple of the identity: the image of a direction ``u*`` at
        the point ``x*``; each eigenvalue of its tangent part counts so many times.
    moving : tuple of (MatrixSymbol, expression)
        Velocities of the blocks that move at the configuration itself, or the steps of a map; the
        eigenvalues are then those across it.
    scalars : tuple of (Symbol or MatrixSymbol, MatrixExpr or Expr)
        What symbols such as ``<x*,Vx*>`` stand for, and columns such as ``x*_2``, where inner maps
        take the point; each stands after those that it needs.
    matrices : tuple of (Matrix, multiplicity)
        Matrices over tokens whose eigenvalues are too long in closed form. ``at`` solves them.
    contracting : bool
        Whether weights >= 0, under which some token is reached from all, pull the tokens: then
        every eigenvalue but the zeros of moving all alike has a negative real part.
    multipliers : bool
        Whether the eigenvalues are those of a map, which attracts where they are below 1 in size.
    """

    configuration: str
    eigenvalues: tuple[tuple[Expr, Expr], ...]
    residual: Expr
    tokens: Expr
    dimension: Expr
    rotations: Expr
    factors: tuple[tuple[Poly, Expr], ...] = ()
    vectors: tuple[tuple[Any, ...], ...] | None = field(default=None, repr=False)
    unresolved: int = 0
    places: tuple[tuple[Expr, Expr], ...] = ()
    others: tuple[tuple[Expr, Expr], ...] = ()
    operators: tuple[tuple[Any, Expr], ...] = ()
    moving: tuple[tuple[Any, Any], ...] = ()
    scalars: tuple[tuple[Any, Any], ...] = ()
    matrices: tuple[tuple[Any, Expr], ...] = ()
    contracting: bool = False
    multipliers: bool = False

    _shown = (
        *("configuration", "eigenvalues", "factors", "places", "others", "operators", "moving"),
        *("tokens", "dimension"),
    )

    def formulas(self) -> list[str]:
        """Write the eigenvalues with their multiplicities, and what their symbols stand for.

        Returns
        -------
        list of str
            LaTeX, an equation each.
        """

        def times(count: Any) -> str:
            return rf"\ \left(\times {latex_of(count)}\right)"

        lines = [rf"\lambda = {latex_of(v)}{times(count)}" for v, count in self.eigenvalues]
        for value, count in self.places:
            place = latex_of(PLACE)
            lines.append(rf"\lambda = {latex_of(value)}{times(count)},\quad {place} = 2, \ldots, n")
        for poly, count in self.factors:
            lines.append(rf"{latex_of(poly.as_expr())} = 0{times(count)}")
        for value, count in self.operators:
            lines.append(rf"u^* \mapsto {latex_of(value)}{times(count)}")
        for value, count in self.others:
            lines.append(rf"\lambda = {latex_of(value)}{times(count)},\quad \text{{other columns}}")
        for symbol, value in self.moving:
            arrow = r"\leftarrow" if self.multipliers else "'="
            lines.append(f"{latex_of(symbol)} {arrow} {latex_of(value)}")
        lines += [f"{latex_of(symbol)} = {latex_of(value)}" for symbol, value in self.scalars]
        return lines or [r"\text{no eigenvalue in closed form}"]

    @property
    def morse_index(self) -> Expr:
        """Number of unstable directions: for a flow that climbs E, of the directions of increase.

        A sign that isn't decided stays as a condition. With unsolved ``factors`` this is an error.
        """
        if self.factors or self.places or self.operators or self.matrices:
            raise ValueError(
                f"Expected every eigenvalue in closed form but got factors={self.factors}, "
                f"places={self.places}, operators={self.operators}, matrices={self.matrices}; give "
                "numbers first with spectrum.at({beta: 4})."
            )
        return Add(
            *(
                multiplicity * Piecewise((1, value > 0), (0, True))
                if _sign(value) is None
                else multiplicity * max(_sign(value) or 0, 0)
                for value, multiplicity in self.eigenvalues
            )
        )

    @property
    def stable(self) -> Stability:
        """Verdict from the assumptions on the symbols; n and d are taken to be at least 2."""
        if self.contracting:
            return Stability.STABLE
        later = ((_with_positive_sums(v).subs(PLACE, 1 + _OTHERS), k) for v, k in self.places)
        pairs = [*((self._growth(v), k) for v, k in self.eigenvalues), *later]
        signs = [(_sign(value.subs(t, _LATER)), _room(k)) for value, k in pairs]
        if any(sign == 1 and _sign(k) == 1 for sign, k in signs):
            return Stability.UNSTABLE
        if (
            self.factors
            or self.operators
            or self.matrices
            or any(sign is None or sign == 1 for sign, _ in signs)
        ):
            return Stability.UNDECIDED
        if self.unresolved:
            return Stability.UNRESOLVED
        zeros = Add(*(k for sign, k in signs if sign == 0))
        excess = simplify(zeros - _room(self.rotations))
        if excess == 0:
            return Stability.STABLE
        flat = all(sign == 0 for sign, _ in signs)
        return Stability.DEGENERATE if flat else Stability.UNDECIDED

    def _growth(self, value: Expr) -> Expr:
        """Give what is negative where a motion dies out."""
        return Abs(value) - 1 if self.multipliers else value

    def applied(self, function: Callable[[Expr], Expr]) -> Spectrum:
        """Apply a function to all eigenvalues, as one that writes out what a letter stands for.

        Eigenvalues that become equal are joined.

        Parameters
        ----------
        function : callable
            Applied to every eigenvalue.

        Returns
        -------
        Spectrum
            Eigenvalues with their multiplicities.
        """
        pairs = [(function(v), k) for v, k in self.eigenvalues]
        factors = [(Poly(function(p.as_expr()), LAMBDA), k) for p, k in self.factors]
        same = tuple(pairs) == self.eigenvalues and tuple(factors) == self.factors
        made = self if same else self._with(pairs, factors)
        return made._with_the_rest(function)

    def _with_the_rest(self, function: Callable[[Any], Any]) -> Spectrum:
        """Apply a function to what isn't an eigenvalue of the tokens in closed form."""
        return replace(
            self,
            places=tuple((function(v), function(k)) for v, k in self.places),
            others=tuple((function(v), function(k)) for v, k in self.others),
            matrices=tuple((v.applyfunc(function), function(k)) for v, k in self.matrices),
            operators=tuple((function(v), function(k)) for v, k in self.operators),
            moving=tuple((symbol, function(v)) for symbol, v in self.moving),
        )

    def at(self, values: Mapping[Any, Any]) -> Spectrum:
        """Put numbers, or other symbols, in place of symbols.

        Parameters
        ----------
        values : Mapping
            Replacements by symbol.

        Returns
        -------
        Spectrum
            Eigenvalues with their multiplicities.
        """
        given = {key: sympify(value) for key, value in values.items()}
        # Exact inside, so that what cancels to e^{-2β} keeps its digits.
        put = {key: nsimplify(value, rational=True) for key, value in given.items()}
        floats = any(value.has(Float) for value in given.values())
        pairs = [(_settle(v.subs(put), floats), sympify(k).subs(put)) for v, k in self.eigenvalues]
        left = []
        for poly, multiplicity in self.factors:
            moved = Poly(poly.as_expr().subs(put), LAMBDA)
            if moved.free_symbols_in_domain:
                left.append((moved, multiplicity))
                continue
            roots = Poly([c.evalf(40) for c in moved.all_coeffs()], LAMBDA).nroots(n=20)
            pairs += [(root, multiplicity) for root in roots]
        tokens = self.tokens.subs(put)
        made = self._with_the_rest(lambda e: e.subs(put))
        if tokens.is_Integer and self.places:
            pairs += [
                (_settle(value.subs(PLACE, place).doit(), floats), copies)
                for value, copies in made.places
                for place in range(2, int(tokens) + 1)
            ]
            made = replace(made, places=())
        for matrix, copies in made.matrices:
            if not (matrix.free_symbols or matrix.atoms(AppliedUndef)):
                pairs += [(value, copies) for value in _numeric_eigenvalues(matrix)]
        open_ = tuple(p for p in made.matrices if p[0].free_symbols or p[0].atoms(AppliedUndef))
        made = replace(made, matrices=open_)
        return replace(
            made._with(pairs, left),
            tokens=tokens,
            dimension=self.dimension.subs(put),
            rotations=self.rotations.subs(put),
        )

    def _with(self, pairs: list[Any], factors: list[Any]) -> Spectrum:
        """Return it with these eigenvalues, equal ones joined; new ones stand at the end."""
        modes = [*(self.vectors or ()), *[()] * (len(pairs) - len(self.vectors or ()))]
        merged = _merge([(v, k, w) for (v, k), w in zip(pairs, modes, strict=True)])
        return replace(
            self,
            eigenvalues=tuple((v, k) for v, k, _ in merged),
            factors=tuple(factors),
            vectors=None if self.vectors is None else tuple(w for _, _, w in merged),
        )


Found = list[tuple[Expr, Expr, tuple[Any, ...]]]


def rotation_count(rank: int, dimension: Any) -> Any:
    """Dimension of the orbit under rotations of points that span so many dimensions.

    Parameters
    ----------
    rank : int
        Dimensions that the points span.
    dimension : object
        Dimension of the space.

    Returns
    -------
    object
        The dimension, a number or an expression.
    """
    return rank * dimension - rank * (rank + 1) // 2


def assembled_spectrum(
    found: Found,
    name: str,
    residual: Expr,
    tokens: Expr,
    dimension: Expr,
    rank: int,
    factors: Sequence[tuple[Poly, Expr]] = (),
    keep_vectors: bool = False,
    isotropic: bool = True,
    unresolved: int = 0,
) -> Spectrum:
    """Put a spectrum together: equal eigenvalues joined, factors collected, rotations counted.

    Parameters
    ----------
    found : Found
        Eigenvalues that were found, with multiplicities.
    name : str
        Name in messages and pictures.
    residual : Expr
        What is left of an identity, 0 where it holds.
    tokens : Expr
        Number of tokens.
    dimension : Expr
        Dimension of the space.
    rank : int
        Dimensions that the points span.
    factors : Sequence[tuple[Poly, Expr]], optional
        Factors of the characteristic polynomial.
    keep_vectors : bool, optional
        Whether eigenvectors are kept.
    isotropic : bool, optional
        Whether directions off the span are alike.
    unresolved : int, optional
        Factors whose roots aren't in closed form.

    Returns
    -------
    Spectrum
        Eigenvalues with their multiplicities.
    """
    merged = _merge(found)
    joined: dict[Poly, Expr] = {}
    for poly, multiplicity in factors:
        joined[poly] = joined.get(poly, S.Zero) + multiplicity
    return Spectrum(
        configuration=name,
        eigenvalues=tuple((v, k) for v, k, _ in merged),
        residual=sympify(residual),
        tokens=tokens,
        dimension=dimension,
        rotations=rotation_count(rank, dimension) if isotropic else S.Zero,
        factors=tuple((poly, factor(k)) for poly, k in joined.items() if k != 0),
        vectors=tuple(w for _, _, w in merged) if keep_vectors else None,
        unresolved=unresolved,
    )


def _merge(found: Found) -> Found:
    """Join equal eigenvalues; drop multiplicity 0; zero first."""
    merged: Found = []
    for value, multiplicity, modes in found:
        multiplicity = factor(multiplicity)
        if multiplicity == 0:
            continue
        for place, (other, count, drawn) in enumerate(merged):
            if _equal(value, other):
                merged[place] = (other, factor(count + multiplicity), (*drawn, *modes))
                break
        else:
            merged.append((value, multiplicity, modes))
    return sorted(merged, key=lambda item: item[0] != 0)


def _equal(first: Expr, second: Expr) -> bool:
    if first == second:
        return True
    gap = first - second
    if gap.has(Float):
        return bool(gap.is_number and abs(gap) <= TOLERANCE * abs(first.evalf()))
    symbols = sorted(gap.free_symbols, key=str)
    try:
        probe = gap.subs({s: Rational(7 + 3 * j, 5 + j) for j, s in enumerate(symbols)}).evalf()
        if probe.is_number and abs(probe) > Rational(1, 10**9):
            return False
    except (TypeError, ValueError):
        pass
    return bool(vanishes(gap))


def _settle(value: Expr, floats: bool) -> Expr:
    """Plain float where a float came in."""
    if not (floats and value.is_number):
        return value
    number = value.evalf(15)
    # SymPy gives what cancels in all its digits the precision 1.
    lost = number.is_Float and number._prec == 1
    return S.Zero if lost and vanishes(value) else number


def _numeric_eigenvalues(matrix: Any) -> list[Expr]:
    """Eigenvalues of a matrix of numbers, by its characteristic polynomial with 40 digits."""
    poly = Poly(matrix.applyfunc(lambda e: e.evalf(40)).charpoly(LAMBDA).as_expr(), LAMBDA)
    return list(poly.nroots(n=20, maxsteps=200))


def _with_positive_sums(value: Expr) -> Expr:
    """Put positive numbers for sums of positive terms, which SymPy doesn't see to be positive."""
    return value.replace(
        lambda e: isinstance(e, Sum) and bool(e.function.is_positive),
        lambda e: Dummy("sum", positive=True),
    )


def _room(multiplicity: Expr) -> Expr:
    """Write n and d as 1 + a positive integer."""
    return sympify(multiplicity).subs({n: 1 + _OTHERS, d: 1 + _CODIMENSION})


def _sign(value: Expr) -> int | None:
    """1, 0 or -1, or None when the assumptions leave it open."""
    if value.is_number:
        real = value.evalf()
        if real.is_real is False:
            real = real.as_real_imag()[0]
        if real == 0 or (abs(real) < NOISE and not value.has(Float) and vanishes(value)):
            return 0
        return 1 if real > 0 else -1
    for candidate in (value, factor(value) if cost(value) <= 10 * BUDGET else value):
        for answer, known in (
            (0, candidate.is_zero),
            (1, candidate.is_positive),
            (-1, candidate.is_negative),
        ):
            if known:
                return answer
    return None
