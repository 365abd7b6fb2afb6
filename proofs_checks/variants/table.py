"""The catalogue as a table: what is compiled, derived, obstructed and judged of each name.

Each name has a control: one named change, which must change its row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sympy import Dict

from proofs_checks.own_model import check_model
from proofs_checks.sample import sample_of
from proofs_checks.variants.derived import PARTS, Part, decay_of, part_of
from theory.models import Model, catalogue
from theory.symbols import X

_LONGEST = 72
"""Characters that a cell may take; what is longer stands below the table."""


@dataclass(frozen=True)
class Entry:
    """What is known of one model.

    Attributes
    ----------
    name : str
    model : Model
    speeds : Mapping
        The largest entry of each block's velocity at the sample, from the compiled model.
    parts : Mapping
        A `Part` for each of `PARTS`.
    verdicts : Mapping
        How many rows of ``check_model`` have which verdict; none where it wasn't asked.
    """

    name: str
    model: Model
    speeds: Mapping[str, float]
    parts: Mapping[str, Part]
    verdicts: Mapping[str, int] = field(default_factory=dict)

    def cells(self) -> dict[str, str]:
        """Return a short text for each column."""
        found = {"compile": ", ".join(f"{a}: {v:.4f}" for a, v in self.speeds.items())}
        found |= {name: self._cell(name) for name in PARTS}
        words = {"doesn't apply": "don't apply"}
        found["check_model"] = ", ".join(f"{c} {words.get(v, v)}" for v, c in self.verdicts.items())
        return found

    def _cell(self, name: str) -> str:
        part = self.parts[name]
        if not part.derived:
            return "open" if part.witness is None else f"no, by {float(part.witness.number):.3g}"
        if name == "gram":
            others = [line.partition("'")[0] for line in part.text.splitlines()[1:]]
            return f"with {', '.join(others)}" if others else "closed"
        if name == "equiangular":
            law = decay_of(self.model) if self.model.kind == "flow" else None
            return _short("derived" if law is None else f"1-γ ~ `{law}`")
        if name == "dissipation":
            first = part.text.partition(",  ")[0]
            return _short(first.removeprefix("dE/dt = ").removeprefix("E' = "), code=True)
        return _eigenvalues(part)


def _eigenvalues(part: Part) -> str:
    """Write the eigenvalues of a spectrum without what their letters stand for."""
    lines = [line for line in part.text.splitlines() if "multiplicity" in line]
    own = [line for line in lines if not line.startswith("of the other")]
    text = ", ".join(line.replace(",  ", ", ") for line in own).replace("  (multiplicity ", " (×")
    return _short(text, code=True) if text else "derived"


def _short(text: str, code: bool = False) -> str:
    if len(text) > _LONGEST:
        return "derived"
    return f"`{text}`" if code else text


def entry_of(name: str, model: Model | None = None, judged: bool = True) -> Entry:
    """Compile, derive and judge a model of the catalogue.

    Parameters
    ----------
    name : str
    model : Model, optional
        Another model under that name: its control.
    judged : bool
        Whether to ask ``check_model`` too.

    Examples
    --------
    >>> entry_of("causal", judged=False).cells()["equiangular"]
    'no, by 0.0932'
    """
    made: Any = catalogue(name) if model is None else model
    velocity = sample_of(made).velocity()
    speeds = {key: float(np.max(np.abs(value))) for key, value in velocity.items()}
    verdicts: dict[str, int] = {}
    if judged:
        rows = check_model(made).rows
        verdicts = dict(Counter(row.evidence.word.lower() for row in rows).most_common())
    return Entry(name, made, speeds, {part: part_of(made, part) for part in PARTS}, verdicts)


def control_of(name: str) -> tuple[str, Model]:
    """One named change of a model of the catalogue, which changes its row.

    Examples
    --------
    >>> control_of("causal")[0], control_of("SA")[0]
    ('SA in its place', 'X moves the other way')
    """
    model: Any = catalogue(name)
    plain: Any = catalogue("SA")
    if model.kind == "flow" and len(model.blocks) == 1 and model.velocity != plain.velocity:
        if set(plain.parameters) <= set(model.parameters):
            return "SA in its place", plain
    turned = {symbol: -expr if symbol == X else expr for symbol, expr in model.velocities.items()}
    velocity = turned[X] if len(model.blocks) == 1 else Dict(turned)
    word = "X moves the other way" if model.kind == "flow" else "the layer's other sign"
    return word, replace(model, name=f"{model.name}, turned", velocity=velocity)


def changed(one: Entry, other: Entry) -> tuple[str, ...]:
    """Columns in which two entries differ."""
    found = ["compile"] if one.speeds != other.speeds else []
    for name in PARTS:
        first, second = one.parts[name], other.parts[name]
        if (first.derived, first.text) != (second.derived, second.text):
            found.append(name)
    return tuple(found)


def markdown(entries: list[Entry]) -> str:
    """Write the table, and below it what each cell is short for."""
    titles = {"gram": "Gram flow", "equiangular": "equal angles"}
    columns = ["compile", *PARTS, "check_model"]
    heads = ["name", *(titles.get(column, column) for column in columns), "control changes"]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for entry in entries:
        word, model = control_of(entry.name)
        apart = changed(entry, entry_of(entry.name, model, judged=False))
        cells = [entry.cells()[column] for column in columns]
        control = f"{word}: {', '.join(titles.get(name, name) for name in apart)}"
        row = [f"[{entry.name}](#{_anchor(entry.name)})", *cells, control]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |")
    for entry in entries:
        lines += ["", f"## {entry.name}", ""]
        sign = "'" if entry.model.kind == "flow" else " next"
        for symbol, expr in entry.model.velocities.items():
            lines.append(f"- `{symbol}{sign} = {expr}`")
        for name in PARTS:
            lines += _described(titles.get(name, name), entry.parts[name])
    return "\n".join(lines)


def _anchor(name: str) -> str:
    return name.lower().replace(" ", "-")


def _described(title: str, part: Part) -> list[str]:
    """Write a part in full: its equations, or why there are none and where it fails."""
    if part.derived:
        return [f"- {title} ({part.note}):", *(f"  `{line}`" for line in part.text.splitlines())]
    where = "" if part.witness is None else f" {part.witness}"
    return [f"- {title}: none. {part.note}.", *([f"  `{where.strip()}`"] if where else [])]
