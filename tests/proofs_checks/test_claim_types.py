"""A control of the wrong kind is an error of mypy, before anything runs."""

from pathlib import Path

import pytest

api = pytest.importorskip("mypy.api")

ROOT = Path(__file__).resolve().parents[2]

# Only claim.py is read: the rest of the package, and NumPy, would take a minute.
CONFIGURATION = """
[mypy]
strict = true
follow_imports = skip

[mypy-proofs_checks.claim]
follow_imports = normal
"""

CLAIM = """
from proofs_checks.claim import Budget, Claim, Control, Evidence, Verdict


def check(model: str, prediction: int, budget: Budget) -> Evidence:
    return Evidence(Verdict.PROVED, "")


Claim(
    "Label",
    "Statement.",
    "A",
    3,
    check,
    (Control("another model", model="B"), {control}),
    Verdict.PROVED,
    printed={printed},
)
"""

RIGHT = 'Control("another number", prediction=4)'


@pytest.mark.parametrize(
    ("control", "printed", "error"),
    [
        (RIGHT, RIGHT, ""),
        ('Control("a word for a number", prediction="4")', RIGHT, "[arg-type]"),
        (RIGHT, 'Control("a word for a number", prediction="4")', "[arg-type]"),
        ('Control("a number for a model", model=4)', RIGHT, "[arg-type]"),
    ],
    ids=["right", "prediction", "printed", "model"],
)
@pytest.mark.slow
def test_a_control_of_the_wrong_class_is_an_error(control, printed, error, tmp_path, monkeypatch):
    monkeypatch.setenv("MYPYPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    Path("mypy.ini").write_text(CONFIGURATION)
    Path("claim_of_a_user.py").write_text(CLAIM.format(control=control, printed=printed))
    # The cache is shared by the four: the standard library is read once.
    cache = f"--cache-dir={tmp_path.parent / 'mypy'}"
    found, complaints, code = api.run([cache, "--config-file=mypy.ini", "claim_of_a_user.py"])
    assert not complaints
    assert (code, error in found) == (1 if error else 0, True), found
