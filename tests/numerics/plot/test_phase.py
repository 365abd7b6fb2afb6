"""Pictures of phase diagrams say what they show."""

from dataclasses import replace

import numpy as np
import pytest

from numerics.phase import PhaseDiagram
from numerics.plot import phase as pictures
from theory import SA, USA


def made_up(counts, statistic="pairs"):
    counts = np.asarray(counts)
    return PhaseDiagram(
        betas=np.arange(1.0, counts.shape[1] + 1),
        times=np.arange(float(counts.shape[2])),
        counts=counts,
        unfinished=np.zeros(counts.shape[:2], dtype=bool),
        n=4,
        d=2,
        delta=1e-3,
        model=SA,
        statistic=statistic,
    )


@pytest.mark.slow
def test_pictures_say_what_they_show():
    stopped = np.zeros((3, 2), dtype=bool)
    stopped[0, 1] = True
    counts = np.tile([[0, 3, 6], [0, 6, 6]], (3, 1, 1))
    diagram = replace(made_up(counts), unfinished=stopped)
    figure = pictures.draw_figure([diagram, diagram])
    heading = figure.get_suptitle()
    assert all(part in heading for part in ("SA", "$n$ = 4", r"$\delta$ = 0.001", "3 runs"))
    ax = pictures.plot_phase(diagram)
    assert np.ma.getmaskarray(ax.collections[0].get_array())[1].all()  # β = 2 is left grey
    labels = ax.get_legend_handles_labels()[1]
    assert any(r"d \to \infty" in label for label in labels) and "95% band" not in labels
    assert not pictures.plot_bands(diagram).collections  # no bands of 3 runs
    assert "radius is time" in pictures.draw_metastable([4.0], [0.0, 1.0], 8).get_suptitle()
    with pytest.raises(ArithmeticError, match="stopped"):
        pictures.draw_metastable([800.0], [0.0, 1.0], 4, model=USA)
