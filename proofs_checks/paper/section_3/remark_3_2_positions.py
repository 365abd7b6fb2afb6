"""Remark 3.2, E.Remark 3.2: positional encoding by sines and cosines.

Main results
------------
- Remark 3.2: |p_i|² = d/2, and <p_i,p_j> depends on i - j alone; the wavelengths are geometric.
- E.Remark 3.2: k runs over 0, …, d/2-1; the printed range leaves two coordinates out.

How it is proved
----------------
SymPy reduces everything exactly: sin² + cos² of a pair of coordinates, the number of pairs with
d = 2h, and the products of the encodings of shifted places minus those of the places. One symbol
stands for the frequency that sine and cosine share, once it is M^{-2k/d}. The range of k must fill
the coordinates 0, …, d-1. No flow is involved, and no point is drawn.

References
----------
arXiv 2312.10794, Remark 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, S, Symbol, cos, exp, expand, simplify, sin, symbols

from proofs_checks.claim import Budget, Claim, Control, Evidence, Verdict
from theory.symbols import d

PAIR = Symbol("k", integer=True, nonnegative=True)
"""Index of a pair of coordinates, 2k and 2k + 1."""


HALF = Symbol("h", integer=True, positive=True)
"""Half the dimension, d = 2h."""


PLACE = Symbol("i", integer=True)
"""Place of a token in the sequence."""


BASE = Symbol("M", positive=True)
"""Base of the frequencies, 10^4 in the paper."""


@dataclass(frozen=True)
class Encoding:
    """``(p_i)_{2k} = sin(i f)``, ``(p_i)_{2k+1} = cos(i g)`` for k = first, …, last.

    Attributes
    ----------
    sine, cosine : Expr
        Frequencies f and g in ``PAIR``, ``HALF`` and ``BASE``.
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
        ratio = simplify(frequency.subs(PAIR, PAIR + 1) / frequency)
        ends = [simplify(frequency.subs(PAIR, k) - v) for k, v in ((0, S.One), (HALF, 1 / BASE))]
        if PAIR in ratio.free_symbols or any(ends):
            at = {HALF: 3, BASE: Integer(10) ** 4, PAIR: 1}
            own = BASE ** (-PAIR / HALF)
            return (
                f"{name}: the wavelengths 2π/{frequency} don't run from 2π to 2πM in a geometric "
                f"progression: at k = 1, d = 6 the frequency is {frequency.subs(at).n(5)}, not "
                f"{own.subs(at).n(5)}"
            )
    return ""


def check_encoding(model: Any, prediction: Encoding, budget: Budget) -> Evidence:
    """Check that the encoding fills d coordinates, that ``|p_i|²`` is constant, ``<p_i,p_j>`` too.

    Parameters
    ----------
    model : object
        Not used: the encoding is data.
    prediction : Encoding
        Frequencies, range and square.
    budget : Budget
        Not used.
    """
    wrong = _off_progression(prediction)
    if wrong:
        return Evidence(Verdict.REFUTED, wrong)
    f, g = prediction.sine, prediction.cosine
    if f == g or simplify(f - g) == 0:
        # Nothing but their equality is used: one symbol for any frequency.
        f = g = Symbol("f", real=True)
    pairs = expand(prediction.last - prediction.first + 1)
    other, shift = symbols("j s", integer=True)
    at = {HALF: 3, BASE: Integer(10) ** 4}

    def product(left: Any, right: Any) -> Expr:
        return sin(left * f) * sin(right * f) + cos(left * g) * cos(right * g)

    square = product(PLACE, PLACE)
    square = simplify(square) if f == g else square
    if square.free_symbols:
        value = square.subs({PLACE: 1, PAIR: 1, **at})
        return Evidence(
            Verdict.REFUTED,
            f"pair k has the square {square}: {value.n(6)} at k = 1, i = 1, d = 6, not constant",
        )
    total = expand(square * pairs - prediction.square)
    if total != 0:
        return Evidence(
            Verdict.REFUTED,
            f"|p_i|² = {square * pairs} with d = 2h: {(square * pairs).subs(at)} at d = 6, "
            f"not {prediction.square.subs(at)}",
        )
    if prediction.first != 0 or expand(prediction.last - HALF + 1) != 0:
        return Evidence(
            Verdict.REFUTED,
            f"k runs from {prediction.first} to {prediction.last}: at d = 6 it fills coordinates "
            f"{2 * prediction.first} to {(2 * prediction.last + 1).subs(at)}, not 0 to 5",
        )
    moved = product(PLACE + shift, other + shift) - product(PLACE, other)
    gap = expand(expand(moved).rewrite(exp))
    gap = gap if gap == 0 else simplify(gap)
    if gap != 0:
        value = gap.subs({PLACE: 1, other: 2, shift: 1, PAIR: 1, **at})
        return Evidence(
            Verdict.REFUTED, f"shifting both places changes <p_i,p_j> by {value.n(6)} at k = 1"
        )
    return Evidence(
        Verdict.PROVED,
        f"pair k: sin² + cos² = {square}, {pairs} pairs with d = 2h; the products of p_(i+s) and "
        "p_(j+s) minus those of p_i and p_j: residual 0; k = 0, …, h-1 fills the coordinates 0, …, "
        "d-1",
        {"d": "symbolic, even", "i, j": "symbolic", "M": "symbolic, > 0"},
        identity=(prediction.square.subs(HALF, d / 2), prediction.last.subs(HALF, d / 2)),
    )


_FREQUENCY = BASE ** (-PAIR / HALF)


POSITIONS = Claim(
    "Remark 3.2",
    "Positional encoding, of geometric wavelengths from 2π to 2πM: |p_i|² = d/2, and <p_i,p_j> "
    "depends on i - j alone.",
    None,
    Encoding(_FREQUENCY, _FREQUENCY),
    check_encoding,
    (
        Control(
            "cosines of half the frequency",
            prediction=Encoding(_FREQUENCY, _FREQUENCY / 2),
        ),
        Control(
            "another exponent, 2(k+1)/d, in the cosines",
            prediction=Encoding(_FREQUENCY, BASE ** (-(PAIR + 1) / HALF)),
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
    check_encoding,
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
