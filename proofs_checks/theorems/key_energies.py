"""Energies of tokens that see keys which stay: ``Σ_i m_i log Σ_a e^(β<x_i,y_a>)/β`` and its like.

Each token has an energy of its own, whose slope is decided with the keys held at their start.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import MatrixSymbol

from proofs_checks.proof import Flow
from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems.asked import subject_in
from proofs_checks.theorems.energy import heated
from proofs_checks.theorems.engines import EQUAL, WEIGHED
from proofs_checks.theorems.kernel import (
    Found,
    NotConcluded,
    Reader,
    Refusal,
    Theorem,
    apply,
    read,
    settle,
)
from proofs_checks.theorems.order import CHAIN, CONSTANT, DIFFERENTIATED, REPLACE, TOKEN_SUM, TURNED
from proofs_checks.theorems.potentials import ACROSS
from proofs_checks.theorems.readers import (
    CONSTANT_MASSES,
    CURVE,
    CURVE_MASSES,
    CURVE_UNIT,
    TOKEN,
    UNIT,
    Facts,
)
from proofs_checks.theorems.species import places, species_of
from proofs_checks.theorems.two_species import species_in
from theory.blocks import Block
from theory.models import Model
from theory.symbols import X, d, n
from theory.terms import Entry, Inner, Row, TokenSum, at, ddt, scalar, total, weight


def _curve_keys(subject: Subject) -> Facts:
    _, other = species_of(subject)
    key = Row(other, places(other)[0])
    return frozenset({Is(CURVE, subject)}), Rel("=", key, at(key)), "they don't move"


CURVE_KEYS = Reader("keys of a curve", _curve_keys)


@dataclass(frozen=True)
class Keyed:
    """Tokens that are pulled to keys alone, and their energy.

    Attributes
    ----------
    energy, pace : Expr
        ``E = Σ_i e_i``, and g_i.
    subject : Subject
    keys : MatrixSymbol
    share : Entry
        A_ib.
    motion : Theorem
    says : Rel
        What it says: ``x_i' = P_i Σ_b p_ib y_b``.
    """

    energy: Any
    pace: Any
    subject: Subject
    keys: Any
    share: Entry
    motion: Theorem
    says: Rel

    def held(self, a: Any) -> Any:
        """Return a number or vector with keys at their start."""
        return a.xreplace({one: at(one) for one in a.atoms(Row) if one.args[0] == self.keys})

    def slope(self, curve: bool) -> Found:
        """``E' = Σ_i g_i <x_i', v_i>``, along curves or solutions."""
        unit, mass = (CURVE_UNIT, CURVE_MASSES) if curve else (UNIT, CONSTANT_MASSES)
        still = read(CURVE_KEYS, self.subject) if curve else self._still()
        velocity, j = self.says.right, places(self.keys)[1]
        quotient = {self.share: weight(self.share)}
        meant = settle(WEIGHED, Rel("=", *next(iter(quotient.items()))))
        pull = velocity.args[1]
        written = self.held(total(pull.opened(j).xreplace(quotient), j))
        moved, hot = ddt(Row(X, TOKEN)), heated(self.energy)
        own = ddt(self.held(self.energy.opened(TOKEN)))
        first = self.pace * Inner(moved, written)
        slope = settle(EQUAL, Rel("=", own, first), apply(CONSTANT, read(mass, self.subject)), *hot)
        same = settle(EQUAL, Rel("=", Inner(moved, pull), Inner(moved, written)), still, meant)
        across = apply(ACROSS, read(unit, self.subject), apply(TURNED, same))
        summed = apply(TOKEN_SUM, apply(REPLACE, across, slope), index=TOKEN)
        stays = settle(EQUAL, Rel("=", self.energy, self.held(self.energy)), still, *hot)
        whole = Rel("=", ddt(self.held(self.energy)), total(own, TOKEN))
        inside = settle(EQUAL, whole, *hot)
        return apply(CHAIN, apply(CHAIN, apply(DIFFERENTIATED, stays), inside), summed)

    def _still(self) -> Found:
        own = species_in(self.subject)
        return own if isinstance(own, Refusal) else own.motion(self.keys)


def keyed(subject: Subject, energy: Any, pace: Any) -> Keyed:
    """Hold the velocity of tokens that see keys alone against an energy, a sum over tokens.

    Raises
    ------
    NotConcluded
        For another model, or energy.

    Examples
    --------
    >>> from theory.models import CROSS_ATTENTION
    >>> from theory.symbols import m
    >>> from theory.terms import Item
    >>> own = keyed(Subject.of(CROSS_ATTENTION), CROSS_ATTENTION.energy, Item(m, TOKEN))
    >>> own.slope(curve=True).by.name
    'chain'
    """
    own, value = species_in(subject), scalar(energy)
    if isinstance(own, Refusal):
        raise NotConcluded(own.reason)
    if not isinstance(value, TokenSum) or value.but:
        raise NotConcluded("the energy isn't a sum over tokens")
    weights = own.weights.get(X, {})
    if set(own.weights) != {X} or len(weights) != 1 or X in weights:
        raise NotConcluded("tokens don't see keys alone that stay")
    ((keys, weighed),) = weights.items()
    shares = weighed.atoms(Entry)
    motion = own.motion(X)
    if len(shares) != 1 or isinstance(motion, Refusal) or not isinstance(motion.says, Rel):
        raise NotConcluded("the tokens' weights aren't one softmax")
    return Keyed(value, pace, subject, keys, shares.pop(), motion, motion.says)


def with_keys(flow: Flow) -> Subject | None:
    """Return what moves where one matrix parameter is of keys: a block that stays.

    Examples
    --------
    >>> from theory.models import SA
    >>> with_keys(Flow.of(SA)) is None
    True
    """
    model = flow.model
    keys = [
        one
        for one in model.parameters
        if isinstance(one, MatrixSymbol) and one.shape[0] not in (n, d) and one.shape[1] == d
    ]
    if len(keys) != 1 or keys[0] in flow.values:
        return None
    if (model.kind, model.space, len(model.blocks)) != ("flow", "sphere", 1) or model.noise:
        return None
    beside = replace(flow, model=_beside(model, keys[0]))
    own = subject_in(beside)
    return own if isinstance(own, Subject) else None


def _beside(model: Model, keys: MatrixSymbol) -> Model:
    """Return a model with a parameter as a block that stays."""
    return Model(
        model.name,
        {X: model.velocity},
        model.energy,
        model.metric,
        tuple(one for one in model.parameters if one != keys),
        blocks=(*model.blocks, Block(keys, "constant")),
    )
