"""Pictures of order under noise."""

from numpy import array

from numerics import Hysteresis, NoisyStatus, ordered_branch, stationary_states, transition
from numerics.plot import plot_bifurcation, plot_states
from numerics.plot.style import BLUE
from theory import SA, USA


def test_stable_is_solid_and_unstable_dashed():
    loop = Hysteresis(
        array([1.2, 1.4, 1.2]), array([0.9, 0.1, 0.1]), array([0.0] * 3), 2, 10, 2,
        NoisyStatus.FINISHED,
    )  # fmt: skip
    branch = ordered_branch(USA, 3.0)
    ax = plot_bifurcation(branch, transition(USA, 3.0), loop)
    styles = {line.get_linestyle() for line in ax.lines}
    assert {"-", "--"} <= styles
    parts = [line for line in ax.lines if line.get_color() == BLUE]
    assert [line.get_linestyle() for line in parts] == ["--", "-"]
    assert len(parts[0].get_xdata()) + len(parts[1].get_xdata()) == len(branch.states) + 2
    assert sum("kappa" in text.get_text() for text in ax.get_legend().get_texts()) == 3


def test_a_continuous_branch_is_one_line():
    ax = plot_bifurcation(ordered_branch(SA, 2.0), transition(SA, 2.0))
    assert [line.get_linestyle() for line in ax.lines if line.get_color() == BLUE] == ["-"]
    assert sum("kappa" in text.get_text() for text in ax.get_legend().get_texts()) == 1


def test_densities():
    for d in (2, 3):
        states = stationary_states(USA, 0.2, 2.0, d)
        ax = plot_states(states)
        assert len(ax.lines) == len(states)
        assert ax.get_ylim()[0] == 0
