"""The differential under a mask where all tokens are at one point, of masses 1/n.

There P_i x_j = 0, so weights count with their values at the state: u_i' = Σ_j p_ij (u_j - u_i).
"""

from __future__ import annotations

from typing import Any

from sympy import Mul, S, Symbol, cancel, factor
from sympy.matrices import MatrixBase

from proofs_checks.proof import slopes_of
from proofs_checks.propositions import (
    All,
    Bound,
    Definition,
    Is,
    Proposition,
    Rel,
    Subject,
    every,
)
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.consensus_modes import ALL_MODES, COUNTED, MODE, PLACED
from proofs_checks.theorems.consensus_runs import Z
from proofs_checks.theorems.engines import EQUAL, SIGNS, spared
from proofs_checks.theorems.hemisphere import warm
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Rule,
    Theorem,
    apply,
    assume,
    read,
)
from proofs_checks.theorems.logic import generalise, instantiate, part, together
from proofs_checks.theorems.order import REPLACE, above, wants
from proofs_checks.theorems.perron import SMOOTH_IN_STATE, SMOOTHNESS_IN_STATE
from proofs_checks.theorems.readers import (
    MOTION,
    OTHER,
    TOKEN,
    pulled,
    solved_in,
    solving,
    weights_of,
)
from proofs_checks.theorems.sight import hiding
from theory.atoms import MaskedSoftmax, RowSoftmax
from theory.linearize import PLACE
from theory.masks import GRAPH, STRICT, Mask
from theory.symbols import X, d, m, n, t
from theory.terms import Entry, Index, Inner, Item, Row, Sort, TokenSum, moving, total, weight

MARK = Symbol("lambda")
"""Variable of characteristic polynomials."""
LINEAR = Definition(
    "differential at one point",
    "where all x_i = {0}, of length 1, masses 1/n, the velocity of {1} changes to first order by "
    "{3} Σ_j q_ij u_j + ({4}) u_i, q_ij = W_ij/Σ_k W_ik, if x_i does by u_i; by 0 if Σ_k W_ik = 0; "
    "W_ij = {2}",
    (Sort.VECTOR, Subject, Sort.NUMBER, Sort.NUMBER, Sort.NUMBER),
)
JORDAN = Definition(
    "one Jordan block",
    "where all x_i = {0}, of length 1, masses 1/n, in each of d - 1 directions the differential of "
    "{1} has one Jordan block of {2}, of size n - 1",
    (Sort.VECTOR, Subject, Sort.NUMBER),
)
CHARACTERISTIC = Definition(
    "characteristic polynomial at one point",
    "where all x_i = {0}, of length 1, masses 1/n, the differential of {1} has in each of d - 1 "
    "directions the characteristic polynomial {2}",
    (Sort.VECTOR, Subject, Sort.NUMBER),
)


def _summed(a: Any, k: Any) -> Any:
    """Sum over all tokens, what is alike for them in front."""
    alike = [one for one in Mul.make_args(a) if not one.has(k)]
    rest = Mul(*(one for one in Mul.make_args(a) if one.has(k)))
    return Mul(*alike) * (n if rest == 1 else total(rest, k))


def _together(a: Any, depth: int = 0) -> Any:
    """Put x_i = z of all tokens, |z| = 1, and masses 1/n."""
    if isinstance(a, Entry):
        softmax = type(a.args[0]) in (RowSoftmax, MaskedSoftmax)
        return _together(weight(a), depth) if softmax else a
    if isinstance(a, TokenSum):
        if a.but:
            raise NotConcluded("a sum over tokens isn't one of all of them")
        k = Index(f"k{depth}")
        return _summed(_together(a.opened(k), depth + 1), k)
    if isinstance(a, Row):
        if a.args[0] != X:
            raise NotConcluded(f"{a} is no token")
        return Z
    if isinstance(a, Item):
        return 1 / n if a.args[0] == m else a
    if isinstance(a, Index) or not a.args:
        return a
    found = a.func(*(_together(b, depth) for b in a.args))
    return S.One if found == Inner(Z, Z) else found


def _seen(own: Any) -> Any:
    """Return W_ij of a weight's mask; 1 without one."""
    mask = hiding(own)
    return S.One if mask is None else Entry(mask, TOKEN, OTHER)


def pace_at_one(own: Any) -> Any:
    """Return c of ``p_ij = c W_ij/Σ_k W_ik`` where all x_i = z, masses 1/n.

    Raises
    ------
    NotConcluded
        Where it is more than that.
    """
    seen = _seen(own)
    found = cancel(_together(own) * _summed(seen, OTHER) / seen)
    if found.has(Index, Row, Entry, TokenSum) or moving(found) or t in found.free_symbols:
        raise NotConcluded("where tokens coincide weights aren't one number, shared by those seen")
    return found


def _linear(motion: Fact, smooth: Fact, weight: Any) -> Concluded:
    subject = solved_in(motion)
    wants(motion, pulled(weight))
    wants(smooth, Is(SMOOTH_IN_STATE, subject))
    if set(subject.velocities) != {X}:
        raise NotConcluded("more than the tokens moves")
    pace = pace_at_one(weight)
    says = Is(LINEAR, Z, subject, _seen(weight), pace, -pace)
    return Concluded(says, spares=frozenset({solving(subject)}))


def _law(law: Fact) -> tuple[Any, Subject, Mask, Any]:
    """Return the point, the model, its mask and c, where the law is c (Σ_j q_ij u_j - u_i)."""
    if not isinstance(law.says, Is) or law.says.definition is not LINEAR:
        raise NotConcluded("it needs the differential at one point")
    z, subject, seen, pace, shift = law.says.arguments
    mask = seen.args[0] if isinstance(seen, Entry) else None
    if not isinstance(mask, Mask) or seen != Entry(mask, TOKEN, OTHER) or pace + shift != 0:
        raise NotConcluded("it needs a mask, and u_i' = c Σ_j q_ij (u_j - u_i)")
    return z, subject, mask, pace


def _jordan(law: Fact, sign: Fact) -> Proposition:
    z, subject, mask, pace = _law(law)
    above(sign, pace, strict=True)
    if mask.kind != STRICT:
        raise NotConcluded("tokens see others than those before them")
    return Is(JORDAN, z, subject, -pace)


def _characteristic(law: Fact) -> Proposition:
    z, subject, mask, pace = _law(law)
    table = mask.parameter
    if mask.kind != GRAPH or not isinstance(table, MatrixBase):
        raise NotConcluded("the graph isn't given by numbers")
    if not all(entry.is_Integer and entry in (0, 1) for entry in table):
        raise NotConcluded("entries of the graph aren't 0 and 1")
    found = slopes_of(table, pace).charpoly(MARK).as_expr()
    return Is(CHARACTERISTIC, z, subject, factor(found))


LINEARISED = Rule(
    "differential at one point",
    "x_i' = P_i Σ_j p_ij x_j, C^1 in the tokens; masses 1/n; p_ij = c W_ij/Σ_k W_ik where all x_i "
    "= z, 0 if i sees nobody: the differential there is c (Σ_j q_ij u_j - u_i), or 0",
    "P_i x_j = 0 there and d(P_i x_j) = u_j - u_i, so u_i' = Σ_j p_ij (u_j - u_i), p_ij as they "
    "are at the state",
    _linear,
)
ONE_BLOCK = Rule(
    "strictly triangular",
    "the differential c Σ_j q_ij (u_j - u_i), token i seeing those before it; 0 < c: one Jordan "
    "block of -c, of size n - 1, in each direction",
    "u_1' = 0; on u_1 = 0, which is invariant, the differential + c is strictly triangular, "
    "c/(i-1) > 0 next to the diagonal: nilpotent of index n - 1",
    _jordan,
)
POLYNOMIAL = Rule(
    "characteristic polynomial at one point",
    "the differential c Σ_j q_ij (u_j - u_i), of a graph that is given: det(λ - L), L = c (q - 1)",
    "it is L in each of d - 1 directions, evaluated exactly",
    _characteristic,
)


def _as_said(found: Found, own: Any, value: Any, subject: Subject) -> Found:
    """Write another expression for a number in what was found, if they are equal."""
    if own == value or isinstance(found, Refusal):
        return found
    same = spared(EQUAL, Rel("=", own, value), *map(assume, warm(subject)))
    return apply(REPLACE, same, found)


def differential(subject: Subject) -> Found:
    """Conclude the differential at one point.

    Examples
    --------
    >>> from theory.models import CAUSAL, USA
    >>> [differential(Subject.of(one)).says.arguments[2:] for one in (CAUSAL, USA)]
    [(Entry(Mask(causal), i, j), 1, -1), (1, exp(beta), -exp(beta))]
    """
    try:
        own = weights_of(subject)
    except NotConcluded as short:
        return Refusal(str(short))
    return apply(LINEARISED, read(MOTION, subject), read(SMOOTHNESS_IN_STATE, subject), weight=own)


def _closed(subject: Subject, rates: Any) -> tuple[list[Found], list[Proposition]]:
    """Claim the eigenvalue that each token adds, 0 for the first one, or of all the others."""
    modes = read(ALL_MODES, subject)
    if isinstance(modes, Refusal):
        return [modes], []
    first, later = rates.subs(PLACE, 1), rates.subs(PLACE, 1 + COUNTED)
    own, other, *more = modes.says.args
    if more or own.definition is not MODE:
        return [Refusal("modes are of more than two kinds")], []
    zero = _as_said(apply(part, modes, place=0), own.arguments[1], first, subject)
    says: list[Proposition] = [Is(MODE, subject, first, d - 1)]
    if isinstance(other, Bound):
        opened = apply(instantiate, apply(part, modes, place=1), values=(COUNTED,))
        found = _as_said(opened, other.opened(COUNTED).arguments[2], later, subject)
        found = apply(generalise, found, variables=(COUNTED,))
        says.append(every(COUNTED, Is(PLACED, subject, 1 + COUNTED, later, d - 1)))
    else:
        found = _as_said(apply(part, modes, place=1), other.arguments[1], later, subject)
        says.append(Is(MODE, subject, later, other.arguments[2]))
    return [zero, found], says


def mask_modes(subject: Subject, scale: Any, shift: Any, rates: Any = None) -> Conclusion | Refusal:
    """Claim the differential at one point, and the eigenvalues that are given or known of it.

    Parameters
    ----------
    subject : Subject
    scale, shift : Expr
        Of ``u_i' = scale Σ_j q_ij u_j + shift u_i``.
    rates : Expr, optional
        The eigenvalue that is counted by the token at `PLACE`.

    Examples
    --------
    >>> from theory.models import CAUSAL
    >>> mask_modes(Subject.of(CAUSAL), S.One, -S.One, 1 / PLACE - 1).found.by.name
    'and'
    >>> isinstance(mask_modes(Subject.of(CAUSAL), S.One, -S.One, -1 / PLACE).found, Refusal)
    True
    """
    law = differential(subject)
    if isinstance(law, Refusal):
        return law
    z, _, seen, pace, own = law.says.arguments
    found = _as_said(_as_said(law, own, shift, subject), pace, scale, subject)
    parts, says = ([], []) if rates is None else _closed(subject, rates)
    heat = warm(subject)
    block = apply(ONE_BLOCK, law, spared(SIGNS, Rel("<", 0, pace), *map(assume, heat)))
    for one in (block, apply(POLYNOMIAL, law)):
        if isinstance(one, Theorem):
            parts, says = [*parts, one], [*says, one.says]
    then = Is(LINEAR, z, subject, seen, scale, shift)
    if not parts:
        return claimed(found, then, heat)
    return claimed(apply(together, *parts, found), All(*says, then), heat)


__all__ = [
    "CHARACTERISTIC",
    "JORDAN",
    "LINEAR",
    "LINEARISED",
    "MARK",
    "ONE_BLOCK",
    "POLYNOMIAL",
    "differential",
    "mask_modes",
    "pace_at_one",
]
