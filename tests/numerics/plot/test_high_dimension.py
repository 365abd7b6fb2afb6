"""The picture of dimensions."""

from numerics.plot import plot_dimensions


def test_lines_dashes_and_dots():
    ax = plot_dimensions(
        [0, 1], {2: [500, 10**20], 4: [9000, 10**5]}, {2: [7, 9]}, {4: ([0], [300])}
    )
    assert len(ax.lines) == 4
    assert ax.lines[0].get_ydata()[1] == 20
    assert [line.get_linestyle() for line in ax.lines].count("--") == 1
    assert ax.get_ylim()[1] == 21
