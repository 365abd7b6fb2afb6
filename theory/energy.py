"""Interaction energies, their derivatives, and the kernels of their terms.

The paper's energy is (3.5), ``E = (1/2β) ΣΣ m_i m_j exp(β<x_i,x_j>)``: a pair term with
``h(z) = exp(βz)/β``. Any other ``h`` and any anchor terms are handled the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import (
    Add,
    DiagMatrix,
    Expr,
    HadamardProduct,
    MatAdd,
    MatMul,
    Rational,
    S,
    Trace,
    exp,
    factorial,
    simplify,
    sympify,
)
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.tensor.array.expressions.array_expressions import _ArrayExpr

from theory.atoms import Elementwise, MaskedSoftmax, Sinkhorn, SinkhornPotential
from theory.bounded import BUDGET, cost, simplified, vanishes
from theory.masks import Mask
from theory.positive_part import with_positive_parts
from theory.symbols import X, beta, m, z
from theory.symbols import t as time


def interaction_energy(
    kernel: Any, form: MatrixExpr | None = None, mask: Mask | None = None
) -> MatrixExpr:
    """Pair energy ``½ ΣΣ m_i m_j h(<x_i, S x_j>)``, or over the pairs that a mask lets through.

    Parameters
    ----------
    kernel : Expr
        The kernel h as an expression in ``theory.symbols.z``.
    form : MatrixExpr, shape (d, d), optional
        The matrix S of the bilinear form; the identity by default.
    mask : Mask, optional
        The pairs (i, j) of the sum; all by default.

    Returns
    -------
    MatrixExpr, shape (1, 1)
        A 1×1 matrix, the energy of the tokens X with masses m.

    Raises
    ------
    ValueError
        For text, and for a kernel without ``theory.symbols.z`` that has other symbols, or with
        another symbol of the name z or t: it would be a constant, or have a parameter, by accident.

    Examples
    --------
    >>> from sympy import exp
    >>> from theory.symbols import beta, z
    >>> interaction_energy(exp(beta * z) / beta)
    (1/2)*m.T*[exp(beta*z)/beta at z=X*X.T]*m
    """
    return pair_energy(_kernel(kernel), form, mask)


def pair_energy(
    kernel: Expr, form: MatrixExpr | None = None, mask: Mask | None = None
) -> MatrixExpr:
    """Give the energy of a kernel that was derived, which may be constant; see the one above."""
    scores = X * X.T if form is None else X * form * X.T
    weights = Elementwise(kernel, scores)
    return Rational(1, 2) * m.T * (weights if mask is None else HadamardProduct(mask, weights)) * m


def anchor_energy(kernel: Any, anchors: MatrixExpr, weights: MatrixExpr) -> MatrixExpr:
    """Energy of the tokens in the potential of fixed anchors, ``Σ_i Σ_a m_i c_a h(<x_i, w_a>)``.

    Parameters
    ----------
    kernel : Expr
        The kernel h as an expression in ``theory.symbols.z``; ``z`` itself gives a linear
        potential.
    anchors : MatrixExpr, shape (k, d)
        One anchor w_a a row.
    weights : MatrixExpr, shape (k, 1)
        The weights c_a.

    Returns
    -------
    MatrixExpr
        A 1×1 matrix.
    """
    return m.T * Elementwise(_kernel(kernel), X * anchors.T) * weights


def _kernel(kernel: Any) -> Expr:
    """Refuse text, where ``t`` would be time, and whatever isn't an expression."""
    if isinstance(kernel, str) or not isinstance(kernel, Expr | int | float):
        raise ValueError(
            f"Expected an expression in theory.symbols.z but got kernel={kernel!r}; "
            "read text with theory.parse.parse_kernel."
        )
    expr = sympify(kernel)
    letters = {str(s): s for s in expr.free_symbols - {z, time}}
    own = [letter for letter in ("z", "t") if letter in letters]
    if own or (expr.free_symbols and z not in expr.free_symbols):
        letter = own[0] if own else None
        problem = (
            f"whose {letter} is another symbol than theory.symbols.{letter}"
            if letter
            else "which does not depend on z"
        )
        raise ValueError(
            f"Expected a kernel h(z) of inner products z = theory.symbols.z but got "
            f"kernel={kernel}, {problem}; write it with `from theory.symbols import z` (t is the "
            "time there), or as text in t: parse_kernel('exp(beta*t)/beta')."
        )
    return with_positive_parts(expr)


ENERGY: MatrixExpr = interaction_energy(exp(beta * z) / beta)
"""The paper's interaction energy (3.5) with masses."""


def energy_terms(energy: MatrixExpr) -> Iterator[MatrixExpr]:
    """Yield the additive terms of an energy."""
    if not isinstance(energy, MatrixExpr | Trace) and not getattr(energy, "is_Matrix", False):
        raise ValueError(
            f"Expected an energy of shape (1, 1) in theory.symbols.X but got energy={energy!r}; "
            "build it with interaction_energy or anchor_energy."
        )
    expanded = energy.expand(deep=False) if isinstance(energy, MatMul | MatAdd) else energy
    if isinstance(expanded, MatAdd):
        for term in expanded.args:
            yield from energy_terms(term)
    else:
        yield expanded


@dataclass(frozen=True)
class PairTerm:
    """``½ ΣΣ m_i m_j h(<x_i, S x_j>)``: its ``kernel`` h and ``form`` S (None: identity)."""

    kernel: Expr
    form: MatrixExpr | None


def pair_term(term: MatrixExpr) -> PairTerm | None:
    """Read a term as a pair term, or return None."""
    coefficient, product = term.as_coeff_mmul() if isinstance(term, MatMul) else (S.One, term)
    factors: tuple[Any, ...] = product.args if isinstance(product, MatMul) else (product,)
    if len(factors) < 3 or factors[0] != m.T or factors[-1] != m:
        return None
    if len(factors) > 3 and factors[1] == X and factors[-2] == X.T:
        # m^T X S X^T m, the linear kernel written out
        between = factors[2:-2]
        if any(X in factor.free_symbols for factor in between):
            return None
        return PairTerm(2 * coefficient * z, MatMul(*between).doit() if between else None)
    if len(factors) != 3:
        return None
    middle = factors[1]
    if not isinstance(middle, ElementwiseApplyFunction):
        return None
    middle = Elementwise(middle.function, middle.expr)
    scores = middle.expr
    if not isinstance(scores, MatMul) or scores.args[0] != X or scores.args[-1] != X.T:
        return None
    inner = scores.args[1:-1]
    return PairTerm(2 * coefficient * middle.body, MatMul(*inner).doit() if inner else None)


@dataclass(frozen=True)
class MaskedTerm:
    """``½ ΣΣ W_ij m_i m_j h(<x_i, x_j>)``: its ``kernel`` h and the 0/1 matrix ``mask`` W."""

    kernel: Expr
    mask: Mask

    def weights(self, function: Expr) -> MatrixExpr:
        """``[W_ij f(<x_i, x_j>)]``; a pair seen in one direction alone counts half."""
        values = Elementwise(function, X * X.T)
        if self.mask.symmetric:
            return HadamardProduct(self.mask, values)
        forward, backward = (HadamardProduct(w, values) for w in (self.mask, self.mask.T))
        return Rational(1, 2) * forward + Rational(1, 2) * backward


def masked_term(term: MatrixExpr) -> MaskedTerm | None:
    """Read a term as a pair term over the pairs of a mask, or return None."""
    coefficient, product = term.as_coeff_mmul() if isinstance(term, MatMul) else (S.One, term)
    factors: tuple[Any, ...] = product.args if isinstance(product, MatMul) else ()
    if len(factors) != 3 or factors[0] != m.T or factors[2] != m:
        return None
    if not isinstance(factors[1], HadamardProduct) or len(factors[1].args) != 2:
        return None
    mask, values = sorted(factors[1].args, key=lambda part: not isinstance(part, Mask))
    if not isinstance(mask, Mask) or not isinstance(values, ElementwiseApplyFunction):
        return None
    values = Elementwise(values.function, values.expr)
    return MaskedTerm(2 * coefficient * values.body, mask) if values.expr == X * X.T else None


def pair_kernel(energy: MatrixExpr) -> Expr | None:
    """Kernel h of an isotropic pair energy ``½ ΣΣ m_i m_j h(<x_i,x_j>)``, or None for others."""
    total: Expr = S.Zero
    for term in energy_terms(energy):
        pair = pair_term(term)
        if pair is None or pair.form is not None:
            return None
        total += pair.kernel
    return total


def _as_elementwise(expr: MatrixExpr) -> MatrixExpr:
    """Bring the functions that SymPy's derivative returns to the canonical atom."""
    return expr.replace(
        lambda node: (
            isinstance(node, ElementwiseApplyFunction) and not isinstance(node, Elementwise)
        ),
        lambda node: Elementwise(node.function, node.expr),
    )


def energy_gradient(energy: MatrixExpr) -> MatrixExpr:
    """Euclidean gradient dE/dX, shape (n, d), term by term, for every n and d.

    Raises
    ------
    ValueError
        When the derivative of a term isn't a plain matrix expression; the term is named.
    """
    return _gradient(tuple(energy_terms(energy)))


@lru_cache(maxsize=128)
def _gradient(terms: tuple[MatrixExpr, ...]) -> MatrixExpr:
    """Sum the gradients of terms."""
    gradients = []
    for term in terms:
        gradient = _term_gradient(term)
        if gradient.shape != X.shape or gradient.atoms(_ArrayExpr):
            raise ValueError(
                f"Expected a term whose derivative is a matrix of shape {X.shape} but got "
                f"term={term}; write it with interaction_energy or anchor_energy."
            )
        gradients.append(gradient)
    return MatAdd(*gradients).doit() if len(gradients) > 1 else gradients[0]


def _weighed(weights: MatrixExpr, values: MatrixExpr) -> MatrixExpr:
    """``diag(m) W diag(m) Y`` of evaluated parts, which ``*`` would each evaluate three times."""
    return MatMul(DiagMatrix(m), weights, DiagMatrix(m), values).doit(deep=False)


def _term_gradient(term: MatrixExpr) -> MatrixExpr:
    """Differentiate one term; linear potentials are first written with an elementwise kernel."""
    pair = pair_term(term)
    if pair is not None:
        # Equal to the printed derivative, in the one canonical form that recognises kernels.
        slope = pair.kernel.diff(z)
        if pair.form is None:
            return _weighed(Elementwise(slope, X * X.T), X)
        half = Rational(1, 2)
        form, transposed = pair.form, pair.form.T.doit()
        forward = _weighed(Elementwise(half * slope, X * form * X.T), X * transposed)
        backward = _weighed(Elementwise(half * slope, X * transposed * X.T), X * form)
        return forward + backward
    masked = masked_term(term)
    if masked is not None:
        return _weighed(masked.weights(masked.kernel.diff(z)), X)
    coefficient, product = term.as_coeff_mmul() if isinstance(term, MatMul) else (S.One, term)
    if (
        isinstance(product, MatMul)
        and product.args[:2] == (m.T, X)
        and len(product.args) > 2
        and not any(X in factor.free_symbols for factor in product.args[2:])
    ):
        weight = MatMul(*product.args[2:]).doit()
        return coefficient * m * weight.T
    if term.has(SinkhornPotential, Sinkhorn, MaskedSoftmax):
        raise ValueError(
            f"Expected a term with a derivative in closed form but got term={term}; "
            "give Model the velocity and the energy side by side, as theory.SINKHORN does."
        )
    totals = _total_gradient(coefficient, product)
    if totals is not None:
        return totals
    derivative = term.diff(X)
    if not isinstance(derivative, MatrixExpr):
        raise ValueError(
            f"Expected a term that depends on the tokens X but got term={term}; "
            "drop it, a constant has no gradient."
        )
    return _as_elementwise(derivative)


def _total_gradient(coefficient: Expr, product: Any) -> MatrixExpr | None:
    """Differentiate ``Σ_i m_i f(Σ_a g(<x_i, w_a>) c_a)``, such as the log-sum-exp over keys w_a."""
    if not isinstance(product, MatMul) or len(product.args) != 2 or product.args[0] != m.T:
        return None
    outer = product.args[1]
    if not isinstance(outer, ElementwiseApplyFunction) or not isinstance(outer.expr, MatMul):
        return None
    inner, *rest = outer.expr.args
    scores = getattr(inner, "expr", None)
    if len(rest) != 1 or not isinstance(inner, ElementwiseApplyFunction) or X in rest[0].atoms():
        return None
    if not isinstance(scores, MatMul) or len(scores.args) != 2 or scores.args[0] != X:
        return None
    keys = scores.args[1].T.doit()
    slope = coefficient * Elementwise(outer.function, outer.expr).body.diff(z)
    share = (slope * z).expand()
    over = DiagMatrix(Elementwise(slope, outer.expr))
    if z not in share.free_symbols:  # of a logarithm: the weights over their sum
        over = share * DiagMatrix(outer.expr) ** -1
    weights = Elementwise(Elementwise(inner.function, scores).body.diff(z), scores)
    return DiagMatrix(m) * over * weights * DiagMatrix(rest[0]) * keys


@lru_cache(maxsize=128)
def mass_gradient(energy: MatrixExpr) -> MatrixExpr:
    """Differentiate by the masses: dE/dm, shape (n, 1), what the mass of a token is worth.

    Raises
    ------
    ValueError
        For a term that isn't a pair or an anchor term; it is named.

    Examples
    --------
    >>> mass_gradient(ENERGY)
    [exp(beta*z)/beta at z=X*X.T]*m
    """
    columns = [_mass_column(term) for term in energy_terms(energy)]
    return MatAdd(*columns).doit() if len(columns) > 1 else columns[0]


def _mass_column(term: MatrixExpr) -> MatrixExpr:
    pair, masked = pair_term(term), masked_term(term)
    if masked is not None:
        return masked.weights(masked.kernel) * m
    if pair is not None:
        if pair.form is None:
            return Elementwise(pair.kernel, X * X.T) * m
        half = Rational(1, 2) * pair.kernel
        forms = (pair.form, pair.form.T.doit())
        forward, backward = (Elementwise(half, X * form * X.T) * m for form in forms)
        return forward + backward
    coefficient, product = term.as_coeff_mmul() if isinstance(term, MatMul) else (S.One, term)
    factors: tuple[Any, ...] = product.args if isinstance(product, MatMul) else (product,)
    rest = MatMul(*factors[1:]).doit() if len(factors) > 1 else None
    if factors[0] != m.T or rest is None or m in rest.free_symbols:
        raise ValueError(
            f"Expected a term with a derivative by the masses but got term={term}; write it with "
            "interaction_energy or anchor_energy."
        )
    return coefficient * rest


def pole_free(kernel: Expr, parameter: Expr, value: Any) -> Expr:
    """Kernel at a parameter value where it may have a pole, without its constant of z.

    At β = 0 the paper's kernel ``exp(βz)/β`` is infinite, but only by a constant: what remains
    of ``h`` in the limit is ``z``.

    Examples
    --------
    >>> from sympy import exp
    >>> from theory.symbols import beta, z
    >>> pole_free(exp(beta * z) / beta, beta, 0)
    z
    """
    direct = kernel.subs(parameter, value)
    if not is_infinite(direct):
        return direct
    regular = _regular_value(kernel, parameter, value)
    if regular is not None:
        return simplified(regular)
    difference = kernel - kernel.subs(z, 0)
    limit = S.NaN
    if cost(difference) <= BUDGET:
        series = simplify(difference).series(parameter, value, 1).removeO()
        limit = simplify(series.subs(parameter, value))
    if is_infinite(limit):
        raise ValueError(
            f"Expected a kernel that is finite, but for a constant, at {parameter}={value} but got "
            f"kernel={kernel}; use another {parameter}, or write the limit as a kernel of its own."
        )
    return limit


def energy_at(energy: MatrixExpr | None, values: Mapping[Any, Any]) -> MatrixExpr | None:
    """Energy at values of parameters, without constants that are infinite; None if it has no value.

    Examples
    --------
    >>> from sympy import exp
    >>> from theory.symbols import beta, z
    >>> energy_at(interaction_energy(exp(beta * z) / beta), {beta: 0})
    (1/2)*m.T*[z at z=X*X.T]*m
    >>> energy_at(interaction_energy(z / beta), {beta: 0})
    """
    if energy is None:
        return None
    values = {parameter: sympify(value) for parameter, value in values.items()}
    put = energy.xreplace(values).doit()
    if not is_infinite(put):
        return put
    found = energy
    for parameter, value in values.items():
        if value.is_number:
            terms = [_regular_term(term, parameter, value) for term in energy_terms(found)]
            if None in terms:
                return None
            found = MatAdd(*terms) if len(terms) > 1 else terms[0]
    return energy_at(found, values) if found != energy else None


def is_infinite(expr: Any) -> bool:
    """Whether an infinity, or no number, stands in an expression."""
    return bool(expr.has(S.ComplexInfinity, S.Infinity, S.NegativeInfinity, S.NaN))


def _regular_term(term: MatrixExpr, parameter: Expr, value: Any) -> MatrixExpr | None:
    """Leave an infinite constant out of a term's kernel, or of each function of entries."""
    if not is_infinite(term.xreplace({parameter: value}).doit()):
        return term
    try:
        if (pair := pair_term(term)) is not None:
            return pair_energy(pole_free(pair.kernel, parameter, value), pair.form)
        bodies = {
            atom: Elementwise(pole_free(atom.body, parameter, value), atom.expr)
            for atom in term.atoms(Elementwise)
            if parameter in atom.body.free_symbols
        }
    except ValueError:
        return None
    return term.xreplace(bodies)


def _regular_value(kernel: Expr, parameter: Expr, value: Any) -> Expr | None:
    """Constant term of a Laurent series in ``parameter - value``, by derivatives; None if unsure.

    With ``A = (p - p0)^k h`` regular, the terms of h before the constant one are A and its first
    derivatives at p0; they must be free of z, as the constant of h that is left out is.
    """
    for order in (1, 2):
        power = (parameter - value) ** order
        regular = Add(*(power * term for term in Add.make_args(kernel)))
        coefficients = []
        for k in range(order + 1):
            coefficient = regular.diff(parameter, k).subs(parameter, value) / factorial(k)
            if is_infinite(coefficient):
                break
            coefficients.append(coefficient - coefficient.subs(z, 0))
        else:
            return coefficients[-1] if all(map(vanishes, coefficients[:-1])) else None
    return None
