"""Colours that colour-blind readers tell apart, styles, titles, and what is in the files."""

import itertools
import re
import subprocess
import sys

import numpy as np
import pytest

from numerics import coarsen, compile_model, integrate, mean_field
from numerics.plot import (
    COLOURS,
    STYLES,
    Picture,
    cyclic,
    heading,
    new_axes,
    plot_angles,
    plot_density,
    plot_space_time,
    styled,
)
from numerics.plot.style import TWO_SIDED
from numerics.provenance import provenance, recorded
from theory import SA

# Machado, Oliveira and Fernandes, IEEE TVCG 15 (2009): matrices of linear sRGB at full severity.
SEEN = {
    "all cones": np.eye(3),
    "no green cones": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "no red cones": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
}  # fmt: skip
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip


def lab(rgb, seen):
    """CIELAB of sRGB colours as somebody sees them; a just noticeable difference is about 2."""
    rgb = np.asarray(rgb, dtype=float)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear @ SEEN[seen].T, 0, 1)
    parts = linear @ XYZ.T / XYZ.sum(axis=1)
    f = np.where(parts > (6 / 29) ** 3, np.cbrt(parts), parts / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def rgb_of(colour):
    return [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]


@pytest.mark.parametrize("seen", SEEN)
def test_categories_are_told_apart(seen):
    found = lab([rgb_of(colour) for colour in COLOURS], seen)
    pairs = itertools.combinations(range(len(COLOURS)), 2)
    least = min(np.linalg.norm(found[i] - found[j]) for i, j in pairs)
    assert least > 18
    assert (found[:, 0] < 80).all()  # none vanishes on white


def test_the_measure_sees_what_it_is_for():
    from matplotlib import colormaps

    wheel = colormaps["hsv"](np.arange(360) / 360)[:, :3] * 0.82
    sixth = [np.linalg.norm(lab(wheel, s) - np.roll(lab(wheel, s), 60, 0), axis=-1) for s in SEEN]
    assert sixth[0].min() > 25 and sixth[1].min() < 3 and sixth[2].min() < 3
    green, red = lab([rgb_of("#1b7837"), rgb_of("#d73027")], "no red cones")
    assert (
        np.linalg.norm(green - red)
        < 40
        < np.linalg.norm(np.subtract(*lab([rgb_of("#1b7837"), rgb_of("#d73027")], "all cones")))
    )


@pytest.mark.parametrize("seen", SEEN)
def test_a_sixth_of_the_wheel_is_seen(seen):
    found = lab(cyclic(np.arange(720) / 720)[:, :3], seen)
    assert np.linalg.norm(found - np.roll(found, 120, axis=0), axis=-1).min() > 24


def test_angles_are_perceptually_uniform():
    found = lab(cyclic(np.arange(360) / 360)[:, :3], "all cones")
    for turn in (1, 10, 60, 180):
        steps = np.linalg.norm(found - np.roll(found, turn, axis=0), axis=-1)
        np.testing.assert_allclose(steps, steps.mean(), rtol=1e-3)


@pytest.mark.parametrize("seen", SEEN)
def test_values_about_a_middle_are_told_apart(seen):
    from matplotlib import colormaps

    found = lab(colormaps[TWO_SIDED](np.linspace(0, 1, 9))[:, :3], seen)
    pairs = itertools.combinations(range(9), 2)
    assert min(np.linalg.norm(found[i] - found[j]) for i, j in pairs) > 8


# ------------------------------------------------------------------------------------------ styles


@pytest.mark.parametrize(("name", "width"), [("article", 5.5), ("column", 3.25)])
def test_a_style_has_its_width_and_letters(name, width):
    with styled(name, seed=7) as style:
        ax = new_axes()
        heading(ax, model="SA", n=64, d=2, beta=81.0, more=("200 runs", "95% bands"))
        ax.set(xlabel="t")
    assert ax.figure.get_figwidth() == width == style.width
    assert ax.xaxis.label.get_fontsize() == style.letters >= 8
    title = ax.get_title().replace("\n", " ")
    assert title == r"SA, $n$ = 64, $d$ = 2, $\beta$ = 81, 200 runs, 95% bands, seed = 7"
    ax.figure.canvas.draw()
    box = ax.title.get_window_extent()
    assert box.x0 >= 0 and box.x1 <= ax.figure.bbox.width


def test_another_style_is_refused_and_the_last_one_ends():
    with pytest.raises(ValueError, match="Expected one of default, article, column but got style="):
        with styled("poster"):
            pass
    assert new_axes().figure.get_figwidth() == 6.0
    assert set(STYLES) == {"default", "article", "column"}


# ------------------------------------------------------------------------------------------- files


@pytest.mark.every(2)
@pytest.mark.parametrize("kind", ["png", "pdf", "svg"])
def test_a_file_says_how_it_was_made(tmp_path, kind):
    with styled("column"):
        figure = new_axes().figure
    assert isinstance(figure, Picture)
    figure.record = provenance("attnflow codes 12 3 # (β) \\", seed=3, data="code.npz")
    for name in ("a", "b"):
        figure.settle()
        figure.savefig(tmp_path / f"{name}.{kind}")
    record = recorded(tmp_path / f"a.{kind}")
    assert record["command"] == "attnflow codes 12 3 # (β) \\" and record["seed"] == 3
    assert {"attnflow", "numpy", "matplotlib"} <= set(record["versions"])
    assert re.fullmatch("[0-9a-f]{64}", record["sources"])
    one, two = ((tmp_path / f"{name}.{kind}").read_bytes() for name in ("a", "b"))
    assert one == two and b"CreationDate" not in one and b"<dc:date" not in one


def test_letters_of_a_pdf_are_true_type(tmp_path):
    ax = new_axes()
    heading(ax, model="SA", beta=2.0)
    ax.figure.savefig(tmp_path / "a.pdf")
    data = (tmp_path / "a.pdf").read_bytes()
    assert b"/FontFile2" in data or b"/CIDFontType2" in data
    assert b"/Subtype /Type3" not in data


def test_a_foreign_picture_is_refused(tmp_path):
    from matplotlib.figure import Figure

    for kind in ("png", "pdf", "svg"):
        Figure().savefig(tmp_path / f"a.{kind}")
        with pytest.raises(ValueError, match="Expected a picture that attnflow wrote but got"):
            recorded(tmp_path / f"a.{kind}")
    with pytest.raises(ValueError, match=r"Expected a picture \.png, \.svg, \.pdf or \.gif but"):
        recorded(tmp_path / "a.jpg")


@pytest.mark.full
def test_two_processes_write_the_same_bytes(tmp_path):
    code = (
        "import sys; from numerics.plot import heading, new_axes\n"
        "ax = new_axes(); ax.plot([0, 1], [1, 2]); heading(ax, model='SA', beta=2.0)\n"
        "[ax.figure.savefig(f'{sys.argv[1]}.{kind}') for kind in ('pdf', 'svg', 'png')]"
    )
    for seed in ("1", "2"):
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}
        where = str(tmp_path / seed)
        subprocess.run([sys.executable, "-c", code, where], env=environment, check=True)
    for kind in ("pdf", "svg", "png"):
        one, two = ((tmp_path / f"{seed}.{kind}").read_bytes() for seed in "12")
        assert one == two, kind


# --------------------------------------------------------------------------- one cluster, one line


def around(middle, spread=0.4):
    angles = middle + spread * np.array([-1.0, -0.5, 0.3, 1.0])
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


@pytest.mark.parametrize("middle", [0.0, np.pi / 2, np.pi, -np.pi])
def test_a_cluster_is_drawn_once_at_any_angle(middle):
    points = np.concatenate([around(middle), around(middle + 2.2)])
    run = integrate(compile_model(SA, beta=9.0), points, 8.0)
    ends = np.array([line.get_ydata()[-1] for line in plot_angles(run).lines])
    assert np.ptp(ends[:4]) < 0.1 and np.ptp(ends[4:]) < 0.1
    assert np.ptp(ends) < np.pi


@pytest.mark.slow
def test_tokens_that_merge_at_pi_share_a_line_in_log_time():
    result = coarsen(np.concatenate([around(np.pi), around(0.3)]), beta=20.0)
    segments = plot_space_time(result).collections[0].get_segments()
    ends = np.array([line[-1, 1] for line in segments])
    assert np.ptp(ends) < 1e-6 and all(np.isfinite(line).all() for line in segments)


def test_the_circle_is_cut_where_a_density_is_empty():
    def start(angle):
        return 1 + 0.9 * np.cos(angle)

    run = mean_field(SA, start, 6.0, np.linspace(0, 6, 7), modes=64, beta=1.0)
    low, high = plot_density(run).get_ylim()
    assert low == pytest.approx(-np.pi) and high == pytest.approx(np.pi)
