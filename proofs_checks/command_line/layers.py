"""``attnflow layers``: a trained network, or its hidden states, looked at with the theory.

Exit status: 0 the report was written, 2 bad usage.
"""

from __future__ import annotations

import argparse
import json
import re
import textwrap
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from numerics.trained import (
    HYPOTHESES,
    OF_SA_FORM,
    BatchReport,
    LayerReport,
    batch_report,
    layer_report,
    minilm,
    read_hidden_states,
    read_network,
)
from proofs_checks.command_line.batch_lines import batch_lines
from proofs_checks.command_line.options import WIDTH
from proofs_checks.command_line.pictures import record_of, save_pictures
from proofs_checks.command_line.progress import progress
from proofs_checks.command_line.results import whole_files


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    subject = _subject(args)
    options: dict[str, Any] = {"betas": args.beta, "iterate": args.iterate, "eps": args.eps}
    found: LayerReport | BatchReport
    with progress(args, "looking at") as tell:
        options |= {"name": subject.name, "report": tell}
        if len(subject.texts) == 1:
            words = subject.words[0] if subject.words else ()
            found = layer_report(subject.texts[0], subject.network, words=words, **options)
        else:
            found = batch_report(subject.texts, subject.network, words=subject.words, **options)
    data = {**found.as_dict(), "provenance": record_of(args)}
    written = [] if args.out is None else _write(found, data, args)
    if args.json:
        print(json.dumps(data, indent=1))
        return 0
    print("\n".join(batch_lines(found) if isinstance(found, BatchReport) else _lines(found)))
    if written:
        print(textwrap.fill(f"wrote {', '.join(written)} to {args.out}", WIDTH))
    return 0


class _Subject(NamedTuple):
    """What is to be looked at: states of texts, the network, words of their tokens, a name."""

    texts: list[Any]
    network: Any
    words: list[tuple[str, ...]]
    name: str


def _subject(args: argparse.Namespace) -> _Subject:
    """Read what is to be looked at."""
    if (args.weights is None) != (args.mapping is None):
        raise ValueError(
            "Expected --weights and --mapping together but got one of them; the mapping says "
            "where each matrix is."
        )
    if bool(args.text) == (args.hidden_states is not None):
        raise ValueError(
            "Expected a text or --hidden-states but got "
            f"{'both' if args.text else 'neither'}; give one of them."
        )
    if args.hidden_states is None:
        if args.weights is not None:
            raise ValueError(
                "Expected --hidden-states with --weights but got a text; only MiniLM comes with "
                "a tokeniser."
            )
        given = [_text(one) for one in args.text]  # a file that isn't there needs no network
        model = minilm()
        own = model.network
        tokens = [model.tokens(one, args.max_tokens) for one in given]
        states = [own.hidden_states(own.embed(one.numbers)) for one in tokens]
        subject = _Subject(states, own, [one.words for one in tokens], own.name)
    else:
        texts = read_hidden_states(args.hidden_states)
        network = None if args.weights is None else read_network(args.weights, args.mapping)
        name = args.hidden_states.name if network is None else network.name
        subject = _Subject(texts, network, [], name)
    if args.number is None:
        return subject
    count = len(subject.texts)
    if not 0 <= args.number < count:
        raise ValueError(
            f"Expected --number from 0 to {count - 1} but got {args.number}; there are "
            f"{count} text(s)."
        )
    one = slice(args.number, args.number + 1)
    return subject._replace(texts=subject.texts[one], words=subject.words[one])


_FILE_NAME = re.compile(
    r"\S*[^\s.]\.[A-Za-z]\w{0,4}|\S*[/\\]\S*|[^\n]*\.(?:txt|text|md|rst|html?|csv|json)"
)
"""A word with an ending or a slash, or words before the ending of a file of text."""


def _text(given: str) -> str:
    """Return the text, or that of the file of this name.

    Raises
    ------
    ValueError
        For what looks like the name of a file that isn't there.
    """
    try:
        file = Path(given)
        found = file.is_file()
    except OSError:  # too long for a name
        return given
    if not found:
        if _FILE_NAME.fullmatch(given):
            raise ValueError(
                f"Expected a text or a file that exists but got TEXT={given}; name another, or "
                "write a sentence."
            )
        return given
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"Expected a text in UTF-8 but got {file} ({error}).") from error


def _write(
    found: LayerReport | BatchReport, data: dict[str, Any], args: argparse.Namespace
) -> list[str]:
    """Write the report, its data and pictures, and return the names of the files."""
    from proofs_checks.command_line.batch_page import batch_page
    from proofs_checks.command_line.layers_page import layers_page

    with whole_files(args) as folder:
        text = json.dumps(data, indent=1) + "\n"
        (folder / "layers.json").write_text(text, encoding="utf-8")
        page = batch_page(found) if isinstance(found, BatchReport) else layers_page(found)
        (folder / "report.html").write_text(page, encoding="utf-8")
        return ["layers.json", "report.html", *save_pictures(args, found, "layers.npz")]


def _lines(found: LayerReport) -> list[str]:
    """Say what was found."""
    seen = found.statistics
    lines = [f"{found.name}: {len(seen.labels[0])} tokens, {len(seen.mean) - 1} layers", ""]
    energies = "".join(f"{f'E_{beta:g}':>12}" for beta in seen.betas)
    lines.append(f"layer  mean <x,y>  pairs > .9  dimensions  clusters{energies}")
    for k in range(len(seen.mean)):
        values = "".join(f"{value:>12.6g}" for value in seen.energies[k])
        lines.append(
            f"{k:>5}{seen.mean[k]:>12.4f}{seen.near[k]:>12.4f}{seen.participation[k]:>12.2f}"
            f"{seen.clusters[k] or '–':>10}{values}"
        )
    lines += ["", *_scales(found)]
    if not found.shares:
        return [*lines, *_steps(found)]
    for k, beta in enumerate(seen.betas):
        lines += ["", *_energy_lines(found, k, float(beta))]
    lines += ["", *_head_lines(found), *_steps(found), "", *_hypothesis_lines(found)]
    if found.iterations:
        lines += ["", *_iteration_lines(found)]
    return lines


def _filled(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ")


def _scales(found: LayerReport) -> list[str]:
    scales = found.statistics.scales
    if scales is None:
        return ["Two time scales: nothing to compare, the last layer has no groups."]
    word = "yes" if scales.found else "no"
    return _filled(
        f"Two time scales: {word}. {scales.groups} groups of the last layer tighten at "
        f"{scales.inside:.3f} a layer, and approach each other at {scales.between:.3f}."
    )


def _energy_lines(found: LayerReport, k: int, beta: float) -> list[str]:
    """Where one energy goes."""
    lines = [
        f"Where E_{beta:g} goes; the heads' maps in symmetric and antisymmetric parts:",
        "layer    change    symm.   antis.   const.  neurons    norms  lowers it most",
    ]
    for layer, row in enumerate(found.shares, 1):
        one = row[k]
        values = (one.change, *one.groups().values())
        lowest = one.negative()[:1]
        cells = "".join(f"{value:>9.2g}" for value in values)
        lines.append(f"{layer:>5}{cells}  {lowest[0] if lowest else '-'}")
    return lines


def _head_lines(found: LayerReport) -> list[str]:
    """Which heads have scores of SA."""
    lines = []
    for layer, form in enumerate(found.forms, 1):
        told = [
            f"head {h} beta = {beta:.2f} (R² {share:.2f})"
            for h, (beta, share) in enumerate(zip(form.beta, form.r_squared, strict=True), 1)
        ]
        good = [
            text for text, share in zip(told, form.r_squared, strict=True) if share >= OF_SA_FORM
        ]
        best = told[int(form.r_squared.argmax())].replace(" beta = nan", "")
        rest = f"; {len(told) - len(good)} others" if good else f"; best: {best}"
        lines += _filled(
            f"Heads of SA form (R² of at least {OF_SA_FORM:g}), layer {layer}: "
            f"{'; '.join(good) or 'none'}{rest}."
        )
    return lines


def _steps(found: LayerReport) -> list[str]:
    values = ", ".join(f"{step.distance:.3f}" for step in found.steps)
    return _filled(
        f"Distance of each layer from the nearest step of SA (1: no step is better than none): "
        f"{values}."
    )


def _hypothesis_lines(found: LayerReport) -> list[str]:
    """Residuals of the hypotheses, a row each."""
    count = len(found.hypotheses)
    lines = ["Residuals of the theorems' hypotheses, 0 is met:"]
    lines.append(f"{'':<31}" + "".join(f"{f'layer {k}':>8}" for k in range(1, min(count, 6) + 1)))
    for one in HYPOTHESES:
        cells = "".join(f"{layer.residuals[one.name]:>8.3f}" for layer in found.hypotheses[:6])
        lines.append(f"{one.name:<31}{cells}")
    if count > 6:
        lines.append(f"and {count - 6} more layers in --json")
    return lines


def _iteration_lines(found: LayerReport) -> list[str]:
    lines = ["One layer again and again:"]
    for layer, one in enumerate(found.iterations, 1):
        rate = ""
        if np.isfinite(one.measured_rate):
            rate = f", rate {one.measured_rate:.4f} (predicted {one.predicted_rate:.4f})"
        lines.append(
            f"  layer {layer}: {one.outcome.value} after {one.steps} steps, "
            f"mean <x,y> {one.mean_product[-1]:.4f}{rate}"
        )
    return lines
