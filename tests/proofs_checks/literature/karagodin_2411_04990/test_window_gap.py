"""The gap of a window, against floating-point eigenvalues for many n and w."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import eigh

from proofs_checks.literature.karagodin_2411_04990.window_gap import WINDOW_GAP
from theory.symbols import n


@pytest.mark.parametrize("width", range(1, 7))
def test_the_formula_holds_far_beyond_what_is_decided(width):
    (symbol,) = WINDOW_GAP.prediction.rate.free_symbols - {n}
    for count in (2 * width + 1, 20, 61, 200):
        place = np.arange(count)
        seen = (np.abs(np.subtract.outer(place, place)) <= width).astype(float)
        degrees = np.diag(seen.sum(axis=1))
        gap = eigh(degrees - seen, degrees, eigvals_only=True)[1]
        at = {symbol: width, n: count}
        said = float(WINDOW_GAP.prediction.rate.subs(at))
        assert abs(gap / said - 1) <= float(WINDOW_GAP.prediction.relative.subs(at))
