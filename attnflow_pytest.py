"""The pytest plugin of attnflow: options, fixtures and a mark for tests of your own models.

``--attnflow-cases N`` and ``--attnflow-seed S`` deepen every test of `parametrize_with_invariants`,
and what the fixture `attnflow_check` runs, without an edit. pytest loads this file in every run of
the environment: so it stands outside the packages and imports pytest alone, until one of its
options or fixtures is used.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

FIXTURES = ("attnflow_cases", "attnflow_seed", "attnflow_check")
"""A test that asks for one of them has the mark ``attnflow`` too."""


def _whole(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            from argparse import ArgumentTypeError

            raise ArgumentTypeError(f"Expected a whole number >= {least} but got {text}")
        return value

    return number


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("attnflow", "tests of models with attnflow")
    group.addoption(
        "--attnflow-cases",
        type=_whole(1),
        metavar="N",
        help="cases a row of check_model draws where no proof decides it, in place of those "
        "that tests name (30)",
    )
    group.addoption(
        "--attnflow-seed",
        type=_whole(0),
        metavar="S",
        help="seed of the cases, in place of those that tests name (0)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark."""
    config.addinivalue_line(
        "markers", "attnflow: asks attnflow what holds for a model; set on such tests by itself"
    )


def _asked(config: pytest.Config) -> dict[str, int]:
    """Options of the command line, by the names that `check_model` has for them."""
    given = {"cases": config.getoption("attnflow_cases"), "rng": config.getoption("attnflow_seed")}
    return {name: value for name, value in given.items() if value is not None}


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what the options change."""
    names = {"cases": "cases", "rng": "seed"}
    words = ", ".join(f"{names[name]} {value}" for name, value in _asked(config).items())
    return [f"attnflow: {words}"] if words else []


def _is_invariant(value: Any) -> bool:
    """Whether a value is an invariant; nothing is imported for the question."""
    module = sys.modules.get("proofs_checks.own_model.parametrization")
    return module is not None and isinstance(value, module.Invariant)


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that ask attnflow."""
    for item in items:
        values = getattr(getattr(item, "callspec", None), "params", {}).values()
        wanted = getattr(item, "fixturenames", ())
        if any(map(_is_invariant, values)) or any(name in wanted for name in FIXTURES):
            item.add_marker("attnflow")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """Hand the options to the invariants that a test was given."""
    asked = _asked(pyfuncitem.config)
    if asked:
        funcargs: dict[str, Any] = pyfuncitem.funcargs
        for name, value in funcargs.items():
            if _is_invariant(value):
                funcargs[name] = replace(value, **asked)
    return (yield)


@pytest.fixture(scope="session")
def attnflow_cases(pytestconfig: pytest.Config) -> int | None:
    """Return what ``--attnflow-cases`` says; None lets attnflow choose."""
    return _asked(pytestconfig).get("cases")


@pytest.fixture(scope="session")
def attnflow_seed(pytestconfig: pytest.Config) -> int:
    """Return what ``--attnflow-seed`` says, or 0."""
    return _asked(pytestconfig).get("rng", 0)


@pytest.fixture(scope="session")
def attnflow_check(pytestconfig: pytest.Config) -> Callable[..., Any]:
    """Return ``check_model``, with the number of cases and the seed of the command line.

    It is called as ``check_model`` is; what the command line says goes before what the test says.
    """
    from proofs_checks import check_model

    def check(model: Any, **options: Any) -> Any:
        return check_model(model, **{**options, **_asked(pytestconfig)})

    return check
