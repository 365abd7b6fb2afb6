"""The picture of cluster counts in two regimes."""

import numpy as np

from numerics.plot import plot_count_regimes


def test_both_predictions_and_the_independent_start():
    ax = plot_count_regimes([1e-3, 1.0, np.inf], [[4, 4], [4, 3], [3, 3]], 4, 3.5, "β = 9")
    ax = plot_count_regimes([1e-3, 1.0, np.inf], [[7, 7], [6, 7], [6, 6]], 7, 6.1, "", 1.0, ax)
    levels = [line.get_ydata()[0] for line in ax.lines if line.get_linestyle() in ("--", ":")]
    assert levels == [4, 3.5, 7, 6.1]
    assert ax.lines[0].get_xdata().tolist() == [1e-3, 1.0, 10.0]
