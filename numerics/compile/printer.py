"""The printer: a matrix expression as array code for a namespace ``xp``."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy import DiagMatrix, MatMul
from sympy.matrices.expressions import MatrixExpr
from sympy.printing.pycode import PythonCodePrinter

from numerics.compile.runtime import RUNTIME
from theory.atoms import Elementwise
from theory.masks import GRAPH
from theory.symbols import X, d, m, n, t, z

SHIFT = sp.Symbol("shift", real=True)


XP = sp.Symbol("xp")
_PART = "part_"
"""How names of shared parts begin."""


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


class Clipped(sp.Function):
    """An inner product of unit vectors, rounding that leaves [-1, 1] put right."""

    nargs = 1


_ENDING = (sp.log, sp.asin, sp.acos, sp.atanh)


def _may_end(body: Any) -> bool:
    """Whether a function of z may end at -1 or 1, where rounding would make it NaN."""
    powers = (p for p in body.atoms(sp.Pow) if not p.exp.is_Integer and p.base is not sp.E)
    return any(z in part.free_symbols for part in (*powers, *body.atoms(*_ENDING)))


def clipped(body: Any) -> Any:
    """Cut z to [-1, 1] in a kernel that may end there."""
    return body.xreplace({z: Clipped(z)}) if _may_end(body) else body


@lru_cache(maxsize=256)
def on_sphere(expr: MatrixExpr) -> MatrixExpr:
    """Clip the inner products of unit vectors to [-1, 1] where a kernel may end there.

    ``(1 + t)**(3/2)`` at two antipodal tokens: the product of unit rows may be -1 - 2e-16.
    """
    cut = {
        atom: Elementwise(clipped(atom.body), atom.expr)
        for atom in expr.atoms(Elementwise)
        if atom.expr == X * X.T
    }
    return expr.xreplace(cut)


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
        "asinh": "asinh",
        "acosh": "acosh",
        "atanh": "atanh",
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

    Parameters
    ----------
    shared : frozenset, optional
        Subexpressions that are computed once and named.
    """

    printmethod = "_arraycode"

    def __init__(self, shared: frozenset[Any] = frozenset()) -> None:
        super().__init__({"fully_qualified_modules": False, "user_functions": _FUNCTIONS})
        self._shared = shared
        self._names: dict[Any, str] = {}

    def _print(self, expr: Any, **kwargs: Any) -> str:
        """Print a node; one that stands in several places is evaluated at the first of them."""
        if expr not in self._shared:
            return str(super()._print(expr, **kwargs))
        if expr in self._names:
            return self._names[expr]
        code = super()._print(expr, **kwargs)
        name = self._names[expr] = f"{_PART}{len(self._names) + 1}"
        return f"({name} := {code})"

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

    def _print_log(self, expr: Any) -> str:
        size = expr.args[0].free_symbols <= {n, d}  # array libraries take no plain number
        return f"{'log_size' if size else 'xp.log'}({self._print(expr.args[0])})"

    def _print_exp(self, expr: Any) -> str:
        return f"xp.exp({self._print(expr.args[0])})"

    def _print_erf(self, expr: Any) -> str:
        return f"erf({self._print(expr.args[0])}, xp)"

    def _print_Clipped(self, expr: Any) -> str:
        return f"xp.clip({self._print(expr.args[0])}, -1.0, 1.0)"

    def _print_PositivePart(self, expr: Any) -> str:
        base, power = expr.args
        return f"positive_part({self._print(base)}, {float(power)!r}, xp)"

    def _print_Heaviside(self, expr: Any) -> str:
        return self._print(expr.rewrite(sp.Piecewise))

    def _print_sign(self, expr: Any) -> str:
        return f"xp.sign({self._print(expr.args[0])})"

    def _print_Exp1(self, expr: Any) -> str:
        return repr(float(sp.E))

    def _print_Pi(self, expr: Any) -> str:
        return repr(float(sp.pi))

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:
        base, power = expr.as_base_exp()
        if expr.is_number:  # a root of a number is none of the library's
            return repr(float(expr))
        if abs(power) == sp.Rational(1, 2) and base.free_symbols <= {t, n, d}:
            return f"({self._print(base)})**({float(power)!r})"  # of plain numbers, as for log
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

    def _print_HadamardPower(self, expr: Any) -> str:
        base, power = expr.args
        return f"({self._print(base)})**({self._print(power)})"

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
        return f"({self._diagonal(expr.args[0])} * xp.eye({size}, dtype=X.dtype))"

    def _print_DiagonalOf(self, expr: Any) -> str:
        return self._diagonal(expr.args[0])

    def _diagonal(self, expr: Any) -> str:
        """Code of a diagonal as a column; of a product, the inner products that it consists of."""
        coefficient, product = expr.as_coeff_mmul() if isinstance(expr, MatMul) else (1, expr)
        factors = product.args if isinstance(product, MatMul) else ()
        if len(factors) < 2:
            return f"diagonal_part({self._print(expr)}, xp)"
        cuts = [k for k in range(1, len(factors)) if factors[k].shape[0] != n]
        cut = cuts[0] if cuts else 1
        sides = MatMul(*factors[:cut]).doit(), MatMul(*factors[cut:]).doit().T
        code = f"row_dots({self._print(sides[0])}, {self._print(sides[1])}, xp)"
        return code if coefficient == 1 else f"(({self._print(coefficient)}) * {code})"

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
            return "diagonal", self._diagonal(expr.args[0])
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

    def _print_MaskedSoftmax(self, expr: Any) -> str:
        parts = ", ".join(self._print(part) for part in (expr.scores, expr.masses, expr.mask))
        return f"masked_softmax({parts}, xp)"

    def _print_Mask(self, expr: Any) -> str:
        if expr.kind == GRAPH:
            return self._print(expr.parameter)
        size = self._print(expr.shape[0])
        return f"mask_{expr.kind.replace(' ', '_')}({size}, {expr.parameter}, X.dtype, xp)"

    def _print_SinkSoftmax(self, expr: Any) -> str:
        mask = "None" if expr.mask is None else self._print(expr.mask)
        parts = ", ".join(self._print(part) for part in (expr.scores, expr.masses, expr.sink))
        return f"sink_softmax({parts}, {mask}, xp)"

    def _print_SquaredDistances(self, expr: Any) -> str:
        return f"squared_distances({self._print(expr.args[0])}, {self._print(expr.args[1])}, xp)"

    def _print_Distances(self, expr: Any) -> str:
        return f"place_distances({self._print(expr.shape[0])}, X.dtype, xp)"

    def _print_Rotary(self, expr: Any) -> str:
        return f"rotary({self._print(expr.field)}, {self._print(expr.base)}, xp)"

    def _print_Sinkhorn(self, expr: Any) -> str:
        return f"sinkhorn({self._print(expr.args[0])}, {self._print(expr.args[1])}, xp)"

    def _print_TopK(self, expr: Any) -> str:
        return f"top_k({self._print(expr.scores)}, {self._print(expr.masses)}, {expr.count}, xp)"

    def _print_Hardmax(self, expr: Any) -> str:
        return f"hardmax({self._print(expr.scores)}, {self._print(expr.masses)}, xp)"

    def _print_SinkhornPotential(self, expr: Any) -> str:
        return f"sinkhorn_potential({self._print(expr.args[0])}, {self._print(expr.args[1])}, xp)"

    def _print_Tangent(self, expr: Any) -> str:
        return f"tangent({self._print(expr.args[0])}, {self._print(expr.args[1])}, xp)"

    def _print_FiniteSum(self, expr: Any) -> str:
        if not expr.count.is_Integer:
            raise ValueError(
                f"Expected a number of terms in a sum but got count={expr.count}; "
                "write for instance multi_head(3)."
            )
        return str(self._print(expr.doit()))

    def _print_RowNormalize(self, expr: Any) -> str:
        return f"row_normalize({self._print(expr.args[0])}, xp)"

    def _print_LayerNorm(self, expr: Any) -> str:
        field, gain, bias, eps = (self._print(part) for part in expr.args[:4])
        return f"layer_norm({field}, {gain}, {bias}, {eps}, {expr.centred}, xp)"

    def _print_MatrixExponential(self, expr: Any) -> str:
        return f"matrix_exponential({self._print(expr.args[0])}, xp)"

    def _print_LogPairSum(self, expr: Any) -> str:
        return f"log_pair_sum({self._print(expr.args[0])}, {self._print(expr.args[1])}, xp)"

    def emptyPrinter(self, expr: Any) -> str:
        """Refuse what has no array code instead of printing something that looks like code.

        Parameters
        ----------
        expr : object
            The expression.
        """
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


def repeated(expr: Any) -> frozenset[Any]:
    """Matrices that stand in several places of an expression, symbols and transposes apart.

    Where a trace is a factor nothing is shared: its code comes before that of the matrices.
    """
    seen: set[Any] = set()
    twice: set[Any] = set()
    todo = [expr]
    while todo:
        node = todo.pop()
        if isinstance(node, sp.Trace):
            return frozenset()
        if node in seen:
            twice.add(node)
            continue
        seen.add(node)
        todo.extend(node.args)
    cheap = (sp.MatrixSymbol, sp.Transpose, sp.OneMatrix, sp.ZeroMatrix, sp.Identity)
    return frozenset(m for m in twice if isinstance(m, MatrixExpr) and not isinstance(m, cheap))


@lru_cache(maxsize=256)
def compiled_function(expr: MatrixExpr, parameters: tuple[Any, ...]) -> Callable[..., Any]:
    """Print one expression as a function of (X, m, t, *parameters, shift, n, d, xp)."""
    return printed_function((X, m, t, *parameters, SHIFT, n, d, XP), expr)


def printed_function(arguments: tuple[Any, ...], expr: Any) -> Callable[..., Any]:
    """Print an expression as a function of arguments, which don't hide what printed code calls.

    Parameters
    ----------
    arguments : tuple of Symbol or MatrixSymbol
        With `XP` among them; a parameter of a user's may be called "xp" or "tangent" too.
    expr : Expr or MatrixExpr

    Returns
    -------
    callable

    Examples
    --------
    >>> import numpy as np
    >>> own = sp.Symbol("xp", positive=True)
    >>> float(printed_function((own, XP), sp.exp(own))(0.0, np))
    1.0
    """
    own = {one: _renamed(one) for one in arguments if one not in (SHIFT, XP) and _taken(str(one))}
    names, body = [own.get(one, one) for one in arguments], expr.xreplace(own)
    printer = ArrayPrinter(repeated(body))
    # Writing the matrices for a docstring, which nobody reads, takes longer than printing them.
    return sp.lambdify(names, body, modules=[RUNTIME], printer=printer, docstring_limit=0)


def _taken(name: str) -> bool:
    """Whether printed code has something else of a name: a function, a shared part."""
    return name in (str(SHIFT), str(XP), *RUNTIME) or name.startswith(_PART)


def _renamed(symbol: Any) -> Any:
    """Give a parameter a name that code prints for nothing else."""
    name = f"{symbol}_of_the_model"
    matrix = isinstance(symbol, sp.MatrixSymbol)
    return sp.MatrixSymbol(name, *symbol.shape) if matrix else sp.Symbol(name)
