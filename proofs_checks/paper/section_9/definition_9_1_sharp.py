"""Definition 9.1, E.Definition 9.1: which codes are sharp, and what their m is.

Main results
------------
Definition 9.1: of ten codes with a name five are sharp; the 600-cell isn't.
E.Definition 9.1: m is the number of inner products, m >= 1, not the strength of the design.

How it is proved
----------------
Inner products in Q or Q(√5), found again from points by an exact Gram matrix of the right rank;
designs by exact zonal moments, in the same field.

References
----------
arXiv 2312.10794, Section 9, Definition 9.1 and the text after Theorem 9.2.
Cohn and Kumar, Universally optimal distribution of points on spheres: their definition has m >= 1.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, S, Symbol

from numerics import recognise
from numerics.point_codes import known_code
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    gap,
    of_no_flow,
)
from proofs_checks.proof.codes import defect, moments_said
from proofs_checks.said import saying
from theory.codes import PointCode, code_named


@dataclass(frozen=True)
class Judged:
    """Codes with a number m of inner products and a strength, and whether they are sharp.

    Attributes
    ----------
    codes : tuple of (str, int, int, bool)
        Name, m, strength, sharp by Definition 9.1: m > 1 and a (2m-1)-design.
    """

    codes: tuple[tuple[str, int, int, bool], ...]


@dataclass(frozen=True)
class Strength:
    """How strong a design a sharp code of m inner products is said to be.

    Attributes
    ----------
    times, less : Expr
        The strength is at least ``times M - less``.
    most : Expr or None
        In ``M``: the strength is at most this; None says nothing.
    """

    times: Expr
    less: Expr = S.Zero
    most: Expr | None = None

    @property
    def least(self) -> Expr:
        """The strength is at least this."""
        return self.times * M - self.less

    def range_at(self, count: int) -> tuple[Expr, Expr | None]:
        """Return the least and the largest strength that are said of a number of products."""
        most = None if self.most is None else self.most.subs(M, count)
        return self.least.subs(M, count), most

    def allows(self, code: PointCode) -> bool:
        """Whether the strength of a code is in the range that is said."""
        least, most = self.range_at(code.m)
        return bool(code.strength >= least and (most is None or code.strength <= most))


M = Symbol("m", integer=True, positive=True)
"""Number of inner products between different points."""


def _misjudged(name: str, m: int, order: int, sharp: bool) -> bool:
    code = code_named(name)
    return (code.m, code.strength, code.m > 1 and code.sharp) != (m, order, sharp)


def refute_judged(flow: Flow, said: Judged | None, budget: Budget) -> Counterexample | None:
    """Find a code with other numbers, or judged otherwise."""
    for name, m, order, sharp in said.codes if said else ():
        code = code_named(name)
        if (code.m, code.strength) != (m, order):
            return Counterexample(
                f"{name}: m = {code.m} and a {code.strength}-design, not m = {m} and strength "
                f"{order}: {defect(code)}"
            )
        if sharp != (code.m > 1 and code.sharp):
            why = (
                defect(code) if sharp else f"m = {m} > 1, a {order}-design, {order} >= {2 * m - 1}"
            )
            return Counterexample(f"{name}: {why}")
    return None


def decide_judged(flow: Flow, said: Judged) -> Sheet:
    """Find each code again from points, exactly; its moments are those of theory."""
    steps = []
    for name, m, order, sharp in said.codes:
        found = recognise(known_code(name))
        text = f"{name}: m = {m}, strength {order}, {'' if sharp else 'not '}sharp"
        if found.name != name or found.code != code_named(name):
            steps.append(gap(text, f"the points are recognised as {found.name!r}"))
            continue
        if _misjudged(name, m, order, sharp):
            steps.append(gap(text, defect(found.code)))
            continue
        evidence = f"exact Gram matrix of rank {found.rank}; {found.symmetries} symmetries"
        step = Step(text, How.DECIDED, evidence=evidence)
        steps.append(saying(step, *moments_said(found.code, order)))
    sharp_ones = ", ".join(name for name, _, _, sharp in said.codes if sharp)
    others = ", ".join(name for name, _, _, sharp in said.codes if not sharp)
    return Sheet(
        tuple(steps),
        {"n": "of the codes", "d": "of the codes"},
        (),
        f"exact moments: sharp are {sharp_ones}; not {others}",
    )


JUDGED: Statement[Judged] = Statement(
    "",
    "which codes are sharp",
    decide_judged,
    refute=refute_judged,
    cases=of_no_flow,
)


_JUDGED = Judged(
    (
        ("icosahedron", 3, 5, True),
        ("half 5-cube", 2, 3, True),
        ("Schläfli code", 2, 4, True),
        ("equiangular code", 3, 5, True),
        ("E8 roots", 4, 7, True),
        ("600-cell", 8, 11, False),
        ("cube", 3, 3, False),
        ("dodecahedron", 5, 5, False),
        ("24-cell", 4, 5, False),
        ("triangular bipyramid", 3, 1, False),
    )
)


def _judged_otherwise(name: str) -> Judged:
    """Return the table with one verdict turned."""
    rows = ((a, m, order, sharp ^ (a == name)) for a, m, order, sharp in _JUDGED.codes)
    return Judged(tuple(rows))


DEFINITION_9_1 = Claim(
    "Definition 9.1",
    "Sharp, with m > 1 inner products and a (2m-1)-design, are the icosahedron, the codes of 16, "
    "27, 56 points and the roots of E8; not the 600-cell, cube, dodecahedron, 24-cell, bipyramid.",
    None,
    _JUDGED,
    JUDGED,
    tuple(
        Control(f"{name} {'not ' if sharp else ''}sharp", prediction=_judged_otherwise(name))
        for name, _, _, sharp in _JUDGED.codes
        if name in ("icosahedron", "cube", "dodecahedron", "24-cell", "triangular bipyramid")
    ),
    Verdict.PROVED,
    about=frozenset(),
)


_CODES = ("antipodal pair", "tetrahedron", "octahedron", *(r[0] for r in _JUDGED.codes if r[3]))
"""Sharp codes, m >= 1."""


def refute_strength(flow: Flow, said: Strength | None, budget: Budget) -> Counterexample | None:
    """Find a sharp code that is a weaker design than said, or a stronger one."""
    if said is None:
        return None
    for name in _CODES:
        code = code_named(name)
        least, most = said.range_at(code.m)
        if not said.allows(code):
            return Counterexample(
                f"{name}: m = {code.m} inner products, and a {code.strength}-design, not a "
                f"{code.strength + 1}-design; said is {said.least} = {least}"
                + ("" if most is None else f", and at most {said.most} = {most}")
            )
    return None


def decide_strength(flow: Flow, said: Strength) -> Sheet:
    """Compare the exact strength of sharp codes, and find one that has just that."""
    steps, equal = [], []
    for name in _CODES:
        code = code_named(name)
        least, most = said.range_at(code.m)
        above = "" if most is None else f", <= {most}"
        text = f"{name}: m = {code.m}, strength {code.strength} >= {least}{above}"
        step = Step(text, How.DECIDED, evidence="exact zonal moments")
        if said.allows(code):
            steps.append(saying(step, *moments_said(code, int(least))))
        else:
            steps.append(gap(text, "the exact zonal moments say otherwise"))
        equal += [name] if code.strength == said.least.subs(M, code.m) else []
    if not equal:
        steps.append(gap(f"{said.least} is attained", "every code is a stronger design"))
    return Sheet(
        tuple(steps),
        {"n": "of the codes", "d": "of the codes"},
        (said.least,),
        f"exact moments: strength >= {said.least}, equal for {', '.join(equal)}",
    )


STRENGTH: Statement[Strength] = Statement(
    "", "strength of sharp codes", decide_strength, refute=refute_strength, cases=of_no_flow
)


ERRATUM_9_1 = Claim(
    "E.Definition 9.1",
    "m is the number of inner products, m >= 1, and a sharp code a (2m-1)-design; m isn't, as the "
    "text says later, the largest m for which the code is an m-design.",
    None,
    Strength(S(2), S.One),
    STRENGTH,
    (
        Control("2m - 1 -> 2m", prediction=Strength(S(2))),
        Control("2m - 1 -> 2m + 1", prediction=Strength(S(2), S.NegativeOne)),
        Control("no stronger design", prediction=Strength(S(2), S.One, 2 * M - 1)),
    ),
    Verdict.PROVED,
    printed=Control("m is the strength of the design", prediction=Strength(S.One, most=M)),
    origin="erratum",
    kind="statement",
    about=frozenset(),
    equivalents=(
        Equivalent(
            "a smaller strength is true, if of no code",
            ("prediction.times: sign", "prediction.times: ÷ 2", "prediction.less: + 1"),
        ),
    ),
)


CLAIMS = (DEFINITION_9_1, ERRATUM_9_1)
