"""From the proved expression to array code: ``ArrayPrinter`` and ``compile_model``.

The velocity that is integrated is printed here from ``Model.velocity``; nothing is written twice.
The stable form of an atom (row maximum subtracted, masses inside) is its function in this file.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, reduce
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import expm
from sympy import DiagMatrix, MatAdd, MatMul, MatrixSymbol
from sympy.matrices.expressions import MatrixExpr
from sympy.printing.pycode import PythonCodePrinter

from numerics import fused
from numerics.array_namespace import check_foreign_points, is_foreign, namespace
from numerics.sphere import SPHERE_TOLERANCE, check_masses, check_points
from theory.atoms import Elementwise, Tangent
from theory.energy import energy_terms, interaction_energy, pair_term, pole_free
from theory.models import Model, attention_form
from theory.symbols import X, d, m, n, t, z

Array = NDArray[np.float64]

_SHIFT = sp.Symbol("shift", real=True)
_XP = sp.Symbol("xp")
BACKENDS = ("plain", "numpy", "numba")
_FLOAT64 = np.dtype(np.float64)

# --------------------------------------------------------------------------- runtime of the atoms


def _row_softmax(scores: Any, masses: Any, xp: Any) -> Any:
    """Softmax of each row with weights; the row maximum leaves every exponent at most 0."""
    weights = xp.exp(scores - xp.max(scores, axis=-1, keepdims=True)) * masses.mT
    return weights / xp.sum(weights, axis=-1, keepdims=True)


def _causal_softmax(scores: Any, masses: Any, xp: Any) -> Any:
    """Softmax over the columns j <= i of row i."""
    seen = xp.tril(xp.ones(scores.shape[-2:], dtype=scores.dtype)) > 0
    return _row_softmax(xp.where(seen, scores, -xp.inf), masses, xp)


def _sinkhorn_potential(scores: Any, masses: Any, xp: Any) -> Any:
    """Solve ``p = (p - log Σ_j m_j e^{S_ij + p_j}) / 2`` by iteration, shape (..., n, 1).

    The averaged symmetric iteration: for a positive definite kernel it halves the error at least.
    """
    weighted = scores + xp.log(masses).mT
    potential = xp.zeros_like(scores[..., :1])
    for _ in range(20_000):
        shifted = weighted + potential.mT
        top = xp.max(shifted, axis=-1, keepdims=True)
        total = top + xp.log(xp.sum(xp.exp(shifted - top), axis=-1, keepdims=True))
        change = -(potential + total) / 2
        potential = potential + change
        if bool(xp.max(xp.abs(change)) <= 4e-16 * (1 + xp.max(xp.abs(potential)))):
            return potential
    raise ArithmeticError(
        "Expected the Sinkhorn iteration to converge within 20000 steps but got "
        f"change={float(xp.max(xp.abs(change))):.1e}; use a smaller |beta|."
    )


def _sinkhorn(scores: Any, masses: Any, xp: Any) -> Any:
    """Doubly stochastic attention; rows are renormalised so that they sum to one exactly."""
    potential = _sinkhorn_potential(scores, masses, xp)
    return _row_softmax(scores + potential.mT, masses, xp)


def _tangent(points: Any, vectors: Any, xp: Any) -> Any:
    return vectors - xp.sum(points * vectors, axis=-1, keepdims=True) * points


def _row_normalize(vectors: Any, xp: Any) -> Any:
    return vectors / xp.sqrt(xp.sum(vectors * vectors, axis=-1, keepdims=True))


def _matrix_exponential(matrix: Any, xp: Any) -> Any:
    if xp is np:
        return expm(matrix)
    if hasattr(xp.linalg, "matrix_exp"):
        return xp.linalg.matrix_exp(matrix)
    return importlib.import_module("jax.scipy.linalg").expm(matrix)


def _diagonal_part(matrix: Any, xp: Any) -> Any:
    return xp.linalg.diagonal(matrix)[..., None]


def _trace(matrix: Any, xp: Any) -> Any:
    return xp.sum(xp.linalg.diagonal(matrix), axis=-1)[..., None, None]


def _log_pair_sum(scores: Any, masses: Any, xp: Any) -> Any:
    """``log ΣΣ m_i m_j e^{S_ij}``, shape (..., 1, 1), for masses of any size."""
    top = xp.max(scores, axis=(-2, -1), keepdims=True)
    largest = xp.max(masses, axis=-2, keepdims=True)
    parts = masses / largest
    return top + 2 * xp.log(largest) + xp.log(parts.mT @ (xp.exp(scores - top) @ parts))


_RUNTIME: dict[str, Any] = {
    "row_softmax": _row_softmax,
    "causal_softmax": _causal_softmax,
    "sinkhorn": _sinkhorn,
    "sinkhorn_potential": _sinkhorn_potential,
    "tangent": _tangent,
    "row_normalize": _row_normalize,
    "matrix_exponential": _matrix_exponential,
    "diagonal_part": _diagonal_part,
    "trace": _trace,
    "log_pair_sum": _log_pair_sum,
}


class LogPairSum(MatrixExpr):
    """``log ΣΣ m_i m_j e^{S_ij}`` as a printable (1, 1) expression."""

    def __new__(cls, scores: Any, masses: Any) -> LogPairSum:
        """Build the atom."""
        obj: LogPairSum = MatrixExpr.__new__(cls, scores, masses)
        return obj

    @property
    def shape(self) -> tuple[Any, Any]:
        """Shape (1, 1)."""
        return (sp.S.One, sp.S.One)


# ------------------------------------------------------------------------------------ the printer

_FUNCTIONS = {
    name: f"xp.{array}"
    for name, array in {
        "exp": "exp",
        "log": "log",
        "sin": "sin",
        "cos": "cos",
        "tan": "tan",
        "asin": "asin",
        "acos": "acos",
        "atan": "atan",
        "atan2": "atan2",
        "sinh": "sinh",
        "cosh": "cosh",
        "tanh": "tanh",
        "sqrt": "sqrt",
        "Abs": "abs",
        "sign": "sign",
        "floor": "floor",
        "ceiling": "ceil",
    }.items()
}


class ArrayPrinter(PythonCodePrinter):
    """Print a matrix expression as array code for a namespace ``xp``, with leading batch axes.

    Diagonal matrices become broadcast products, transposes act on the last two axes, products are
    associated so that no n×n matrix is formed where an n×d one will do.
    """

    printmethod = "_arraycode"

    def __init__(self) -> None:
        super().__init__({"fully_qualified_modules": False, "user_functions": _FUNCTIONS})

    def _module_format(self, fqn: str, register: bool = True) -> str:
        """Names are looked up on ``xp``; a function the array libraries lack is refused."""
        if not fqn.startswith("xp."):
            raise ValueError(
                f"Expected a function among {sorted(_FUNCTIONS)} but got {fqn}; "
                "write the kernel with those."
            )
        return fqn

    def _print_Function(self, expr: Any) -> str:
        name = type(expr).__name__
        if name not in _FUNCTIONS:
            raise ValueError(
                f"Expected a function among {sorted(_FUNCTIONS)} but got {expr}; "
                "give an undefined function a concrete kernel before compiling."
            )
        return f"{_FUNCTIONS[name]}({', '.join(self._print(a) for a in expr.args)})"

    def _print_Derivative(self, expr: Any) -> str:
        raise ValueError(
            f"Expected a concrete kernel but got {expr}; substitute the function before compiling."
        )

    def _print_exp(self, expr: Any) -> str:
        return f"xp.exp({self._print(expr.args[0])})"

    def _print_sign(self, expr: Any) -> str:
        return f"xp.sign({self._print(expr.args[0])})"

    def _print_Exp1(self, expr: Any) -> str:
        return repr(float(sp.E))

    def _print_Pi(self, expr: Any) -> str:
        return repr(float(sp.pi))

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:
        base, power = expr.as_base_exp()
        if power == sp.Rational(1, 2):
            return f"xp.sqrt({self._print(base)})"
        if power == sp.Rational(-1, 2):
            return f"(1/xp.sqrt({self._print(base)}))"
        if power == -1:
            return f"(1/({self._print(base)}))"
        return f"({self._print(base)})**({self._print(power)})"

    def _print_Max(self, expr: Any) -> str:
        return self._fold("xp.maximum", expr.args)

    def _print_Min(self, expr: Any) -> str:
        return self._fold("xp.minimum", expr.args)

    def _fold(self, function: str, args: tuple[Any, ...]) -> str:
        code = self._print(args[0])
        for arg in args[1:]:
            code = f"{function}({code}, {self._print(arg)} + xp.zeros_like({code}))"
        return code

    def _print_Piecewise(self, expr: Any) -> str:
        *cases, (last, condition) = expr.args
        if condition != True:  # noqa: E712 - a SymPy truth value
            raise ValueError(
                f"Expected a piecewise kernel with a last default case but got {expr}."
            )
        code = self._print(last)
        for value, test in reversed(cases):
            code = f"xp.where({self._print(test)}, {self._print(value)}, {code})"
        return code

    # -- matrices

    def _print_MatrixSymbol(self, expr: Any) -> str:
        return str(expr.name)

    def _print_MatAdd(self, expr: Any) -> str:
        return "(" + " + ".join(self._print(a) for a in expr.args) + ")"

    def _print_Transpose(self, expr: Any) -> str:
        return f"{self._print(expr.arg)}.mT"

    def _print_HadamardProduct(self, expr: Any) -> str:
        return "(" + " * ".join(self._print(a) for a in expr.args) + ")"

    def _print_OneMatrix(self, expr: Any) -> str:
        rows, columns = (self._print(s) for s in expr.shape)
        return f"xp.ones(({rows}, {columns}), dtype=X.dtype)"

    def _print_ZeroMatrix(self, expr: Any) -> str:
        rows, columns = (self._print(s) for s in expr.shape)
        return f"xp.zeros(({rows}, {columns}), dtype=X.dtype)"

    def _print_Identity(self, expr: Any) -> str:
        return f"xp.eye({self._print(expr.shape[0])}, dtype=X.dtype)"

    def _print_Trace(self, expr: Any) -> str:
        return f"trace({self._print(expr.arg)}, xp)"

    def _print_Inverse(self, expr: Any) -> str:
        return f"xp.linalg.inv({self._print(expr.arg)})"

    def _print_MatPow(self, expr: Any) -> str:
        if expr.exp == -1:
            return self._print_Inverse(sp.Inverse(expr.base))
        return f"xp.linalg.matrix_power({self._print(expr.base)}, {self._print(expr.exp)})"

    def _print_MatrixBase(self, expr: Any) -> str:
        rows = ", ".join(
            "[" + ", ".join(self._print(e) for e in row) + "]" for row in expr.tolist()
        )
        return f"xp.asarray([{rows}], dtype=X.dtype)"

    _print_DenseMatrix = _print_ImmutableDenseMatrix = _print_MutableDenseMatrix = _print_MatrixBase

    def _print_DiagMatrix(self, expr: Any) -> str:
        return (
            f"({self._print(expr.args[0])} * xp.eye({self._print(expr.shape[0])}, dtype=X.dtype))"
        )

    def _print_DiagonalMatrix(self, expr: Any) -> str:
        size = self._print(expr.shape[0])
        return f"(diagonal_part({self._print(expr.args[0])}, xp) * xp.eye({size}, dtype=X.dtype))"

    def _print_DiagonalOf(self, expr: Any) -> str:
        return f"diagonal_part({self._print(expr.args[0])}, xp)"

    def _print_MatMul(self, expr: Any) -> str:
        coefficient, _ = expr.as_coeff_mmul()
        factors = [self._factor(a) for a in expr.args if getattr(a, "is_Matrix", False)]
        if expr.shape[1] == n or expr.shape[1] == X.shape[0]:
            code = factors[0]
            for factor in factors[1:]:
                code = _times(code, factor)
        else:
            code = factors[-1]
            for factor in reversed(factors[:-1]):
                code = _times(factor, code)
        kind, text = code
        if kind != "matrix":
            text = f"({text} * xp.eye({self._print(expr.shape[0])}, dtype=X.dtype))"
        return text if coefficient == 1 else f"(({self._print(coefficient)}) * {text})"

    def _factor(self, expr: Any) -> tuple[str, str]:
        """Code of a factor, and whether it is a diagonal matrix given by its column."""
        if isinstance(expr, DiagMatrix):
            return "diagonal", self._print(expr.args[0])
        if isinstance(expr, sp.MatPow) and isinstance(expr.base, DiagMatrix) and expr.exp == -1:
            return "diagonal", f"(1 / {self._print(expr.base.args[0])})"
        if isinstance(expr, sp.matrices.expressions.diagonal.DiagonalMatrix):
            return "diagonal", f"diagonal_part({self._print(expr.args[0])}, xp)"
        return "matrix", self._print(expr)

    # -- the atoms of theory.atoms

    def _print_Elementwise(self, expr: Any) -> str:
        body = self._print(expr.body)
        if z not in expr.body.free_symbols:
            body = f"{body} + xp.zeros_like(z)"
        return f"(lambda z: {body})({self._print(expr.expr)})"

    def _print_ElementwiseApplyFunction(self, expr: Any) -> str:
        return self._print_Elementwise(Elementwise(expr.function, expr.expr))

    def _print_RowSoftmax(self, expr: Any) -> str:
        return f"row_softmax({self._print(expr.args[0])}, {self._print(expr.args[1])}, xp)"

    def _print_CausalSoftmax(self, expr: Any) -> str:
        return f"causal_softmax({self._print(expr.args[0])}, {self._print(expr.args[1])}, xp)"

    def _print_Sinkhorn(self, expr: Any) -> str:
        return f"sinkhorn({self._print(expr.args[0])}, {self._print(expr.args[1])}, xp)"

    def _print_SinkhornPotential(self, expr: Any) -> str:
        return f"sinkhorn_potential({self._print(expr.args[0])}, {self._print(expr.args[1])}, xp)"

    def _print_Tangent(self, expr: Any) -> str:
        return f"tangent({self._print(expr.args[0])}, {self._print(expr.args[1])}, xp)"

    def _print_RowNormalize(self, expr: Any) -> str:
        return f"row_normalize({self._print(expr.args[0])}, xp)"

    def _print_MatrixExponential(self, expr: Any) -> str:
        return f"matrix_exponential({self._print(expr.args[0])}, xp)"

    def _print_LogPairSum(self, expr: Any) -> str:
        return f"log_pair_sum({self._print(expr.args[0])}, {self._print(expr.args[1])}, xp)"

    def emptyPrinter(self, expr: Any) -> str:
        """Refuse what has no array code instead of printing something that looks like code."""
        raise ValueError(
            f"Expected an expression with array code but got {type(expr).__name__}: {expr}; "
            "write it with the atoms of theory.atoms."
        )


def _times(left: tuple[str, str], right: tuple[str, str]) -> tuple[str, str]:
    """Code of a product of two factors, diagonal ones by broadcasting."""
    (left_kind, a), (right_kind, b) = left, right
    if left_kind == "diagonal":
        return right_kind, f"({a} * {b})"
    if right_kind == "diagonal":
        return "matrix", f"({a} * {b}.mT)"
    return "matrix", f"({a} @ {b})"


@lru_cache(maxsize=256)
def _compiled(expr: MatrixExpr, parameters: tuple[Any, ...]) -> Callable[..., Any]:
    """Print one expression as a function of (X, m, t, *parameters, shift, n, d, xp)."""
    arguments = [X, m, t, *parameters, _SHIFT, n, d, _XP]
    return sp.lambdify(arguments, expr, modules=[_RUNTIME], printer=ArrayPrinter())


# ------------------------------------------------------------------------------------ scaled form


@dataclass(frozen=True)
class _Scaled:
    """A velocity times e^{-shift}, and the matrices whose largest entry is the shift."""

    velocity: MatrixExpr
    exponents: tuple[MatrixExpr, ...]
    floor: bool


def _scaled_expression(velocity: MatrixExpr) -> _Scaled:
    """Factor the largest exponential out of a velocity that is linear in its kernels.

    A velocity without such kernels (SA: its softmax is already scaled) is returned as it is.
    """
    inner = velocity.field if isinstance(velocity, Tangent) else velocity
    terms = inner.args if isinstance(inner, MatAdd) else (inner,)
    exponents: list[MatrixExpr] = []
    scaled: list[MatrixExpr] = []
    plain = False
    for term in terms:
        factors = term.args if isinstance(term, MatMul) else (term,)
        kernels = [
            a for a in factors if isinstance(a, Elementwise) and a.body.rewrite(sp.exp).has(sp.exp)
        ]
        divided = any(isinstance(a, sp.MatPow) for a in factors)
        if divided or len(kernels) != 1:
            scaled.append(sp.exp(-_SHIFT) * term)
            plain = True
            continue
        kernel = kernels[0]
        pieces = sp.Add.make_args(sp.expand(kernel.body.rewrite(sp.exp), power_exp=False))
        body = sp.S.Zero
        for piece in pieces:
            exponentials = [f for f in sp.Mul.make_args(piece) if isinstance(f, sp.exp)]
            rest = piece / sp.Mul(*exponentials)
            argument = sp.Add(*(f.args[0] for f in exponentials))
            if rest.has(sp.exp):
                return _Scaled(velocity, (), False)
            plain = plain or not exponentials
            if exponentials:
                exponents.append(Elementwise(argument, kernel.expr))
            body += rest * sp.exp(argument - _SHIFT)
        scaled.append(
            MatMul(*(Elementwise(body, kernel.expr) if a is kernel else a for a in factors))
        )
    if not exponents:
        return _Scaled(velocity, (), False)
    total = MatAdd(*scaled) if len(scaled) > 1 else scaled[0]
    if isinstance(velocity, Tangent):
        total = Tangent(velocity.points, total)
    return _Scaled(total, tuple(exponents), plain)


# --------------------------------------------------------------------------------- velocity field


@dataclass(frozen=True)
class VelocityField:
    """A model compiled for arrays, with its parameters bound. Made by :func:`compile_model`.

    Attributes
    ----------
    model : Model
        The model it was printed from.
    parameters : Mapping
        Value of each parameter by name; a callable is a function of time.
    masses : ndarray or None
        Masses of shape (n,) or (batch, n), or None for 1/n.
    backend : str
        Who evaluates the velocity, see :func:`compile_model`.
    source : str
        The printed array code of the velocity.
    threads : int
        Threads of a fused kernel.
    """

    model: Model
    parameters: Mapping[str, Any]
    masses: Array | None
    backend: str = "numpy"
    source: str = field(default="", repr=False)
    threads: int = 1

    def __call__(self, points: ArrayLike, t: float = 0.0) -> Array:
        """Velocity (flow) or next layer (map) at the points.

        Parameters
        ----------
        points : array_like, shape (..., n, d)
            Unit rows on the sphere; any finite rows for a Euclidean model. An array of PyTorch,
            JAX or CuPy stays where it is and keeps its precision (needs the extra ``array``).
            Inside ``jax.jit``, ``grad`` and ``vmap`` call ``unchecked``: there is nothing to
            validate yet.
        t : float
            Time.

        Returns
        -------
        array, shape (..., n, d)
            Of the library of the points.

        Raises
        ------
        ValueError
            For points of a wrong shape, not finite or off the sphere.
        OverflowError
            When the velocity can't be represented; use ``scaled`` or ``numerics.coarsen``.
        """
        array = self._checked(points)
        _check_time(t)
        velocity = self.unchecked(array, t)
        xp = namespace(velocity)
        if not bool(xp.all(xp.isfinite(velocity))):
            raise OverflowError(
                "Expected a representable velocity but got an overflow at "
                f"{self._described()}; call scaled(points) or numerics.coarsen."
            )
        return velocity

    def unchecked(self, points: Any, t: float = 0.0) -> Any:
        """Velocity without validation: what integrators and benchmarks call.

        SA, USA and their repulsive twins run in the kernels of `numerics.fused`, unless the
        backend is "plain".
        """
        form = self._fused
        if form is None or not isinstance(points, np.ndarray) or points.dtype != _FLOAT64:
            return self._evaluate(self.model.velocity, points, t)
        beta = self._value(form.parameter, form.name, t)
        return fused.evaluate(form, points, beta, self.masses, self.backend, threads=self.threads)[
            0
        ]

    @cached_property
    def _fused(self) -> fused.FusedForm | None:
        return None if self.backend == "plain" else fused.recognise(self.model)

    def scaled(self, points: ArrayLike, t: float = 0.0) -> tuple[Array, Array]:
        """Velocity as ``e^log_scale · u``, without overflow at any beta.

        Returns
        -------
        u : ndarray, shape (..., n, d)
        log_scale : ndarray, shape (...)
            Logarithm of the largest weight, one number a system.
        """
        array = self._checked(points)
        _check_time(t)
        scaled = _scaled_of(self.model.velocity)
        if not scaled.exponents:
            velocity = self.unchecked(array, t)
            return velocity, namespace(array).zeros(velocity.shape[:-2])
        xp = namespace(array)
        tops = [
            xp.max(self._evaluate(exponent, array, t), axis=(-2, -1), keepdims=True)
            for exponent in scaled.exponents
        ]
        shift = reduce(xp.maximum, tops)
        if scaled.floor:
            shift = xp.maximum(shift, xp.zeros_like(shift))
        velocity = self._evaluate(scaled.velocity, array, t, shift)
        return velocity, shift[..., 0, 0] + xp.zeros(velocity.shape[:-2])

    def energy(self, points: ArrayLike, t: float = 0.0) -> Array:
        """Energy that the flow climbs, shape (...).

        At a parameter value where the energy is infinite by a constant (β = 0 in the paper's
        energy), the limit without that constant: ``½ ΣΣ m_i m_j <x_i,x_j>``.

        Raises
        ------
        ValueError
            When the model has no energy.
        OverflowError
            When it can't be represented; use ``log_energy``.
        """
        expression = self._energy_expression()
        array = self._checked(points)
        zeros = self._poles(expression)
        if not zeros:
            return self._finite_energy(self._evaluate(expression, array, t), array)
        parameter, at_pole = zeros
        regular = _without_pole(expression, parameter)
        limit = self._finite_energy(self._evaluate(regular, array, t), array)
        if np.all(at_pole):
            return limit
        safe = dict(self.parameters)
        safe[str(parameter)] = np.where(at_pole, 1.0, safe[str(parameter)])
        elsewhere = replace(self, parameters=safe)
        values = elsewhere.energy(array, t)
        xp = namespace(array)
        return xp.where(xp.asarray(at_pole[..., 0, 0], dtype=xp.bool), limit, values)

    def log_energy(self, points: ArrayLike, t: float = 0.0) -> Array:
        """``log ΣΣ m_i m_j e^{β<x_i,x_j>}``, representable at every β, shape (...).

        Raises
        ------
        ValueError
            When the energy isn't one pair term with an exponential kernel.
        """
        array = self._checked(points)
        scores = _exponential_scores(self._energy_expression())
        value = self._evaluate(LogPairSum(scores, m), array, t)
        return self._column(value, array)

    # -- evaluation

    def _checked(self, points: Any) -> Any:
        if is_foreign(points):
            array = check_foreign_points(points, self.model.space, SPHERE_TOLERANCE)
        else:
            array = check_points(points, space=self.model.space)
        size, dimension = array.shape[-2:]
        if self.masses is not None and self.masses.shape[-1] != size:
            raise ValueError(
                f"Expected points with n={self.masses.shape[-1]} rows, as many as masses, "
                f"but got points of shape {array.shape}."
            )
        for parameter in self.model.parameters:
            value = self.parameters[str(parameter)]
            if callable(value):
                value = value(0.0)
            if isinstance(parameter, MatrixSymbol):
                for axis in (0, 1):
                    if parameter.shape[axis] == d and np.shape(value)[axis - 2] != dimension:
                        raise ValueError(
                            f"Expected {parameter} to act on points of dimension d={dimension} "
                            f"but got {parameter} of shape {np.shape(value)}."
                        )
        return array

    def _values(self, t: float) -> list[Any]:
        return [self._value(parameter, str(parameter), t) for parameter in self.model.parameters]

    def _value(self, parameter: Any, name: str, t: float) -> Any:
        value = self.parameters[name]
        return _bound(parameter, value(t)) if callable(value) else value

    def _evaluate(self, expr: MatrixExpr, points: Any, t: float, shift: Any = 0.0) -> Any:
        size, dimension = points.shape[-2:]
        xp = namespace(points)
        if self.masses is None:
            masses = xp.full((size, 1), 1.0 / size)
        else:
            masses = self.masses[..., None]
        function = _compiled(expr, self.model.parameters)
        values = self._values(t)
        if xp is not np:
            masses, shift, *values = (xp.asarray(value) for value in (masses, shift, *values))
        # What overflows is told by the caller's finiteness check, not by a warning.
        with np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore"):
            return function(points, masses, t, *values, shift, size, dimension, xp)

    def _energy_expression(self) -> MatrixExpr:
        if self.model.energy is None:
            raise ValueError(
                f"Expected a model with an energy but got model={self.model.name}; "
                "give Model(..., energy=...)."
            )
        return self.model.energy

    def _column(self, value: Any, points: Any) -> Any:
        xp = namespace(points)
        batch = np.broadcast_shapes(tuple(value.shape[:-2]), tuple(points.shape[:-2]))
        return value[..., 0, 0] + xp.zeros(batch)

    def _finite_energy(self, value: Any, points: Any) -> Any:
        column = self._column(value, points)
        xp = namespace(points)
        if not bool(xp.all(xp.isfinite(column))):
            raise OverflowError(
                f"Expected a representable energy but got an overflow at {self._described()}; "
                "call log_energy(points)."
            )
        return column

    def _poles(self, expression: MatrixExpr) -> tuple[Any, Array] | None:
        """Return the scalar parameter that is 0 where the energy has a pole, and where it is."""
        for parameter in self.model.parameters:
            value = self.parameters[str(parameter)]
            if isinstance(parameter, MatrixSymbol) or callable(value):
                continue
            at_zero = np.asarray(value) == 0
            if np.any(at_zero) and _has_pole(expression, parameter):
                return parameter, np.atleast_2d(at_zero)
        return None

    def _described(self) -> str:
        values = []
        for name, value in self.parameters.items():
            shown = value if callable(value) or np.size(value) > 1 else np.ravel(value)[0]
            values.append(
                f"{name}={shown}" if np.size(shown) == 1 else f"{name} of {np.shape(shown)}"
            )
        return ", ".join(values) or self.model.name

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as model and values: printed functions are made again where they are needed."""
        return VelocityField, (
            self.model,
            dict(self.parameters),
            self.masses,
            self.backend,
            self.source,
            self.threads,
        )


def _check_time(t: Any) -> None:
    """Refuse a time that isn't a finite real number."""
    if not (isinstance(t, int | float | np.floating | np.integer) and np.isfinite(t)):
        raise ValueError(f"Expected a finite time but got t={t!r}.")


@lru_cache(maxsize=256)
def _scaled_of(velocity: MatrixExpr) -> _Scaled:
    return _scaled_expression(velocity)


@lru_cache(maxsize=256)
def _has_pole(expression: MatrixExpr, parameter: Any) -> bool:
    """Whether the energy divides by a parameter."""
    infinite = (sp.zoo, sp.oo, -sp.oo, sp.nan)
    for term in energy_terms(expression):
        pair = pair_term(term)
        if pair is not None and pair.kernel.subs(parameter, 0).has(*infinite):
            return True
        if pair is None and isinstance(term, MatMul):
            if term.as_coeff_mmul()[0].subs(parameter, 0).has(*infinite):
                raise ValueError(
                    f"Expected an energy that is finite at {parameter}=0 but got energy={term}; "
                    f"use a non-zero {parameter}."
                )
    return False


@lru_cache(maxsize=256)
def _without_pole(expression: MatrixExpr, parameter: Any) -> MatrixExpr:
    """Pair energy at ``parameter = 0`` without its infinite constant."""
    terms = []
    for term in energy_terms(expression):
        pair = pair_term(term)
        terms.append(
            term.xreplace({parameter: sp.S.Zero})
            if pair is None
            else interaction_energy(pole_free(pair.kernel, parameter, 0), pair.form)
        )
    return MatAdd(*terms) if len(terms) > 1 else terms[0]


@lru_cache(maxsize=256)
def _exponential_scores(expression: MatrixExpr) -> MatrixExpr:
    """Scores S of an energy ``c ΣΣ m_i m_j e^{S_ij}``."""
    terms = list(energy_terms(expression))
    pair = pair_term(terms[0]) if len(terms) == 1 else None
    if pair is not None:
        rate = sp.simplify(pair.kernel.diff(z) / pair.kernel)
        if z not in rate.free_symbols:
            return rate * X * X.T if pair.form is None else rate * X * pair.form * X.T
    raise ValueError(
        f"Expected an energy with one exponential kernel but got energy={expression}; use energy."
    )


def _bound(parameter: Any, value: Any) -> Any:
    """Check one parameter value and give it the shape that broadcasts over (..., n, d)."""
    name = str(parameter)
    try:
        if np.asarray(value).dtype.kind in "US":
            raise TypeError
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"Expected {name} real but got {name}={value!r}.") from error
    if not np.all(np.isfinite(array)):
        raise ValueError(f"Expected {name} finite but got {name}={value!r}.")
    if not isinstance(parameter, MatrixSymbol):
        return array[()] if array.ndim == 0 else array[..., None, None]
    if array.ndim < 2:
        raise ValueError(
            f"Expected {name} a matrix of shape {parameter.shape} but got {name} of shape "
            f"{array.shape}."
        )
    if parameter.shape[0] == parameter.shape[1] and array.shape[-1] != array.shape[-2]:
        raise ValueError(f"Expected {name} square but got {name} of shape {array.shape}.")
    return array


def _check_sizes(parameter: Any, shape: tuple[int, ...], sizes: dict[Any, tuple[str, int]]) -> None:
    """Refuse matrices that share a dimension and disagree on it, such as Q (2, d) and K (3, d)."""
    for symbol, size in zip(parameter.shape, shape, strict=True):
        if symbol.is_Integer and symbol != size:
            raise ValueError(
                f"Expected {parameter} of shape {parameter.shape} but got {parameter} of shape "
                f"{shape}."
            )
        if symbol.is_Symbol:
            other, expected = sizes.setdefault(symbol, (str(parameter), size))
            if expected != size:
                raise ValueError(
                    f"Expected {parameter} to agree with {other} on {symbol}={expected} but got "
                    f"{parameter} of shape {shape}."
                )


def _check_positive_kernel(model: Model, values: Mapping[str, Any]) -> None:
    """Refuse a softmax form whose kernel isn't positive on [-1, 1] at these parameters."""
    form = attention_form(model)
    if form is None or not form.normalised or form.kernel.func == sp.exp:
        return
    scalars = [p for p in model.parameters if not isinstance(p, MatrixSymbol)]
    if any(callable(values[str(p)]) for p in scalars):
        return
    grid = np.linspace(-1.0, 1.0, 2001)
    kernel = sp.lambdify(
        [z, *scalars, _XP], form.kernel, modules=[_RUNTIME], printer=ArrayPrinter()
    )
    flat = [np.reshape(values[str(p)], (-1, 1)) for p in scalars]
    with np.errstate(all="ignore"):
        weights = np.broadcast_to(
            kernel(grid, *flat, np), np.broadcast_shapes((2001,), *map(np.shape, flat))
        )
    bad = np.argwhere(~(weights > 0))
    if bad.size:
        at = grid[bad[0][-1]]
        raise ValueError(
            f"Expected a kernel h' > 0 on [-1, 1] for a softmax model but got h'(t)="
            f"{weights[tuple(bad[0])]:.3g} at t={at:.4g}; use the Wasserstein flow."
        )


def compile_model(
    model: Model,
    *,
    masses: ArrayLike | None = None,
    backend: str = "numpy",
    threads: int = 1,
    **parameters: Any,
) -> VelocityField:
    """Print a model's expressions as array code and bind its parameters.

    Parameters
    ----------
    model : Model
        The model.
    masses : array_like, shape (n,) or (batch, n), optional
        Positive masses, used as given; 1/n of the call's n by default.
    backend : {"plain", "numpy", "numba"}
        ``"plain"`` runs the printed velocity as it stands. The others run a fused kernel where
        one is recognised in it (see `numerics.fused`) and the print otherwise; ``"numba"`` needs
        the extra ``fast``.
    threads : int
        Threads that share a batch, or the tiles of one large system; the products inside should
        then stay on one (``OPENBLAS_NUM_THREADS=1``). Of a batch, each system has the same bits
        on any number of threads; one large system has not.
    **parameters
        A value for every parameter of the model, by name. A scalar may have the shape of the
        batch and a matrix the shape (batch, rows, columns); a callable is a function of time.

    Returns
    -------
    VelocityField

    Raises
    ------
    ValueError
        For a missing, unknown, non-finite or misshaped parameter, masses that aren't positive,
        or a softmax kernel that isn't positive.
    ModuleNotFoundError
        For ``backend="numba"`` without numba.

    Examples
    --------
    >>> import numpy as np
    >>> from theory import SA
    >>> field = compile_model(SA, beta=1.0)
    >>> velocity = field(np.array([[1.0, 0.0], [0.0, 1.0]]))
    >>> round(float(velocity[0, 1]), 4)
    0.2689
    """
    if not isinstance(model, Model):
        raise ValueError(
            f"Expected a theory.Model but got model={model!r}; make one with gradient_flow."
        )
    if backend not in BACKENDS:
        raise ValueError(f"Expected backend one of {BACKENDS} but got backend={backend!r}.")
    if not isinstance(threads, int) or isinstance(threads, bool) or threads < 1:
        raise ValueError(f"Expected a whole number of threads >= 1 but got threads={threads!r}.")
    if backend == "numba":
        fused.load_numba()
    names = [str(p) for p in model.parameters]
    missing = [name for name in names if name not in parameters]
    unknown = [name for name in parameters if name not in names]
    if missing or unknown:
        raise ValueError(
            f"Expected the parameters {names} of {model.name} but got "
            f"{', '.join(f'{a}={b!r}' for a, b in parameters.items()) or 'none'}; "
            + "; ".join(
                part
                for part in (
                    f"add {missing}" if missing else "",
                    f"drop {unknown}" if unknown else "",
                )
                if part
            )
            + "."
        )
    values: dict[str, Any] = {}
    sizes: dict[Any, tuple[str, int]] = {}
    for parameter in model.parameters:
        value = parameters[str(parameter)]
        bound = _bound(parameter, value(0.0) if callable(value) else value)
        values[str(parameter)] = value if callable(value) else bound
        if isinstance(parameter, MatrixSymbol):
            _check_sizes(parameter, bound.shape[-2:], sizes)
    _check_positive_kernel(model, values)
    checked = None
    if masses is not None:
        array = np.asarray(masses)
        if array.ndim == 0 or array.shape[-1] == 0:
            raise ValueError(
                f"Expected masses of shape (n,) or (batch, n) but got masses={masses!r}; "
                "give one mass a token."
            )
        checked = check_masses(masses, array.shape[-1])
    function = _compiled(model.velocity, model.parameters)
    source = str(function.__doc__).split("Source code:")[-1].split("Imported modules")[0].strip()
    source = source.replace("_lambdifygenerated", "velocity")
    return VelocityField(model, values, checked, backend, source, threads)


__all__ = ["ArrayPrinter", "VelocityField", "compile_model"]
