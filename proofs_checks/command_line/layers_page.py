"""The report of ``attnflow layers`` as one HTML page that a reader understands without the code.

It needs no network and no script; the pictures are inside, names and words are escaped.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from numerics import plot
from numerics.trained import ASKED, HYPOTHESES, LayerReport
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
        _figure(
            plot.plot_layer_histograms(found),
            "Histograms of the inner products of different tokens",
        ),
        _state_table(found),
        f"<p>{escape(_scales(found))}</p>",
        "<h2>Does the energy rise?</h2>",
        "<p>For self-attention with V = I the energy E<sub>β</sub> = Σ m<sub>i</sub>m<sub>j</sub> "
        "exp(β⟨x<sub>i</sub>, x<sub>j</sub>⟩)/2β never falls, equation (3.6). Triangles mark the "
        "layers where it does.</p>",
        _figure(plot.plot_layer_energies(found).figure, "Energies along the layers"),
    ]
    if found.shares:
        parts += _weights(found)
    else:
        parts.append(
            '<p class="note">Hidden states alone were given: which part of a layer does what needs '
            "the weights.</p>"
        )
    title = f"{found.name}, layer by layer"
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
        parts.append(_figure(plot.plot_layer_shares(found, k), f"Shares of the parts, β={beta:g}"))
        parts.append(_share_table(found, k, float(beta)))
    parts += ["<h2>Is it self-attention as the theory has it?</h2>", _head_table(found)]
    parts += [
        "<p>Distance of a layer from the nearest step of self-attention (SA): 1 means that no step "
        "is better than to stay.</p>",
        _table(
            "Nearest step of SA",
            ("layer", "distance", "β", "step"),
            (
                (k, _text(s.distance), _text(s.beta), _text(s.eta))
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
            _table(
                "Iterated layers",
                ("layer", "comes to", "steps", "mean product", "rate", "predicted"),
                (
                    (
                        k,
                        one.outcome.value,
                        one.steps,
                        _text(one.mean_product[-1]),
                        _text(one.measured_rate),
                        _text(one.predicted_rate),
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


def _text(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else "–"


def _change(value: float) -> str:
    mark = ' class="down"' if value < 0 else ""
    return f"<span{mark}>{value:.3g}</span>"


def _figure(figure: Any, text: str) -> str:
    """Return a picture as SVG within the page."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg")
    body = stream.getvalue()
    picture = body[body.index("<svg") :].replace("<svg", '<svg role="img" aria-hidden="true"', 1)
    return (
        f'<figure aria-label="{escape(text)}">{picture}'
        f'<figcaption class="note">{escape(text)}</figcaption></figure>'
    )


def _table(caption: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table; cells that begin with a tag are taken as they are."""

    def cell(value: Any) -> str:
        text = str(value)
        return text if text.startswith("<span") else escape(text)

    top = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(
        f'<tr><th scope="row">{cell(row[0])}</th>'
        + "".join(f"<td>{cell(value)}</td>" for value in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}">'
        '<table class="numbers">'
        f"<caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _state_table(found: LayerReport) -> str:
    seen = found.statistics
    head = ["layer", "mean product", "pairs above 0.9", "dimensions", "clusters", "persistence"]
    head += [f"E_{beta:g}" for beta in seen.betas]
    rows = (
        (
            k,
            f"{seen.mean[k]:.4f}",
            f"{seen.near[k]:.2%}",
            f"{seen.participation[k]:.1f}",
            seen.clusters[k],
            _text(seen.persistence[k]),
            *(f"{value:.6g}" for value in seen.energies[k]),
        )
        for k in range(len(seen.mean))
    )
    return _table("Hidden states, layer by layer; layer 0 is before the first", head, rows)


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
    return _table(f"Shares of the change of E_{beta:g}", (*head, "lower it most"), rows)


def _head_table(found: LayerReport) -> str:
    rows = []
    for layer, form in enumerate(found.forms, 1):
        good = [
            f"head {h}: β = {b:.2f} (R² {r:.2f})"
            for h, (b, r) in enumerate(zip(form.beta, form.r_squared, strict=True), 1)
            if math.isfinite(b)
        ]
        other = len(form.beta) - len(good)
        rows.append((layer, "; ".join(good) or "none", other, f"{form.upper:.3f}"))
    head = ("layer", "of SA form", "not of SA form", "attention on tokens behind")
    return _table("Heads whose scores are β⟨x_i, x_j⟩, R² of at least 0.1", head, rows)


def _hypothesis_table(found: LayerReport) -> str:
    head = ("hypothesis", "residual", *(f"layer {k}" for k in range(1, len(found.steps) + 1)))
    rows = (
        (one.name, one.meaning, *(f"{layer.residuals[one.name]:.3f}" for layer in found.hypotheses))
        for one in HYPOTHESES
    )
    return _table("Hypotheses", head, rows)


def _failing_table(found: LayerReport) -> str:
    rows = []
    for label in ASKED:
        failing = [layer.failing(label) for layer in found.hypotheses]
        held = sum(not names for names in failing)
        first = next((f"layer {k}: {', '.join(n)}" for k, n in enumerate(failing, 1) if n), "none")
        rows.append((label, f"{held} of {len(failing)}", first))
    head = ("statement", "layers that meet all", "what fails first")
    return _table("Statements", head, rows)


__all__ = ["layers_page"]
