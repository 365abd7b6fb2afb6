"""Short forms: five lines at most, no array whole, plain numbers, text escaped in tables."""

import re
from dataclasses import dataclass

import numpy as np
import pytest

from numerics import compile_model
from numerics.records import Result
from tests.numerics.records.runs import MAKERS, made
from tests.numerics.records.tables import table
from theory import SA, USA
from theory.models import catalogue
from theory.summaries import brief


@pytest.mark.every(3)
@pytest.mark.parametrize("name", MAKERS)
def test_every_result_is_short(name):
    result = made(name)
    text = repr(result)
    assert text.startswith(f"{type(result).__name__}(")
    assert text.endswith(")")
    assert len(text.splitlines()) <= 5
    assert max(map(len, text.splitlines())) <= 100
    assert not re.search(r"array\(|np\.|float64\(|<.*object at|\[\[", text), text
    table(result._repr_html_(), type(result).__name__)


def test_a_trajectory():
    run = made("Trajectory of QKV")
    assert repr(run) == (
        "Trajectory(model=QKV, beta=1, Q=(2, 2), K=(2, 2), V=(2, 2), masses=0.2 to 0.5 (3),\n"
        "    status=FINISHED, times=0 to 1 (3), points=(3, 3, 2), n_steps="
        f"{run.n_steps}, n_evaluations={run.n_evaluations})"
    )
    cells = table(run._repr_html_(), "Trajectory")
    assert cells[cells.index("times") + 1] == "0 to 1 (3)"


def test_models_and_fields():
    assert repr(USA) == (
        "Model(name=USA, parameters=(beta,), space=sphere, kind=flow, reference=(USA))"
    )
    assert repr(compile_model(SA, beta=4.0)) == (
        "VelocityField(model=SA, beta=4, backend=numpy, precise=False)"
    )
    for name in catalogue():
        assert len(repr(catalogue(name)).splitlines()) <= 3


def test_numpy_scalars_are_plain_numbers():
    assert brief(np.float64(0.1) * 3) == "0.3"
    assert brief(np.int32(7)) == "7" and brief(np.bool_(True)) == "True"
    assert brief(np.array(2.5)) == "2.5"
    assert brief((np.float64(1.0), 2)) == "(1, 2)"
    assert brief(np.array([3, 1])) == "(2,) of int64"
    assert brief(np.zeros((2, 3), dtype=np.float32)) == "(2, 3) of float32"
    assert brief(np.array([1.0, np.nan, 0.5])) == "(3,)"
    assert brief({"a": np.zeros((4, 4))}) == "{a: (4, 4)}"


def test_text_is_escaped():
    @dataclass
    class Hostile(Result):
        text: str
        steps: int = 3

    made_up = Hostile("<script>alert(1)</script> & 'x'")
    html = made_up._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html
    assert table(html, "Hostile")[1] == "<script>alert(1)</script> & 'x'"


def test_many_names_end_in_dots():
    @dataclass
    class Long(Result):
        a: str = "x" * 70
        b: str = "x" * 70
        c: str = "x" * 70
        d: str = "x" * 70
        e: str = "x" * 70
        f: str = "x" * 70

    assert len(repr(Long()).splitlines()) == 5
    assert repr(Long()).endswith(" ...)")
