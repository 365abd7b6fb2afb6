"""Attention outputs inside a velocity: each is summed once, in a fused pass, and the rest printed.

Where lengths, masks or layers stand around attention, ``A_i = Σ_j w_ij x_j`` occurs several times:
in pre-LN as ``P_i A_i / r_i`` and as ``<x_i, A_i>``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Basic, MatMul, MatrixSymbol, S
from sympy.matrices.expressions import MatrixExpr

from numerics.arguments import FloatArray
from numerics.fused.form import FusedForm
from numerics.fused.intervals import masked_outputs
from numerics.fused.loops import evaluate
from theory.atoms import MaskedSoftmax, RowSoftmax
from theory.masks import Mask
from theory.symbols import X, m


@dataclass(frozen=True)
class Output:
    """``A = softmax(rate · X Xᵀ) X`` over the tokens that a mask lets each see.

    Attributes
    ----------
    symbol : MatrixSymbol
        What stands for it in the expressions that it was taken out of.
    product : MatrixExpr
        The expression.
    rate : Expr
        β, or whatever multiplies the inner products.
    mask : Mask or None
        Who sees whom.
    """

    symbol: MatrixSymbol
    product: MatrixExpr
    rate: Any
    mask: Mask | None

    def sums(
        self, points: FloatArray, beta: Any, masses: FloatArray | None, backend: str, threads: int
    ) -> FloatArray | None:
        """Evaluate it at unit rows (..., n, d); None where the print must do.

        ``beta`` is the value of `rate`, a number or of shape (..., 1, 1), masses of shape (..., n).
        """
        if self.mask is None:
            form = FusedForm(True, 1.0, None, "", projected=False)
            return evaluate(form, points, beta, masses, backend, threads)
        return masked_outputs(self.mask, points, beta, masses, backend, threads)


@dataclass(frozen=True)
class Parted:
    """Expressions with symbols in the place of attention outputs.

    Attributes
    ----------
    rest : tuple of MatrixExpr
        The expressions; symbols of outputs are among their free symbols.
    outputs : tuple of Output
        What the symbols stand for.
    """

    rest: tuple[MatrixExpr, ...]
    outputs: tuple[Output, ...]

    def values(
        self,
        evaluate: Callable[[Any], Any],
        points: FloatArray,
        masses: FloatArray | None,
        backend: str,
        threads: int,
    ) -> dict[Any, FloatArray]:
        """Values of the symbols at unit rows; ``evaluate`` is who evaluates an expression there."""
        found = {}
        for output in self.outputs:
            sums = output.sums(points, evaluate(output.rate), masses, backend, threads)
            found[output.symbol] = evaluate(output.product) if sums is None else sums
        return found


@lru_cache(maxsize=256)
def parted(expressions: tuple[MatrixExpr, ...]) -> Parted:
    """Take the attention outputs on the sphere out of expressions.

    Examples
    --------
    >>> from theory import CAUSAL
    >>> parted((CAUSAL.velocity,)).outputs[0].mask
    Mask(causal)
    >>> from theory import QKV
    >>> parted((QKV.velocity,)).outputs
    ()
    """
    found: dict[MatrixExpr, Output] = {}
    rest = tuple(_without(expression, found) for expression in expressions)
    return Parted(rest, tuple(found.values()))


def _without(expr: Any, found: dict[MatrixExpr, Output]) -> Any:
    """Put symbols in the place of outputs, from the inside out."""
    if not isinstance(expr, Basic) or not expr.args or isinstance(expr, MatrixSymbol):
        return expr
    args = [_without(arg, found) for arg in expr.args]
    if isinstance(expr, MatMul):
        args = _without_pairs(args, found)
        return args[0] if len(args) == 1 else MatMul(*args)
    return expr if all(a is b for a, b in zip(args, expr.args, strict=True)) else expr.func(*args)


def _without_pairs(factors: list[Any], found: dict[MatrixExpr, Output]) -> list[Any]:
    """Replace ``W X`` and ``Xᵀ Wᵀ`` among neighbouring factors."""
    kept: list[Any] = []
    for factor in factors:
        left = kept[-1] if kept else None
        if factor == X and (output := _output(left, found)) is not None:
            kept[-1] = output.symbol
        elif left == X.T and (output := _output(getattr(factor, "T", None), found)) is not None:
            kept[-1] = output.symbol.T
        else:
            kept.append(factor)
    return kept


def _output(weights: Any, found: dict[MatrixExpr, Output]) -> Output | None:
    """Read the output of attention weights W, ``W X``, if its pass can be fused."""
    if type(weights) not in (RowSoftmax, MaskedSoftmax) or weights.masses != m:
        return None
    scores = weights.scores
    rate, product = scores.as_coeff_mmul() if isinstance(scores, MatMul) else (S.One, scores)
    if product != X * X.T or X in rate.free_symbols:
        return None
    whole = weights * X
    if whole not in found:
        symbol = MatrixSymbol(f"A{len(found)}", *X.shape)
        mask = weights.mask if isinstance(weights, MaskedSoftmax) else None
        found[whole] = Output(symbol, whole, rate, mask)
    return found[whole]
