"""Certificates on strict saddles for Rocq: a theorem for each, proved by one reflected checker.

The certificate's own trees are handed over, leaf by leaf; ``prelude/Saddles.v`` replays them in
coq-interval's arithmetic, and its soundness theorem makes a theorem of that: about the energy's
own derivatives, at every configuration and every β of the range.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from proofs_checks.certificates import Certificate, Rejected
from proofs_checks.rocq.theorems import CertificateTheorem, NoExport, header, number

_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
"""What an axis or a token is written as in a certificate's tree."""
_OUT, _CUT, _FORCE, _SPLIT = 1, 2, 3, 4
_LEAVES = {".": (_OUT, 0), "+": (_CUT, 2), "!": (_FORCE, 2)}
_PER_WORD, _BITS, _PER_LINE = 3, 20, 300

_READING = (
    "token i stands at (cos th_i, sin th_i); critical: the energy's derivative vanishes in every "
    "direction; consensus: all tokens are one point; strict saddle: the second derivative is "
    "positive in some direction v, v'Hv > 0, so that the largest eigenvalue of H is; energy, "
    "SA and USA as in prelude/Circle.v"
)
_STATEMENT = """\
Theorem {name} : forall (b : R) (th : nat -> R), {range} ->
  (critical {n} b th -> ~ consensus {n} th -> strict_saddle {n} b th) /\\
  (critical {n} b th <-> stationary {n} (SA {n} b th)) /\\
  (critical {n} b th <-> stationary {n} (USA {n} b th))."""


def _symbols(tree: str, n: int) -> Iterator[tuple[int, int, int]]:
    """Yield a tree's symbols in preorder: kind, first token or axis, number of tokens."""
    marks = iter(tree)
    for mark in marks:
        if mark in _LEAVES:
            kind, count = _LEAVES[mark]
            ends = [_DIGITS.find(next(marks, "?")) for _ in range(count)]
            if count == 0:
                yield kind, 0, 0
            elif 1 <= ends[0] <= ends[1] < n:
                yield kind, ends[0], ends[1] - ends[0] + 1
            else:
                raise Rejected(f"Expected an arc of tokens from 1 to {n - 1} but got {mark}{ends}.")
        elif 1 <= _DIGITS.find(mark) < n:
            yield _SPLIT, _DIGITS.find(mark), 0
        else:
            raise Rejected(f"Expected a split or a leaf but got symbol={mark!r}.")


def _places(symbols: Sequence[tuple[int, int, int]], n: int, full: int) -> set[int]:
    """Return the angles of the grid at which a tree's leaves ask for a pair's force or curvature.

    They are a hint: where one is missing, the checker knows nothing, and refuses.
    """
    found = {0, full // 2}
    pending = [([0] * (n - 1) + [full // 2], [0] + [full] * (n - 1))]
    for kind, first, size in symbols:
        if not pending:
            break
        lo, hi = pending.pop()
        if kind == _SPLIT:
            half = (lo[first] + hi[first]) // 2
            pending.append(([*lo[:first], half, *lo[first + 1 :]], hi))
            pending.append((lo, [*hi[:first], half, *hi[first + 1 :]]))
        elif kind != _OUT:
            ours = range(first, first + size)
            others = [k for k in range(n) if not first <= k < first + size]
            for i in ours:
                for j in others:
                    found.add(abs(lo[i] - hi[j]))
                    found.add(abs(hi[i] - lo[j]))
                    if kind == _FORCE:
                        found.add(abs((lo[i] + hi[i]) // 2 - (lo[j] + hi[j]) // 2))
    return found


def _words(name: str, numbers: Sequence[int]) -> list[str]:
    """Write a list of numbers below 2^20 as definitions, the last of them called ``name``."""
    words = [
        sum(x << (_BITS * k) for k, x in enumerate(numbers[at : at + _PER_WORD]))
        for at in range(0, len(numbers), _PER_WORD)
    ]
    lines, parts = [], []
    # One long list would be one deep term, too deep for the stack.
    for at in range(0, len(words), _PER_LINE):
        part = f"{name}_{at // _PER_LINE}"
        parts.append(part)
        chunk = "; ".join(map(str, words[at : at + _PER_LINE]))
        lines.append(f"Definition {part} : list int := [{chunk}]%uint63.")
    lines.append(f"Definition {name} : list int := concat [{'; '.join(parts)}].")
    return lines


def _evidence(n: int, knots: Sequence[Fraction], grid: int, trees: Sequence[str]) -> list[str]:
    """Write knots, places and trees as the terms ``first`` and ``rest``."""
    lines: list[str] = []
    full = 1 << grid
    asked: list[set[int]] = [set() for _ in knots]
    for k, tree in enumerate(trees):
        symbols = list(_symbols(tree, n))
        here = _places(symbols, n, full)
        asked[k] |= here
        asked[k + 1] |= here
        packed = [kind << 12 | first << 6 | size for kind, first, size in reversed(symbols)]
        lines += _words(f"tree{k + 1}", packed)
    ends = []
    for k, (beta, places) in enumerate(zip(knots, asked, strict=True)):
        lines += _words(f"places{k}", sorted(places))
        pair = f"({beta.numerator}, {beta.denominator}%positive)%Z"
        ends.append(f"Knot {pair} (unpack places{k})")
    lines.append(f"Definition first : knot := {ends[0]}.")
    rest = "; ".join(f"({end}, read tree{k})" for k, end in enumerate(ends) if k)
    lines.append(f"Definition rest : list (knot * tree) := [{rest}].")
    return lines


def _range(low: Fraction, high: Fraction | None) -> str:
    below = f"{number(low)} <= b"
    return below if high is None else f"{below} <= {number(high)}"


def _statement(name: str, parameters: Mapping[str, Any]) -> str:
    """Write the theorem, from the certificate's parameters alone."""
    high = parameters["beta_to"]
    span = _range(Fraction(parameters["beta_from"]), None if high == "infinity" else Fraction(high))
    return _STATEMENT.format(name=name, n=parameters["n"], range=span)


def _proof(n: int, grid: int, last: Fraction | None) -> list[str]:
    """Prove the theorem by the checker's run on ``first`` and ``rest``."""
    start = "unfold rational; cbn [fst snd first beta]; lra"
    if last is None:
        return [
            "Proof.",
            f"  intros b th Hb. apply (strict_saddles_from {grid} {n} first rest).",
            "  - vm_cast_no_check (eq_refl true).",
            f"  - {start}.",
            "Qed.",
        ]
    end = f"({last.numerator}, {last.denominator}%positive)%Z"
    return [
        "Proof.",
        f"  assert (E : last_beta first rest = {end}) by reflexivity.",
        f"  intros b th Hb. apply (strict_saddles_between {grid} {n} first rest).",
        "  - vm_cast_no_check (eq_refl true).",
        "  - discriminate.",
        f"  - rewrite E. {start}.",
        "Qed.",
    ]


def saddles(certificate: Certificate) -> CertificateTheorem:
    """Write the theorem of a certificate of the kind "strict-saddles-circle", with its proof.

    Parameters
    ----------
    certificate : Certificate
        It is not checked here: what its evidence doesn't show, Rocq refuses.

    Raises
    ------
    NoExport
        For negative β, and for grids finer than the prelude's words hold.
    Rejected
        When a tree can't be read.
    """
    parameters, evidence = certificate.parameters, certificate.evidence
    n, grid = parameters["n"], evidence["grid"]
    knots = [Fraction(text) for text in evidence["knots"]]
    if knots[0] < 0:
        raise NoExport("the prelude's rule on the curvature's extremes asks for beta >= 0")
    if grid > 18:
        raise NoExport(f"a grid of 2^{grid} angles; the prelude's words hold 2^18")
    if len(evidence["trees"]) != len(knots) - 1 or any(a >= b for a, b in pairwise(knots)):
        raise Rejected(f"Expected a tree between two knots that rise but got knots={knots}.")
    endless = parameters["beta_to"] == "infinity"
    name = f"strict_saddles_{n}"
    lines = [
        header(certificate),
        "From Coq Require Import Reals Lra List ZArith PrimInt63.",
        "From attnflow Require Import Circle Saddles.",
        "Import ListNotations.",
        "Open Scope R_scope.",
        "",
        *_evidence(n, knots, grid, evidence["trees"]),
        "",
        _statement(name, parameters),
        *_proof(n, grid, None if endless else knots[-1]),
        "",
    ]
    return CertificateTheorem(name, "\n".join(lines), _READING)
