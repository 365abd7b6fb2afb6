"""Pictures of pair laws: what is drawn is what was computed."""

import numpy as np
import pytest

from numerics import pair_law, pair_samples
from numerics.plot import plot_pair_distance, plot_pair_law
from theory import USA

TIMES = [0.0, 0.2, 0.4]


def test_what_is_drawn(tmp_path):
    samples = pair_samples(USA, 3, TIMES, copies=256, rtol=1e-4, beta=1.0)
    sampled = samples.law(64)
    laws = [
        pair_law(USA, 3, 0.4, closure=closure, t_eval=TIMES, cells=64, beta=1.0)
        for closure in ("kirkwood", "chaos")
    ]
    axes = plot_pair_law([sampled, *laws], title="n = 3")
    drawn = [line for line in axes.lines if len(line.get_xdata()) == 64]
    assert len(drawn) == 9 and np.array_equal(drawn[5].get_ydata(), laws[0].density[2])
    assert [text.get_text() for text in axes.get_legend().get_texts()][:2] == [
        "Monte Carlo",
        "Kirkwood's closure",
    ]
    axes.figure.savefig(tmp_path / "law.png")
    axes = plot_pair_distance(sampled, laws, samples.error(64))
    assert np.array_equal(axes.lines[1].get_ydata(), laws[1].distance(sampled))
    with pytest.raises(ValueError, match="at least one"):
        plot_pair_law([])
