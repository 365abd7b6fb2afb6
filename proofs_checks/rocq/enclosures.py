"""Certificates of scalar facts for Rocq: signs, roots, values, and γ(t) of (6.9) and (6.10).

The theorem is written in Rocq's own functions, the proof in coq-interval's tactics and the rules
of ``prelude/Enclose.v``: a root is one because the derivative has one sign, and every solution
of (6.9) is enclosed by separation of variables. Where a formula divides, or takes a root or a
logarithm, the theorem says besides that it is defined there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from proofs_checks.certificates import Certificate, Rejected
from proofs_checks.rocq.theorems import CertificateTheorem, NoExport, header, number

_HEAD = """\
From Coq Require Import Reals Lra.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
From attnflow Require Import Enclose.
Open Scope R_scope.
"""
_PLAIN = {"exp": "exp", "log": "ln", "sin": "sin", "cos": "cos", "sqrt": "sqrt"}
_NODES = {"exp": "Exp", "log": "Log", "sin": "Sin", "cos": "Cos", "sqrt": "Sqrt"}
_READING = "log is ln, π is PI; a negative power is the inverse of a power"
_SECONDS = 120.0
_AND = " /\\ "


def _variable(name: str) -> str:
    """Return a variable of a certificate as one of Rocq's, which can't hide a function."""
    if not name.isalpha():
        raise Rejected(f"Expected letters as a name but got name={name!r}.")
    return f"v_{name}"


def plain(formula: Any) -> str:
    """Write a formula as a term of Rocq, every sum and product in brackets.

    Examples
    --------
    >>> plain(["+", ["*", "2", ["exp", "x"]], "-1/2"])
    '((2 * (exp v_x)) + (-1 / 2))'
    """
    if isinstance(formula, str):
        if formula == "pi":
            return "PI"
        return _variable(formula) if formula[0].isalpha() else number(Fraction(formula))
    head, *rest = formula
    if head == "^":
        base, power = plain(rest[0]), abs(rest[1])
        term = base if power == 1 else f"({base} ^ {power})"
        return term if rest[1] > 0 else f"(/ {term})"
    parts = [plain(part) for part in rest]
    if head in ("+", "*"):
        return f"({f' {head} '.join(parts)})"
    return f"({_PLAIN[head]} {parts[0]})"


def node(formula: Any) -> str:
    """Write a formula in one variable as a ``formula`` of the prelude."""
    if isinstance(formula, str):
        if formula == "pi":
            return "(Num PI)"
        if formula[0].isalpha():
            return "Var"
        return f"(Num {number(Fraction(formula))})"
    head, *rest = formula
    if head == "^":
        base, power = node(rest[0]), abs(rest[1])
        term = base if power == 1 else f"(Power {base} {power})"
        return term if rest[1] > 0 else f"(Inverse {term})"
    parts = [node(part) for part in rest]
    if head in ("+", "*"):
        whole = parts[0]
        for part in parts[1:]:
            whole = f"({'Add' if head == '+' else 'Mul'} {whole} {part})"
        return whole
    return f"({_NODES[head]} {parts[0]})"


def conditions(formula: Any) -> list[str]:
    """Write what makes a formula defined: no division by 0, no root or logarithm below 0.

    Examples
    --------
    >>> conditions(["log", ["^", "x", -1]])
    ['v_x <> 0', '0 < (/ v_x)']
    """
    if isinstance(formula, str):
        return []
    head, *rest = formula
    if head == "^":
        found = conditions(rest[0])
        return found if rest[1] > 0 else [*found, f"{plain(rest[0])} <> 0"]
    found = [condition for part in rest for condition in conditions(part)]
    if head == "log":
        found.append(f"0 < {plain(rest[0])}")
    if head == "sqrt":
        found.append(f"0 <= {plain(rest[0])}")
    return list(dict.fromkeys(found))


def _whole(
    name: str, certificate: Certificate, statement: str, proof: Sequence[str]
) -> CertificateTheorem:
    body = "\n".join([header(certificate), _HEAD, statement, "Proof.", *proof, "Qed.", ""])
    return CertificateTheorem(name, body, _READING, seconds=_SECONDS, shares=True)


def _name(certificate: Certificate) -> str:
    return f"{certificate.kind}_{certificate.digest[:8]}"


def _depth(tree: str) -> int:
    """Return how often a tree halves, at most, on the way to a leaf."""
    deepest, left = 0, [0]
    for mark in tree:
        here = left.pop()
        deepest = max(deepest, here)
        if mark != ".":
            left += [here + 1, here + 1]
    return deepest


def _bisect(names: Sequence[str], tree: str) -> str:
    """Write how ``interval`` bisects: as deep as the certificate, and a little deeper."""
    axes = ", ".join(f"i_bisect {name}" for name in names)
    depth = _depth(tree) + 8
    return (
        f"first [interval with ({axes}, i_autodiff {names[0]}, i_depth {depth})"
        f" | interval with ({axes}, i_depth {depth})]"
    )


def _sign_statement(name: str, parameters: Mapping[str, Any]) -> str:
    """Write the theorem of a sign, from the parameters alone."""
    sides = [
        (_variable(side), number(Fraction(low)), number(Fraction(high)))
        for side, low, high in parameters["box"]
    ]
    names = " ".join(side for side, _, _ in sides)
    box = "".join(f"{low} <= {side} <= {high} -> " for side, low, high in sides)
    term = plain(parameters["formula"])
    claim = f"0 < {term}" if parameters["relation"] == ">" else f"{term} < 0"
    parts = [*conditions(parameters["formula"]), claim]
    return f"Theorem {name} : forall {names} : R, {box}\n  {_AND.join(parts)}."


def sign(certificate: Certificate) -> CertificateTheorem:
    """Write the theorem of a certificate of the kind "sign", with its proof."""
    name, parameters = _name(certificate), certificate.parameters
    names = [_variable(side[0]) for side in parameters["box"]]
    tactic = _bisect(names, certificate.evidence["tree"])
    bounds = " ".join(f"H{k}" for k in range(len(names)))
    proof = [f"  intros {' '.join(names)} {bounds}.", f"  repeat split; {tactic}."]
    return _whole(name, certificate, _sign_statement(name, parameters), proof)


def _value_statement(name: str, parameters: Mapping[str, Any]) -> str:
    left, right = (number(Fraction(end)) for end in parameters["enclosure"])
    parts = [
        *conditions(parameters["formula"]),
        f"{left} < {plain(parameters['formula'])} < {right}",
    ]
    return f"Theorem {name} :\n  {_AND.join(parts)}."


def value(certificate: Certificate) -> CertificateTheorem:
    """Write the theorem of a certificate of the kind "value", with its proof."""
    name = _name(certificate)
    proof = [f"  repeat split; interval with (i_prec {certificate.precision})."]
    return _whole(name, certificate, _value_statement(name, certificate.parameters), proof)


def _root_statement(name: str, parameters: Mapping[str, Any]) -> str:
    variable = _variable(parameters["variable"])
    term = plain(parameters["formula"])
    low, high = (number(Fraction(end)) for end in parameters["range"])
    left, right = (number(Fraction(end)) for end in parameters["enclosure"])
    defined = conditions(parameters["formula"])
    inside = f"(forall {variable} : R, {low} <= {variable} <= {high} ->\n  {_AND.join(defined)})"
    first = f"\n  {inside} /\\\n  " if defined else " "
    return (
        f"Theorem {name} :{first}exists {variable} : R,\n"
        f"  ({left} <= {variable} <= {right} /\\ {term} = 0) /\\\n"
        f"  forall y : R, {low} <= y <= {high} ->\n"
        f"    (fun {variable} : R => {term}) y = 0 -> y = {variable}."
    )


def _float(formula: Any, place: Fraction) -> float:
    """Return the value of a formula in one variable, in floats."""
    if isinstance(formula, str):
        if formula == "pi":
            return math.pi
        return float(place if formula[0].isalpha() else Fraction(formula))
    head, *rest = formula
    if head == "^":
        return float(_float(rest[0], place) ** rest[1])
    parts = [_float(part, place) for part in rest]
    if head == "+":
        return sum(parts)
    return math.prod(parts) if head == "*" else float(getattr(math, head)(parts[0]))


def root(certificate: Certificate) -> CertificateTheorem:
    """Write the theorem of a certificate of the kind "root", with its proof."""
    name, parameters = _name(certificate), certificate.parameters
    low, high = (Fraction(end) for end in parameters["range"])
    left, right = (Fraction(end) for end in parameters["enclosure"])
    # A guess in floats; Rocq decides.
    rises = _float(parameters["formula"], high) > _float(parameters["formula"], low)
    rule = "rising_root" if rises else "falling_root"
    places = " ".join(number(end) for end in (low, high, left, right))
    tactic = _bisect(["x"], certificate.evidence["tree"])
    exact = f"interval with (i_prec {certificate.precision})"
    defined = conditions(parameters["formula"])
    proof = [
        *([f"  split; [intros x Hx; repeat split; {tactic}|]."] if defined else []),
        f"  apply ({rule} {node(parameters['formula'])} {places}).",
        "  - lra.",
        "  - intros x Hx. cbn [defined value]. repeat split; try exact I;",
        f"    {tactic}.",
        "  - intros x Hx. cbn [slope value pred INR].",
        f"    {tactic}.",
        f"  - cbn [value]. {exact}.",
        f"  - cbn [value]. {exact}.",
    ]
    return _whole(name, certificate, _root_statement(name, parameters), proof)


_SPEEDS = {
    "SA": "2 * exp ({b} * gamma t) * (1 - gamma t) * ({m} * gamma t + 1) /\n"
    "      (exp {b} + {m} * exp ({b} * gamma t))",
    "USA": "2 / ({m} + 1) * exp ({b} * gamma t) * (1 - gamma t) * ({m} * gamma t + 1)",
}


def _equiangular_statement(name: str, parameters: Mapping[str, Any]) -> str:
    left, right = (number(Fraction(end)) for end in parameters["enclosure"])
    time = number(Fraction(parameters["time"]))
    speed = _SPEEDS[parameters["model"]].format(
        b=number(Fraction(parameters["beta"])), m=parameters["n"] - 1
    )
    return (
        f"Theorem {name} : forall gamma : R -> R, gamma 0 = 0 ->\n"
        f"  (forall t : R, 0 <= t <= {time} -> is_derive gamma t\n    ({speed})) ->\n"
        f"  {left} < gamma {time} < {right}."
    )


def equiangular(certificate: Certificate) -> CertificateTheorem:
    """Write the theorem of a certificate of the kind "equiangular", with its proof."""
    name, parameters = _name(certificate), certificate.parameters
    model, n = parameters["model"], parameters["n"]
    if model not in _SPEEDS:
        raise NoExport(f"the model {model!r}; there are {', '.join(_SPEEDS)}")
    left, right = (Fraction(end) for end in parameters["enclosure"])
    beta, time = Fraction(parameters["beta"]), Fraction(parameters["time"])
    digits = len(str((1 / (right - left)).numerator))
    bits = int(3.33 * digits) + 8
    tactic = f"integral with (i_prec {bits + 20}, i_relwidth {bits}, i_degree 20, i_fuel 200)"
    places = " ".join(number(Fraction(end)) for end in (n - 1, beta, time, left, right))
    proof = [
        "  intros gamma start solves.",
        f"  apply (equiangular_{model} {places} gamma).",
        "  - lra.",
        "  - lra.",
        "  - lra.",
        "  - exact start.",
        "  - exact solves.",
        f"  - unfold slow_{model}. {tactic}.",
        f"  - unfold slow_{model}. {tactic}.",
    ]
    return _whole(name, certificate, _equiangular_statement(name, parameters), proof)
