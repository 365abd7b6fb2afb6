"""What SymPy is asked on a user's path is bounded: calls are counted, not seconds."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import sympy as sp

import theory
from numerics import compile_model, integrate, sphere
from theory import gradient_flow, interaction_energy
from theory.bounded import (
    BUDGET,
    BudgetSpentError,
    affordable,
    cost,
    deciding,
    exponential_parts,
    metered,
    primitive,
    quotient,
    remainder,
    simplified,
    vanishes,
)
from theory.energy import pole_free
from theory.parse import parse_kernel
from theory.symbols import beta, z

ROOT = Path(str(theory.__file__)).parent.parent
KERNELS = (
    "sin(cos(t)*tanh(t))+log(3+t)",
    "exp(sin(t)*cosh(t))/(2+cos(t**3))",
    "(sin(t)*cos(2*t)+exp(t))**5/(3+t)",
    "tanh(sin(t)+exp(t*cos(t)))**7",
)
CALLS = 4_000_000  # of Python functions; the unbounded ones made tens of millions


def counted(function: Callable[[], Any]) -> Any:
    """Call a function, and stop it after too many calls inside."""
    left = CALLS

    def watch(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal left
        left -= event == "call"
        if left < 0:
            raise AssertionError(f"Expected at most {CALLS} calls but got more; bound them.")

    sys.setprofile(watch)
    try:
        return function()
    finally:
        sys.setprofile(None)


@pytest.mark.slow
@pytest.mark.parametrize("text", KERNELS)
def test_nothing_on_the_way_to_a_run_is_unbounded(text: str) -> None:
    exponential_parts.cache_clear()
    model = counted(lambda: gradient_flow(interaction_energy(parse_kernel(text)), text))
    field = compile_model(model)
    points = sphere.random_points(600, 2, rng=0)
    assert counted(lambda: integrate(field, points, 1e-3)).status.success
    counted(lambda: field.scaled(points[:8]))
    with pytest.raises(ValueError, match="one exponential kernel"):
        counted(lambda: field.log_energy(points[:8]))


def test_numerics_asks_through_the_budget() -> None:
    """`simplify`, `factor` and `series` of a user's kernel are called in theory.bounded alone."""
    named = {"simplify", "factor", "series", "radsimp", "trigsimp", "powsimp"}
    found = set()
    for path in sorted((ROOT / "numerics").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "sympy" not in text:  # the controller of steps has a `factor` of its own
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in named:
                    found.add(f"{path.relative_to(ROOT).as_posix()} {name}")
    # the law of two clusters is ours, of SA or USA
    assert found == {"numerics/coarsening/pair_times.py factor"}


@pytest.mark.parametrize(
    ("kernel", "parts"),
    [
        (sp.exp(beta * z) / beta, (1 / beta, beta)),
        (-3 * sp.exp(2 * z + 1), (-3 * sp.E, 2)),
        (sp.exp(z) * sp.exp(beta * z), (1, 1 + beta)),
        (2**z, (1, sp.log(2))),
        (sp.cosh(z) + sp.sinh(z), (1, 1)),
        (sp.S(7), (7, 0)),
        (sp.exp(z**2), None),
        (z * sp.exp(z), None),
        (sp.exp(z) + 1, None),
        (sp.S.Zero, None),
    ],
)
def test_exponentials(kernel: sp.Expr, parts: tuple[sp.Expr, sp.Expr] | None) -> None:
    found = exponential_parts(kernel)
    if parts is None or found is None:
        assert found == parts
    else:
        assert all(sp.simplify(a - b) == 0 for a, b in zip(found, parts, strict=True))


@pytest.mark.slow
def test_beyond_the_budget_things_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def noted(expr: sp.Expr) -> sp.Expr:
        asked.append(cost(expr))
        return expr

    monkeypatch.setattr("theory.bounded.sp.simplify", noted)
    simplified.cache_clear()
    long = parse_kernel(KERNELS[0]).diff(z, 2)
    assert simplified(long) is long and asked == []
    assert vanishes(long) is False and asked == []  # a value settles it
    assert vanishes(long - long.xreplace({sp.S(3): sp.S(3)})) is True
    hidden = sp.sin(long) ** 2 + sp.cos(long) ** 2 - 1
    assert vanishes(hidden) is None and asked == []
    simplified(z + sp.sin(z))
    assert asked and max(asked) <= BUDGET
    once = len(asked)
    simplified(z + sp.sin(z))
    assert len(asked) == once  # the next who asks gets the same answer
    simplified.cache_clear()  # of what `noted` answered


def test_a_tiny_number_is_not_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("theory.bounded.sp.simplify")  # a value settles it
    assert vanishes(1 - sp.tanh(250) ** 2) is False
    assert vanishes(1 - sp.tanh(500 * z) ** 2) is False


WHOLE = sp.Symbol("k", integer=True)
EVEN = sp.Symbol("e", even=True)
ODD = sp.Symbol("o", odd=True)
BELOW = sp.Symbol("b", negative=True)


@pytest.mark.parametrize(
    "difference",
    [
        sp.sin(z) ** 2 + sp.cos(z) ** 2 - 1,
        sp.sin(sp.pi * WHOLE, evaluate=False),
        sp.Pow(-1, EVEN, evaluate=False) - 1,
        beta * (sp.Pow(-1, ODD, evaluate=False) + 1),
        sp.Pow(BELOW**2, sp.S.Half, evaluate=False) + BELOW,
        sp.sqrt(beta**2 * sp.exp(2 * z)) - sp.Abs(beta) * sp.exp(z),
        (z**2 - 1) / (z - 1) - z - 1,
        sp.Integer(0),
    ],
    ids=str,
)
def test_a_difference_that_is_zero_under_its_assumptions(difference: sp.Expr) -> None:
    assert remainder(difference) == 0


@pytest.mark.parametrize("left", [sp.exp(z) - 1, beta * z, sp.S.Half, sp.sin(sp.pi * z)], ids=str)
def test_what_is_far_from_zero_isn_t_simplified(
    left: sp.Expr, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: sp.Expr) -> sp.Expr:
        raise AssertionError

    monkeypatch.setattr("theory.bounded.simplified", refused)
    remainder.cache_clear()
    assert remainder(left) is left


def test_what_is_small_but_not_zero_is_left() -> None:
    assert remainder(sp.Rational(1, 10**9) * z) != 0
    assert remainder(sp.exp(-100) * beta) != 0


def test_quotients_of_kernels() -> None:
    steep = sp.tanh(50 * z - 10)
    assert quotient(beta * steep.diff(z), steep.diff(z)) == beta
    assert quotient(3 - 3 * steep**2, 1 - steep**2) == 3
    assert z in quotient(steep, sp.exp(z)).free_symbols


@pytest.mark.slow
def test_constants_at_a_pole() -> None:
    h = sp.sin(z) ** 2
    assert pole_free(sp.exp(beta * z) / beta, beta, 0) == z
    assert sp.simplify(pole_free(sp.exp(beta * h) / beta, beta, 0) - h) == 0
    assert sp.expand(pole_free((sp.exp(beta * z) - beta * z) / beta**2, beta, 0) - z**2 / 2) == 0
    with pytest.raises(ValueError, match="Expected a kernel that is finite"):
        pole_free(sp.sin(z) / beta, beta, 0)
    long = parse_kernel(KERNELS[0])
    with pytest.raises(ValueError, match="use another beta"):
        counted(lambda: pole_free(long / beta, beta, 0))


def test_values_that_settle_a_question_are_as_the_symbols_are_assumed() -> None:
    assert vanishes(sp.sin(sp.pi * WHOLE, evaluate=False) * z) is True
    assert vanishes(sp.Pow(BELOW**2, sp.S.Half, evaluate=False) + BELOW) is True


HOT = sp.Symbol("b", positive=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "expr",
    [sp.exp(HOT * z**2) * sp.cos(z), sp.exp(sp.sin(HOT * z)), z * sp.atan(sp.exp(z))],
    ids=str,
)
def test_no_search_is_started_for_an_antiderivative(expr):
    """Of the first SymPy's searches don't come back for minutes, and no budget ends a call."""
    assert primitive(expr, z) is None


@pytest.mark.parametrize(
    "expr",
    [sp.exp(HOT * z), z**3 - 2 * z, 1 / (1 + sp.exp(-HOT * z)), sp.tanh(HOT * z), 1 / (3 - z),
     (HOT * z + 1) ** 2 * sp.exp(HOT * z), sp.sqrt(2 + z)],
    ids=str,
)  # fmt: skip
def test_antiderivatives_by_rules(expr):
    found = primitive(expr, z)
    assert vanishes(found.diff(z) - expr)


def test_what_is_long_is_no_question():
    long = sum(sp.sin(z + k) * sp.exp(k * z) for k in range(60))
    assert not affordable(long) and primitive(long, z) is None
    with metered(0), pytest.raises(BudgetSpentError), deciding():
        affordable(z)
