"""The report of ``attnflow layers`` on several texts as a whole, as one HTML page."""

from __future__ import annotations

from html import escape

from numerics import plot
from numerics.trained import HYPOTHESES, BatchReport
from proofs_checks.command_line.layers_page import digits, energy, figure_of, page_of, table


def batch_page(found: BatchReport) -> str:
    """Return the page.

    Parameters
    ----------
    found : BatchReport
        What was found.
    """
    low, high = found.sizes
    count, layers = len(found.reports), found.means.shape[1] - 1
    parts = [
        f"<h1>{escape(found.name)}: {count} texts through {layers} layers</h1>",
        f"<p>{low} to {high} tokens each. Every number is a mean over the texts in which each has "
        "the same weight, or says in how many of them something happens.</p>",
        "<h2>Do tokens move together?</h2>",
        "<p>Each token is a direction in space. Two tokens with inner product 1 point the same "
        "way, with 0 they have nothing in common. The theory of clustering says that the "
        "histograms move to 1, layer by layer.</p>",
        figure_of(
            plot.plot_layer_histograms(found),
            "Histograms of the inner products of different tokens, all texts",
        ),
        figure_of(
            plot.plot_layer_means(found).figure,
            "Mean inner product along the layers: a line a text, black their mean",
        ),
        _state_table(found),
        "<h2>In how many texts?</h2>",
        table(
            "Fractions, with intervals of Clopper and Pearson at 95 %",
            ("what", "texts", "of", "interval"),
            ((f.what, f.texts, f.of, f"{f.low:.2f} to {f.high:.2f}") for f in found.fractions),
        ),
    ]
    if found.reports[0].shares:
        parts += _weights(found)
    return page_of(f"{found.name}, {count} texts", parts)


def _state_table(found: BatchReport) -> str:
    head = ["layer", "mean product", "least", "most", "pairs above 0.9", "dimensions"]
    head += [energy(float(beta)) for beta in found.betas]
    rows = (
        (
            row["layer"],
            *(f"{row['mean_product'][word]:.4f}" for word in ("mean", "least", "most")),
            f"{row['share_above_0.9']['mean']:.2%}",
            f"{row['participation_ratio']['mean']:.1f}",
            *(digits(row[f"E_{beta:g}"]["mean"]) for beta in found.betas),
        )
        for row in found.states()
    )
    return table("Hidden states, layer by layer; layer 0 is before the first", head, rows)


def _weights(found: BatchReport) -> list[str]:
    """Return what the weights tell: who lowers the energies, hypotheses, outcomes."""
    parts = [
        "<h2>Where does the energy go?</h2>",
        "<p>The change of the energy in a layer is split exactly into shares of its parts. In how "
        "many texts does a part lower it?</p>",
    ]
    for k, beta in enumerate(found.betas):
        lowering = found.lowering(k)
        names = list(lowering[0])
        rows = [
            (layer, falls, *(row[name] for name in names))
            for layer, (falls, row) in enumerate(zip(found.falls(k), lowering, strict=True), 1)
        ]
        parts.append(
            table(energy(float(beta), "Texts that lower "), ("layer", "falls", *names), rows)
        )
    layers = range(1, len(found.reports[0].steps) + 1)
    residuals = found.residuals()
    parts += [
        "<h2>Which hypothesis fails?</h2>",
        "<p>A theorem says nothing about a layer that doesn't meet its hypotheses: it isn't "
        "refuted. Mean residuals, 0 is met:</p>",
        table(
            "Hypotheses",
            ("hypothesis", "residual", *(f"layer {k}" for k in layers)),
            (
                (one.name, one.meaning, *(f"{value:.3f}" for value in residuals[one.name]))
                for one in HYPOTHESES
            ),
        ),
    ]
    if found.reports[0].iterations:
        parts += [
            "<h2>One layer again and again</h2>",
            table(
                "Texts by what they come to",
                ("layer", "comes to"),
                (
                    (k, ", ".join(f"{word} {count}" for word, count in row.items()))
                    for k, row in enumerate(found.outcomes(), 1)
                ),
            ),
        ]
    return parts
