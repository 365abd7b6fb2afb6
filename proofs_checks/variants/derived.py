"""What is derived from a model, or in the way: Gram flow, equal angles, spectrum, dissipation.

Each is a `Part`: a line of text and its LaTeX where the derivation goes through, and otherwise the
reason with a witness, points and a number, that can be evaluated again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Add, Expr, HadamardProduct, Matrix, ZeroMatrix, expand

from proofs_checks.propositions import Proposition, written
from proofs_checks.sample import sample_of
from proofs_checks.variants.witness import Seen, obstruction
from theory.derivations import Obstruction, dissipation, equiangular, gram_flow
from theory.latex import latex_of
from theory.linearize import PLACE, Spectrum, consensus
from theory.masks import GRAPH, Mask
from theory.models import Model
from theory.symbols import m

PARTS = ("gram", "equiangular", "spectrum", "dissipation")
"""What is derived of every model of the catalogue."""

UNDERIVED = (ValueError, ArithmeticError, NotImplementedError)
"""What a derivation raises where it doesn't apply."""


@dataclass(frozen=True)
class Part:
    """One derived statement, or the reason why there is none.

    Attributes
    ----------
    name : str
        "gram", "equiangular", "spectrum", "dissipation", "velocity" or "energy".
    text, latex : str
        The statement, an equation a line; of an obstruction what fails, and no LaTeX.
    note : str
        What it holds for; of an obstruction the reason.
    derived : bool
        Whether it is a statement.
    witness : Witness, of the theory or of this room, or None
        Of an obstruction: where the equation fails, and by how much.
    """

    name: str
    text: str
    latex: str = ""
    note: str = ""
    derived: bool = True
    witness: Seen | None = None


class _Missing(ValueError):
    """A derivation went through and left a residual."""


def part_of(model: Model, name: str) -> Part:
    """Derive one statement of a model, or say what is in the way.

    Parameters
    ----------
    model : Model
    name : {"gram", "equiangular", "spectrum", "dissipation"}

    Examples
    --------
    >>> from theory.models import CAUSAL, PRE_LN
    >>> part_of(PRE_LN, "gram").note
    'on symmetric positive semidefinite matrices of constant rank with unit diagonal'
    >>> part_of(CAUSAL, "equiangular").witness.number > 0.01
    True
    """
    return _part_of(model, name)


@lru_cache(maxsize=256)
def _part_of(model: Model, name: str) -> Part:
    try:
        return _MAKERS[name](model)
    except UNDERIVED as error:
        reason = _reason(error)
        if isinstance(error, Obstruction):
            return Part(name, str(error.witness), note=reason, derived=False, witness=error.witness)
    if name == "dissipation" and (judged := _judged_dissipation(model, reason)) is not None:
        return judged
    witness = obstruction(name, model)
    words = "" if witness is None else str(witness)
    return Part(name, words, note=reason, derived=False, witness=witness)


def _reason(error: Exception) -> str:
    """Return the first sentence of an error, without terms in detail and advice."""
    return str(error).splitlines()[0].partition("; ")[0].partition(": ")[0].rstrip(".")


def _equation(model: Model, name: str, rate: Any) -> str:
    """Write the equation of a flow, or of a layer."""
    return f"{name} <- {rate}" if model.kind == "map" else f"{name}' = {rate}"


def _gram(model: Model) -> Part:
    flow = gram_flow(model)
    if not flow.proved:
        raise _Missing("a residual is left in the flow of the Gram matrix")
    lines = [("G", flow.rate)]
    lines += [(str(p.symbol), p.rate) for p in flow.products]
    lines += [(str(symbol), rate) for symbol, rate in flow.others]
    return Part(
        "gram",
        "\n".join(_equation(model, name, rate) for name, rate in lines),
        r",\quad ".join(flow.formulas()),
        f"on {flow.invariant}"
        + "".join(f", {p.symbol} = {p.left} {p.right}^T" for p in flow.products),
    )


def _equiangular(model: Model) -> Part:
    reduced = equiangular(model)
    if not reduced.proved:
        raise _Missing("equal angles don't stay equal")
    text = "\n".join(_equation(model, str(symbol), rate) for symbol, rate in reduced.rhs.items())
    tex = r",\quad ".join(reduced.formulas())
    law = decay_of(model)
    if law is not None:
        text += f"\nnear consensus 1 - gamma ~ {law}"
        tex += rf",\quad 1-\gamma \sim {latex_of(law)}"
    return Part("equiangular", text, tex, reduced.invariant)


def decay_of(model: Model) -> Expr | None:
    """Return the law of 1 - gamma near consensus, or None where there is none in closed form."""
    try:
        return equiangular(model).decay
    except UNDERIVED:
        return None


def _spectrum(model: Model) -> Part:
    found = _consensus(model)
    lines = []
    pairs = [f"{value}  (multiplicity {count})" for value, count in found.eigenvalues]
    lines += [",  ".join(pairs)] if pairs else []
    for value, count in found.places:
        lines.append(f"{value}  (multiplicity {count}), {PLACE} = 2, ..., n")
    for poly, count in found.factors:
        lines.append(f"roots of {poly.as_expr()}  (multiplicity {count})")
    for value, count in found.operators:
        lines.append(f"those of u* -> {value}  (each {count} times)")
    for value, count in found.others:
        lines.append(f"of the other columns {value}  (multiplicity {count})")
    for symbol, value in found.moving:
        sign = " by" if model.kind == "map" else "' ="
        lines.append(f"consensus moves: {symbol}{sign} {value}")
    lines += [f"{symbol} = {value}" for symbol, value in found.scalars]
    count = f", n = {found.tokens}" if found.tokens.is_number else ""
    kind = "multipliers of the map; " if found.multipliers else ""
    stability = f"{kind}{found.configuration}{count}; {found.stable.value}, rotations apart"
    return Part("spectrum", "\n".join(lines), r",\quad ".join(found.formulas()), stability)


def _consensus(model: Model) -> Spectrum:
    """Return the spectrum for every n, or for so few tokens that all eigenvalues are found."""
    try:
        return consensus(model)
    except UNDERIVED as error:  # what tells tokens apart may need to know how many there are
        if isinstance(error, Obstruction):
            raise
    for tokens in (_tokens(model), 2):
        found = consensus(model, tokens=tokens)
        copies = [count for _, count in (*found.eigenvalues, *found.operators)]
        copies += [count * poly.degree() for poly, count in found.factors]
        if expand(Add(*copies) - found.tokens * (found.dimension - 1)) == 0:
            return found
    raise _Missing("not every eigenvalue is found")


def _tokens(model: Model) -> Any:
    """Return the matrix of the sample's graph, or the number of its tokens."""
    sample = sample_of(model)
    for expr in model.velocities.values():
        for mask in expr.atoms(Mask):
            if mask.kind == GRAPH and str(mask.parameter) in sample.values:
                return Matrix(sample.values[str(mask.parameter)].astype(int).tolist())
    return len(sample.state["X"])


def _dissipation(model: Model) -> Part:
    identity = dissipation(model)
    if not identity.proved:
        raise _Missing(f"dE/dt leaves the residual {identity.residual}")
    weights, where = _weights(identity.weights)
    text = f"dE/dt = sum_i {weights} |x_i'|^2{where}"
    if identity.masses is not None or identity.explicit != ZeroMatrix(1, 1):
        text = str(identity)
    return Part(
        "dissipation",
        text,
        identity.formulas()[0],
        "proved for every n, d and masses: diag(metric) F - dE/dX reduces to 0",
    )


def _weights(column: Any) -> tuple[str, str]:
    """Weights of the squared speeds, and what the letters stand for."""
    if column == m:
        return "m_i", ""
    if isinstance(column, HadamardProduct) and m in column.args and len(column.args) == 2:
        (sums,) = (arg for arg in column.args if arg != m)
        return "m_i Z_i", f",  Z = {sums}"
    return "g_i", f",  g = {column}"


def _judged_dissipation(model: Model, reason: str) -> Part | None:
    """Ask the row: a theorem attaches an energy, samples try one without a closed derivative."""
    if model.kind != "flow":
        return None
    from proofs_checks.own_model import check_model

    found = check_model(model, only=["dissipation identity"])["dissipation identity"]
    verdict = found.verdict
    if verdict is None or verdict.name not in ("PROVED", "SUPPORTED"):
        return None
    formal = [one for one in found.identity if isinstance(one, Proposition)]
    if formal:
        tex = r",\quad ".join(written(one, "latex") for one in formal)
        note = f"proved for every n, d and masses; {found.scope['given']}"
        return Part("dissipation", found.sentence.replace("; ", ",  "), tex, note)
    text = f"dE/dt = sum_i g_i |x_i'|^2,  g = {model.metric}"
    tex = rf"\frac{{dE}}{{dt}} = \sum_i g_i |\dot x_i|^2,\quad g_i = {latex_of(model.metric)}"
    return Part("dissipation", text, tex, f"{verdict.value}, {found.cases} cases: {reason}")


_MAKERS: Mapping[str, Callable[[Model], Part]] = {
    "gram": _gram,
    "equiangular": _equiangular,
    "spectrum": _spectrum,
    "dissipation": _dissipation,
}
