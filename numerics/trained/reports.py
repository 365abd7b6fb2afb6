"""All that is said of one text's way through a network, in one object."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numerics.arguments import check_whole
from numerics.records import Result
from numerics.trained.heads import HeadForm, NearestStep, head_form, nearest_step
from numerics.trained.hypotheses import HYPOTHESES, LayerHypotheses, layer_hypotheses
from numerics.trained.iteration import Iteration, iterate_block
from numerics.trained.network import TrainedNetwork
from numerics.trained.shares import EnergyShares, energy_shares
from numerics.trained.similarity import LayerStatistics, layer_statistics

ASKED = tuple(dict.fromkeys(label for one in HYPOTHESES for label in one.theorems))
"""The theorems whose hypotheses are looked at."""


@dataclass(frozen=True, eq=False, repr=False)
class LayerReport(Result):
    """What `layer_report` found.

    Attributes
    ----------
    name : str
        The network, or where the hidden states come from.
    words : tuple of str
        What each token stands for; empty where that isn't known.
    statistics : LayerStatistics
        Of the hidden states alone.
    steps : tuple of NearestStep
        Of each layer; of hidden states alone, too.
    shares : tuple of tuple of EnergyShares
        For each layer, one for each β of ``statistics.betas``; empty without weights.
    forms, hypotheses, iterations : tuple of HeadForm, LayerHypotheses, Iteration
        A layer each; empty without weights, the last without ``iterate``.
    """

    name: str
    words: tuple[str, ...]
    statistics: LayerStatistics
    steps: tuple[NearestStep, ...]
    shares: tuple[tuple[EnergyShares, ...], ...] = ()
    forms: tuple[HeadForm, ...] = ()
    hypotheses: tuple[LayerHypotheses, ...] = ()
    iterations: tuple[Iteration, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain numbers and texts, for JSON."""
        found = self.statistics
        tree = [{**vars(merge), "children": list(merge.children)} for merge in found.merges]
        scales = found.scales
        return {
            "name": self.name,
            "tokens": len(found.labels[0]),
            "words": list(self.words),
            "betas": found.betas.tolist(),
            "layers": [self._state(k) for k in range(len(found.mean))],
            "merge_tree": {"eps": found.eps, "merges": tree},
            "two_time_scales": None if scales is None else vars(scales),
            "steps": [self._step(k) for k in range(len(self.steps))],
        }

    def _state(self, k: int) -> dict[str, Any]:
        found = self.statistics
        return {
            "layer": k,
            "mean_product": float(found.mean[k]),
            "share_above_0.9": float(found.near[k]),
            "participation_ratio": float(found.participation[k]),
            "clusters": int(found.clusters[k]) or None,
            "persistence": number(found.persistence[k]),
            "energies": found.energies[k].tolist(),
            "histogram": found.histograms[k].tolist(),
        }

    def _step(self, k: int) -> dict[str, Any]:
        data: dict[str, Any] = {
            "layer": k + 1,
            "nearest_step_of_SA": {name: number(v) for name, v in vars(self.steps[k]).items()},
        }
        if self.shares:
            data["energy"] = [
                {
                    "beta": one.beta,
                    "change": one.change,
                    "shares": one.parts(),
                    "defect": one.defect,
                    "nodes": one.nodes,
                }
                for one in self.shares[k]
            ]
        if self.forms:
            form = self.forms[k]
            values = self.hypotheses[k].head_values
            heads = zip(form.beta, form.r_squared, values, strict=True)
            data["heads"] = [
                {
                    "head": h,
                    "beta": number(b),
                    "r_squared": float(r),
                    "value_from_identity": float(v),
                }
                for h, (b, r, v) in enumerate(heads, 1)
            ]
            data["attention_behind"] = form.upper
        if self.hypotheses:
            asked = self.hypotheses[k]
            data["hypotheses"] = dict(asked.residuals)
            data["failing"] = {label: list(asked.failing(label)) for label in ASKED}
        if self.iterations:
            run = self.iterations[k]
            data["iterated"] = {
                "outcome": run.outcome.value,
                "steps": run.steps,
                "measured_rate": number(run.measured_rate),
                "predicted_rate": number(run.predicted_rate),
                "spread": float(run.spread[-1]),
                "mean_product": float(run.mean_product[-1]),
            }
        return data


def number(value: float) -> float | None:
    """Return a number for JSON, which has neither NaN nor infinities."""
    return float(value) if math.isfinite(value) else None


def layer_report(
    states: ArrayLike,
    network: TrainedNetwork | None = None,
    *,
    betas: Sequence[float] = (1.0, 8.0),
    iterate: int = 0,
    eps: float | None = None,
    words: Sequence[str] = (),
    name: str | None = None,
    report: Callable[[str], None] | None = None,
) -> LayerReport:
    """Look at one text's hidden states, and with a network at what its layers did.

    Parameters
    ----------
    states : array_like, shape (layers + 1, n, d)
        Hidden states; row 0 is the state before the first layer.
    network : TrainedNetwork, optional
        The network that made them.
    betas : sequence of float
        Of the energies; nonzero.
    iterate : int
        How often each layer is applied again and again, at most; 0 for not at all.
    eps : float, optional
        Geodesic distance of the merge tree, as in `layer_statistics`.
    words : sequence of str
        What each token stands for.
    name : str, optional
        How the report calls its subject; the network's name by default.
    report : callable, optional
        Called with a word on what comes next.

    Returns
    -------
    LayerReport

    Raises
    ------
    ValueError
        As its parts do, and for states of another number of layers than the network has.

    Examples
    --------
    >>> import numpy as np
    >>> found = layer_report(np.random.default_rng(0).standard_normal((3, 5, 4)), name="noise")
    >>> found.name, len(found.steps), found.shares
    ('noise', 2, ())
    """
    check_whole(iterate, "iterate", 0)
    tell = report or (lambda text: None)
    tell("hidden states")
    statistics = layer_statistics(states, betas, eps)
    x = np.asarray(states, dtype=float)
    steps = tuple(nearest_step(x[k], x[k + 1]) for k in range(len(x) - 1))
    called = name or ("hidden states" if network is None else network.name)
    if network is None:
        return LayerReport(called, tuple(words), statistics, steps)
    if len(network.layers) != len(steps):
        raise ValueError(
            f"Expected states of {len(network.layers)} layers and the state before them but got "
            f"{len(x)} states; give those of this network."
        )
    shares, forms, hypotheses, iterations = [], [], [], []
    for layer in range(len(steps)):
        tell(f"layer {layer + 1} of {len(steps)}")
        shares.append(tuple(energy_shares(network, layer, x[layer], float(b)) for b in betas))
        forms.append(head_form(network, layer, x[layer]))
        hypotheses.append(layer_hypotheses(network, layer, x[layer]))
        if iterate:
            tell(f"layer {layer + 1} of {len(steps)}, again and again")
            iterations.append(iterate_block(network, layer, x[layer], iterate))
    return LayerReport(
        called,
        tuple(words),
        statistics,
        steps,
        tuple(shares),
        tuple(forms),
        tuple(hypotheses),
        tuple(iterations),
    )
