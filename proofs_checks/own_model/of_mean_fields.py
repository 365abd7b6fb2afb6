"""(3.2), (4.4), (4.5) and Lipschitz bounds of heads and layers of any matrices.

Each is for every Q, K, V and w, a, b, whose norms stand in the constants; of several species it
is about the measure of each, and about the largest chord of all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Add, Expr, Rational, S, exp, simplify

from proofs_checks.own_model.mean_fields import Fields, Head, Layer, fields_of, force, pace
from proofs_checks.proof import (
    MEAN_VALUE,
    SUM,
    SYMBOLIC,
    TRIANGLE,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    apply,
    chord_algebra,
    derived,
)
from proofs_checks.proof.kinds import DIVIDED
from theory.engines import inner, project, residual, vectors
from theory.symbols import X, beta, t


def _measures(fields: Fields) -> str:
    """Name what the field of a token is a function of."""
    seen = {part.over for parts in fields.values() for part in parts if isinstance(part, Head)}
    return ", ".join(["mu" if over == X else f"nu_{over}" for over in sorted(seen, key=str)])


def _rows(fields: Fields) -> tuple[Step, ...]:
    """Read each row as a field at its token."""
    steps = []
    for points, parts in fields.items():
        name = str(points).lower()
        total = " + ".join(map(str, parts))
        text = f"{name}_i' = X[{_measures(fields)}]({name}_i), X(x) = P_x ({total})"
        evidence = "softmax over rows of masses is a quotient of sums, which are these integrals"
        steps.append(Step(text, How.DERIVED, evidence=evidence))
    return tuple(steps)


# -- measures ------------------------------------------------------------------------------------


def _length(fields: Fields) -> Expr:
    return Add(*(part.size for part in fields[X]))


def decide_mean(flow: Flow, fields: Fields) -> Sheet:
    """(3.2): tangent, bounded, and the same for c mu."""
    x, u = vectors("x u", unit="x")
    tangent = derived("<x, P_x u> = 0", residual(inner(x, project(x, u))))
    shorter = derived(
        "|u|² - |P_x u|² = <x,u>²",
        residual(inner(u, u) - inner(project(x, u), project(x, u)) - inner(x, u) * inner(x, u)),
    )
    rows = _rows(fields)
    bound = apply(TRIANGLE, f"|X| <= {_length(fields)}", *rows, shorter)
    text = "X[c mu] = X[mu], c > 0: c is in both integrals of each quotient"
    same = Step(text, How.DERIVED)
    return Sheet((*rows, tangent, shorter, bound, same), dict(SYMBOLIC), (), bound.text)


def say_mean(flow: Flow, fields: Fields) -> str:
    """Say the bound."""
    layers = "; s >= |σ| over |z| <= |a| + |b|" * _has_layers(fields)
    return f"X[{_measures(fields)}] is tangent, |X| <= {_length(fields)}, the same for c mu{layers}"


# -- bounds --------------------------------------------------------------------------------------


def _has_layers(fields: Fields) -> bool:
    return any(isinstance(part, Layer) for parts in fields.values() for part in parts)


def _where(fields: Fields) -> str:
    words = "; s >= |σ| and l, a Lipschitz constant of σ, over |z| <= |a| + |b|"
    return words * _has_layers(fields)


def _chords(fields: Fields) -> tuple[Step, ...]:
    chords = derived("<x-y, P_x u - P_y v> by chords (CHORD)", chord_algebra())
    rows = _rows(fields)
    sizes = [Add(*(part.size for part in parts)) for parts in fields.values()]
    short = apply(TRIANGLE, f"|u| <= {', '.join(map(str, sizes))}", *rows)
    return chords, *rows, short


def decide_pace(flow: Flow, fields: Fields) -> Sheet:
    """Add up the bounds of heads and layers and of their moves."""
    before = _chords(fields)
    words = "|ds_ij| <= h |M| (|dx_i| + |dz_j|), da_ij = a_ij (ds_ij - Σ_k a_ik ds_ik): "
    moved = apply(
        MEAN_VALUE, f"{words}|d Σ_j a_ij V z_j| <= |V| (max |dz_j| + max |ds_ij|)", *before
    )
    rate = pace(fields)
    grows = apply(
        SUM, f"D' <= ({rate}) D{_where(fields)}", *before, moved, terms={"|x-y|²": ">= 0"}
    )
    words_of = {**SYMBOLIC, "beta": "symbolic, >= 0"}
    return Sheet(
        (*before, moved, grows), words_of, (), f"one-sided constant {rate}{_where(fields)}"
    )


def say_pace(flow: Flow, fields: Fields) -> str:
    """Say the constant."""
    return (
        "one-sided Lipschitz in D, the largest chord of a token that moves: "
        f"D' <= ({pace(fields)}) D{_where(fields)}"
    )


def derive_parting(flow: Flow) -> Fields | None:
    """Return the fields of a flow whose scores are multiples of β, which is left free."""
    if beta not in flow.model.parameters or beta in flow.values:
        return None
    fields = fields_of(flow)
    if fields is None:
        return None
    for parts in fields.values():
        for part in parts:
            if isinstance(part, Layer):
                continue
            share = simplify(part.heat / beta)
            if beta in share.free_symbols | part.scale.free_symbols:
                return None
            if any(beta in a.free_symbols for a in (*part.middle, *part.values)):
                return None
    return fields if force(fields) != 0 else None


def bound_of(fields: Fields) -> Expr:
    """``f (e^{gt} - 1)/g``, g the rate at β = 0."""
    rate = pace(fields, hot=False)
    return force(fields) * (exp(rate * t) - 1) / rate


def decide_parting(flow: Flow, fields: Fields) -> Sheet:
    """Compare D with the solution of v' = g v + f that starts at 0."""
    before, f, g = _chords(fields), force(fields), pace(fields, hot=False)
    words = "du/dθ is a covariance of scores, |s_ij| <= h |M|, and values, under the weights"
    apart = apply(MEAN_VALUE, f"|u at β - u at 0| <= {f} =: f", *before, Step(words, How.DERIVED))
    cold = Step("at β = 0 the weights are constants", How.DERIVED)
    grows = apply(
        SUM, f"D' <= ({g}) D + f{_where(fields)}", *before, apart, cold, terms={"|x-y|²": ">= 0"}
    )
    bound = bound_of(fields)
    solves = derived(f"v = {bound} has v' = g v + f", simplify(bound.diff(t) - g * bound - f))
    starts = derived("v(0) = 0", bound.subs(t, 0))
    below = Step(f"D <= {bound}", How.BY_RULE, evidence="comparison, D(0) = 0")
    words_of = {**SYMBOLIC, "beta": "symbolic, >= 0"}
    return Sheet((*before, apart, cold, grows, solves, starts, below), words_of, (), below.text)


def say_parting(flow: Flow, fields: Fields) -> str:
    """Say the bound."""
    return f"flows at β and at 0 part by {bound_of(fields)} at most{_where(fields)}"


def hottest(fields: Fields) -> Expr:
    """Return β at which the bound is 1/8 at the time t."""
    rate = pace(fields, hot=False)
    return rate / (8 * (force(fields) / beta).expand() * (exp(rate * t) - 1))


def decide_kept(flow: Flow, fields: Fields) -> Sheet:
    """Put β_m in the bound, and split a difference of inner products."""
    own, most = decide_parting(flow, fields), hottest(fields)
    value = simplify(bound_of(fields).subs(beta, most) - Rational(1, 8))
    reached = derived(f"at β_m = {most} the bound is 1/8", value)
    rises = Step("it is linear in β", How.DERIVED)
    x, y, p, q = vectors("x y p q", unit="x y p q")
    left = residual(inner(x, y) - inner(p, q) - inner(x - p, y) - inner(p, y - q))
    part = derived("<x,y> - <x',y'> = <x-x',y> + <x',y-y'>", left)
    kept = apply(TRIANGLE, "<x',y'> >= 3/4 - 2/8 = 1/2", part)
    total = derived("3/4 - 2/8 = 1/2", Rational(3, 4) - Rational(2, 8) - S.Half)
    words = {**own.words, "beta": "0 <= β <= β_m"}
    steps = (*own.steps, reached, rises, part, kept, total)
    return Sheet(steps, words, (), f"the bound is 1/8 at β_m = {most}")


def say_kept(flow: Flow, fields: Fields) -> str:
    """Say β_m."""
    said = f"up to the time t at β <= {hottest(fields)}: a deviation of at most 1/8"
    return f"{said}; 3/4-clustered becomes 1/2-clustered{_where(fields)}"


def _row(
    name: str, decide: Any, says: Any, derive: Any = fields_of, **more: Any
) -> Statement[Fields]:
    return Statement(name, "", decide, derive, several_blocks=True, says=says, **more)


OF_MEAN_FIELDS: Mapping[str, Statement[Fields]] = {
    one.name: one
    for one in (
        _row("(3.2)", decide_mean, say_mean, domain=(DIVIDED,)),
        _row("(4.4)", decide_parting, say_parting, derive_parting, varies=(beta,)),
        _row("(4.5)", decide_kept, say_kept, derive_parting, varies=(beta,)),
        _row("Lipschitz bound", decide_pace, say_pace),
    )
}
"""Rows of heads and layers, as statements of their own."""


__all__ = ["OF_MEAN_FIELDS"]
