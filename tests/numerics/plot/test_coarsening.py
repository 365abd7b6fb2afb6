"""Pictures of coarsening runs."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from numerics import sphere
from numerics.coarsening import cluster_counts, coarsen
from numerics.plot import coarsening as plot_coarsening
from numerics.provenance import provenance, recorded


def circle(*angles):
    theta = np.asarray(angles, dtype=float).ravel()
    return np.stack([np.cos(theta), np.sin(theta)], axis=1)


@pytest.fixture(scope="module")
def flat():
    return coarsen(sphere.random_points(9, 2, 1), beta=40, rtol=1e-6)


@pytest.fixture(scope="module")
def round_one():
    return coarsen(sphere.random_points(7, 3, 1), beta=20, rtol=1e-6)


def drawn(axes):
    axes.figure.canvas.draw()
    return axes


def test_dendrogram_joins_neighbours_at_their_times(flat):
    axes = drawn(plot_coarsening.plot_dendrogram(flat))
    segments = axes.collections[0].get_segments()
    assert len(segments) == 3 * len(flat.merges) + 1  # two branches and a bar each, and the root
    ends = {round(float(segment[0][0]), 9) for segment in segments}
    assert {round(m.log_time / np.log(10), 9) for m in flat.merges} <= ends
    labels = [int(text.get_text()) for text in axes.get_yticklabels()]
    assert sorted(labels) == list(range(9))


def test_branches_of_the_dendrogram_do_not_cross(flat, round_one):
    for result in (flat, round_one):
        order = plot_coarsening._order(result)
        place = {particle: k for k, particle in enumerate(order)}
        inside = {k: [k] for k in range(result.n)}
        for merge in result.merges:
            inside[merge.cluster] = [p for c in merge.children for p in inside[c]]
            places = sorted(place[p] for p in inside[merge.cluster])
            assert places == list(range(places[0], places[0] + len(places)))


def test_staircase_and_its_levels(flat):
    axes = drawn(plot_coarsening.plot_staircase(flat))
    heights = axes.lines[0].get_ydata()
    assert heights[-1] == pytest.approx(1)
    assert (np.diff(heights) > -1e-12).all()
    assert axes.collections[0].get_segments()
    low, high = axes.get_ylim()
    assert low < heights[0] < 1 < high


def test_space_time_and_sphere(flat, round_one):
    axes = drawn(plot_coarsening.plot_space_time(flat, samples=50))
    assert len(axes.collections[0].get_segments()) == 9
    assert len(axes.lines) == len(flat.merges)
    assert drawn(plot_coarsening.plot_sphere_tracks(round_one, samples=30)).name == "3d"


def test_given_axes_are_used(flat):
    axes = Figure().add_subplot()
    assert plot_coarsening.plot_dendrogram(flat, axes) is axes
    assert plot_coarsening.plot_staircase(flat, axes) is axes


def test_wrong_dimensions(flat, round_one):
    with pytest.raises(ValueError, match="d=3"):
        plot_coarsening.plot_space_time(round_one)
    with pytest.raises(ValueError, match="d=2"):
        plot_coarsening.plot_sphere_tracks(flat)
    with pytest.raises(ValueError, match="projection"):
        plot_coarsening.plot_sphere_tracks(round_one, Figure().add_subplot())
    with pytest.raises(ValueError, match="d=4"):
        plot_coarsening.animate(coarsen(np.eye(4), beta=1), "unused.gif")
    with pytest.raises(ValueError, match="frames=1"):
        plot_coarsening.animate(flat, "unused.gif", frames=1)


@pytest.mark.every(2)
@pytest.mark.parametrize(
    "result",
    [
        coarsen(circle(2 * np.pi * np.arange(3) / 3), beta=9),  # never moves
        coarsen([[1, 0]], beta=9),
        coarsen([[1, 0], [1, 0]], beta=9),
        coarsen(sphere.random_points(6, 2, 0), beta=40, log_t_end=3.0, rtol=1e-6),
        coarsen(sphere.random_points(6, 2, 0), beta=40, log_t_end=-2.0, rtol=1e-6),
    ],
    ids=["triangle", "one", "twins", "cut", "cut before any merge"],
)
def test_unusual_runs_have_pictures(result):
    drawn(plot_coarsening.plot_dendrogram(result))
    drawn(plot_coarsening.plot_staircase(result))
    drawn(plot_coarsening.plot_space_time(result))


@pytest.mark.slow
def test_cluster_count_picture():
    counts = cluster_counts(6, 2, 20.0, 3, np.linspace(-1, 10, 12))
    axes = drawn(plot_coarsening.plot_cluster_counts(counts))
    np.testing.assert_allclose(axes.lines[0].get_ydata(), counts.mean)
    with pytest.raises(ValueError, match="at least two finite times"):
        plot_coarsening.plot_cluster_counts(cluster_counts(3, 2, 1.0, 1, [-np.inf, 0.0]))


@pytest.mark.slow
def test_films(flat, round_one, tmp_path):
    from PIL import Image

    for k, result in enumerate((flat, round_one)):
        path = tmp_path / f"{k}.gif"
        plot_coarsening.animate(result, path, frames=3)
        with Image.open(path) as film:
            assert film.n_frames == 3
        assert recorded(path).keys() >= {"versions", "sources"}
    again = tmp_path / "again.gif"
    told = provenance("attnflow coarsen --gif", 7, note="n" * 300)
    plot_coarsening.animate(round_one, again, frames=3, record=told)
    assert recorded(again) == told
    with Image.open(path) as plain, Image.open(again) as film:
        for k in range(3):
            plain.seek(k)
            film.seek(k)
            np.testing.assert_array_equal(np.asarray(plain), np.asarray(film))
