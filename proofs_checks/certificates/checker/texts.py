"""What a certificate states, in words: from its parameters alone, for checker and searches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from proofs_checks.certificates.format import Rejected, rational

FLOW_EQUATIONS = {"SA": "(6.9)", "USA": "(6.10)"}


FORMULA_FUNCTIONS = ("exp", "log", "sin", "cos", "sqrt")


BESSEL_QUOTIENT = "I_{ν+1}(x)/I_ν(x) increases with x > 0 for ν >= 0 (Amos)"
"""The lemma that makes a switch of modes unique."""


def is_name(text: str) -> bool:
    """Whether a text may name a variable: letters that look like no other, no function, not pi."""
    letters = all("a" <= c <= "z" or "A" <= c <= "Z" or c in "βγδθλμτφψω" for c in text)
    return letters and bool(text) and text not in FORMULA_FUNCTIONS and text != "pi"


def text_of(formula: Any, depth: int = 0) -> str:
    """Write a formula in infix notation, every sum and product in brackets; up to 60 levels.

    Raises
    ------
    Rejected
        For anything but the nodes named in :func:`evaluate`.

    Examples
    --------
    >>> text_of(["+", ["*", "2", ["exp", "x"]], "-1/2"])
    '((2·exp(x)) + (-1/2))'
    """
    if isinstance(formula, str):
        if formula == "pi" or is_name(formula):
            return formula
        value = rational(formula, "formula")
        return f"({value})" if value < 0 or value.denominator > 1 else str(value)
    if isinstance(formula, list) and len(formula) > 1 and depth < 60:
        head, *rest = formula
        if head == "^" and len(rest) == 2 and type(rest[1]) is int and 0 < abs(rest[1]) <= 64:
            base = text_of(rest[0], depth + 1)
            tower = isinstance(rest[0], list) and rest[0][0] == "^"
            return f"({base})^({rest[1]})" if tower else f"{base}^({rest[1]})"
        parts = [text_of(part, depth + 1) for part in rest]
        if head in ("+", "*"):
            return f"({(' + ' if head == '+' else '·').join(parts)})"
        if head in FORMULA_FUNCTIONS and len(parts) == 1:
            return f"{head}({parts[0]})"
    raise Rejected(f"Expected a formula but got formula={str(formula)[:200]}.")


def _shown(text: str) -> str:
    """Write a rational as a finite decimal where it is one: the same number, easier to read."""
    value = Fraction(text)
    for digits in range(31):
        scaled = value * 10**digits
        if scaled.denominator == 1:
            whole, rest = divmod(abs(int(scaled)), 10**digits)
            sign = "-" if value < 0 else ""
            return f"{sign}{whole}.{rest:0{digits}d}" if digits else f"{sign}{whole}"
    return text


def variable_name(text: str) -> str:
    """Let a name of letters through; a text that could smuggle in a formula is rejected."""
    if not is_name(text):
        raise Rejected(f"Expected letters as a name but got name={text!r}.")
    return text


def sign_statement(parameters: Mapping[str, Any]) -> str:
    """Theorem of a certificate of the kind ``sign``."""
    box = ", ".join(
        f"{name} in [{_shown(low)}, {_shown(high)}]" for name, low, high in parameters["box"]
    )
    return f"{text_of(parameters['formula'])} {parameters['relation']} 0 for all {box}."


def root_statement(parameters: Mapping[str, Any]) -> str:
    """Theorem of a certificate of the kind ``root``."""
    low, high = map(_shown, parameters["range"])
    left, right = map(_shown, parameters["enclosure"])
    return (
        f"{text_of(parameters['formula'])} = 0 has exactly one solution "
        f"{parameters['variable']} in [{low}, {high}], and it lies in [{left}, {right}]."
    )


def value_statement(parameters: Mapping[str, Any]) -> str:
    """Theorem of a certificate of the kind ``value``."""
    left, right = map(_shown, parameters["enclosure"])
    return f"{left} < {text_of(parameters['formula'])} < {right}."


def equiangular_statement(parameters: Mapping[str, Any]) -> str:
    """Theorem of a certificate of the kind ``equiangular``."""
    left, right = map(_shown, parameters["enclosure"])
    model = parameters["model"]
    return (
        f"The solution of {FLOW_EQUATIONS[model]} ({model}) with γ(0) = 0, n = {parameters['n']} "
        f"and β = {_shown(parameters['beta'])} has "
        f"{left} < γ({_shown(parameters['time'])}) < {right}."
    )


def level_statement(parameters: Mapping[str, Any]) -> str:
    """Theorem of a certificate of the kind ``level``."""
    left, right = map(_shown, parameters["enclosure"])
    return (
        f"For n = {parameters['n']} exactly one β >= 0 has γ_β({_shown(parameters['time'])}) = "
        f"1 - {_shown(parameters['delta'])} by (6.9), and it lies in [{left}, {right}]."
    )


def dimension_statement(parameters: Mapping[str, Any]) -> str:
    """Theorem of a certificate of the kind ``dimension``."""
    left, right = map(_shown, parameters["enclosure"])
    return (
        f"For n = {parameters['n']}, β = {_shown(parameters['beta'])} the least real d >= 10 with "
        f"d/log d >= 16 e^(20 max(1, β))/γ_β(1/n)², (D.9), has log10 d in [{left}, {right}]."
    )


def switch_statement(parameters: Mapping[str, Any]) -> str:
    """Theorem of a certificate of the kind ``switch``."""
    left, right = map(_shown, parameters["enclosure"])
    degree = parameters["mode"]
    return (
        f"For d = {parameters['d']} the growth rates k(k+d-2) I_(k+d/2-1)(β) of degrees {degree} "
        f"and {degree + 1} are equal at exactly one β > 0, and it lies in [{left}, {right}]."
    )


def fastest_statement(parameters: Mapping[str, Any]) -> str:
    """Theorem of a certificate of the kind ``fastest``."""
    return (
        f"For d = {parameters['d']} and β = {_shown(parameters['beta'])} the growth rate "
        f"k(k+d-2) I_(k+d/2-1)(β) is largest at the degree k = {parameters['mode']} alone."
    )


HALF_CIRCLE_LEMMA = "Lemma 6.4: in an open half circle only consensus is critical"


CONNECTED_LEMMA = "a graph with an edge across every cut is connected"


DERIVATIVES_LEMMA = "(7.4), (B.1): gradient and Hessian of the energy in angles"


def saddles_text(n: int, low: Fraction, high: Fraction | None) -> tuple[str, tuple[str, ...]]:
    """Return the theorem on strict saddles and the lemmas it cites; ``high`` None is infinity."""
    span = f"every beta >= {low}" if high is None else f"every beta in [{low}, {high}]"
    limit = " (at beta = 0, its limit)" if low == 0 else ""
    return (
        f"On the circle (d = 2), for n = {n} tokens of equal mass and {span}: every critical point "
        f"of the interaction energy{limit} other than consensus is a strict saddle, its Hessian "
        "has a positive eigenvalue. SA and USA have the same critical points.",
        (HALF_CIRCLE_LEMMA, DERIVATIVES_LEMMA)
        if high is not None
        else (HALF_CIRCLE_LEMMA, DERIVATIVES_LEMMA, CONNECTED_LEMMA),
    )


def _at(beta: Fraction) -> str:
    """Name the temperature, and at 0, where the energy is infinite, the limit that is meant."""
    return f"beta = {beta}" + (" (the limit of the energy)" if beta == 0 else "")


def point_text(
    n: int, beta: Fraction, turns: list[Fraction], radius: Fraction, positive: int, negative: int
) -> tuple[str, tuple[str, ...]]:
    """Return the theorem on one critical point and the lemmas it cites."""
    places = ", ".join(str(t) for t in turns)
    return (
        f"On the circle (d = 2), for n = {n} tokens of equal mass and {_at(beta)}: the "
        f"interaction energy has exactly one critical point, first token at {turns[0]}, whose "
        f"angles over 2 pi are within {radius} of ({places}); modulo rotation its Hessian has "
        f"{positive} positive and {negative} negative eigenvalues and none that vanishes.",
        (DERIVATIVES_LEMMA,),
    )


def list_text(
    n: int, beta: Fraction, count: int, types: Mapping[str, int]
) -> tuple[str, tuple[str, ...]]:
    """Return the theorem on all critical points at one β and the lemmas it cites."""
    parts = ", ".join(f"{types[name]} of type ({name})" for name in sorted(types))
    return (
        f"On the circle (d = 2), for n = {n} labelled tokens of equal mass and {_at(beta)}: up "
        f"to rotation the interaction energy has exactly {count} critical points, all "
        f"non-degenerate: {parts}, where a type is the number of positive and of negative "
        "eigenvalues of the Hessian modulo rotation.",
        (HALF_CIRCLE_LEMMA, DERIVATIVES_LEMMA),
    )


ZONAL_SUMS = "zonal polynomials are positive definite: Σ_{i,j} Q_k(<x_i,x_j>) >= 0 (Schoenberg)"


DIVIDED_DIFFERENCES = (
    "a divided difference of order k of e^(βt) is β^k e^(βξ)/k! at some ξ between its nodes, and "
    "f - h = f[nodes, t] Π (t - nodes) for Newton's interpolant h"
)


def code_statement(parameters: Mapping[str, Any]) -> str:
    """Theorem of a certificate of the kind ``codes``."""
    n, d, root = parameters["n"], parameters["d"], parameters["root"]
    products = [_in_powers(t) for t in parameters["products"]]
    terms = zip(parameters["counts"], products, strict=True)
    total = " + ".join(f"{count}·e^(β({product}))" for count, product in terms)
    where = ""
    if len(root["polynomial"]) > 2:
        zero = _in_powers([str(c) for c in root["polynomial"]])
        where = f", θ the root of {zero} between {root['low']} and {root['high']}"
    return (
        f"For every β > 0 and all x_1, …, x_{n} on S^{d - 1} in R^{d}: Σ_(i≠j) e^(β<x_i,x_j>) >= "
        f"{total}, with equality only if every <x_i,x_j>, i ≠ j, is one of "
        f"{', '.join(products)}; a code of {n} points attains it{where}."
    )


def _in_powers(coefficients: Sequence[str]) -> str:
    """Write a polynomial in θ."""
    terms = []
    for k, text in enumerate(coefficients):
        if rational(text, "coefficient"):
            power = "" if k == 0 else "θ" if k == 1 else f"θ^{k}"
            shown = f"({text})" if "/" in text and power else text
            terms.append(shown if not power else f"{shown}·{power}")
    return " + ".join(terms) or "0"


CONE_LEMMA = "Lemma 6.4: tokens of an open hemisphere converge to one point"
"""What turns a hemisphere into consensus."""


def hemisphere_statement(parameters: Mapping[str, Any]) -> str:
    """Theorem of a certificate of the kind ``hemisphere``."""
    return (
        f"Every solution of {parameters['model']}, β = {parameters['beta']}, whose tokens start "
        f"within an angle of {parameters['radius']} of {_listed(parameters['points'])} has all "
        f"tokens in one open hemisphere at t = {parameters['time']}: it converges to one point."
    )


def run_statement(parameters: Mapping[str, Any]) -> str:
    """Theorem of a certificate of the kind ``run``."""
    nodes = "; ".join(
        f"t = {time}: {_listed(node)}"
        for time, node in zip(parameters["times"], parameters["nodes"], strict=True)
    )
    return (
        f"Every solution of {parameters['model']}, β = {parameters['beta']}, whose tokens start "
        f"within an angle of {parameters['radius']} of the first of these nodes has its tokens "
        f"within {parameters['error']} of each of them at its time: {nodes}."
    )


def _listed(points: Sequence[Sequence[str]]) -> str:
    rows = ", ".join(f"({', '.join(row)})" for row in points)
    return f"[{rows}] (each divided by its length)"
