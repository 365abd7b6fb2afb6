"""Arguments that predictions refuse."""

from __future__ import annotations

import math

import pytest
import sympy

from theory.predictions.codes import energy_maximum, energy_minimum, polygon_energy
from theory.predictions.cone import cone_rate
from theory.predictions.equiangular import equiangular_rate, equiangular_time
from theory.predictions.modes import fastest_mode, gegenbauer_coefficient, mode_growth_rate
from theory.predictions.spectra import polygon_mode_rate
from theory.predictions.thresholds import critical_angle
from theory.predictions.wendel import wendel_probability
from theory.symbols import beta, n


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda: energy_minimum(-1, 3), "inverse temperature >= 0 but got beta=-1"),
        (lambda: energy_minimum(1, 1), "whole number >= 2 but got d=1"),
        (lambda: energy_minimum(1, 2.5), "whole number >= 2 but got d=2.5"),
        (lambda: energy_maximum(1, mass=0), "positive number but got mass=0"),
        (lambda: energy_maximum(sympy.oo), "finite inverse temperature"),
        (lambda: energy_maximum(math.nan), "finite inverse temperature"),
        (lambda: gegenbauer_coefficient(-1, 1, 3), "whole number >= 0 but got k=-1"),
        (lambda: equiangular_time(1, 1, 3), r"in \[0, 1\) but got gamma=1"),
        (lambda: equiangular_time(0.5, 1, 1), "whole number >= 2 but got n=1"),
        (lambda: equiangular_rate(0, 1, 3, "QKV"), "one of SA, USA but got model='QKV'"),
        (lambda: wendel_probability(0, 2), "whole number >= 1 but got n=0"),
        (lambda: wendel_probability(n, 2), "Expected numbers but got n=n"),
        (lambda: mode_growth_rate(0, 1), "whole number >= 1 but got mode=0"),
        (lambda: fastest_mode(0), "positive number but got beta=0"),
        (lambda: fastest_mode(beta), "Expected numbers but got beta=beta"),
        (lambda: polygon_energy(n, 1), "number of vertices but got n=n"),
        (lambda: polygon_mode_rate(1, 1, 1), "whole number >= 2 but got k=1"),
        (lambda: critical_angle(0), "positive number but got beta=0"),
        (lambda: cone_rate(0), "positive number but got opening=0"),
    ],
)
def test_bad_input(call, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        call()
