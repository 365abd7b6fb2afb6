"""The algebras that derivations run on: inner products, I and J, rewriting, differentials."""

from theory.engines.coinciding import Coinciding
from theory.engines.differentials import differential, partial
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
from theory.engines.grouped import (
    AFTER,
    BEFORE,
    DIRECTION,
    POINT,
    NoValue,
    add_words,
    scale_words,
)
from theory.engines.rewriting import Rewriter, Word, Words, is_diagonal, ordered_hadamard
from theory.engines.scalar_sums import ScalarSums

__all__ = [
    "AFTER",
    "BEFORE",
    "DIRECTION",
    "POINT",
    "ClassColumn",
    "ClassMatrix",
    "Coinciding",
    "Evaluator",
    "EvenMatrix",
    "LinearMap",
    "NoValue",
    "Rewriter",
    "Rows",
    "ScalarSums",
    "Vector",
    "Word",
    "Words",
    "add_words",
    "basis_trace",
    "differential",
    "evaluate",
    "evaluate_even",
    "exchangeable",
    "inner",
    "is_diagonal",
    "ordered_hadamard",
    "partial",
    "project",
    "residual",
    "scale_words",
    "uniform",
    "vectors",
]
