"""The one angle of orthonormal tokens: bounds hold along integrated equations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from sympy import Rational, S, exp, lambdify

from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import Conclusion, Refusal, Theorem, apply, approaching, assume
from proofs_checks.theorems.approach import APPROACH
from theory.models import SA, USA, Model
from theory.predictions import equiangular_rate
from theory.symbols import beta, gamma, n, t

EARLY, LATE = exp(-beta) / n, n / (n + exp(beta / 2))
RISEN = n * exp(beta) / 2


def asked(model: Model, early: Any, late: Any, origin: Any, start: Any) -> Conclusion:
    bound = exp(-late * (t - origin)) / 2
    own = approaching(Subject.of(model), early, late, bound, start)
    assert isinstance(own, Conclusion)
    return own


@pytest.mark.parametrize(
    ("own", "shown"),
    [
        (asked(SA, EARLY, LATE, RISEN, RISEN), True),
        (asked(SA, EARLY, LATE, RISEN, S.Zero), False),
        (asked(SA, EARLY, LATE, S.Zero, S.Zero), False),
        (asked(SA, 2 * EARLY, LATE, RISEN / 2, RISEN / 2), False),
        (asked(SA, EARLY, 2 * LATE, RISEN, RISEN), False),
        (asked(USA, 1 / n, exp(beta / 2), n / 2, S.Zero), True),
        (asked(USA, 1 / n, exp(beta), n / 2, S.Zero), False),
        (asked(SA, 1 / n, exp(beta / 2), n / 2, S.Zero), False),
    ],
)
def test_what_is_concluded(own: Conclusion, shown: bool) -> None:
    found = own.found
    assert (isinstance(found, Theorem) and found.says == own.says.then) is shown


@pytest.mark.parametrize(
    ("name", "late", "origin", "least"),
    [("SA", LATE, RISEN, 3), ("USA", exp(beta / 2), n / 2, 2)],
)
@pytest.mark.parametrize("hot", [0.0, 1.0, 3.0])
def test_bounds_along_the_equation(
    name: str, late: Any, origin: Any, least: int, hot: float
) -> None:
    """From t = 0 on, for n >= 3 of SA and n >= 2 of USA."""
    speed = lambdify((gamma, n, beta), equiangular_rate(model=name))
    bound = lambdify((t, n, beta), exp(-late * (t - origin)) / 2)
    for size in (least, 8):
        times = np.linspace(0, 2 * float(origin.subs({n: size, beta: hot})), 60)
        run = solve_ivp(
            lambda _, g, k=size: speed(g, k, hot), (0, times[-1]), [0.0], t_eval=times, rtol=1e-10
        )
        assert np.all(1 - run.y[0] <= bound(times, size, hot) + 1e-5)


def test_bounds_at_one_angle_are_none_for_all() -> None:
    """A bound of γ' that is shown where γ is 1/4 isn't one up to 1/2."""
    own = asked(USA, 1 / n, exp(beta / 2), n / 2, S.Zero).found
    assert isinstance(own, Theorem)
    step = next(one for one in own.premises if one.by is APPROACH)
    early = assume(step.premises[2].says)
    assert isinstance(apply(APPROACH, *step.premises), Theorem)
    here = (*step.premises[:2], early, *step.premises[3:])
    assert isinstance(apply(APPROACH, *here), Refusal)
    assert Rel("<=", gamma, Rational(1, 2)) in step.premises[2].given
