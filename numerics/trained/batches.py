"""Several texts' ways through one network, as a whole: means over them, and in how many of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv

from numerics.arguments import FloatArray, IntArray, check_whole, shown
from numerics.records import Result
from numerics.trained.hypotheses import HYPOTHESES
from numerics.trained.network import TrainedNetwork
from numerics.trained.reports import LayerReport, layer_report

LEVEL = 0.95
"""Of the intervals of Clopper and Pearson."""


def fraction_interval(successes: int, count: int) -> tuple[float, float]:
    """Interval of Clopper and Pearson for a fraction, at 95 %.

    Parameters
    ----------
    successes, count : int
        How many of how many.

    Raises
    ------
    ValueError
        For no cases, or more successes than cases.

    Examples
    --------
    >>> [round(end, 3) for end in fraction_interval(38, 50)]
    [0.618, 0.869]
    """
    check_whole(count, "count", 1)
    check_whole(successes, "successes", 0, count)
    tail, misses = (1 - LEVEL) / 2, count - successes
    low = betaincinv(successes, misses + 1, tail) if successes else 0.0
    high = betaincinv(successes + 1, misses, 1 - tail) if misses else 1.0
    return float(low), float(high)


@dataclass(frozen=True)
class Fraction:
    """In how many texts something happens.

    Attributes
    ----------
    what : str
        What happens.
    texts, of : int
        In how many, of how many.
    low, high : float
        Ends of the interval of Clopper and Pearson at 95 %, for a text of the same kind.
    """

    what: str
    texts: int
    of: int
    low: float
    high: float


@dataclass(frozen=True, eq=False, repr=False)
class BatchReport(Result):
    """Reports on texts through one network.

    Attributes
    ----------
    name : str
        The network, or where the hidden states come from.
    reports : tuple of LayerReport
        One a text.
    """

    name: str
    reports: tuple[LayerReport, ...]

    def _each(self, name: str) -> FloatArray:
        """One of the statistics of every text, shape (texts, layers + 1, ...)."""
        return np.array([getattr(one.statistics, name) for one in self.reports], dtype=float)

    @property
    def sizes(self) -> tuple[int, int]:
        """Fewest and most tokens of a text."""
        counts = [len(one.statistics.labels[0]) for one in self.reports]
        return min(counts), max(counts)

    @property
    def betas(self) -> FloatArray:
        """Of the energies."""
        return self.reports[0].statistics.betas

    @property
    def histograms(self) -> FloatArray:
        """Histograms of ⟨x_i, x_j⟩, i != j, each text with the same weight, (layers + 1, 80)."""
        return np.asarray(self._each("histograms").mean(axis=0))

    @property
    def means(self) -> FloatArray:
        """Mean of ⟨x_i, x_j⟩, i != j, of every text, shape (texts, layers + 1)."""
        return self._each("mean")

    @property
    def fractions(self) -> tuple[Fraction, ...]:
        """In how many texts tokens come together, and each energy never falls."""
        means = self.means
        counts = {"mean <x_i, x_j> larger after the last layer": means[:, -1] > means[:, 0]}
        for k, beta in enumerate(self.betas):
            climbs = [one.statistics.monotone(k) for one in self.reports]
            counts[f"E_{beta:g} never falls"] = np.array(climbs)
        total = len(self.reports)
        return tuple(
            Fraction(what, int(held.sum()), total, *fraction_interval(int(held.sum()), total))
            for what, held in counts.items()
        )

    def falls(self, beta_index: int) -> IntArray:
        """In how many texts a layer lowers an energy, shape (layers,)."""
        energies = self._each("energies")[:, :, beta_index]
        return np.asarray((np.diff(energies, axis=1) < 0).sum(axis=0))

    def lowering(self, beta_index: int) -> tuple[dict[str, int], ...]:
        """For each layer, in how many texts each group of parts lowers an energy."""
        layers = range(len(self.reports[0].shares))
        found = [
            [one.shares[layer][beta_index].groups() for one in self.reports] for layer in layers
        ]
        return tuple(
            {name: sum(groups[name] < 0 for groups in row) for name in row[0]} for row in found
        )

    def residuals(self) -> dict[str, FloatArray]:
        """Mean residual of each hypothesis by layer; empty without weights."""
        if not self.reports[0].hypotheses:
            return {}
        return {
            one.name: np.mean(
                [[h.residuals[one.name] for h in text.hypotheses] for text in self.reports], axis=0
            )
            for one in HYPOTHESES
        }

    def outcomes(self) -> tuple[dict[str, int], ...]:
        """For each layer, in how many texts it comes to what again and again."""
        layers = range(len(self.reports[0].iterations))
        return tuple(
            dict(Counter(one.iterations[layer].outcome.value for one in self.reports))
            for layer in layers
        )

    def states(self) -> list[dict[str, Any]]:
        """Mean, least and most over the texts of what each state shows."""
        names = {"mean_product": "mean", "share_above_0.9": "near"}
        names |= {"participation_ratio": "participation"}
        rows: dict[str, FloatArray] = {key: self._each(name) for key, name in names.items()}
        for k, beta in enumerate(self.betas):
            rows[f"E_{beta:g}"] = self._each("energies")[:, :, k]
        return [
            {
                "layer": layer,
                **{
                    key: {
                        "mean": float(values[:, layer].mean()),
                        "least": float(values[:, layer].min()),
                        "most": float(values[:, layer].max()),
                    }
                    for key, values in rows.items()
                },
            }
            for layer in range(self.means.shape[1])
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain numbers and texts, for JSON."""
        data: dict[str, Any] = {
            "name": self.name,
            "texts": len(self.reports),
            "tokens": list(self.sizes),
            "betas": self.betas.tolist(),
            "layers": self.states(),
            "fractions": [vars(one) for one in self.fractions],
        }
        if self.reports[0].shares:
            data["energy"] = [
                {
                    "beta": float(beta),
                    "falls": self.falls(k).tolist(),
                    "lowered_by": list(self.lowering(k)),
                }
                for k, beta in enumerate(self.betas)
            ]
            data["hypotheses"] = {name: row.tolist() for name, row in self.residuals().items()}
        if self.reports[0].iterations:
            data["iterated"] = list(self.outcomes())
        return {**data, "each": [one.as_dict() for one in self.reports]}


def batch_report(
    texts: Sequence[ArrayLike],
    network: TrainedNetwork | None = None,
    *,
    words: Sequence[Sequence[str]] = (),
    report: Callable[[str], None] | None = None,
    **options: Any,
) -> BatchReport:
    """Look at several texts' hidden states, and with a network at what its layers did.

    Parameters
    ----------
    texts : sequence of array_like, each of shape (layers + 1, n, d)
        Hidden states; n may differ.
    network : TrainedNetwork, optional
        The network that made them.
    words : sequence of sequence of str
        What each token stands for, text by text.
    report : callable, optional
        Called with a word on what comes next.
    **options
        ``betas``, ``iterate``, ``eps``, ``name`` of `layer_report`.

    Returns
    -------
    BatchReport

    Raises
    ------
    ValueError
        As `layer_report` does, for no text, or texts of different networks.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> found = batch_report([rng.standard_normal((3, n, 4)) for n in (5, 6)], name="noise")
    >>> found.sizes, found.means.shape
    ((5, 6), (2, 3))
    """
    shapes = [np.shape(one) for one in texts]
    kinds = {(shape[0], shape[-1]) if len(shape) == 3 else shape for shape in shapes}
    if len(kinds) != 1:
        raise ValueError(
            "Expected texts (layers, n, d) of one network but got shapes "
            f"{shown(shapes)}; take each network alone."
        )
    if words and len(words) != len(texts):
        raise ValueError(
            f"Expected words for each of {len(texts)} texts but got those of {len(words)}; "
            "give all, or none."
        )
    found = []
    for k, states in enumerate(texts):
        place = f"text {k + 1} of {len(texts)}"

        def tell(text: str, place: str = place) -> None:
            if report is not None:
                report(f"{place}: {text}")

        said = words[k] if words else ()
        found.append(layer_report(states, network, words=said, report=tell, **options))
    return BatchReport(found[0].name, tuple(found))
