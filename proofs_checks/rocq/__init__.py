"""A second kernel: what we call PROVED and CERTIFIED, checked again by Rocq.

Statements are read from the matrix expressions before any expansion, and written as Rocq's
theorems by other functions than their proofs.
"""

from proofs_checks.rocq.certificate import Proved, prove, theorem_of
from proofs_checks.rocq.compiler import (
    INSTALL,
    Compiled,
    RocqMissing,
    allowed_axiom,
    axiom_words,
    compile_text,
    recheck,
    rocq_available,
    rocq_version,
)
from proofs_checks.rocq.theorems import NoExport, Theorem

__all__ = [
    "INSTALL",
    "Compiled",
    "NoExport",
    "Proved",
    "RocqMissing",
    "Theorem",
    "allowed_axiom",
    "axiom_words",
    "compile_text",
    "prove",
    "recheck",
    "rocq_available",
    "rocq_version",
    "theorem_of",
]
