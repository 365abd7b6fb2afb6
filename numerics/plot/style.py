"""What all pictures share: colours, styles, titles, new axes without pyplot, and the empty sphere.

The colours keep apart for readers with any of the common forms of colour blindness, and on paper.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from io import BytesIO
from types import MappingProxyType
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.textpath import TextPath
from numpy.typing import ArrayLike

from numerics.arguments import FloatArray, shown
from numerics.provenance import embedded

# ----------------------------------------------------------------------------------------- colours

COLOURS = (
    *("#1845fb", "#ff5e02", "#c91f16", "#c849a9"),
    *("#adad7d", "#86c8dd", "#578dff", "#656364"),
)
"""Categories, in this order: Petroff's eight (arXiv 2107.02270)."""
BLUE, ORANGE, RED, MAGENTA, KHAKI, CYAN, SKY, GREY = COLOURS

SEQUENCE = "viridis"
"""Ordered values: lightness rises evenly."""

TWO_SIDED = "RdYlBu_r"
"""Values with a middle that matters, such as a probability about 1/2."""


def cyclic(turns: ArrayLike) -> FloatArray:
    """Give angles colours: a circle in CIELAB, so that equal angles look equally far apart.

    The circle is tilted: lightness and the axis from blue to yellow turn with the angle, and
    both are seen without red or green cones too.

    Parameters
    ----------
    turns : array_like
        Angles as parts of a turn; whole turns are dropped.

    Returns
    -------
    ndarray, shape (..., 4)
        Red, green, blue and opacity in [0, 1].

    Examples
    --------
    >>> cyclic([0.0, 0.25, 1.0]).round(2)
    array([[0.46, 0.84, 0.77, 1.  ],
           [0.57, 0.48, 0.18, 1.  ],
           [0.46, 0.84, 0.77, 1.  ]])
    """
    angle = 2 * np.pi * (np.asarray(turns, dtype=np.float64) % 1.0)
    centre, radius, tilt = 52.0, 43.0, math.radians(40)
    lightness = centre + radius * math.sin(tilt) * np.cos(angle)
    green = -radius * math.cos(tilt) * np.cos(angle)
    yellow = radius * np.sin(angle)
    # CIELAB (D65) to linear sRGB, then its transfer curve
    level = (lightness + 16) / 116
    parts = np.stack([level + green / 500, level, level - yellow / 200], axis=-1)
    low = 6 / 29
    light = np.where(parts > low, parts**3, 3 * low**2 * (parts - 4 / 29))
    linear = light * (0.95047, 1.0, 1.08883) @ _TO_SRGB
    encoded = np.where(
        linear <= 0.0031308, 12.92 * linear, 1.055 * linear.clip(0) ** (1 / 2.4) - 0.055
    )
    alpha = np.ones((*angle.shape, 1))
    return np.concatenate([np.clip(encoded, 0.0, 1.0), alpha], axis=-1)


_TO_SRGB = np.array(
    [[3.2404542, -0.969266, 0.0556434], [-1.5371385, 1.8760108, -0.2040259],
     [-0.4985314, 0.041556, 1.0572252]]
)  # fmt: skip


def sequential(parts: ArrayLike) -> FloatArray:
    """Colours of ordered parts in [0, 1], dark to middling: the pale end vanishes on white."""
    colours = matplotlib.colormaps[SEQUENCE](0.85 * np.asarray(parts, dtype=np.float64))
    return np.asarray(colours, dtype=np.float64)


# ------------------------------------------------------------------------------------------ styles


@dataclass(frozen=True)
class Style:
    """How large a picture is, and its letters.

    Parameters
    ----------
    name : str
        Name in messages and pictures.
    width : float or None
        In inches; None for the width that suits each picture.
    letters : float
        Size of the letters in points.
    dpi : int
        Of PNG files.
    """

    name: str
    width: float | None
    letters: float
    dpi: int


STYLES: Mapping[str, Style] = MappingProxyType(
    {
        "default": Style("default", None, 10.0, 150),
        "article": Style("article", 5.5, 9.0, 300),
        "column": Style("column", 3.25, 8.0, 300),
    }
)
"""Styles by name: for the screen, the width of a page, and one of two columns."""


@dataclass(frozen=True)
class _Drawing:
    """What surrounds the drawing of a picture: its style, and what its title says besides."""

    style: Style = STYLES["default"]
    facts: Mapping[str, Any] = field(default_factory=dict)


_PLAIN = _Drawing()
_CURRENT: ContextVar[_Drawing] = ContextVar("drawing", default=_PLAIN)


@contextmanager
def styled(style: str = "default", **facts: Any) -> Iterator[Style]:
    """Draw pictures in a style.

    Parameters
    ----------
    style : {"default", "article", "column"}
        For the screen, 5.5 inches wide, or 3.25.
    **facts
        What titles say besides what the drawn result knows: ``seed=1``, ``words="panel a"``, or
        ``model``, ``n``, ``d``, ``beta``.

    Yields
    ------
    Style

    Raises
    ------
    ValueError
        For another style.

    Examples
    --------
    >>> with styled("column", seed=3):
    ...     ax = new_axes()
    ...     heading(ax, model="SA", n=8)
    >>> float(ax.figure.get_figwidth()), ax.get_title()
    (3.25, 'SA, $n$ = 8, seed = 3')
    """
    if style not in STYLES:
        raise ValueError(f"Expected one of {', '.join(STYLES)} but got style={shown(style)}.")
    chosen = STYLES[style]
    token = _CURRENT.set(_Drawing(chosen, {k: v for k, v in facts.items() if v is not None}))
    try:
        with matplotlib.rc_context(_settings(chosen)):
            yield chosen
    finally:
        _CURRENT.reset(token)


def _settings(style: Style) -> Any:
    return {
        "font.size": style.letters,
        "savefig.dpi": style.dpi,
        **_FILES,
    }


_FILES: Any = {"pdf.fonttype": 42, "ps.fonttype": 42, "svg.hashsalt": "attnflow"}
"""TrueType letters, which journals ask for, and names within SVG files that don't change."""


class Picture(Figure):  # type: ignore[misc, unused-ignore]
    """A figure whose files say how they were made, hold TrueType letters, and have no dates."""

    record: Mapping[str, Any] | None = None
    """What its files say of it; versions and digests by default."""

    def settle(self) -> None:
        """Lay the figure out once for all: each save would move things by a thousandth of a point.

        A file is then the same whichever other formats were written before it.
        """
        self.draw_without_rendering()
        self.set_layout_engine("none")

    def _repr_png_(self) -> bytes:
        """Bytes of the picture, which a notebook shows."""
        stream = BytesIO()
        self.savefig(stream, format="png")
        return stream.getvalue()

    def savefig(self, fname: Any, **options: Any) -> None:
        """Save the figure; arguments are matplotlib's.

        Parameters
        ----------
        fname : object
            Path, or a stream with ``format=...``.
        **options : object
            Options of matplotlib.
        """
        kind = options.get("format") or str(getattr(fname, "suffix", fname)).rpartition(".")[2]
        kind = kind.lower() if isinstance(fname, str) or hasattr(fname, "suffix") else kind
        if "metadata" not in options:
            options["metadata"] = embedded(kind, self.record)
        with matplotlib.rc_context(_FILES):
            super().savefig(fname, **options)


def drawn_in() -> Style:
    """Style that pictures are drawn in at the moment.

    Returns
    -------
    Style
        The style.
    """
    return _CURRENT.get().style


def new_figure(size: tuple[float, float]) -> Picture:
    """Make an empty figure outside pyplot, of a size in inches for the screen, or the style's."""
    style, (width, height) = _CURRENT.get().style, size
    if style.width is not None:
        # Letters shrink less than the width: what is narrow is relatively taller.
        height *= (style.width / width) ** 0.75
        width = style.width
    return Picture(figsize=(width, height), layout="constrained", dpi=150)


def new_axes(projection: str | None = None, size: tuple[float, float] = (6.0, 4.2)) -> Any:
    """Make axes on a figure of their own, outside pyplot.

    Parameters
    ----------
    projection : str, optional
        Projection of matplotlib, such as ``3d``.
    size : tuple[float, float], optional
        Number of tokens, a symbol or a number.

    Returns
    -------
    object
        The axes.
    """
    return new_figure(size).add_subplot(projection=projection)


# ------------------------------------------------------------------------------------------ titles


_SIGNS = {"n": "$n$", "d": "$d$", "beta": r"$\beta$", "kappa": r"$\kappa$", "seed": "seed"}


def heading(
    ax: Any,
    *,
    model: str | None = None,
    n: int | str | None = None,
    d: int | str | None = None,
    beta: float | None = None,
    more: str | tuple[str, ...] = (),
) -> None:
    """Write the title: model, n, d, β, seed, as far as they are known; then what else it says.

    What isn't given is taken from the surrounding `styled`. Lines are broken at commas where the
    picture is narrow.

    Parameters
    ----------
    ax : Axes or Figure
        Axes to draw into; new ones by default.
    model, n, d, beta : str, optional
        As the drawn result knows them; NaN is nothing.
    more : str or tuple of str
        Further parts.
    """
    facts = dict(_CURRENT.get().facts)
    given = {"model": model, "n": n, "d": d, "beta": beta}
    facts |= {name: value for name, value in given.items() if value is not None}
    parts = [str(facts["model"])] if "model" in facts else []
    for name in ("n", "d", "beta"):
        value = facts.get(name)
        if value is not None and value == value:
            parts.append(f"{_SIGNS[name]} = {value if isinstance(value, str) else f'{value:g}'}")
    parts += [more] if isinstance(more, str) and more else list(more)
    if "words" in facts:
        parts.append(str(facts["words"]))
    if "seed" in facts:
        parts.append(f"seed = {facts['seed']}")
    figure = ax.figure if hasattr(ax, "get_subplotspec") else ax
    place = ax.get_subplotspec() if figure is not ax else None
    share = 0.76 / (place.get_gridspec().ncols if place is not None else 1)
    size = matplotlib.rcParams["font.size"]
    text = "\n".join(_filled(parts, 72 * share * figure.get_figwidth(), size))
    (ax.suptitle if figure is ax else ax.set_title)(text, fontsize="medium")


def legend_beside(ax: Any, loc: str = "best") -> None:
    """Place the legend inside on a screen; on paper, where there is less room, below."""
    style = _CURRENT.get().style
    if style.width is None:
        ax.legend(frameon=False, fontsize="small", loc=loc)
        return
    handles, labels = ax.get_legend_handles_labels()
    ax.figure.legend(
        handles,
        labels,
        loc="outside lower center",
        ncols=2 if style.width < 4 else 3,
        frameon=False,
        fontsize="small",
    )


def angle_ticks(low: float, high: float) -> tuple[FloatArray, list[str]]:
    r"""Place ticks at multiples of π/2, or of π where the range is long, with their labels.

    Examples
    --------
    >>> angle_ticks(-3.2, 3.2)[1]
    ['$-\\pi$', '$-\\pi/2$', '$0$', '$\\pi/2$', '$\\pi$']
    """
    turns = (high - low) / np.pi
    halves = 1 if turns < 2.3 else 2 * math.ceil(turns / 6)
    step = halves * np.pi / 2
    counts = np.arange(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    return np.asarray(counts * step, dtype=np.float64), [
        _pi_label(halves * int(count)) for count in counts
    ]


def _pi_label(halves: int) -> str:
    """Write a multiple of π/2."""
    if halves == 0:
        return "$0$"
    sign, count = ("-" if halves < 0 else ""), abs(halves)
    if count % 2 == 0:
        return rf"${sign}{'' if count == 2 else count // 2}\pi$"
    return rf"${sign}{'' if count == 1 else count}\pi/2$"


def _filled(parts: list[str], width: float, size: float) -> list[str]:
    """Join parts by commas into lines of a width in points; long parts are broken at spaces."""
    words = []
    for number, part in enumerate(parts):
        end = "," if number < len(parts) - 1 else ""
        whole = "$" in part or _width(part, size) <= width
        pieces = [part] if whole else part.split(" ")
        words += [*pieces[:-1], pieces[-1] + end]
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _width(text: str, size: float) -> float:
    return float(TextPath((0, 0), text, size=size).get_extents().width)


# ------------------------------------------------------------------------------------ empty sphere


def view_of(centre: FloatArray) -> tuple[float, float]:
    """Elevation and azimuth, in degrees, from which a place is seen obliquely."""
    if np.linalg.norm(centre) < 1e-6:
        centre = np.array([1.0, 1.0, 0.6])
    elevation = np.degrees(np.arctan2(centre[2], np.hypot(centre[0], centre[1])))
    return (
        float(np.clip(elevation * 0.7 + 12, -60, 60)),
        float(np.degrees(np.arctan2(centre[1], centre[0])) + 30),
    )


def draw_sphere(ax: Any, view: tuple[float, float]) -> FloatArray:
    """Draw an empty sphere, its far side faint, and return the direction of the eye."""
    from mpl_toolkits.mplot3d.art3d import Line3DCollection

    ax.view_init(*view)
    up, around = np.radians(view)
    eye = np.array([np.cos(up) * np.cos(around), np.cos(up) * np.sin(around), np.sin(up)])
    ring = np.linspace(0, 2 * np.pi, 121)
    lines = [_parallel(level, ring) for level in np.radians([-60, -30, 0, 30, 60])]
    lines += [_meridian(angle, ring) for angle in np.radians([0, 30, 60, 90, 120, 150])]
    grid = np.concatenate([np.stack([line[:-1], line[1:]], axis=1) for line in lines])
    front = grid.mean(axis=1) @ eye > 0
    ax.add_collection3d(Line3DCollection(grid[~front], colors="0.90", linewidths=0.5))
    ax.add_collection3d(Line3DCollection(grid[front], colors="0.75", linewidths=0.5))
    ax.plot(*_circle_about(eye, ring), color="0.55", linewidth=0.8)
    ax.set(xlim=(-1, 1), ylim=(-1, 1), zlim=(-1, 1))
    ax.set_box_aspect((1, 1, 1), zoom=1.35)
    ax.set_axis_off()
    return eye


def _parallel(level: float, ring: FloatArray) -> FloatArray:
    c, s = np.cos(level), np.sin(level)
    return np.stack([c * np.cos(ring), c * np.sin(ring), np.full_like(ring, s)], axis=1)


def _meridian(angle: float, ring: FloatArray) -> FloatArray:
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([np.cos(ring) * c, np.cos(ring) * s, np.sin(ring)], axis=1)


def _circle_about(axis: FloatArray, ring: FloatArray) -> FloatArray:
    """Great circle perpendicular to a unit vector, shape (3, len(ring))."""
    other = np.eye(3)[int(np.argmin(np.abs(axis)))]
    first = np.cross(axis, other)
    first /= np.linalg.norm(first)
    second = np.cross(axis, first)
    return np.asarray(np.outer(first, np.cos(ring)) + np.outer(second, np.sin(ring)))
