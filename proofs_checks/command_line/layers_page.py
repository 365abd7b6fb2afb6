"""The report of ``attnflow layers`` as one HTML page that a reader understands without the code.

It needs no network and no script; the pictures are inside, names and words are escaped.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from numerics import plot
from numerics.trained import ASKED, HYPOTHESES, OF_SA_FORM, LayerReport
from proofs_checks.command_line.parser import installed_version
from proofs_checks.pages import document


def layers_page(found: LayerReport) -> str:
    """Return the page.

    Parameters
    ----------
    found : LayerReport
        What was found.
    """
    seen = found.statistics
    n, layers = len(seen.labels[0]), len(seen.mean) - 1
    parts = [
        f"<h1>{escape(found.name)}: {n} tokens through {layers} layers</h1>",
        _words(found.words),
        "<h2>Do tokens move together?</h2>",
        "<p>Each token is a direction in space. Two tokens with inner product 1 point the same "
        "way, with 0 they have nothing in common. The theory of clustering says that the "
        "histograms move to 1, layer by layer.</p>",
        figure_of(
            plot.plot_layer_histograms(found),
            "Histograms of the inner products of different tokens",
        ),
        _state_table(found),
        f"<p>{escape(_scales(found))}</p>",
        "<h2>Does the energy rise?</h2>",
        "<p>For self-attention with V = I the energy E<sub>β</sub> = Σ m<sub>i</sub>m<sub>j</sub> "
        "exp(β⟨x<sub>i</sub>, x<sub>j</sub>⟩)/2β never falls, equation (3.6). Triangles mark the "
        "layers where it does.</p>",
        figure_of(plot.plot_layer_energies(found).figure, "Energies along the layers"),
    ]
    if found.shares:
        parts += _weights(found)
    else:
        parts.append(
            '<p class="note">Hidden states alone were given: which part of a layer does what needs '
            "the weights.</p>"
        )
    return page_of(f"{found.name}, layer by layer", parts)


def page_of(title: str, parts: Iterable[str]) -> str:
    """Return a page of parts that are HTML already."""
    return document(title, "".join(parts), installed_version())


def _weights(found: LayerReport) -> list[str]:
    """Return what the weights tell: shares, heads, hypotheses, a layer again and again."""
    parts = ["<h2>Where does the energy go?</h2>"]
    parts.append(
        "<p>The change of the energy in a layer is split exactly: each head's map in a symmetric "
        "and an antisymmetric part, rows that are the same for all tokens, neurons, and the norms. "
        "The shares add up to the change.</p>"
    )
    for k, beta in enumerate(found.statistics.betas):
        parts.append(
            figure_of(plot.plot_layer_shares(found, k), f"Shares of the parts, β={beta:g}")
        )
        parts.append(_share_table(found, k, float(beta)))
    parts += ["<h2>Is it self-attention as the theory has it?</h2>", _head_table(found)]
    parts += [
        "<p>Distance of a layer from the nearest step of self-attention (SA): 1 means that no step "
        "is better than to stay.</p>",
        table(
            "Nearest step of SA",
            ("layer", "distance", "β", "step"),
            (
                (k, digits(s.distance), digits(s.beta), digits(s.eta))
                for k, s in enumerate(found.steps, 1)
            ),
        ),
        "<h2>Which theorem applies?</h2>",
        "<p>A theorem says nothing about a layer that doesn't meet its hypotheses: it isn't "
        "refuted. Residuals, 0 is met:</p>",
        _hypothesis_table(found),
        _failing_table(found),
    ]
    if found.iterations:
        parts += [
            "<h2>One layer again and again</h2>",
            "<p>In networks that share their weights one layer is applied many times. Near "
            "consensus the differences of tokens shrink at a rate that one matrix predicts.</p>",
            table(
                "Iterated layers",
                ("layer", "comes to", "steps", "mean product", "rate", "predicted"),
                (
                    (
                        k,
                        one.outcome.value,
                        one.steps,
                        digits(one.mean_product[-1]),
                        digits(one.measured_rate),
                        digits(one.predicted_rate),
                    )
                    for k, one in enumerate(found.iterations, 1)
                ),
            ),
        ]
    return parts


def _words(words: Sequence[str]) -> str:
    if not words:
        return ""
    return (
        f'<details><summary>the tokens</summary><p lang="">{escape(" ".join(words))}</p></details>'
    )


def digits(value: float) -> str:
    """Write a number in four digits, a dash for none."""
    return f"{value:.4g}" if math.isfinite(value) else "–"


def _change(value: float) -> str:
    mark = ' class="down"' if value < 0 else ""
    return f"<span{mark}>{value:.3g}</span>"


def figure_of(figure: Any, text: str) -> str:
    """Return a picture as SVG within the page."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg")
    body = stream.getvalue()
    picture = body[body.index("<svg") :].replace("<svg", '<svg role="img" aria-hidden="true"', 1)
    return (
        f'<figure tabindex="0" aria-label="{escape(text)}">{picture}'
        f'<figcaption class="note">{escape(text)}</figcaption></figure>'
    )


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table; cells that begin with a tag are taken as they are."""

    def cell(value: Any) -> str:
        text = str(value)
        return text if text.startswith("<span") else escape(text)

    shown = [[cell(value) for value in row] for row in rows]
    words = [any(_in_words(row[k]) for row in shown) for k in range(len(head))]

    def column(k: int, text: str, tag: str = "td", scope: str = "") -> str:
        kind = ' class="words"' if words[k] else ""
        return f"<{tag}{scope}{kind}>{text}</{tag}>"

    top = "".join(column(k, cell(name), "th", ' scope="col"') for k, name in enumerate(head))
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(column(k, row[k]) for k in range(1, len(row)))
        + "</tr>"
        for row in shown
    )
    return (
        f'<p class="note">{cell(caption)}</p>'
        f'<div class="wide" tabindex="0" role="region" aria-label="{_plain(cell(caption))}">'
        f'<table class="numbers"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _in_words(shown: str) -> bool:
    """Whether a cell holds words, and not a number."""
    text = _plain(shown)
    return sum(map(str.isalpha, text)) > len(text) / 2


def energy(beta: float, words: str = "") -> str:
    """Write E_β, after some words, with its index below."""
    return f"<span>{escape(words)}E<sub>{beta:g}</sub></span>"


def _plain(text: str) -> str:
    """Take the tags out of what a cell shows."""
    return re.sub("<[^>]*>", "", text) if text.startswith("<span") else text


def _state_table(found: LayerReport) -> str:
    seen = found.statistics
    head = ["layer", "mean product", "pairs above 0.9", "dimensions", "clusters", "persistence"]
    head += [energy(float(beta)) for beta in seen.betas]
    rows = (
        (
            k,
            f"{seen.mean[k]:.4f}",
            f"{seen.near[k]:.2%}",
            f"{seen.participation[k]:.1f}",
            seen.clusters[k] or "–",
            digits(seen.persistence[k]),
            *(f"{value:.6g}" for value in seen.energies[k]),
        )
        for k in range(len(seen.mean))
    )
    return table("Hidden states, layer by layer; layer 0 is before the first", head, rows)


def _scales(found: LayerReport) -> str:
    scales = found.statistics.scales
    if scales is None:
        return "Two time scales: nothing to compare, the last layer has no groups."
    word = "Two time scales are seen" if scales.found else "Two time scales are not seen"
    return (
        f"{word}: {scales.groups} groups of the last layer tighten at {scales.inside:.3f} a layer "
        f"and approach each other at {scales.between:.3f}."
    )


def _share_table(found: LayerReport, k: int, beta: float) -> str:
    head = ("layer", "change", "symmetric", "antisymmetric", "constant rows", "neurons", "norms")
    rows = []
    for layer, row in enumerate(found.shares, 1):
        one = row[k]
        values = (one.change, *one.groups().values())
        lowest = ", ".join(one.negative()[:3]) or "none"
        rows.append((layer, *map(_change, values), lowest))
    return table(energy(beta, "Shares of the change of "), (*head, "lower it most"), rows)


def _head_table(found: LayerReport) -> str:
    rows = []
    for layer, form in enumerate(found.forms, 1):
        good = [
            f"head {h}: β = {b:.2f} (R² {r:.2f})"
            for h, (b, r) in enumerate(zip(form.beta, form.r_squared, strict=True), 1)
            if r >= OF_SA_FORM
        ]
        other = len(form.beta) - len(good)
        values = found.hypotheses[layer - 1].head_values
        spread = f"{values.min():.3f} to {values.max():.3f}"
        best = f"{form.r_squared.max():.2f}"
        rows.append((layer, "; ".join(good) or "none", other, best, spread, f"{form.upper:.3f}"))
    head = (
        *("layer", "of SA form", "others", "best R²", "|V_h − cI|/|V_h|, least to most"),
        "attention on tokens behind",
    )
    return table(f"Heads whose scores are β⟨x_i, x_j⟩, R² of at least {OF_SA_FORM:g}", head, rows)


def _hypothesis_table(found: LayerReport) -> str:
    head = ("hypothesis", "residual", *(f"layer {k}" for k in range(1, len(found.steps) + 1)))
    rows = (
        (one.name, one.meaning, *(f"{layer.residuals[one.name]:.3f}" for layer in found.hypotheses))
        for one in HYPOTHESES
    )
    return table("Hypotheses", head, rows)


def _failing_table(found: LayerReport) -> str:
    rows = []
    for label in ASKED:
        failing = [layer.failing(label) for layer in found.hypotheses]
        held = sum(not names for names in failing)
        first = next((f"layer {k}: {', '.join(n)}" for k, n in enumerate(failing, 1) if n), "none")
        rows.append((label, f"{held} of {len(failing)}", first))
    head = ("statement", "layers that meet all", "what fails first")
    return table("Statements", head, rows)


__all__ = ["digits", "energy", "figure_of", "layers_page", "page_of", "table"]
