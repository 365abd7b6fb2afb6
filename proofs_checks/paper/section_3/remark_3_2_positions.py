"""Remark 3.2, E.Remark 3.2: positional encoding by sines and cosines.

Main results
------------
- Remark 3.2: |p_i|² = d/2, and <p_i,p_j> depends on i - j alone; the wavelengths are geometric.
- E.Remark 3.2: k runs over 0, …, d/2-1; the printed range leaves two coordinates out.

How it is proved
----------------
A theorem on pairs of coordinates, d = 2h. Frequencies M^{-k/h} are a progression from 1 at k = 0 to
1/M at k = h. At any frequencies f_k, sines and cosines sharing them, sin² + cos² = 1 is added over
the h pairs, and so is the product of the encodings of shifted places, which is that of the places.
The range of k must fill the coordinates 0, …, d-1. No flow is involved, and no point is drawn.

References
----------
arXiv 2312.10794, Remark 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, S, Symbol, cos, exp, expand, simplify, sin

from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.proof import Counterexample, Flow, Statement, of_no_flow
from proofs_checks.theorems import (
    BASE,
    HALF,
    OTHER_PLACE,
    PLACE,
    SHIFT,
    WAVE,
    Concludes,
    Conclusion,
    Refusal,
    encoded,
)
from theory.bounded import remainder, simplified

_ANY = Symbol("f", real=True)
_AT = {HALF: 3, BASE: Integer(10) ** 4}


@dataclass(frozen=True)
class Encoding:
    """``(p_i)_{2k} = sin(i f)``, ``(p_i)_{2k+1} = cos(i g)`` for k = first, …, last.

    Attributes
    ----------
    sine, cosine : Expr
        Frequencies f and g in ``WAVE``, ``HALF`` and ``BASE``.
    first, last : Expr
        Range of k, in ``HALF``.
    square : Expr
        The value of ``|p_i|²``.
    """

    sine: Expr
    cosine: Expr
    first: Expr = S.Zero
    last: Expr = HALF - 1
    square: Expr = HALF


def _off_progression(prediction: Encoding) -> str:
    """Say where the wavelengths aren't geometric from 2π at k = 0 to 2πM at k = h, or ""."""
    for name, frequency in (("sine", prediction.sine), ("cosine", prediction.cosine)):
        ratio = simplified(frequency.subs(WAVE, WAVE + 1) / frequency)
        ends = [remainder(frequency.subs(WAVE, k) - v) for k, v in ((0, S.One), (HALF, 1 / BASE))]
        if WAVE in ratio.free_symbols or any(ends):
            at = {**_AT, WAVE: 1}
            own = BASE ** (-WAVE / HALF)
            return (
                f"{name}: the wavelengths 2π/{frequency} don't run from 2π to 2πM in a geometric "
                f"progression: at k = 1, d = 6 the frequency is {frequency.subs(at).n(5)}, not "
                f"{own.subs(at).n(5)}"
            )
    return ""


def no_encoding(flow: Flow) -> Encoding | None:
    """Nothing: the encoding is data, and no flow has one."""
    return None


def _frequencies(prediction: Encoding) -> tuple[Expr, Expr]:
    """Frequencies of sine and cosine: one symbol where they are equal, as no more is used."""
    if prediction.sine == prediction.cosine or simplify(prediction.sine - prediction.cosine) == 0:
        return _ANY, _ANY
    return prediction.sine, prediction.cosine


def _product(prediction: Encoding, left: Any, right: Any) -> Expr:
    """Part of ``<p_left, p_right>`` of a pair of coordinates."""
    f, g = _frequencies(prediction)
    return sin(left * f) * sin(right * f) + cos(left * g) * cos(right * g)


def _square(prediction: Encoding) -> Expr:
    """Part of ``|p_i|²`` of a pair of coordinates."""
    square = _product(prediction, PLACE, PLACE)
    return simplified(square) if _ANY in square.free_symbols else square


def _moved(prediction: Encoding) -> Expr:
    """By how much shifting both places changes a pair's part of ``<p_i, p_j>``."""
    shifted = _product(prediction, PLACE + SHIFT, OTHER_PLACE + SHIFT)
    left = expand(expand(shifted - _product(prediction, PLACE, OTHER_PLACE)).rewrite(exp))
    return left if left == 0 else simplify(left)


def _pairs(prediction: Encoding) -> Expr:
    """Return how many pairs there are."""
    return expand(prediction.last - prediction.first + 1)


def refute_encoding(
    flow: Flow, prediction: Encoding | None, budget: Budget
) -> Counterexample | None:
    """Give a wavelength, a square, a coordinate or a product that the encoding hasn't got."""
    if prediction is None:
        return None
    wrong = _off_progression(prediction)
    if wrong:
        return Counterexample(wrong)
    square, pairs = _square(prediction), _pairs(prediction)
    if square.free_symbols:
        value = square.subs({PLACE: 1, WAVE: 1, **_AT})
        return Counterexample(
            f"pair k has the square {square}: {value.n(6)} at k = 1, i = 1, d = 6, not constant"
        )
    if expand(square * pairs - prediction.square) != 0:
        return Counterexample(
            f"|p_i|² = {square * pairs} with d = 2h: {(square * pairs).subs(_AT)} at d = 6, "
            f"not {prediction.square.subs(_AT)}"
        )
    if prediction.first != 0 or expand(prediction.last - HALF + 1) != 0:
        return Counterexample(
            f"k runs from {prediction.first} to {prediction.last}: at d = 6 it fills coordinates "
            f"{2 * prediction.first} to {(2 * prediction.last + 1).subs(_AT)}, not 0 to 5"
        )
    left = _moved(prediction)
    if left != 0:
        value = left.subs({PLACE: 1, OTHER_PLACE: 2, SHIFT: 1, WAVE: 1, **_AT})
        return Counterexample(f"shifting both places changes <p_i,p_j> by {value.n(6)} at k = 1")
    return None


def conclude(flow: Flow, prediction: Encoding) -> Conclusion | Refusal:
    """Say that frequencies run as they are claimed, that pairs fill coordinates, and both sums."""
    same = simplify(prediction.sine - prediction.cosine) == 0
    return encoded(
        prediction.sine,
        prediction.sine if same else prediction.cosine,
        (prediction.first, prediction.last),
        prediction.square,
    )


ENCODED: Statement[Encoding] = Statement(
    "",
    "sines and cosines of geometric wavelengths: |p_i|² = d/2, <p_i,p_j> depends on i - j alone",
    Concludes(conclude, words=(("d", "even"), ("i, j", "symbolic"), ("M", "symbolic, > 0"))),
    no_encoding,
    refute_encoding,
    cases=of_no_flow,
    typed=True,
)


_FREQUENCY = BASE ** (-WAVE / HALF)


POSITIONS = Claim(
    "Remark 3.2",
    "Positional encoding, of geometric wavelengths from 2π to 2πM: |p_i|² = d/2, and <p_i,p_j> "
    "depends on i - j alone.",
    None,
    Encoding(_FREQUENCY, _FREQUENCY),
    ENCODED,
    (
        Control(
            "cosines of half the frequency",
            prediction=Encoding(_FREQUENCY, _FREQUENCY / 2),
        ),
        Control(
            "another exponent, 2(k+1)/d, in the cosines",
            prediction=Encoding(_FREQUENCY, BASE ** (-(WAVE + 1) / HALF)),
        ),
        Control("frequencies M^{-3k/h}", prediction=Encoding(_FREQUENCY**3, _FREQUENCY**3)),
        Control("|p_i|² = d", prediction=Encoding(_FREQUENCY, _FREQUENCY, square=2 * HALF)),
    ),
    Verdict.PROVED,
    about=frozenset(),
)


ERRATUM_3_2 = Claim(
    "E.Remark 3.2",
    "The pairs run over k = 0, …, d/2-1; the printed range leaves coordinates 0 and 1 undefined.",
    None,
    Encoding(_FREQUENCY, _FREQUENCY),
    ENCODED,
    (
        Control(
            "k = 0, …, d/2",
            prediction=Encoding(_FREQUENCY, _FREQUENCY, S.Zero, HALF, HALF + 1),
        ),
        Control(
            "k = 1, …, d/2",
            prediction=Encoding(_FREQUENCY, _FREQUENCY, S.One, HALF),
        ),
    ),
    Verdict.PROVED,
    printed=Control(
        "k in [d/2 - 1] = {1, …, d/2 - 1}",
        prediction=Encoding(_FREQUENCY, _FREQUENCY, S.One, HALF - 1, HALF - 1),
    ),
    origin="erratum",
    kind="formula",
    about=frozenset(),
)


CLAIMS = (POSITIONS, ERRATUM_3_2)
