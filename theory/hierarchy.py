"""The BBGKY hierarchy on the circle, (8.1): the laws of one, two, … r tokens out of n.

``theta_i' = (1/n) Σ_j c(theta_i - theta_j)`` with tokens that are exchangeable, as independent
starts of one law are. The equation of r tokens needs the law of r + 1; with a uniform start two
tokens have the law ψ(t, theta_2 - theta_1)/2π, and ψ obeys (8.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sympy import (
    Derivative,
    Expr,
    Function,
    Integral,
    S,
    Symbol,
    diff,
    expand,
    pi,
    symbols,
)

from theory.bounded import simplified
from theory.derivations import Reduction, Residual, circle_angles, phi
from theory.latex import latex_of
from theory.models import Model
from theory.symbols import n, t

x = Symbol("x", real=True)
"""Difference theta_2 - theta_1."""
y = Symbol("y", real=True)
"""Angle of a third token where the first is at 0."""

mean_force = Function("g")
"""``g(t, x) = E[-c(theta_3) | theta_1 = 0, theta_2 = x]``, β^{-1} times the g of (8.1)."""


@dataclass(frozen=True)
class Hierarchy(Reduction):
    """Equations for the laws of r out of n exchangeable tokens.

    Parameters
    ----------
    model : Model
        The model it was derived from.
    invariant : str
        The set of configurations on which it holds.
    proof : tuple of Residual
        The identities that were reduced to 0.
    force : Expr
        The force c, an odd function of ``phi``: ``theta_i' = (1/n) Σ_j c(theta_i - theta_j)``.
    pair : Expr
        What two tokens do to their own difference x, in ``x`` and n.
    share : Expr
        Factor of ``mean_force`` in the velocity of x, in n.
    """

    force: Expr
    pair: Expr
    share: Expr

    def formulas(self) -> list[str]:
        """Write (8.1), the equation of two tokens.

        Returns
        -------
        list of str
            LaTeX, an equation each.
        """
        mean, given = r"\mathbb{E}\left[-c(\theta_3)", r"\theta_1 = 0,\ \theta_2 = x\right]"
        force = latex_of(self.force, names={phi: r"\varphi"})
        return [
            r"\partial_t \psi = -\partial_x \left(v \psi\right)",
            f"v = {latex_of(self.pair)} + {latex_of(self.share)} g(t, x)",
            rf"g(t, x) = {mean} \mid {given}",
            rf"c(\varphi) = {force}",
        ]

    @property
    def velocity(self) -> Expr:
        """Return v of ``∂_t ψ + ∂_x(vψ) = 0``, in ``x``, ``t``, n and ``mean_force``."""
        return self.pair + self.share * mean_force(t, x)

    def angles(self, count: int) -> tuple[Symbol, ...]:
        """Return the symbols of the first `count` angles.

        Parameters
        ----------
        count : int
            Number of angles.

        Returns
        -------
        tuple of Symbol
            The symbols.
        """
        return symbols(f"theta_1:{count + 1}", real=True)

    def flux(self, index: int, order: int) -> tuple[Expr, Expr]:
        """Return what moves token `index` out of r = `order` tokens.

        Parameters
        ----------
        index : int
            Which token, from 1 on.
        order : int
            Number of tokens r in the law.

        Returns
        -------
        own : Expr
            Velocity by the r tokens themselves: ρ^(r) is multiplied by it.
        next : Expr
            What ρ^(r+1) is multiplied by before its last angle is integrated over.
        """
        angles = self.angles(order + 1)
        at = angles[index - 1]
        # Only differences enter, and c(0) = 0 as c is odd: the own term drops out.
        others = [self.force.subs(phi, at - other) for other in angles[:order] if other != at]
        own = sum(others, S.Zero) / n
        return own, (n - order) / n * self.force.subs(phi, at - angles[order])

    def equation(self, order: int) -> Expr:
        """Left side of the equation of r = `order` tokens; it vanishes.

        ``∂_t ρ^(r) + Σ_i ∂_i [own_i ρ^(r) + ∫ next_i ρ^(r+1) dθ_{r+1}]``, in functions ``rho_r``
        of t and the angles.

        Parameters
        ----------
        order : int
            Number of tokens, r >= 1. At r = n the next law has the factor 0: that is Liouville's
            equation.

        Returns
        -------
        Expr
            The left side, in the laws and angles.

        Raises
        ------
        ValueError
            For another order.
        """
        if isinstance(order, bool) or not isinstance(order, int) or order < 1:
            raise ValueError(f"Expected a whole number >= 1 but got order={order!r}; count tokens.")
        angles = self.angles(order + 1)
        law = Function(f"rho_{order}")(t, *angles[:order])
        above = Function(f"rho_{order + 1}")(t, *angles)
        terms = [Derivative(law, t)]
        for index, angle in enumerate(angles[:order], start=1):
            own, following = self.flux(index, order)
            total = Integral(following * above, (angles[order], -pi, pi))
            terms.append(Derivative(own * law + total, angle))
        return sum(terms, S.Zero)

    def early_rate(self, order: int) -> Expr:
        """Return D with ``∂_t ρ^(r) = -D ρ^(r)`` at t = 0, from a uniform start; r = `order`.

        The term of the next law is the mean of c over the circle there, which is 0: what is left
        is the divergence of the r tokens' own motion, ``Σ_{i<j} 2c'(theta_i - theta_j)/n``.

        Parameters
        ----------
        order : int
            Number of tokens r in the law.

        Returns
        -------
        Expr
            The rate D, in the angles.

        Examples
        --------
        >>> from theory import USA
        >>> bbgky(USA).early_rate(1)
        0
        """
        angles = self.angles(order)
        own = ((angle, self.flux(i, order)[0]) for i, angle in enumerate(angles, start=1))
        return sum((diff(rate, angle) for angle, rate in own), S.Zero)


@lru_cache(maxsize=32)
def bbgky(model: Model) -> Hierarchy:
    """Derive the hierarchy of a model on the circle, with equal masses.

    The difference of two tokens has a pair term, and n - 2 terms of other tokens, equal in mean by
    exchangeability; of each the two parts are equal by the reflection that swaps the two tokens.

    Parameters
    ----------
    model : Model
        A flow ``x_i' = P_i Σ_j m_j f(<x_i,x_j>) x_j``, or a sum of such; the kernel is even in
        the angle because it depends on inner products.

    Raises
    ------
    ValueError
        For a model whose velocity isn't a sum over pairs, or is divided by a sum over the tokens
        (SA): the mean of a quotient isn't one of two or three tokens.

    Notes
    -----
    Source: Section 8, (8.1).

    Examples
    --------
    >>> from theory import USA
    >>> law = bbgky(USA)
    >>> law.pair, law.share
    (-2*exp(beta*cos(x))*sin(x)/n, (4 - 2*n)/n)
    >>> law.flux(1, 2)[1]
    -(n - 2)*exp(beta*cos(theta_1 - theta_3))*sin(theta_1 - theta_3)/n
    """
    reduced = circle_angles(model)
    if any(weight is not None for _, weight in reduced.terms):
        raise ValueError(
            "Expected a velocity that is one sum over the tokens but got "
            f"model={model.name}, divided by Z_i = Σ_j m_j w(θ_i-θ_j): 1/Z_i is random and depends "
            "on all n tokens at once, so its mean needs the law of all of them; take USA or "
            "another kernel without softmax."
        )
    force = sum((summand for summand, _ in reduced.terms), S.Zero)
    # theta_2' - theta_1' with theta_1 = 0, theta_2 = x and another token at y.
    pair = (force.subs(phi, x) - force.subs(phi, -x)) / n
    ahead, behind = force.subs(phi, x - y), force.subs(phi, -y)
    # y -> x - y swaps the tokens at 0 and x and keeps a law of even functions of differences.
    mirrored = ahead.subs(y, x - y)
    proof = (
        *reduced.proof,
        Residual("c is odd", simplified(force + force.subs(phi, -phi))),
        Residual("the pair's part is 2c(x)/n", simplified(pair - 2 * force.subs(phi, x) / n)),
        Residual(
            "after y -> x - y the pull of y on x is its pull on 0",
            simplified(expand(mirrored) + behind),
        ),
    )
    return Hierarchy(
        model,
        f"{reduced.invariant}; masses 1/n, exchangeable tokens, a law that reflections keep",
        proof,
        force,
        2 * force.subs(phi, x) / n,
        -2 * (n - 2) / n,
    )
