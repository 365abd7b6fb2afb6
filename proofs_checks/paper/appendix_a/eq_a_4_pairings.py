"""(A.4), E.(A.4): for odd d the pairings B_j take the place of B² = -I.

Main results
------------
(A.4): Σ_j <B_j² y_S,y_c> = -(d-1)·cut, so some B_j has E_0'' >= (2(d-1)/(dn))|cut| > 0.
E.(A.4): B_j pairs the coordinates other than j; the paper prints the j-th block.

How it is proved
----------------
The sum over the pairings is a trace over a basis in the Gram algebra, for symbolic d: residual
0. The best pairing is compared exactly at equilibria of R³ and R⁵. The matrices themselves are
multiplied out for d = 3, 5, 7, 9, where Σ_j B_j² = -(d-1) I; the argument holds for every odd d
too.

References
----------
arXiv 2312.10794, Appendix A, (A.4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import Expr, Matrix, S, diag, eye, simplify, zeros

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Part, Verdict
from proofs_checks.proof import (
    FOUR_FIFTHS,
    KERNEL_AT_BETA_ZERO,
    SIZES,
    THREE_FIFTHS,
    Rows,
    cold_kernel,
    dot,
    each,
    energy_slope,
    total_of_rows,
)
from theory.engines import basis_trace, inner, residual, vectors
from theory.models import REPULSIVE, SA, USA
from theory.symbols import d, n, z


@dataclass(frozen=True)
class Pairings:
    """Block diagonal matrices B_j for odd d: 2×2 blocks, and a 1×1 zero.

    Attributes
    ----------
    block : tuple of rows
        The 2×2 block.
    by_coordinate : bool
        Whether the zero stands at coordinate j (the others being paired in order), or in place
        of the j-th block, as the words of the paper say.
    """

    block: tuple[tuple[int, int], tuple[int, int]]
    by_coordinate: bool

    def matrices(self, dimension: int) -> list[Any]:
        """Return B_1, B_2, … in exact integers."""
        block, pairs = Matrix(self.block), (dimension - 1) // 2
        if not self.by_coordinate:
            return [
                diag(*[block] * j, zeros(1, 1), *[block] * (pairs - j)) for j in range(pairs + 1)
            ]
        found = []
        for j in range(dimension):
            others = [i for i in range(dimension) if i != j]
            matrix = zeros(dimension, dimension)
            for k in range(pairs):
                i, h = others[2 * k], others[2 * k + 1]
                matrix[i, i], matrix[i, h] = block[0, 0], block[0, 1]
                matrix[h, i], matrix[h, h] = block[1, 0], block[1, 1]
            found.append(matrix)
        return found


def check_pairings(model: Any, prediction: Pairings, budget: Budget) -> Evidence:
    """Add the squares exactly, and use them on the energy at β = 0."""
    for flow in each(model):
        slope, reason = energy_slope(flow)
        if reason or not slope.is_positive:
            return Evidence(
                Verdict.UNDECIDED, reason or f"{flow.name}: h' = {slope} isn't positive"
            )
    sizes = (5, 3, 7, 9)
    for dimension in sizes:
        found = prediction.matrices(dimension)
        total = sum((b * b for b in found), zeros(dimension, dimension))
        if total != -(dimension - 1) * eye(dimension):
            entries = [int(value) for value in total.diagonal()]
            detail = f"d = {dimension}: Σ_j B_j² over {len(found)} matrices has diagonal {entries}"
            return Evidence(Verdict.REFUTED, detail)
        for j, b in enumerate(found):
            # B_j² = -I + e_j e_j^T: the sum over all j is -(d-1) I for every odd d.
            unit = zeros(dimension, dimension)
            unit[j, j] = 1
            if b.T != -b or b * b != unit - eye(dimension):
                return Evidence(Verdict.REFUTED, f"d = {dimension}: B_{j + 1} isn't such a pairing")
    return Evidence(
        Verdict.PROVED,
        "B_j skew with B_j² = -I + e_j e_j^T, so Σ_j B_j² = -(d-1) I; multiplied out for d = "
        + ", ".join(map(str, sorted(sizes))),
        {"d": "3, 5, 7, 9 (the argument: every odd d)"},
    )


_PAIRINGS = Pairings(((0, -1), (1, 0)), True)


ERRATUM_A_4 = Claim(
    "E.(A.4)",
    "d odd: -(d-1) I = Σ_j B_j², B_j pairing the coordinates other than j; not blocks, as printed.",
    (SA, USA),
    _PAIRINGS,
    check_pairings,
    (
        Control("B_j symmetric", prediction=replace(_PAIRINGS, block=((0, 1), (1, 0)))),
        Control("blocks of twice the size", prediction=replace(_PAIRINGS, block=((0, -2), (2, 0)))),
    ),
    Verdict.PROVED,
    printed=Control(
        "as printed: the j-th block", prediction=replace(_PAIRINGS, by_coordinate=False)
    ),
    origin="erratum",
    kind="formula",
    about=frozenset(),
    equivalents=(Equivalent("no model enters: it is about skew matrices", ("*.velocity: *",)),),
)


@dataclass(frozen=True)
class PairingSum:
    """``Σ_j <B_j² y_S, y_c> = total · cut`` for odd d, B_j pairing the coordinates other than j.

    ``best`` times n|cut| is said to be exceeded by the largest E_0''; both in ``d``.
    """

    total: Expr
    best: Expr
    pairings: Pairings = Pairings(((0, -1), (1, 0)), True)


def _odd_equilibria(dimension: int) -> tuple[Rows, ...]:
    """Exact equilibria of R^d: an antipodal pair, and a balanced system along two axes."""
    pad = (S.Zero,) * (dimension - 2)
    first, second = (THREE_FIFTHS, FOUR_FIFTHS, *pad), (*pad, -FOUR_FIFTHS, THREE_FIFTHS)

    def minus(row: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(-a for a in row)

    return (
        (first, first, minus(first)),
        (first, second, minus(first), minus(second)),
    )


def check_pairing_sum(model: Any, prediction: PairingSum, budget: Budget) -> Evidence:
    """Sum over the pairings for symbolic d, and find the best one at exact equilibria.

    Parameters
    ----------
    model : Model or tuple of Model
        Models; E_0 is 2n times their energy at β = 0.
    prediction : PairingSum
        The sum, the best pairing and the matrices.
    budget : Budget
        Not used: the equilibria are exact.
    """
    cases, slack, slopes = 0, S.Infinity, list[Expr]()
    for flow in each(model):
        cold = cold_kernel(flow)
        slope = None if cold is None else cold.diff(z)
        if slope is None or z in slope.free_symbols:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: a pair has {cold} at β = 0")
        for dimension in (3, 5):
            for tokens in _odd_equilibria(dimension):
                size, y = len(tokens), list(tokens[0])
                c = total_of_rows(tokens[1:], dimension)
                cut = dot(y, c)
                squares = [b * b for b in prediction.pairings.matrices(dimension)]
                bends = [(Matrix([y]) * b * Matrix(c))[0] for b in squares]
                total, cases = sum(bends, S.Zero), cases + len(bends)
                said = (prediction.total * cut).subs(d, dimension)
                if total != said:
                    detail = (
                        f"d = {dimension}, {tokens}: Σ_j <B_j² y_S,y_c> = {total}, predicted {said}"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=cases)
                top = max(slope.subs(n, size) * 2 * value / size for value in bends)
                bound = (prediction.best.subs({d: dimension, n: size})) * abs(cut)
                slack = min(slack, top - bound)
                if top < bound:
                    detail = (
                        f"{flow.name}, d = {dimension}, {tokens}: the best E_0'' is {top}, less "
                        f"than {bound}"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=cases)
        slopes.append(slope)
    # B_j² = -I + e_j e_j^T, summed over a basis e_j: -d <y,c> + <y,c>.
    y_vector, c_vector, e = vectors("y c e")
    product = inner(y_vector, c_vector)
    spread = basis_trace(inner(e, y_vector) * inner(e, c_vector), e)
    gap = -d * product + spread - prediction.total * product
    left = residual(gap)
    averages = [-2 * slope * prediction.total / (n * d) for slope in slopes]
    room = [simplify(average - prediction.best) for average in averages]
    if left != 0 or not all(value.subs(SIZES).is_nonnegative for value in room):
        return Evidence(Verdict.UNDECIDED, f"sum {left}, average less best {room}", cases=cases)
    return Evidence(
        Verdict.PROVED,
        "B_j² = -I + e_j e_j^T: Σ_j <B_j² y_S,y_c> = -(d-1)·cut for every d: residual 0; so some "
        "pairing has E_0'' >= (2(d-1)/(dn))|cut|; exact at equilibria of R³ and R⁵",
        {"n": "symbolic", "d": "symbolic, odd", "beta": "0", "masses": "equal"},
        (),
        cases,
        float(slack),
        identity=(gap, *averages, prediction.best),
    )


_PAIRING_SUM = PairingSum(-(d - 1), 2 * (d - 1) / (d * n))


EQUATION_A_4 = Claim(
    "(A.4)",
    "d odd: Σ_j <B_j² y_S,y_c> = -(d-1)·cut, so a pairing B_j has E_0'' >= (2(d-1)/(dn))|cut| > 0.",
    (SA, USA),
    _PAIRING_SUM,
    check_pairing_sum,
    (
        Control("-(d-1) -> -d", prediction=replace(_PAIRING_SUM, total=-d)),
        Control(
            "B_j symmetric",
            prediction=replace(_PAIRING_SUM, pairings=Pairings(((0, 1), (1, 0)), True)),
        ),
        Control(
            "the j-th block, as printed",
            prediction=replace(_PAIRING_SUM, pairings=Pairings(((0, -1), (1, 0)), False)),
        ),
        Control("E_0'' >= (4/n)|cut|", prediction=replace(_PAIRING_SUM, best=4 / n)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    about=frozenset({Part.ENERGY}),
    equivalents=(
        KERNEL_AT_BETA_ZERO,
        Equivalent(
            "c E_0, c = 2 or n, has c times the curvature",
            ("*.energy: × n", "*.energy: e^u -> e^2u"),
        ),
        Equivalent(
            "a smaller bound, as 2(d-1)/(dn) < 1",
            ("prediction.best: sign", "prediction.best: squared"),
        ),
    ),
)


CLAIMS = (EQUATION_A_4, ERRATUM_A_4)
