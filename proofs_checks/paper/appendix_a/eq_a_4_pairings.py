"""(A.4), E.(A.4): for odd d the pairings B_j take the place of B² = -I.

Main results
------------
(A.4): Σ_j <B_j² y_S,y_c> = -(d-1)·cut, so some B_j has E_0'' >= (2(d-1)/(dn))|cut| > 0.
E.(A.4): B_j pairs the coordinates other than j; the paper prints the j-th block.

How it is proved
----------------
A theorem on energies of pairs: E_0'' = (2/n) Σ_{S×S^c} <B²x_i,x_j> of every skew B, (A.3), so that
the mean over j is (2(d-1)/(dn))|cut|, and some E_0'' is at least the mean. It is compared exactly
at equilibria of R³ and R⁵. E.(A.4) is a theorem on blocks, for every odd d; wrong matrices are
refuted where they are multiplied out, for d = 3, 5, 7, 9.

References
----------
arXiv 2312.10794, Appendix A, (A.4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sympy import Expr, Matrix, S, diag, eye, zeros

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Part, Verdict
from proofs_checks.proof import (
    FOUR_FIFTHS,
    KERNEL_AT_BETA_ZERO,
    PAIR_ENERGY,
    THREE_FIFTHS,
    Counterexample,
    Flow,
    Rows,
    Statement,
    Trial,
    cold_kernel,
    cold_slope,
    dot,
    of_no_flow,
    total_of_rows,
)
from proofs_checks.propositions import Subject
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    some_pairing_bends,
    squares_add_up,
)
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, d, n


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


DIMENSIONS = (5, 3, 7, 9)
"""Where the matrices are multiplied out."""


def _off_identity(pairings: Pairings) -> str:
    """Say where Σ_j B_j² isn't -(d-1) I, or a B_j no pairing that leaves out j; "" if nowhere."""
    for dimension in DIMENSIONS:
        found = pairings.matrices(dimension)
        total = sum((b * b for b in found), zeros(dimension, dimension))
        if total != -(dimension - 1) * eye(dimension):
            entries = [int(value) for value in total.diagonal()]
            return f"d = {dimension}: Σ_j B_j² over {len(found)} matrices has diagonal {entries}"
        for j, b in enumerate(found):
            unit = zeros(dimension, dimension)
            unit[j, j] = 1
            if b.T != -b or b * b != unit - eye(dimension):
                return f"d = {dimension}: B_{j + 1} isn't such a pairing"
    return ""


def refute_pairings(
    flow: Flow, prediction: Pairings | None, budget: Budget
) -> Counterexample | None:
    """Find matrices whose squares don't add up, or that are no pairings."""
    found = "" if prediction is None else _off_identity(prediction)
    return Counterexample(found) if found else None


def conclude_pairings(flow: Flow, prediction: Pairings) -> Conclusion | Refusal:
    """Claim that the squares add up, for every odd d by their blocks."""
    if not prediction.by_coordinate:
        return Refusal("0 stands in place of a block, not at one coordinate")
    return squares_add_up(prediction.block)


SQUARES: Statement[Pairings] = Statement(
    "",
    "d odd: -(d-1) I = Σ_j B_j², B_j pairing the coordinates other than j",
    Concludes(conclude_pairings, words=(("d", "symbolic, odd"),)),
    refute=refute_pairings,
    cases=of_no_flow,
    typed=True,
)


_PAIRINGS = Pairings(((0, -1), (1, 0)), True)


ERRATUM_A_4 = Claim(
    "E.(A.4)",
    "d odd: -(d-1) I = Σ_j B_j², B_j pairing the coordinates other than j; not blocks, as printed.",
    (SA, USA),
    _PAIRINGS,
    SQUARES,
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


@lru_cache(maxsize=32)
def _at_equilibria(name: str, slope: Expr, prediction: PairingSum) -> tuple[str, int, Expr]:
    """Return what exact equilibria show against the sum and the best pairing; cases and slack."""
    cases, slack = 0, S.Infinity
    for dimension in (3, 5):
        for tokens in _odd_equilibria(dimension):
            size, y = len(tokens), list(tokens[0])
            c = total_of_rows(tokens[1:], dimension)
            cut = dot(y, c)
            squares = [b * b for b in prediction.pairings.matrices(dimension)]
            bends = [(Matrix([y]) * b * Matrix(c))[0] for b in squares]
            total, cases = sum(bends, S.Zero), cases + len(bends)
            said = (prediction.total * cut).subs(d, dimension)
            where = f"d = {dimension}, {tokens}"
            if total != said:
                detail = f"{where}: Σ_j <B_j² y_S,y_c> = {total}, predicted {said}"
                return detail, cases, slack
            top = max(slope.subs(n, size) * 2 * value / size for value in bends)
            bound = (prediction.best.subs({d: dimension, n: size})) * abs(cut)
            slack = min(slack, top - bound)
            if top < bound:
                detail = f"{name}, {where}: the best E_0'' is {top}, less than {bound}"
                return detail, cases, slack
    return "", cases, slack


def derive_pairing_sum(flow: Flow) -> PairingSum | None:
    """Return the sum, and the best pairing of the flow's own slope at β = 0."""
    slope = cold_slope(flow)
    return None if slope is None else PairingSum(-(d - 1), 2 * slope * (d - 1) / (d * n))


def refute_pairing_sum(
    flow: Flow, prediction: PairingSum | None, budget: Budget
) -> Counterexample | None:
    """Find an exact equilibrium of R³ or R⁵ at which the sum or the best pairing is wrong."""
    slope = cold_slope(flow)
    if slope is None or prediction is None:
        return None
    found, cases, _ = _at_equilibria(flow.name, slope, prediction)
    return Counterexample(found, cases=cases) if found else None


def look_at_equilibria(flow: Flow, prediction: PairingSum, budget: Budget) -> Trial:
    """Say how far above its bound the best pairing is at exact equilibria."""
    slope = cold_slope(flow)
    if slope is None:
        return Trial(silent="no slope")
    found, cases, slack = _at_equilibria(flow.name, slope, prediction)
    return Trial(found, float(slack), cases, seen="exact at equilibria of R³ and R⁵")


def conclude_pairing_sum(flow: Flow, prediction: PairingSum) -> Conclusion | Refusal:
    """Claim what the squares add up to, and that one pairing at least bends the energy so much."""
    kernel, slope = cold_kernel(flow.model), cold_slope(flow)
    if kernel is None or slope is None:
        return Refusal("it is no energy of pairs with a constant slope at β = 0")
    if not prediction.pairings.by_coordinate:
        return Refusal("0 stands in place of a block, not at one coordinate")
    cold, block = Subject.of(flow.model, {beta: S.Zero}), prediction.pairings.block
    sums = prediction.total, prediction.best
    return some_pairing_bends(cold, kernel, 2 * slope / n, block, *sums)


BEST_PAIRING: Statement[PairingSum] = Statement(
    "",
    "d odd, β = 0: some pairing bends the energy up by (2(d-1)/(dn))|cut|",
    Concludes(conclude_pairing_sum, words=(("beta", "0"), ("d", "symbolic, odd"))),
    derive_pairing_sum,
    refute_pairing_sum,
    look_at_equilibria,
    premises=(PAIR_ENERGY,),
    typed=True,
)


_PAIRING_SUM = PairingSum(-(d - 1), 2 * (d - 1) / (d * n))


EQUATION_A_4 = Claim(
    "(A.4)",
    "d odd: Σ_j <B_j² y_S,y_c> = -(d-1)·cut, so a pairing B_j has E_0'' >= (2(d-1)/(dn))|cut| > 0.",
    (SA, USA),
    _PAIRING_SUM,
    BEST_PAIRING,
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
