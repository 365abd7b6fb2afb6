"""Tokens near an equiangular configuration: the linearised Gram flow about (6.9) and (6.10).

Independent uniform tokens on S^{d-1} start with inner products of variance 1/d. By permutation
symmetry the flow linearised about the equiangular curve γ(t) multiplies three parts of them, each
by one number; from these follow the spread of the pairs and the width of the transition (6.12).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import (
    ZZ,
    Add,
    Dummy,
    Expr,
    ImmutableMatrix,
    Interval,
    S,
    Symbol,
    cancel,
    default_sort_key,
    exp,
    expand,
    fraction,
    log,
    sqrt,
    sympify,
    together,
)
from sympy.polys.polyerrors import CoercionFailed

from theory import symbols
from theory.derivations import Reduction, Residual, equiangular, gram_flow
from theory.engines import ClassColumn, ClassMatrix, evaluate
from theory.latex import latex_equation, latex_of
from theory.models import Model
from theory.predictions.arguments import (
    MOST,
    UNIT,
    Dynamics,
    Value,
    choice,
    is_sa,
    positive_number,
    real_temperature,
    require_model,
    whole_number,
    within,
    written_out,
)
from theory.predictions.equiangular import equiangular_rate
from theory.symbols import G, gamma, m, n

PARTS = ("mean", "rows", "pairs")
"""The three parts of a symmetric matrix H with zero diagonal, of dimensions 1, n-1, n(n-3)/2."""

_STEP = Symbol("epsilon", real=True)


@dataclass(frozen=True)
class EquiangularModes(Reduction):
    """``H_part' = rate H_part`` for a small deviation H of the Gram matrix from equiangular.

    ``mean``: all entries equal. ``rows``: ``H_ij = u_i + u_j`` with ``Σ u = 0``. ``pairs``: all
    row sums zero.

    Parameters
    ----------
    model : Model
        The model it was derived from.
    invariant : str
        The set of configurations on which it holds.
    proof : tuple of Residual
        The identities that were reduced to 0.
    rate : Expr
        The rate γ' of the equiangular configuration.
    mean, rows, pairs : Expr
        The three rates, in ``gamma``, ``n`` and the parameters.
    """

    rate: Expr
    mean: Expr
    rows: Expr
    pairs: Expr

    def formulas(self) -> list[str]:
        """Write the equation of γ and the three rates.

        Returns
        -------
        list of str
            LaTeX, an equation each.
        """
        parts = {rf"\lambda_{{\mathrm{{{part}}}}}": getattr(self, part) for part in PARTS}
        return [
            latex_equation(gamma, self.rate),
            r"\dot H = \lambda H",
            *(f"{name} = {latex_of(rate)}" for name, rate in parts.items()),
        ]


def _plain(expr: Expr) -> tuple[Expr, dict[Any, Expr]]:
    """Write exponentials as symbols, and say what these stand for."""
    powers: dict[Expr, Dummy] = {}

    def power(node: Expr) -> Expr:
        out: Expr = S.One
        for term in Add.make_args(expand(node.args[0])):
            count, rest = term.as_coeff_Mul()
            out *= powers.setdefault(rest, Dummy("s")) ** count
        return out

    plain = expr.replace(lambda node: isinstance(node, exp), power)
    # Without assumptions on its symbols the arithmetic is several times faster.
    bare = {v: Dummy(v.name) for v in plain.free_symbols - set(powers.values())}
    back = {dummy: v for v, dummy in bare.items()} | {s: exp(r) for r, s in powers.items()}
    return plain.xreplace(bare), back


def _in_field(plain: Expr) -> Any:
    """Return a rational function as an element of its field; None for any other expression.

    There sums and products are reduced as they are made, which takes half of the time of writing
    them over one denominator and cancelling.
    """
    names = sorted(plain.free_symbols, key=default_sort_key)
    try:
        return ZZ.frac_field(*names).from_sympy(plain) if names else None
    except (CoercionFailed, ValueError, ZeroDivisionError):
        return None


def _numerator(expr: Expr) -> Expr:
    """Expand the numerator: zero exactly when the rational function vanishes."""
    plain, _ = _plain(expr)
    return S.Zero if _in_field(plain) == 0 else expand(fraction(together(plain))[0])


@lru_cache(maxsize=1024)
def normal_form(expr: Any) -> Expr:
    """Reduce a rational function of symbols and exponentials: zero when it vanishes identically.

    Parameters
    ----------
    expr : object
        The expression.

    Returns
    -------
    Expr
        The reduced expression.

    Examples
    --------
    >>> from sympy.abc import x
    >>> normal_form((exp(2 * x) - 1) / (exp(x) - 1) - exp(x))
    1
    """
    plain, back = _plain(sympify(expr))
    return S.Zero if _in_field(plain) == 0 else cancel(together(plain)).subs(back)


def _first_order(node: Expr) -> Expr:
    """Write e^f as e^{f(0)} (1 + ε f'(0)), which has the same value and slope at 0."""
    inside = node.args[0]
    return exp(inside.subs(_STEP, 0)) * (1 + _STEP * inside.diff(_STEP).subs(_STEP, 0))


def _slope(entry: Expr) -> Expr:
    """Differentiate at 0; where it can be, as a rational function, which asks no assumptions."""
    plain, back = _plain(entry.replace(lambda node: isinstance(node, exp), _first_order))
    steps, found = [v for v in back if back[v] == _STEP], _in_field(plain)
    if found is None or not steps:
        return entry.diff(_STEP).subs(_STEP, 0)
    step = found.field.gens[found.field.symbols.index(steps[0])]
    return found.diff(step).subs(step, 0).as_expr().subs(back)


def equiangular_modes(model: Model) -> EquiangularModes:
    """Derive the three rates at which deviations from an equiangular configuration change.

    Parameters
    ----------
    model : Model
        A flow whose Gram flow closes; masses 1/n.

    Returns
    -------
    EquiangularModes
        Derived at two groups of 1 and n - 1 tokens (rows) or 2 and n - 2 (pairs, n >= 4), n
        symbolic: in each part there is an H constant on the groups, and by Schur's lemma one H of
        a part decides for all. The proof holds that H is an eigenvector, and that unit diagonals
        stay so; ``mean`` is the derivative of γ'.

    Raises
    ------
    NotClosed, ValueError
        As :func:`theory.derivations.equiangular`.

    Examples
    --------
    >>> from theory.models import USA
    >>> modes = equiangular_modes(USA)
    >>> modes.proved, normal_form(modes.mean - modes.rate.diff(gamma))
    (True, 0)
    """
    require_model(model)
    if model.kind != "flow" or model.space != "sphere":
        raise ValueError(
            f"Expected a flow on the sphere but got model={model.name}, a {model.kind} in "
            f"space={model.space!r}; use equiangular(model).rhs."
        )
    base = equiangular(model)
    flow = gram_flow(model)
    # u = n - 1 on one token and -1 on the others; and row sums zero for two tokens and the others.
    patterns = {
        "rows": ((S.One, n - 1), ((S.Zero, n - 2), (n - 2, S(-2)))),
        "pairs": ((S(2), n - 2), ((2 - n, S.One), (S.One, -2 / (n - 3)))),
    }
    rates = {"mean": base.rate.diff(gamma)}
    proof = list(base.proof)  # which holds that the diagonal stays 1, for every G
    for name, (sizes, pattern) in patterns.items():
        blocks = ImmutableMatrix(pattern)
        moved = blocks.applyfunc(lambda entry: gamma + _STEP * entry)
        state = ClassMatrix(sizes, (1 - moved[0, 0], 1 - moved[1, 1]), moved)
        value = evaluate(flow.rate, {G: state, m: ClassColumn(sizes, (1 / n, 1 / n))})
        assert isinstance(value, ClassMatrix)
        plain, back = _plain(_slope(value.blocks[0, 1]) / blocks[0, 1])
        found = _in_field(plain)
        reduced = cancel(together(plain)) if found is None else found.as_expr()
        rates[name] = reduced.factor().subs(back)
        # the entry inside a group of one token is on the diagonal
        places = [(c, c) for c, size in enumerate(sizes) if size != 1]
        rest = [_slope(value.blocks[place]) - rates[name] * blocks[place] for place in places]
        proof += [Residual(f"{name}: H is an eigenvector", _numerator(entry)) for entry in rest]
    invariant = "first order in H about equal masses 1/n with all <x_i,x_j> = gamma"
    return EquiangularModes(
        model, invariant, tuple(proof), base.rate, rates["mean"], rates["rows"], rates["pairs"]
    )


def mode_amplitude(
    part: str,
    gamma: Value = symbols.gamma,
    beta: Value = symbols.beta,
    n: Value = symbols.n,
    model: Dynamics = "SA",
) -> Expr:
    r"""Factor by which a part of H has grown when γ, from 0, has reached gamma; exact.

    With ``o = (n-1)γ+1``, a = (n-2)/(n-1) and ``Z = e^β + (n-1)e^{βγ}`` (SA; else 1),

    .. math::
        \text{mean: } \gamma'(\gamma)/\gamma'(0),\quad
        \text{pairs: } (1-\gamma)\, o^{\beta/(n-1)},\quad
        \text{rows: } (1-\gamma)\, o^{a/2 + n\beta/(2(n-1)^2)} e^{a\beta\gamma/2}
                      (Z(\gamma)/Z(0))^{-a/2}.

    Parameters
    ----------
    part : {"mean", "rows", "pairs"}
    gamma, beta, n : number or Expr
        Inner product reached, 0 <= γ <= 1, inverse temperature of either sign, tokens n >= 2.
    model : {"SA", "USA"} or Model

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Raises
    ------
    ValueError
        If the part or the model is not one of these, or a number out of range.

    Notes
    -----
    Source: the rates of :func:`equiangular_modes` over γ', integrated (extension).

    Examples
    --------
    >>> mode_amplitude("pairs", beta=0)
    1 - gamma
    """
    choice(part, "part", PARTS)
    gamma = within(gamma, "gamma", UNIT, "γ rises from 0 to 1.")
    beta, n = real_temperature(beta), whole_number(n, "n", 2)
    if beta.is_Rational:
        written_out(abs(beta), "|beta|", MOST)  # the power of a fraction
    rise = equiangular_rate(gamma, beta, n, model)
    odds = (n - 1) * gamma + 1
    if part == "mean":
        return rise / equiangular_rate(0, beta, n, model)
    if part == "pairs":
        return (1 - gamma) * odds ** (beta / (n - 1))
    a = (n - 2) / (n - 1)
    grown = odds ** (a / 2 + n * beta / (2 * (n - 1) ** 2)) * exp(a * beta * gamma / 2)
    if is_sa(model):
        total = (exp(beta) + (n - 1) * exp(beta * gamma)) / (exp(beta) + n - 1)
        grown *= total ** (-a / 2)
    return (1 - gamma) * grown


def pair_variance(
    gamma: Value = symbols.gamma,
    beta: Value = symbols.beta,
    n: Value = symbols.n,
    model: Dynamics = "SA",
) -> Expr:
    """``V`` in ``Var <x_i,x_j>(t) = V/d + O(d^-2)``, i != j, uniform tokens at the start.

    ``[mean² + (n-1) rows² + n(n-3)/2 pairs²] / (n(n-1)/2)`` of :func:`mode_amplitude`: the initial
    products of different pairs have mean 0, variance 1/d and no correlation. Extension.

    Parameters
    ----------
    gamma : number or Expr, optional
        Common inner product γ.
    beta : number or Expr, optional
        Inverse temperature β.
    n : number or Expr, optional
        Number of tokens.
    model : str or Model, optional
        "SA" or "USA", or a model of the same velocity.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Examples
    --------
    >>> pair_variance(0, 1, 7).simplify()
    1
    """
    mean, rows, pairs = (mode_amplitude(part, gamma, beta, n, model) for part in PARTS)
    n = sympify(n)
    total = mean**2 + (n - 1) * rows**2 + n * (n - 3) / 2 * pairs**2
    return total / (n * (n - 1) / 2)


def crossing_deviation(
    gamma: Value = symbols.gamma,
    beta: Value = symbols.beta,
    n: Value = symbols.n,
    model: Dynamics = "SA",
) -> Expr:
    """``σ`` such that the time at which a pair reaches γ has standard deviation ``σ/√d``.

    ``√V / γ'``: half the width of the transition of Figure 3 across the curve (6.12), whose
    centre moves by O(1/d) only. Source: :func:`pair_variance` (extension).

    Parameters
    ----------
    gamma : number or Expr, optional
        Common inner product γ.
    beta : number or Expr, optional
        Inverse temperature β.
    n : number or Expr, optional
        Number of tokens.
    model : str or Model, optional
        "SA" or "USA", or a model of the same velocity.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.
    """
    remedy = "γ = 1 is not reached."
    gamma = within(gamma, "gamma", Interval.Ropen(0, 1), remedy)
    spread = pair_variance(gamma, beta, n, model)
    return sqrt(spread) / equiangular_rate(gamma, beta, n, model)


def escape_time(rate: Value, distance: Value, reach: Value = 1) -> Expr:
    """Time in which a deviation grows like ``e^{rate t}`` from the distance to the reach.

    The lifetime of a state whose one unstable rate it is, up to a constant that doesn't depend on
    the distance. Source: linearisation (extension).

    Parameters
    ----------
    rate : number or Expr
        Growth rate, > 0.
    distance : number or Expr
        Distance at the start, > 0.
    reach : number or Expr, optional
        Distance at the end, no less.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.
    """
    rate, distance = positive_number(rate, "rate"), positive_number(distance, "distance")
    reach = positive_number(reach, "reach")
    if (reach - distance).is_negative:
        raise ValueError(
            f"Expected reach >= distance but got reach={reach}, distance={distance}; the deviation "
            "grows."
        )
    return log(reach / distance) / rate


__all__ = [
    "PARTS",
    "EquiangularModes",
    "crossing_deviation",
    "equiangular_modes",
    "escape_time",
    "mode_amplitude",
    "normal_form",
    "pair_variance",
]
