"""Pictures: each draws, leaves pyplot alone, shows what it says and names bad input."""

from __future__ import annotations

import io
import math
import sys
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from numerics import sphere
from numerics.compile import compile_model
from numerics.integration import Trajectory, integrate
from numerics.plot.trajectories import (
    inner_product_histogram,
    plot_angles,
    plot_disc,
    plot_energy,
    plot_inner_products,
    plot_sphere,
)
from theory.layers import DISCRETE_SA
from theory.models import QKV, SA, USA


def run(d: int, n: int = 6, beta: float = 2.0, **options: Any) -> Trajectory:
    return integrate(
        compile_model(SA, beta=beta), sphere.random_points(n, d, rng=0, **options), 3.0
    )


def saves(ax: Any) -> bool:
    stream = io.BytesIO()
    ax.figure.savefig(stream, format="png", dpi=60)
    return stream.getvalue().startswith(b"\x89PNG")


DRAWINGS = [
    (plot_angles, 2),
    (plot_disc, 2),
    (plot_sphere, 3),
    (plot_inner_products, 4),
    (plot_energy, 4),
]


@pytest.mark.every(3)
@pytest.mark.parametrize(("draw", "d"), DRAWINGS)
def test_draws_on_its_own_figure_and_leaves_pyplot_alone(draw: Any, d: int) -> None:
    loaded = "matplotlib.pyplot" in sys.modules
    before = sys.modules["matplotlib.pyplot"].get_fignums() if loaded else []
    assert saves(draw(run(d), samples=30))
    if "matplotlib.pyplot" in sys.modules:
        assert sys.modules["matplotlib.pyplot"].get_fignums() == before


@pytest.mark.parametrize(("draw", "d"), DRAWINGS)
@pytest.mark.parametrize("n", [2, 12])
def test_draws_on_given_axes_for_few_and_many_points(draw: Any, d: int, n: int) -> None:
    projection = "3d" if draw is plot_sphere else None
    ax = Figure().add_subplot(projection=projection)
    assert draw(run(d, n), ax, samples=20) is ax
    assert "SA" in ax.get_title()
    assert r"$\beta$ = 2" in ax.get_title()


@pytest.mark.slow
@pytest.mark.parametrize(("draw", "d"), DRAWINGS)
def test_batches_and_single_steps(draw: Any, d: int) -> None:
    batch = run(d, batch=(2, 2))
    assert saves(draw(batch, samples=10))
    if draw is not plot_energy:
        assert saves(draw(batch, samples=10, system=3))
        with pytest.raises(ValueError, match="Expected a system below 4 but got system=4"):
            draw(batch, system=4)
    still = integrate(compile_model(SA, beta=1.0), sphere.random_points(3, d, rng=0), 1e-9)
    assert saves(draw(still, samples=10))


def test_angles_are_continuous_and_right() -> None:
    trajectory = run(2, n=5, beta=1.0)
    ax = plot_angles(trajectory, samples=50)
    points = trajectory.at(np.linspace(0, 3, 50))
    assert len(ax.lines) == 5
    for i, line in enumerate(ax.lines):
        theta = np.asarray(line.get_ydata(), dtype=float)
        np.testing.assert_allclose(np.cos(theta), points[:, i, 0], atol=1e-12)
        np.testing.assert_allclose(np.sin(theta), points[:, i, 1], atol=1e-12)
        assert np.abs(np.diff(theta)).max() < 0.5


def test_disc_ends_on_the_unit_circle() -> None:
    ax = plot_disc(run(2, n=3), samples=20)
    ends = [line for line in ax.lines if line.get_marker() == "o"]
    assert len(ends) == 3
    for end in ends:
        x, y = (float(np.asarray(data, dtype=float).ravel()[0]) for data in end.get_data())
        assert math.hypot(x, y) == pytest.approx(1.0)


def test_histogram_leaves_the_diagonal_out() -> None:
    points = np.array([[[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]])
    fractions, edges = inner_product_histogram(points, bins=4)
    assert edges.tolist() == [-1.0, -0.5, 0.0, 0.5, 1.0]
    np.testing.assert_allclose(fractions, [[1 / 3, 0, 2 / 3, 0]])
    clustered = np.ones((1, 5, 1)) * (1 + 1e-15)
    assert inner_product_histogram(clustered, bins=4)[0].tolist() == [[0, 0, 0, 1]]
    trajectory = run(3, n=7)
    sums = inner_product_histogram(trajectory.points)[0].sum(axis=1)
    np.testing.assert_allclose(sums, 1.0)


def test_energy_line_is_the_energy() -> None:
    trajectory = run(3)
    ax = plot_energy(trajectory, samples=15)
    (segment,) = ax.collections[0].get_segments()  # type: ignore[attr-defined]
    values = trajectory.field.energy(trajectory.at(segment[:, 0]))
    np.testing.assert_allclose(segment[:, 1], values, rtol=1e-12)
    several = plot_energy(run(3, batch=4), samples=15)
    assert len(several.collections[0].get_segments()) == 4  # type: ignore[attr-defined]


@pytest.mark.slow
def test_logarithmic_time_scaled_clock_and_layers() -> None:
    assert plot_angles(run(2), log=True, samples=20).get_xlabel() == r"$\log_{10}\, t$"
    close = sphere.project([[1.0, 0.0], [1.0, 0.02]])
    scaled = integrate(compile_model(USA, beta=1000.0), close, log_t_end=-999.0)
    ax = plot_energy(scaled, samples=20)
    assert ax.get_xlabel() == r"$\log_{10}\, t$"
    assert "log" in ax.get_ylabel()
    assert saves(plot_angles(scaled, samples=20))
    layers = integrate(
        compile_model(DISCRETE_SA, beta=2.0, eta=0.5), sphere.random_points(5, 2, rng=0), 6
    )
    for draw in (plot_angles, plot_disc, plot_inner_products):
        assert saves(draw(layers))
    assert plot_angles(layers).get_xlabel() == "layer"


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match=r"Expected points in dimension 2 but got d=3; .*sphere"):
        plot_angles(run(3))
    with pytest.raises(ValueError, match=r"dimension 2 but got d=3"):
        plot_disc(run(3))
    with pytest.raises(ValueError, match=r"dimension 3 but got d=2; .*plot_angles"):
        plot_sphere(run(2))
    with pytest.raises(ValueError, match="projection '3d'"):
        plot_sphere(run(3), Figure().add_subplot())
    with pytest.raises(ValueError, match="at least two particles but got n=1"):
        plot_inner_products(run(3, n=1))
    with pytest.raises(ValueError, match="samples=1"):
        plot_energy(run(3), samples=1)
    with pytest.raises(ValueError, match="bins=0"):
        plot_inner_products(run(3), bins=0)
    eye = np.array([[1.0, 0.5], [0.0, 1.0]])
    general = integrate(
        compile_model(QKV, beta=1.0, Q=eye, K=eye, V=eye), sphere.random_points(3, 2, rng=0), 1.0
    )
    with pytest.raises(ValueError, match="Expected a model with an energy"):
        plot_energy(general)
