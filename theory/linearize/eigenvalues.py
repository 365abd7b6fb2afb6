"""Exact eigenvalues: polynomials in the parameters and in formal exponentials.

Every transcendental value is one more generator of the ring; factors of degree three or more are
left whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import (
    QQ,
    Add,
    Dummy,
    Expr,
    Integer,
    Mul,
    Poly,
    Pow,
    Rational,
    S,
    Symbol,
    cancel,
    collect,
    expand,
    factor,
    fraction,
    lcm,
    radsimp,
    sqrt,
    sympify,
    together,
)
from sympy import (
    exp as exponential,
)
from sympy.polys.matrices import DomainMatrix

from theory.bounded import BUDGET, cost
from theory.engines import Rows
from theory.linearize.spectrum import LAMBDA, Found


def multiplied_out(expr: Any) -> Expr:
    """Products multiplied out, exponentials of sums left whole."""
    return expand(expr, power_exp=False)


class FormalRing:
    """Exact ring for given expressions: every transcendental value is one more generator."""

    def __init__(self, expressions: Sequence[Any]) -> None:
        self.table: dict[Expr, Symbol] = {}
        self.surds: set[Expr] = set()
        self.symbols: set[Symbol] = set()
        for expr in expressions:
            self.put(sympify(expr))
        field_ = QQ.algebraic_field(*sorted(self.surds, key=str)) if self.surds else QQ
        generators = [*sorted(self.symbols, key=str), *self.table.values()] or [Dummy("one")]
        self.domain = field_[tuple(generators)]
        self.back = {symbol: expr for expr, symbol in self.table.items()}

    def put(self, expr: Expr) -> Expr:
        """Replace what isn't polynomial by generators."""
        if expr.is_Rational:
            return expr
        if expr.is_Symbol:
            self.symbols.add(expr)
            return expr
        if isinstance(expr, Add | Mul):
            return expr.func(*map(self.put, expr.args))
        if isinstance(expr, Pow) and expr.exp.is_Integer and expr.exp > 0:
            return Pow(self.put(expr.base), expr.exp)
        if isinstance(expr, Pow) and expr.is_algebraic and not expr.free_symbols:
            self.surds |= {Pow(expr.base, Rational(1, expr.exp.q))}
            return expr
        if expr not in self.table:
            self.table[expr] = Dummy(f"E{len(self.table)}")
        return self.table[expr]

    def into(self, expr: Any) -> Any:
        """Bring an expression into the ring."""
        return self.domain.from_sympy(self.put(multiplied_out(sympify(expr))))

    def out(self, element: Any, domain: Any = None) -> Expr:
        """Write an element of the ring as an expression."""
        return (domain or self.domain).to_sympy(element).xreplace(self.back)


def ring_eigenvalues(
    formal: FormalRing, rows: Rows, divisors: list[Any], scale: Expr, vectors: bool = False
) -> tuple[Found, list[tuple[Poly, Expr]]]:
    """Eigenvalues of ``scale · diag(divisors)^{-1} rows`` over the ring of ``formal``."""
    if not rows:
        return [], []
    domain = formal.domain
    common = divisors[0]
    for divisor in divisors[1:]:
        if divisor != common:
            common = domain.lcm(common, divisor)
    scaled = [
        [a if divisor == common else a * domain.exquo(common, divisor) for a in row]
        for divisor, row in zip(divisors, rows, strict=True)
    ]
    size = len(rows)
    matrix = DomainMatrix(scaled, (size, size), domain)
    unit = scale / formal.out(common)
    found: Found = []
    left: list[tuple[Poly, Expr]] = []
    steady, rest = _constant_eigenvectors(matrix)
    for value, kernel in steady:
        drawn = (
            [
                [formal.out(domain.convert_from(e, kernel.domain)) for e in row]
                for row in kernel.to_list()
            ]
            if vectors
            else []
        )
        found.append((tidied(formal.out(value) * unit), Integer(kernel.shape[0]), tuple(drawn)))
    for coefficients, multiplicity in _charpoly_factors(rest):
        degree = len(coefficients) - 1
        if degree == 1:
            root = -formal.out(coefficients[1]) / formal.out(coefficients[0])
            modes: tuple[Any, ...] = ()
            if vectors:
                field_ = domain.get_field()
                shift = -field_.convert_from(coefficients[1], domain)
                shift /= field_.convert_from(coefficients[0], domain)
                over = matrix.to_field()
                space = (over - DomainMatrix.eye(size, over.domain) * shift).nullspace()
                modes = tuple([formal.out(e, over.domain) for e in row] for row in space.to_list())
            found.append((tidied(root * unit), Integer(multiplicity), modes))
            continue
        values = [formal.out(c) for c in coefficients]
        if degree == 2:
            lead, middle, last = values
            half = sqrt(factor(middle**2 - 4 * lead * last))
            for sign in (1, -1):
                root = (-middle + sign * half) / (2 * lead)
                found.append((without_roots_below(root * unit), Integer(multiplicity), ()))
            continue
        poly = Poly([c / unit ** (degree - j) for j, c in enumerate(values)], LAMBDA)
        left.append((Poly(cancel(poly.as_expr()), LAMBDA), Integer(multiplicity)))
    return found, left


def _constant_eigenvectors(matrix: Any) -> tuple[list[tuple[Any, Any]], Any]:
    """Eigenvalues whose eigenvectors don't depend on the parameters, and the block that is left.

    Candidates are the eigenspaces at one arbitrary point of the parameter space; each is kept only
    if it satisfies ``A v = λ v`` identically. Modulo the kept ones the matrix acts as the block.
    """
    domain, size = matrix.domain, matrix.shape[0]
    ground = domain.domain
    point = [
        (g, ground(_PRIMES[j % len(_PRIMES)] + 100 * (j // len(_PRIMES))))
        for j, g in enumerate(domain.ring.gens)
    ]
    rows = matrix.to_list()
    special = DomainMatrix(
        [[ground.convert(e.evaluate(point)) for e in row] for row in rows], (size, size), ground
    )
    kept: list[tuple[Any, Any]] = []
    for coefficients, _ in special.charpoly_factor_list():
        if len(coefficients) != 2:
            continue
        root = -coefficients[1] / coefficients[0]
        kernel = (special - DomainMatrix.eye(size, ground) * root).nullspace()
        vectors = [[domain.convert_from(e, ground) for e in row] for row in kernel.to_list()]
        values = set()
        for raw, vector in zip(kernel.to_list(), vectors, strict=True):
            image = [
                sum((a * v for a, v in zip(row, vector, strict=True) if v), domain.zero)
                for row in rows
            ]
            first = next(j for j, v in enumerate(vector) if v)
            value = image[first] * domain.convert_from(ground.one / raw[first], ground)
            if all(w == value * v for w, v in zip(image, vector, strict=True)):
                values.add(value)
            else:
                values |= {None, value}
        if len(values) == 1:
            kept.append((values.pop(), kernel))
    basis = [row for _, kernel in kept for row in kernel.to_list()]
    if len(basis) == size:
        return kept, DomainMatrix([], (0, 0), domain)
    if not basis:
        return kept, matrix
    spread = DomainMatrix(basis, (len(basis), size), ground)
    _, pivots = spread.rref()
    for axis in range(size):
        if axis not in pivots:
            basis.append([ground.one if j == axis else ground.zero for j in range(size)])
    change = DomainMatrix(basis, (size, size), ground).transpose()
    turned = (change.inv().convert_to(domain) * matrix * change.convert_to(domain)).to_list()
    start = len(pivots)
    block = [row[start:] for row in turned[start:]]
    return kept, DomainMatrix(block, (size - start, size - start), domain)


_PRIMES = (11, 17, 23, 31, 41, 47, 59, 67, 73, 83, 97)


def _charpoly_factors(matrix: Any) -> list[tuple[list[Any], int]]:
    """Factors of the characteristic polynomial, irreducible when there are no square roots."""
    if matrix.shape[0] == 0:
        return []
    if matrix.domain.domain.is_QQ:
        factors: list[tuple[list[Any], int]] = matrix.charpoly_factor_list()
        return factors
    return [(matrix.charpoly(), 1)]


def exact_eigenvalues(rows: Rows, scale: Expr) -> tuple[Found, list[tuple[Poly, Expr]]]:
    """Eigenvalues of a matrix of expressions that may be quotients."""
    parts = [[fraction(cancel(together(e))) for e in row] for row in rows]
    shared = [lcm([below for _, below in row] + [S.One]) for row in parts]
    cleared = [
        [multiplied_out(cancel(above * common / below)) for above, below in row]
        for common, row in zip(shared, parts, strict=True)
    ]
    shared = [multiplied_out(common) for common in shared]
    formal = FormalRing([*shared, *(e for row in cleared for e in row)])
    return ring_eigenvalues(
        formal,
        [[formal.into(e) for e in row] for row in cleared],
        [formal.into(common) for common in shared],
        scale,
    )


def without_denominators(weights: list[Expr]) -> tuple[Expr, list[Expr]]:
    """Find the weights' common denominator, and the weights times it."""
    parts = [fraction(together(w)) for w in weights]
    common = lcm([below for _, below in parts] + [S.One])
    return common, [multiplied_out(cancel(above * common / below)) for above, below in parts]


def without_roots_below(expr: Expr) -> Expr:
    """Write a quotient by a number with square roots as one without them, exactly.

    Examples
    --------
    >>> without_roots_below(448 / ((-7 + sqrt(5)) ** 2 * (sqrt(5) + 7) ** 2))
    28/121
    """
    above, below = fraction(together(expr))
    if below.free_symbols or not any(
        power.exp.is_Rational and not power.exp.is_Integer for power in below.atoms(Pow)
    ):
        return expr
    return factor(multiplied_out(above * radsimp(1 / multiplied_out(below))))


def tidied(expr: Expr) -> Expr:
    """One factor for each exponential, or one fraction; exponents stay as they are."""
    names = {e: Dummy(f"E{j}") for j, e in enumerate(sorted(expr.atoms(exponential), key=str))}
    plain = without_roots_below(together(expr.xreplace(names)))
    if fraction(plain)[1].free_symbols:
        joined = cancel(plain)
        if cost(joined) > 10 * BUDGET:
            return expr  # such as tanh³ with sinh: it reads as well as it stands
        plain = factor(joined)
    elif len(names) > 1:
        plain = collect(multiplied_out(plain), list(names.values()), factor)
    else:
        plain = factor(plain)
    return plain.xreplace({symbol: e for e, symbol in names.items()})
