"""T5a of models in pull form: the energy of SA climbs along x_i' = σ_i P_i Σ_j m_j e^(βg_ij) x_j.

E = (1/2β) Σ_i Σ_j m_i m_j e^(β<x_i,x_j>), E' = Σ_i m_i |x_i'|²/σ_i for constant masses, whatever
σ_i depends on; so E never falls where σ_i > 0. SA has σ_i = 1/Z_i, USA 1, pre-LN 1/(r_i Z_i).
"""

from __future__ import annotations

from typing import Any

from sympy import exp

from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems.engines import EQUAL, SIGNS, WEIGHED
from proofs_checks.theorems.hemisphere import pull_of
from proofs_checks.theorems.kernel import Found, Refusal, apply, assume, read, settle
from proofs_checks.theorems.order import CHAIN, CONSTANT, TURNED
from proofs_checks.theorems.pulls import THIRD, Pull, gram
from proofs_checks.theorems.readers import CONSTANT_MASSES, MASSES, OTHER, TOKEN
from theory.symbols import X, beta, m
from theory.terms import Entry, Inner, Item, Row, ddt, loose, total, weight

AT_HEAT = Rel("!=", beta, 0)


def _mass(i: Any) -> Any:
    return Item(m, i)


def _kernel(i: Any, j: Any) -> Any:
    return _mass(j) * exp(beta * gram(i, j))


ENERGY = total(total(_mass(TOKEN) * _kernel(TOKEN, OTHER), OTHER), TOKEN) / (2 * beta)


def _speed(pull: Pull) -> tuple[Any, list[Found]]:
    """Return ``1/σ_i``, and the equations that the weights are written out by."""
    meant, equations = pull.weight, []
    for share in (a for a in pull.weight.atoms(Entry) if not loose(a)):
        try:
            says = Rel("=", share, weight(share))
        except ValueError:
            continue
        equations.append(settle(WEIGHED, says))
        meant = meant.xreplace({share: weight(share)})
    slow = _kernel(TOKEN, OTHER) / meant
    return slow.xreplace({OTHER: THIRD}) if OTHER not in slow.free_symbols else None, equations


def dissipation(subject: Subject) -> Found:
    """``E' = Σ_i m_i |x_i'|²/σ_i``.

    Examples
    --------
    >>> from theory.models import CAUSAL
    >>> print(dissipation(Subject.of(CAUSAL)))
    the weights aren't σ_i m_j e^(β<x_i,x_j>)
    """
    pull = pull_of(subject)
    if isinstance(pull, Refusal):
        return pull
    slow, equations = _speed(pull)
    if slow is None:
        return Refusal("the weights aren't σ_i m_j e^(β<x_i,x_j>)")
    moves = ddt(Row(X, TOKEN))
    says = Rel("=", ddt(ENERGY), total(_mass(TOKEN) * slow * Inner(moves, moves), TOKEN))
    masses = apply(CONSTANT, read(CONSTANT_MASSES, subject))
    facts = pull.motion, pull.unit, masses, assume(AT_HEAT), *equations, *pull.defined
    return settle(EQUAL, says, *facts)


def ascent(subject: Subject) -> Found:
    """``0 <= E'``."""
    found = dissipation(subject)
    if isinstance(found, Refusal):
        return found
    pull = pull_of(subject)
    assert isinstance(pull, Pull)  # it dissipates
    facts = read(MASSES, subject), *pull.defined
    sign = settle(SIGNS, Rel("<=", 0, found.says.args[2]), *facts)
    return apply(CHAIN, sign, apply(TURNED, found))
