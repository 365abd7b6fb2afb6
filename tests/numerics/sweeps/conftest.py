"""Results of sweeps, compared bit by bit."""

import pytest

from numerics.sweeps import SweepResult


def _same(a: SweepResult, b: SweepResult) -> bool:
    return set(a.values) == set(b.values) and all(
        a.values[name].dtype == b.values[name].dtype
        and a.values[name].shape == b.values[name].shape
        and a.values[name].tobytes() == b.values[name].tobytes()
        for name in a.values
    )


@pytest.fixture(scope="session")
def same():
    return _same
