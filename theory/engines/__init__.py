"""The algebras that derivations run on: inner products, I and J, rewriting, differentials."""

from theory.engines.differentials import differential
from theory.engines.evaluator import Evaluator, Rows
from theory.engines.even_matrices import EvenMatrix, evaluate_even
from theory.engines.exchangeable_algebra import (
    ClassColumn,
    ClassMatrix,
    evaluate,
    exchangeable,
    uniform,
)
from theory.engines.gram import LinearMap, Vector, basis_trace, inner, project, residual, vectors
from theory.engines.rewriting import Rewriter, Word, Words, is_diagonal, ordered_hadamard

__all__ = [
    "ClassColumn",
    "ClassMatrix",
    "Evaluator",
    "EvenMatrix",
    "LinearMap",
    "Rewriter",
    "Rows",
    "Vector",
    "Word",
    "Words",
    "basis_trace",
    "differential",
    "evaluate",
    "evaluate_even",
    "exchangeable",
    "inner",
    "is_diagonal",
    "ordered_hadamard",
    "project",
    "residual",
    "uniform",
    "vectors",
]
