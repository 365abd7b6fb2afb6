"""The algebra of inner products: vectors as formal combinations over the ring of their products.

An identity reduced to zero here holds for every dimension d, and, because a sum over tokens is one
abstract vector, for every n. Used for confinement, the energy rates (A.3) and the Hessian (A.6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Literal, cast

from sympy import Basic, Dummy, Expr, S, Tuple, expand, factor, sympify
from sympy.core.symbol import Str

from theory.bounded import BUDGET, cost
from theory.recorded import (
    BasisSum,
    Image,
    Pairing,
    Projected,
    Term,
    is_recorded,
    is_recording,
    named,
)
from theory.symbols import d

Kind = Literal["general", "symmetric", "orthogonal"]


class LinearMap(Basic):
    """A linear map of R^d known by name, with what is known of its transpose.

    Parameters
    ----------
    name : str
        How it prints.
    kind : {"general", "symmetric", "orthogonal"}
        ``symmetric``: ``<Va, b> = <a, Vb>``. ``orthogonal``: ``<Ra, Rb> = <a, b>``.
    transposed : bool
        Whether this is the transpose of the named map.

    Examples
    --------
    >>> x, y = vectors("x y")
    >>> R = LinearMap("R", "orthogonal")
    >>> inner(R(x), R(y)) - inner(x, y)
    0
    """

    def __new__(
        cls, name: str | Str, kind: Kind | Str = "general", transposed: bool = False
    ) -> LinearMap:
        """Check the kind and build the map."""
        if str(kind) not in ("general", "symmetric", "orthogonal"):
            raise ValueError(
                "Expected a kind among 'general', 'symmetric', 'orthogonal' but got "
                f"kind={kind!r}; use 'general' if nothing is known."
            )
        flipped = bool(transposed) and str(kind) != "symmetric"
        obj: LinearMap = Basic.__new__(cls, Str(str(name)), Str(str(kind)), sympify(flipped))
        return obj

    @property
    def kind(self) -> str:
        """What is known of the transpose."""
        return str(self.args[1])

    @property
    def T(self) -> LinearMap:
        """The transpose."""
        return LinearMap(self.args[0], self.args[1], not self.args[2])

    def __call__(self, vector: Vector) -> Vector:
        """Apply the map to a vector."""
        if isinstance(vector, Term):
            return Term(Image(self, vector.node))
        return Vector.collect(
            (_Direction(atom.base, _reduce((self, *atom.word))), coefficient)
            for atom, coefficient in vector.terms
        )

    def _sympystr(self, printer: Any) -> str:
        return str(self.args[0]) + ("^T" if self.args[2] else "")


def _reduce(word: Iterable[LinearMap]) -> tuple[LinearMap, ...]:
    """Cancel ``R^T R`` and ``R R^T`` for orthogonal letters."""
    out: list[LinearMap] = []
    for letter in word:
        if out and letter.kind == "orthogonal" and out[-1] == letter.T:
            out.pop()
        else:
            out.append(letter)
    return tuple(out)


class _Base(Basic):
    """A named vector, of length one or not."""

    def __new__(cls, name: str | Str, unit: Any = False) -> _Base:
        obj: _Base = Basic.__new__(cls, Str(str(name)), sympify(bool(unit)))
        return obj

    def _sympystr(self, printer: Any) -> str:
        return str(self.args[0])


class InnerProduct(Expr):
    """The scalar ``<a, W b>`` of two named vectors and a word W of linear maps, a ring generator.

    Build it with :func:`inner`, which brings it to normal form.
    """

    is_commutative = True
    is_extended_real = True
    is_finite = True

    @property
    def left(self) -> _Base:
        """The vector a."""
        return self.args[0]

    @property
    def word(self) -> tuple[LinearMap, ...]:
        """The maps between a and b."""
        return tuple(self.args[1])

    @property
    def right(self) -> _Base:
        """The vector b."""
        return self.args[2]

    def _sympystr(self, printer: Any) -> str:
        word = " ".join(str(letter) for letter in self.word)
        return f"<{self.left},{word + ' ' if word else ''}{self.right}>"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        word = " ".join(str(letter) for letter in self.word)
        text = rf"\langle {self.left}, {word} {self.right}\rangle"
        return text if exp is None else rf"{text}^{{{exp}}}"


class MapTrace(Expr):
    """The trace of a word of linear maps, which :func:`basis_trace` may leave."""

    is_commutative = True
    is_extended_real = True
    is_finite = True

    def _sympystr(self, printer: Any) -> str:
        return "tr(" + " ".join(str(letter) for letter in self.args[0]) + ")"


@dataclass(frozen=True)
class _Direction:
    """A word of maps applied to a named vector."""

    base: _Base
    word: tuple[LinearMap, ...] = ()

    @cached_property
    def key(self) -> tuple[Any, ...]:
        return (self.base.sort_key(), tuple(letter.sort_key() for letter in self.word))


def _pair(a: _Base, word: tuple[LinearMap, ...], b: _Base) -> Expr:
    """Bring ``<a, W b>`` to normal form: the smaller of (a, W, b) and (b, W^T, a)."""
    word = _reduce(word)
    if not word and a == b and a.args[1] == S.true:
        return S.One
    forward = Tuple(a, Tuple(*word), b)
    backward = Tuple(b, Tuple(*(letter.T for letter in reversed(word))), a)
    return InnerProduct(*min(forward, backward, key=lambda v: v.sort_key()))


@dataclass(frozen=True)
class Vector:
    """A finite formal combination of named vectors.

    Attributes
    ----------
    terms : tuple of (direction, coefficient)
        In a fixed order, no coefficient zero: two vectors are equal as formal combinations
        exactly when their terms are.

    Examples
    --------
    >>> x, m = vectors("x m", unit="x")
    >>> inner(x, project(x, m))
    0
    """

    terms: tuple[tuple[_Direction, Expr], ...] = field(default=())

    @staticmethod
    def collect(pairs: Iterable[tuple[_Direction, Expr]]) -> Vector:
        """Add up the coefficients direction by direction."""
        total: dict[_Direction, Expr] = {}
        for direction, coefficient in pairs:
            total[direction] = total.get(direction, S.Zero) + coefficient
        kept = [(k, expand(v)) for k, v in total.items()]
        kept = [(k, v) for k, v in kept if v != 0]
        return Vector(tuple(sorted(kept, key=lambda kv: kv[0].key)))

    def __add__(self, other: Vector) -> Vector:
        """Sum of two vectors."""
        if isinstance(other, Term):
            return other
        return Vector.collect((*self.terms, *other.terms))

    def __neg__(self) -> Vector:
        """Opposite vector."""
        return self * S.NegativeOne

    def __sub__(self, other: Vector) -> Vector:
        """Difference of two vectors."""
        return self + (-other)

    def __mul__(self, scalar: Any) -> Vector:
        """Multiple by a scalar of the ring."""
        if isinstance(scalar, Vector):
            raise TypeError(
                f"Expected a scalar but got scalar={scalar}; "
                "the product of two vectors is inner(a, b)."
            )
        return Vector.collect((k, v * sympify(scalar)) for k, v in self.terms)

    __rmul__ = __mul__

    def __truediv__(self, scalar: Any) -> Vector:
        """Multiple by the inverse of a scalar."""
        return self * (1 / sympify(scalar))

    def simplify(self) -> Vector:
        """Bring each coefficient to a common denominator; rational identities become visible."""
        return Vector.collect((k, factor(v)) for k, v in self.terms)

    def __bool__(self) -> bool:
        """Whether any term is left."""
        return bool(self.terms)

    def __str__(self) -> str:
        """Readable sum."""
        if not self.terms:
            return "0"
        return " + ".join(
            f"({value})*{' '.join((*map(str, direction.word), str(direction.base)))}"
            for direction, value in self.terms
        )


def vectors(names: str, unit: str = "") -> tuple[Vector, ...]:
    """Make vectors with the given names.

    Parameters
    ----------
    names : str
        Names, separated by spaces.
    unit : str
        Which of them have length one.

    Returns
    -------
    tuple of Vector
        One a name. A tangent vector at x is ``project(x, u)``; a sum over tokens is one vector.
    """
    wanted, units = names.split(), unit.split()
    unknown = [name for name in units if name not in wanted]
    if unknown:
        raise ValueError(
            f"Expected unit vectors among names={names!r} but got unit={unit!r}; "
            f"add {' '.join(unknown)} to the names."
        )
    if is_recording():
        return tuple(cast(Vector, named(v, v in units)) for v in wanted)
    return tuple(Vector(((_Direction(_Base(v, v in units)), S.One),)) for v in wanted)


def inner(a: Vector, b: Vector) -> Expr:
    """Inner product, expanded bilinearly into the generators of the ring.

    Parameters
    ----------
    a, b : Vector
        The two vectors.

    Returns
    -------
    Expr
        A polynomial in :class:`InnerProduct` generators and the coefficients' symbols.
    """
    if isinstance(a, Term) or isinstance(b, Term):
        return Pairing(a.node, b.node) if isinstance(a, Term) and isinstance(b, Term) else S.Zero
    total = S.Zero
    for left, u in a.terms:
        back = tuple(letter.T for letter in reversed(left.word))
        for right, v in b.terms:
            total += u * v * _pair(left.base, (*back, *right.word), right.base)
    return expand(total)


def project(x: Vector, a: Vector) -> Vector:
    """Tangent projection ``P_x a = a - <x, a> x`` at a unit vector x.

    Parameters
    ----------
    x : Vector
        The foot point, of length one.
    a : Vector
        The vector to project.

    Returns
    -------
    Vector
        Its tangent part.
    """
    if isinstance(x, Term) and isinstance(a, Term):
        return Term(Projected(x.node, a.node))
    length = inner(x, x)
    if residual(length - 1) != 0:
        raise ValueError(
            f"Expected a foot point of length one but got <x,x>={length}; "
            "name it in `unit` when making the vectors."
        )
    return a - x * inner(x, a)


@lru_cache(maxsize=1024)
def residual(expr: Any) -> Expr:
    """Reduce an identity ``expr = 0`` to what is left of it, factored: zero when it is proved.

    Parameters
    ----------
    expr : Expr
        Left minus right side, rational in the ring's generators and the other symbols.

    Returns
    -------
    Expr
        Zero, or a product whose factors say what is missing.

    Examples
    --------
    >>> from theory.symbols import n
    >>> x, m = vectors("x m", unit="x")
    >>> f = project(x, m) / n
    >>> residual(inner(m, f) / n**2 - inner(f, f) / n)
    0
    >>> residual(inner(m, f) / n**2 - inner(f, f))
    -(n - 1)*(<m,m> - <m,x>**2)/n**3
    """
    if is_recorded(expr):
        return expr
    generators = sorted(sympify(expr).atoms(InnerProduct, MapTrace), key=lambda g: g.sort_key())
    plain = {g: Dummy(f"g{i}", real=True) for i, g in enumerate(generators)}
    reduced = expand(sympify(expr).xreplace(plain))
    if cost(reduced) <= 20 * BUDGET:
        reduced = factor(reduced)
    return reduced.xreplace({v: k for k, v in plain.items()})


def _vector_of(factor_: InnerProduct, z: _Base) -> _Direction:
    """Give the direction a for which the generator is ``<z, a>``."""
    if factor_.left == z:
        return _Direction(factor_.right, factor_.word)
    return _Direction(factor_.left, tuple(letter.T for letter in reversed(factor_.word)))


def basis_trace(expr: Any, z: Vector, dimension: Any = d) -> Expr:
    """Sum a quadratic form in z over an orthonormal basis z of R^d.

    Every monomial must hold z twice. The three rules are the definition of the trace:
    ``sum_z <z,a><z,b> = <a,b>``, ``sum_z <z,z> = d`` and ``sum_z <z,Wz> = tr W``.

    Parameters
    ----------
    expr : Expr
        A polynomial in inner products, quadratic in z.
    z : Vector
        One plain vector made by :func:`vectors` without ``unit`` (homogeneity is what is used).
    dimension : Expr
        The dimension.

    Returns
    -------
    Expr
        The sum over the basis.

    Examples
    --------
    >>> x, y, z = vectors("x y z", unit="x y")
    >>> basis_trace(inner(project(x, z), project(y, z)), z)
    d + <x,y>**2 - 2
    """
    if isinstance(z, Term):
        return BasisSum(sympify(expr), z.node, sympify(dimension))
    if len(z.terms) != 1 or z.terms[0][1] != 1 or z.terms[0][0].word:
        raise ValueError(f"Expected one plain vector but got z={z}; make it with vectors('z').")
    base = z.terms[0][0].base
    if base.args[1] == S.true:
        raise ValueError(
            f"Expected a basis vector without declared length but got z={z}; "
            "leave it out of `unit`, the sum over a basis uses <z,z> = d."
        )
    total = S.Zero
    form = expand(sympify(expr))
    for term in form.as_ordered_terms() if form != 0 else ():
        rest, holding = S.One, list[InnerProduct]()
        for power in term.as_ordered_factors():
            root, exponent = power.as_base_exp()
            inside = isinstance(root, InnerProduct) and base in (root.left, root.right)
            if inside and exponent in (1, 2):
                holding += [root] * int(exponent)
            elif power.has(base):
                holding.clear()
                rest = S.NaN
                break
            else:
                rest *= power
        degree = sum((g.left == base) + (g.right == base) for g in holding)
        if rest is S.NaN or degree != 2:
            raise ValueError(
                f"Expected a quadratic form in z={z} but got term={term}; "
                "every monomial must hold the basis vector exactly twice."
            )
        if len(holding) == 1:
            word = holding[0].word
            value = MapTrace(Tuple(*word)) if word else sympify(dimension)
        else:
            first, second = (_vector_of(g, base) for g in holding)
            value = inner(Vector(((first, S.One),)), Vector(((second, S.One),)))
        total += rest * value
    return expand(total)


def evaluate(expr: Any, values: Mapping[str, Iterable[Any]]) -> Expr:
    """Put explicit coordinates in place of the named vectors: a cross-check of a residual.

    Parameters
    ----------
    expr : Expr
        An expression in inner products without linear maps.
    values : mapping from name to coordinates
        Coordinates of each vector.

    Returns
    -------
    Expr
        The value.
    """
    table = {name: tuple(sympify(c) for c in coordinates) for name, coordinates in values.items()}

    def value(product: InnerProduct) -> Expr:
        missing = [str(b) for b in (product.left, product.right) if str(b) not in table]
        if missing or product.word:
            raise ValueError(
                f"Expected coordinates for every vector and no map but got product={product}; "
                "add the vector to `values`, and apply maps before."
            )
        pairs = zip(table[str(product.left)], table[str(product.right)], strict=True)
        return sum((a * b for a, b in pairs), S.Zero)

    expr = sympify(expr)
    return expr.xreplace({g: value(g) for g in expr.atoms(InnerProduct)})
