"""What holds for a user's own model: `check_model`, and one test an invariant for pytest.

The face offers `check_model`, `parametrize_with_invariants` and `BASIC`, the invariants by
default, the `rows` of a report and the `ModelReport` itself.
"""

from proofs_checks.own_model.check import BASIC, check_model, rows
from proofs_checks.own_model.parametrization import parametrize_with_invariants
from proofs_checks.own_model.report import ModelReport

__all__ = ["BASIC", "ModelReport", "check_model", "parametrize_with_invariants", "rows"]
