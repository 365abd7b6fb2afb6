"""``attnflow derive``: from a kernel given as text to everything that follows from it.

Velocity, energy, dissipation identity, Gram flow, equiangular equation, consensus spectrum; as
text, LaTeX, array code or JSON.
"""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Symbol, latex

from numerics.compile import compile_model
from proofs_checks.own_model import check_model
from theory.derivations import dissipation, equiangular, gram_flow
from theory.energy import interaction_energy, pair_kernel
from theory.linearize import consensus
from theory.models import Model, attention_form, gradient_flow
from theory.parse import parse_kernel
from theory.symbols import m, z

WIDTH = 80
SECTIONS = ("velocity", "energy", "dissipation", "gram", "equiangular", "spectrum")
FORMS = ("latex", "code")


@dataclass(frozen=True)
class Item:
    """One derived statement: its name, a line of text, its LaTeX, and what it holds for."""

    name: str
    text: str
    latex: str
    note: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument(
        "kernel", help='the kernel h(t), such as "exp(beta*t)/beta"; after -- if it starts with -'
    )
    parser.add_argument(
        "--show",
        choices=(*SECTIONS, *FORMS),
        metavar="PART",
        help=f"one of {', '.join((*SECTIONS, *FORMS))}",
    )
    parser.add_argument(
        "--flow",
        choices=("wasserstein", "softmax"),
        default="wasserstein",
        help="divide row i by the sum of its weights (softmax) or not",
    )
    parser.add_argument(
        "--parameters", nargs="*", default=["beta"], help="names in the kernel other than t (beta)"
    )
    parser.add_argument("--check", action="store_true", help="say which theorems survive")


def model_of(
    kernel: str, flow: str = "wasserstein", parameters: Sequence[str] = ("beta",)
) -> Model:
    """Return the model of a kernel given as text."""
    parsed = parse_kernel(kernel, parameters=tuple(parameters))
    return gradient_flow(interaction_energy(parsed), kernel, flow)


def _at(kernel: Expr, tex: bool = False) -> str:
    """Return a kernel at the inner product of x_i and x_j, ready to stand in a product."""
    g = Symbol("g_ij")
    value = kernel.subs(z, g)
    bare = not (value.is_Add or value.could_extract_minus_sign())
    if tex:
        text = str(latex(value, symbol_names={g: r"\langle x_i,x_j\rangle"}))
        return text if bare else rf"\left({text}\right)"
    return str(value) if bare else f"({value})"


def _velocity(model: Model) -> Item:
    form = attention_form(model)
    assert form is not None  # a pair energy always gives scalar attention
    weight, tex = _at(form.kernel), _at(form.kernel, tex=True)
    text = f"x_i' = P_i sum_j m_j {weight} x_j"
    code = rf"\dot x_i = P_{{x_i}} \sum_j m_j {tex} x_j"
    if form.normalised:
        text = f"x_i' = P_i sum_j m_j {weight} x_j / Z_i,  Z_i = sum_j m_j {weight}"
        code = (
            rf"\dot x_i = P_{{x_i}} \frac{{1}}{{Z_i}} \sum_j m_j {tex} x_j,\quad "
            rf"Z_i = \sum_j m_j {tex}"
        )
    return Item("velocity", text, code, "g_ij = <x_i,x_j>, P_i v = v - <x_i,v> x_i")


def _energy(model: Model) -> Item:
    assert model.energy is not None  # gradient_flow keeps the energy
    kernel = pair_kernel(model.energy)
    assert kernel is not None  # made from one pair kernel
    return Item(
        "energy",
        f"E = (1/2) sum_ij m_i m_j {_at(kernel)}",
        rf"E = \frac12 \sum_{{i,j}} m_i m_j {_at(kernel, tex=True)}",
        "the scalar that the flow climbs",
    )


def _dissipation(model: Model) -> Item:
    identity = dissipation(model)
    if not identity.proved:
        raise ArithmeticError(f"Expected residual 0 but got residual={identity.residual}.")
    plain = model.metric == m
    return Item(
        "dissipation",
        "dE/dt = sum_i m_i |x_i'|^2" if plain else "dE/dt = sum_i m_i Z_i |x_i'|^2",
        r"\frac{dE}{dt} = \sum_i m_i |\dot x_i|^2"
        if plain
        else r"\frac{dE}{dt} = \sum_i m_i Z_i |\dot x_i|^2",
        "proved for every n, d and masses: diag(metric) F - dE/dX reduces to 0",
    )


def _gram(model: Model) -> Item:
    flow = gram_flow(model)
    return Item(
        "gram", f"G' = {flow.rate}", rf"\dot G = {latex(flow.rate)}", f"on {flow.invariant}"
    )


def _equiangular(model: Model) -> Item:
    reduced = equiangular(model)
    return Item(
        "equiangular",
        f"gamma' = {reduced.rate}",
        rf"\dot\gamma = {latex(reduced.rate)}",
        reduced.invariant,
    )


def _spectrum(model: Model) -> Item:
    spectrum = consensus(model)
    pairs = [f"{value}  (multiplicity {count})" for value, count in spectrum.eigenvalues]
    tex = [
        rf"{latex(value)}\ \left(\times {latex(count)}\right)"
        for value, count in spectrum.eigenvalues
    ]
    stability = f"{spectrum.configuration}; {spectrum.stable.value}, rotations apart"
    return Item("spectrum", ",  ".join(pairs), r",\quad ".join(tex), stability)


_MAKERS: dict[str, Callable[[Model], Item]] = {
    "velocity": _velocity,
    "energy": _energy,
    "dissipation": _dissipation,
    "gram": _gram,
    "equiangular": _equiangular,
    "spectrum": _spectrum,
}


def derivation(model: Model, sections: tuple[str, ...] = SECTIONS) -> tuple[Item, ...]:
    """Derive the named sections of a pair-energy model."""
    return tuple(_MAKERS[name](model) for name in sections)


def _code(model: Model) -> str:
    values: dict[str, Any] = {str(parameter): 1.0 for parameter in model.parameters}
    return compile_model(model, **values).source


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    model = model_of(args.kernel, args.flow, args.parameters)
    sections = (args.show,) if args.show in SECTIONS else SECTIONS
    items = derivation(model, sections)
    checked = check_model(model, rng=args.seed) if args.check else None
    data: dict[str, Any] = {
        "kernel": args.kernel,
        "flow": args.flow,
        "derived": {item.name: {"text": item.text, "latex": item.latex} for item in items},
        "code": _code(model),
    }
    if checked is not None:
        data["check"] = checked.as_dict()
    lines: list[str] = []
    if args.show == "code":
        lines = data["code"].splitlines()
    elif args.show == "latex":
        for item in items:
            lines += [f"% {item.name}: {item.note}", rf"\[ {item.latex} \]"]
    else:
        for item in items:
            lines += textwrap.wrap(f"{item.name}  ({item.note})", WIDTH, subsequent_indent="  ")
            lines += textwrap.wrap(
                item.text, WIDTH, initial_indent="    ", subsequent_indent="      "
            )
    if checked is not None:
        lines += ["", *str(checked).splitlines()]
    if args.out is not None:
        (args.out / "derivation.json").write_text(
            json.dumps(data, indent=1) + "\n", encoding="utf-8"
        )
    print(json.dumps(data, indent=1) if args.json else "\n".join(lines))
    return 0
