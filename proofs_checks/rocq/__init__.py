"""A second kernel: what we call PROVED and CERTIFIED, checked again by Rocq.

Statements are read from the matrix expressions before any expansion, and written as Rocq's
theorems by other functions than their proofs.
"""

from proofs_checks.rocq.certificate import Proved, prove, rests_on, theorem_of
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
from proofs_checks.rocq.exports import (
    ClaimExport,
    Fate,
    Recorded,
    StepExport,
    compile_all,
    compile_export,
    export_claim,
    record_claim,
    text_of,
)
from proofs_checks.rocq.formulas import Theorem, gram_statement
from proofs_checks.rocq.scalars import NotExported
from proofs_checks.rocq.signs import sign_statement
from proofs_checks.rocq.theorems import NoExport
from proofs_checks.rocq.whole_theorems import (
    WHOLE_THEOREMS,
    WholeTheorem,
    rocq_rules,
    rule_text,
    whole_text,
    whole_theorem,
)

__all__ = [
    "INSTALL",
    "WHOLE_THEOREMS",
    "ClaimExport",
    "Compiled",
    "Fate",
    "NoExport",
    "NotExported",
    "Proved",
    "Recorded",
    "RocqMissing",
    "StepExport",
    "Theorem",
    "WholeTheorem",
    "allowed_axiom",
    "axiom_words",
    "compile_all",
    "compile_export",
    "compile_text",
    "export_claim",
    "gram_statement",
    "prove",
    "recheck",
    "record_claim",
    "rests_on",
    "rocq_available",
    "rocq_rules",
    "rocq_version",
    "rule_text",
    "sign_statement",
    "text_of",
    "theorem_of",
    "whole_text",
    "whole_theorem",
]
