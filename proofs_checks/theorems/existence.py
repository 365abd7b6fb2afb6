"""T8e: a velocity that is locally Lipschitz on a compact state, which it keeps, goes on for ever.

Where velocities are locally Lipschitz is read off their form: sums, products and projections of
such parts, softmax, sinks and potentials of such scores, functions of inner products.
"""

from __future__ import annotations

from typing import Any

from sympy import MatMul, Mul, S, ZeroMatrix

from proofs_checks.proof import How
from proofs_checks.propositions import Definition, Is, Proposition, Rel, Subject
from proofs_checks.theorems.almost_every import everywhere, of_its_states
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.energy import heated
from proofs_checks.theorems.engines import EQUAL, spared, undefined
from proofs_checks.theorems.kernel import (
    Concluded,
    Engine,
    Fact,
    Found,
    NotConcluded,
    Reader,
    Refusal,
    Rule,
    apply,
    read,
)
from proofs_checks.theorems.one_solution import rough
from proofs_checks.theorems.order import of_all, wants
from proofs_checks.theorems.readers import CURVE_POSITIVE, TOKEN, Facts, along
from theory.atoms import Elementwise, Sinkhorn
from theory.symbols import m, t, z
from theory.terms import Item, denominators, item, total

LASTS = Definition("lasts", "from every start {0} has one solution for all t >= 0", (Subject,))
COMPACT = Definition(
    "compact", "states of {0} are rows on spheres, columns on simplices, and constants", (Subject,)
)
KEPT = Definition("kept", "velocities of {0} are tangent to its spheres", (Subject,))
LIPSCHITZ = Definition(
    "Lipschitz",
    "the velocity of {0} is locally Lipschitz on all states, and continuous in t >= 0",
    (Subject,),
)
RESTS = Definition(
    "limits rest", "at a state that a solution of {0} tends to as t -> ∞ nothing moves", (Subject,)
)
PICARD_LINDELOF = (
    "Picard-Lindelöf: a locally Lipschitz field that keeps a compact space has one solution from "
    "every start, for all time"
)
SCALING = (
    "Sinkhorn, Amer. Math. Monthly 74 (1967): a positive kernel has one scaling, smooth, as I + P, "
    "P > 0 of rows of sum 1, is invertible"
)


def divisors(velocity: Any) -> list[Any]:
    """Return numbers without a place or a time in them that a velocity divides by."""
    bodies = [one.body for one in velocity.atoms(Elementwise)]
    bodies += [one.as_coeff_matrices()[0] for one in velocity.atoms(MatMul)]
    found = denominators(*bodies)
    return sorted((one for one in found if not one.has(z, t)), key=str)


def _lipschitz_on_states(says: Proposition, facts: tuple[Fact, ...]) -> str:
    if not isinstance(says, Is) or says.definition is not LIPSCHITZ:
        raise NotConcluded("it isn't that a velocity is Lipschitz")
    velocities = says.arguments[0].velocities.values()
    for velocity in velocities:
        if found := rough(velocity):
            raise NotConcluded(f"it isn't shown of {found}")
        if lost := undefined([1 / one for one in divisors(velocity)], facts):
            raise NotConcluded(f"no fact says that {lost[0]} isn't 0")
    balanced = any(velocity.has(Sinkhorn) for velocity in velocities)
    more = f"; {SCALING}" if balanced else ""
    return f"softmax, kernels, sums, products and projections of such parts{more}"


SMOOTH = Engine("Lipschitz by its form", How.DERIVED, _lipschitz_on_states)


# -- the state, and what keeps it ----------------------------------------------------------------


def _flow(subject: Subject) -> None:
    if subject.kind != "flow" or subject.noisy:
        raise NotConcluded(f"{subject.name} is no flow without noise")


def _compact(subject: Subject) -> Facts:
    _flow(subject)
    for block, space in subject.spaces.items():
        if space not in ("sphere", "simplex", "constant"):
            raise NotConcluded(f"{block} isn't on a sphere, on a simplex or constant")
    return frozenset(), Is(COMPACT, subject), "the spaces of its blocks"


def _kept(subject: Subject) -> Facts:
    _flow(subject)
    for block, velocity in subject.velocities.items():
        space = subject.spaces[block]
        moves = not isinstance(velocity, ZeroMatrix)
        if space == "sphere" and moves and not along(velocity, block):
            raise NotConcluded(f"the velocity of {block} isn't written as a projection")
        if space == "constant":
            raise NotConcluded(f"{block} moves")
    return frozenset(), Is(KEPT, subject), "they are projections: <x_i, P_i v> = 0"


STATES = Reader("compact states", _compact)
TANGENT = Reader("spheres that are kept", _kept)


def masses_kept(subject: Subject) -> tuple[Rel, ...]:
    """Say ``Σ_i v_i = 0`` of the velocities of masses; nothing where they don't move."""
    if m not in subject.velocities:
        return ()
    return (Rel("=", total(item(subject.velocities[m], TOKEN), TOKEN), S.Zero),)


def _lasts(compact: Fact, kept: Fact, smooth: Fact, *masses: Fact) -> Concluded:
    if not isinstance(compact.says, Is) or compact.says.definition is not COMPACT:
        raise NotConcluded("it needs that states are compact")
    (subject,) = compact.says.arguments
    wants(kept, Is(KEPT, subject))
    wants(smooth, Is(LIPSCHITZ, subject))
    wanted = masses_kept(subject)
    if any(
        s == "simplex" and b != m and b in subject.velocities for b, s in subject.spaces.items()
    ):
        raise NotConcluded("other columns than masses move")
    if len(masses) != len(wanted):
        raise NotConcluded("it needs that masses keep their sum, where they move")
    for fact, says in zip(masses, wanted, strict=True):
        wants(fact, says)
        of_all(fact, t)
        if Item(m, TOKEN) not in Mul.make_args(item(subject.velocities[m], TOKEN)):
            raise NotConcluded("a mass that is 0 may move")
    facts = compact, kept, smooth, *masses
    everywhere(subject, *facts)
    return Concluded(Is(LASTS, subject), spares=of_its_states(subject))


LASTING = Rule(
    "solutions for all time",
    "states are compact; velocities are tangent to spheres; they are locally Lipschitz, and "
    "continuous in t; masses that move have Σ_i v_i = 0, v_i a multiple of m_i: from every start "
    "there is one solution for all t >= 0",
    "spheres stay, and so do the sum of masses and their signs; in a compact set no solution ends",
    _lasts,
    (PICARD_LINDELOF,),
)


def _rests(smooth: Fact) -> Concluded:
    if not isinstance(smooth.says, Is) or smooth.says.definition is not LIPSCHITZ:
        raise NotConcluded("it needs that the velocity is continuous")
    (subject,) = smooth.says.arguments
    if any(t in how.free_symbols for how in subject.velocities.values()):
        raise NotConcluded("the velocity changes in time")
    everywhere(subject, smooth)
    return Concluded(Is(RESTS, subject), spares=of_its_states(subject))


REST_AT_LIMIT = Rule(
    "rest at the limit",
    "velocities F without t in them are locally Lipschitz at all states: x -> y implies F(y) = 0",
    "x(t+1) - x(t) tends to 0 and to F(y)",
    _rests,
    rocq="Rules.rule_rest_at_limit",
)


def _divided(subject: Subject) -> tuple[Found, ...]:
    """Take for nonzero what is divided by."""
    below = (1 / one for how in subject.velocities.values() for one in divisors(how))
    return heated(Mul(*below))


def smooth_at_states(subject: Subject) -> Found:
    """Velocities are locally Lipschitz at all states, and continuous in t."""
    return spared(SMOOTH, Is(LIPSCHITZ, subject), *_divided(subject))


def lasting_solutions(subject: Subject) -> Found:
    """From every start there is one solution for all t >= 0.

    Examples
    --------
    >>> from theory.models import PRE_LN, SA
    >>> print(lasting_solutions(Subject.of(SA)))
    from every start SA has one solution for all t >= 0
    >>> type(lasting_solutions(Subject.of(PRE_LN))).__name__
    'Refusal'
    """
    facts = [read(STATES, subject), read(TANGENT, subject), smooth_at_states(subject)]
    for says in masses_kept(subject):
        known = read(CURVE_POSITIVE, subject), *_divided(subject)
        facts.append(spared(EQUAL, says, *known))
    return apply(LASTING, *facts)


def lasting_of(subject: Subject) -> Conclusion | None:
    """Claim what `lasting_solutions` concludes."""
    found = lasting_solutions(subject)
    if isinstance(found, Refusal):
        return None
    hot = (one for one in found.given if isinstance(one, Rel))
    return claimed(found, Is(LASTS, subject), tuple(hot))
