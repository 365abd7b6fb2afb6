"""(6.1) of a model: speeds, lengths and modes, put together to the exponent of its runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import Add, Expr, Mul, S, exp, oo

from proofs_checks.propositions import Is, Rel, Subject, Tends
from proofs_checks.theorems.clocks import clock_of
from proofs_checks.theorems.cluster_modes import ONE_EXPONENT, weight_together
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.consensus_modes import ALL_MODES, modes_in
from proofs_checks.theorems.consensus_runs import (
    AWAY,
    EQUAL_MASSES,
    GROWTH,
    LIMITS,
    LISTED,
    RUNS,
    TO_CONSENSUS,
    TOGETHER,
    UNIT_Z,
    Z,
    at_one_heat,
    decay_in,
    exponent,
)
from proofs_checks.theorems.engines import EQUAL, SIGNS, VANISHES, equations, spared
from proofs_checks.theorems.hemisphere import common_sight
from proofs_checks.theorems.kernel import (
    Found,
    NotConcluded,
    Refusal,
    Theorem,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import instantiate, rename
from proofs_checks.theorems.order import CHAIN, REPLACE, TURNED
from proofs_checks.theorems.places import WHOLE_ROWS, least_size
from proofs_checks.theorems.readers import (
    CURVE_POSITIVE,
    LENGTHS,
    MOTION,
    OTHER,
    POSITIVE_LENGTHS,
    TOKEN,
    rooted,
    solving,
    weights_of,
)
from proofs_checks.theorems.regular import CONTINUITY, NO_KERNEL
from proofs_checks.theorems.saddles import ONE_MASS
from theory.symbols import d, n, r, t
from theory.terms import (
    Elapsed,
    Entry,
    Inner,
    Name,
    Number,
    Row,
    TokenSum,
    denominators,
    residual,
    total,
)


def _moved(number: Any) -> Any:
    """Return the factors of a number that time or lengths enter, but as a heat that is bounded."""
    factors = Mul.make_args(number)
    parts = [(one, at_one_heat(one)) for one in factors]
    return Mul(*(one for one, held in parts if t in held.free_symbols or held.has(r)))


def _signed(says: Rel, *facts: Found) -> Found:
    """Decide a sign, of parameters that are taken to be > 0 where nothing else says it."""
    found = spared(SIGNS, says, *facts)
    if isinstance(found, Theorem):
        return found
    free = (s for s in says.free_symbols if s.is_real and s.is_positive is None and s != t)
    return spared(SIGNS, says, *(assume(Rel("<", 0, s)) for s in sorted(free, key=str)), *facts)


# -- lengths -------------------------------------------------------------------------------------


def _rows(subject: Subject, number: Any) -> Iterable[Found]:
    """Say that the rows of the weights in a number add up to 1."""
    mass = apply(rename, read(CURVE_POSITIVE, subject), values={TOKEN: OTHER})
    for matrix in sorted({a.args[0] for a in number.atoms(Entry)}, key=str):
        mask = getattr(matrix, "mask", None)
        sizes = () if mask is None else (assume(least_size(mask)),)
        yield apply(WHOLE_ROWS, mass, *sizes, share=Entry(matrix, TOKEN, OTHER), index=OTHER)


def _together(subject: Subject, number: Any) -> Found:
    """Say what a number is where all tokens are at one point."""
    known = [apply(instantiate, assume(TOGETHER), values=(TOKEN,)), assume(UNIT_Z)]
    known += [one for one in _rows(subject, number) if isinstance(one, Theorem)]
    masses = read(CURVE_POSITIVE, subject)

    def value(a: Any) -> Any:
        if isinstance(a, TokenSum) and any(b.has(Number) for b in denominators(a.body)):
            body = a.opened(OTHER).replace(lambda v: isinstance(v, Row), lambda v: Z)
            return total(body.xreplace({Inner(Z, Z): S.One}), OTHER)
        if isinstance(a, Number) or not isinstance(a, Expr) or not a.args:
            here = equations(one.fact for one in known if isinstance(one, Theorem))
            return residual(a, S.Zero, here) if isinstance(a, Number) else a
        return a.func(*map(value, a.args))

    for base in rooted(number):
        same = spared(EQUAL, Rel("=", base, value(base)), *known)
        sign = spared(SIGNS, Rel("<", 0, value(base)), masses)
        known.append(apply(CHAIN, sign, apply(TURNED, same)))
    return spared(EQUAL, Rel("=", number, value(number)), *known)


def in_step(subject: Subject) -> Found:
    """Conclude that lengths grow in step where tokens tend to a consensus.

    Examples
    --------
    >>> from theory.models import PRE_LN, SA
    >>> print(in_step(Subject.of(PRE_LN)))
    where tokens tend to a consensus lengths of pre-LN grow so that r_i/r_j -> 1
    """
    motion = read(LENGTHS, subject)
    if isinstance(motion, Refusal):
        return motion
    growth = motion.says.right
    pace = _moved(growth)
    value = _together(subject, growth)
    if isinstance(value, Refusal):
        return value
    fronted = set(Mul.make_args(pace))
    ratio = Mul(*(a for a in Mul.make_args(value.says.right) if a not in fronted))
    sign = spared(SIGNS, Rel("<", 0, ratio), read(CURVE_POSITIVE, subject))
    try:
        clock, more = clock_of(pace)
    except NotConcluded as short:
        return Refusal(str(short))
    whole = settle(EQUAL, Rel("=", Elapsed(pace), clock), *more)
    endless = settle(VANISHES, Tends(exp(-clock), S.Zero, oo))
    return apply(GROWTH, motion, read(CONTINUITY, subject), value, sign, whole, endless, pace=pace)


# -- runs ----------------------------------------------------------------------------------------


def _runs(subject: Subject, weight: Any) -> Found:
    speed = _moved(weight)
    lengths = (in_step(subject),) if r in subject.velocities else ()
    positive = (read(POSITIVE_LENGTHS, subject),) if lengths else ()
    sign = spared(SIGNS, Rel("<", 0, speed), *positive)
    known = read(MOTION, subject), read(CONTINUITY, subject), sign, *lengths
    return apply(RUNS, *known, weight=weight, speed=speed)


def _alike(runs: Found) -> Found:
    """Conclude the exponent where all tokens weigh the others alike at consensus."""
    if isinstance(runs, Refusal):
        return runs
    try:
        rate = weight_together(decay_in(runs.fact)[2])
    except NotConcluded as short:
        return Refusal(str(short))
    return apply(ONE_EXPONENT, runs, assume(ONE_MASS), _signed(Rel("<", 0, rate)))


def _listed(subject: Subject, runs: Found, speed: Any) -> Found:
    modes = read(ALL_MODES, subject)
    if isinstance(modes, Refusal):
        return modes
    _, own, later = modes_in(modes.fact)
    counts = Add(*(count for _, count in own), *((n - 1) * count for _, count in later))
    whole = settle(EQUAL, Rel("=", counts, n * (d - 1)))
    others = [value for value, _ in own if value != 0] + [value for value, _ in later]
    signs = (_signed(Rel("<", value, 0)) for value in others)
    return apply(LISTED, runs, modes, whole, *signs, speed=speed)


def exponent_said(subject: Subject, rate: Any) -> Conclusion | Refusal:
    """Claim that runs to a consensus have this exponent.

    Examples
    --------
    >>> from theory.models import USA
    >>> from theory.symbols import beta
    >>> exponent_said(Subject.of(USA), exp(beta)).found.by.name
    'exponent of alike tokens'
    """
    own = run_exponent(subject)
    if own is None:
        return Refusal("no exponent is known of its runs to a consensus")
    said, then = own.found, own.says.then
    if isinstance(then, Tends) and then.args[1] != rate and isinstance(said, Theorem):
        said = apply(REPLACE, settle(EQUAL, Rel("=", then.args[1], rate)), said)
    time = exponent(S.One)
    return claimed(said, Tends(time, rate, oo), own.says.given, own.names)


def run_exponent(subject: Subject) -> Conclusion | None:
    """Conclude the exponent of runs to consensus of a pull, among its modes where they are listed.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> said = run_exponent(Subject.of(catalogue("nGPT"))).says.then
    >>> said.args[1]
    alpha
    >>> run_exponent(Subject.of(catalogue("repulsive"))) is None
    True
    """
    try:
        weight = weights_of(subject)
    except NotConcluded:
        return None
    runs, speed = _runs(subject, weight), _moved(weight)
    if isinstance(runs, Refusal):
        return None
    found = _alike(runs)
    if isinstance(found, Refusal):
        found = _listed(subject, runs, speed)
    if isinstance(found, Refusal):
        found = runs if isinstance(common_sight(subject), Theorem) else found
    if isinstance(found, Refusal):
        return None
    shares = {a for a in weight.atoms(Entry) if a.args[1:] == (TOKEN, OTHER)}
    names = (Name("A", share, (TOKEN, OTHER)) for share in shares if len(shares) == 1)
    kept = Is(LIMITS, subject), Is(NO_KERNEL, subject)
    given = solving(subject), TO_CONSENSUS, AWAY, EQUAL_MASSES, ONE_MASS, *kept
    plain = (one for one in sorted(found.given, key=str) if isinstance(one, Rel))
    return claimed(found, found.says, (*given, *plain), tuple(names))
