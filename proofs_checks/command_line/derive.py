"""``attnflow derive``: from a kernel given as text, or a model's name, to what follows from it.

Velocity, energy, dissipation identity, Gram flow, equiangular equation, consensus spectrum; as
text, LaTeX, array code or JSON. What doesn't follow is said with points and a number.
"""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from sympy import Expr, Symbol

from numerics.compile import ArrayPrinter
from proofs_checks.command_line.models import model_named
from proofs_checks.command_line.options import SECTIONS, WIDTH
from proofs_checks.command_line.pictures import record_of
from proofs_checks.command_line.progress import progress
from proofs_checks.command_line.results import whole_files
from proofs_checks.own_model import check_model
from proofs_checks.sample import sample_of
from proofs_checks.variants import Part, part_of, plain
from theory.energy import interaction_energy, pair_kernel
from theory.latex import latex_of
from theory.models import Model, attention_form, gradient_flow
from theory.parse import parse_kernel
from theory.symbols import d, m, n, t, z


def model_of(
    kernel: str, flow: str = "wasserstein", parameters: Sequence[str] = ("beta",)
) -> Model:
    """Return the model of a kernel given as text."""
    parsed = parse_kernel(kernel, parameters=tuple(parameters))
    return gradient_flow(interaction_energy(parsed), kernel, flow)


def _at(kernel: Expr) -> str:
    """Return a kernel at the inner product of x_i and x_j, ready to stand in a product."""
    value = kernel.subs(z, Symbol("g_ij"))
    bare = not (value.is_Add or value.could_extract_minus_sign())
    return str(value) if bare else f"({value})"


def _velocity(model: Model) -> Part:
    form = attention_form(model)
    assert form is not None  # asked before
    weight = _at(form.kernel)
    scale = f"{form.scale} " if form.scale != 1 else ""
    scale = "-" if form.scale == -1 else scale
    text = f"x_i' = {scale}P_i sum_j m_j {weight} x_j"
    if form.normalised:
        text = f"x_i' = {scale}P_i sum_j m_j {weight} x_j / Z_i,  Z_i = sum_j m_j {weight}"
    note = "g_ij = <x_i,x_j>, P_i v = v - <x_i,v> x_i"
    return Part("velocity", text, _formulas(model), note)


def _formulas(model: Model) -> str:
    return r",\quad ".join(model.formulas())


def _energy(model: Model) -> Part:
    if model.energy is None:
        return Part("energy", "", note="None is stated", derived=False)
    kernel = pair_kernel(model.energy)
    text = f"E = {model.energy}"
    if kernel is not None:  # a pair energy of inner products
        text = f"E = (1/2) sum_ij m_i m_j {_at(kernel)}"
    formula = f"E = {latex_of(model.energy, model.token_counts)}"
    return Part("energy", text, formula, "the scalar that the flow climbs")


def _equation(model: Model) -> Part:
    """Write the velocity as it stands, where it is no scalar attention."""
    sign = "' =" if model.kind == "flow" else " <-"
    lines = [f"{symbol}{sign} {expr}" for symbol, expr in model.velocities.items()]
    spaces = ", ".join(f"{block.symbol} {block.space}" for block in model.blocks)
    return Part("velocity", "\n".join(lines), _formulas(model), spaces)


def derivation(
    model: Model,
    sections: tuple[str, ...] = SECTIONS,
    watch: Callable[[str], None] = lambda name: None,
) -> tuple[Part, ...]:
    """Derive the named sections of a model; each that can't be is an obstruction with a witness."""
    found = []
    for name in sections:
        watch(name)
        found.append(_section(model, name))
    return tuple(found)


def _section(model: Model, name: str) -> Part:
    if name == "velocity":
        return _velocity(model) if attention_form(model) is not None else _equation(model)
    return _energy(model) if name == "energy" else part_of(model, name)


def _code(model: Model) -> str:
    """Array code of the velocity: of several blocks, one line each."""
    if len(model.blocks) == 1:
        return str(sample_of(model).field.source)
    names = dict.fromkeys(
        map(str, (*(b.symbol for b in model.blocks), m, t, *model.parameters, n, d, "xp"))
    )
    lines = [f"def velocity({', '.join(names)}):", "    return {"]
    for symbol, expr in model.velocities.items():
        lines.append(f"        {str(symbol)!r}: {ArrayPrinter().doprint(expr)},")
    return "\n".join([*lines, "    }"])


def _model(args: argparse.Namespace) -> Model:
    """Return the model that the arguments name: a kernel, or one of the catalogue."""
    if (args.kernel is None) == (args.model is None):
        given = "both" if args.model is not None else "neither"
        raise ValueError(
            f"Expected a kernel or --model NAME but got {given}; write for instance "
            'attnflow derive "exp(beta*t)/beta", or attnflow derive --model pre-LN.'
        )
    if args.model is None:
        return model_of(args.kernel, args.flow or "wasserstein", args.parameters or ["beta"])
    for option in ("flow", "parameters"):
        value = getattr(args, option)
        if value is not None:
            raise ValueError(
                f"Expected --{option} with a kernel but got --{option}={value} and "
                f"--model={args.model}; drop it."
            )
    return model_named(args.model)


def _lines(item: Part) -> list[str]:
    """Name and what it holds for, or its obstruction; below it the statement."""
    if item.derived or not item.note:
        head, body = f"{item.name}  ({item.note})" if item.note else item.name, item.text
    else:
        head = f"{item.name}: not derived. {item.note}."
        body = "" if item.witness is None else f"{item.witness}"
    filled = textwrap.wrap(head, WIDTH, subsequent_indent="  ")
    for line in body.splitlines():
        filled += textwrap.wrap(line, WIDTH, initial_indent="    ", subsequent_indent="      ")
    return filled


def _plain(item: Part) -> dict[str, Any]:
    """Plain data of a part; of an obstruction its number and where it was found."""
    data: dict[str, Any] = {"text": item.text, "latex": item.latex, "derived": item.derived}
    if item.witness is not None:
        data["witness"] = plain(item.witness)
    return data


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    model = _model(args)
    sections = (args.show,) if args.show in SECTIONS else SECTIONS
    with progress(args, "deriving") as tell:
        items = derivation(model, sections, tell)
    checked = None
    if args.check:
        with progress(args, "checking") as tell:
            checked = check_model(model, rng=args.seed, watch=tell)
    data: dict[str, Any] = {
        "kernel" if args.model is None else "model": args.kernel or model.name,
        "flow": args.flow or "wasserstein",
        "derived": {item.name: _plain(item) for item in items},
        "code": _code(model),
    }
    if args.model is not None:
        del data["flow"]
    if checked is not None:
        data["check"] = checked.as_dict()
    lines: list[str] = []
    if args.show == "code":
        lines = data["code"].splitlines()
    elif args.show == "latex":
        for item in items:
            lines += [f"% {item.name}: {item.note}"]
            lines += [rf"\[ {item.latex} \]"] if item.latex else []
            lines += [f"% {item.witness}"] if item.witness is not None else []
    else:
        for item in items:
            lines += _lines(item)
    if checked is not None:
        lines += ["", *str(checked).splitlines()]
    data["provenance"] = record_of(args)
    if args.out is not None:
        text = json.dumps(data, indent=1) + "\n"
        with whole_files(args) as folder:
            (folder / "derivation.json").write_text(text, encoding="utf-8")
    print(json.dumps(data, indent=1) if args.json else "\n".join(lines))
    return 0
