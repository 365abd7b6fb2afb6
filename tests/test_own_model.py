"""The page for users' own models: its table is what the example prints, its code runs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "your-own-model.md"


@pytest.mark.slow
def test_the_code_runs():
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 4
    for block in blocks:
        names = {}
        exec(compile(block, PAGE.name, "exec"), names)
        if "test_my_observable" in names:
            names["test_my_observable"]()


@pytest.mark.slow
def test_the_table_is_what_the_example_prints():
    scope = {"__name__": "example"}
    path = ROOT / "examples" / "six_variants.py"
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), scope)
    found = scope["reports"]()
    assert scope["table"](found) in PAGE.read_text(encoding="utf-8")
    caught = found["no projection"].refuted
    assert "implementation" in caught and "confinement" in caught
    # A polynomial kernel has minimisers beside the uniform measure.
    assert set(found["(1+t)²"].refuted) == {"Proposition 3.4", "Proposition 3.4 uniqueness"}
    assert "Lemma 6.4" in found["t³"].refuted
