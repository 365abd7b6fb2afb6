"""Noise of a model: ``dX = F dt + sqrt(2κ) P∘dB``, or a Brownian matrix added to V (Problem 7).

Other papers write it otherwise: ``sqrt(2/k) dW`` is κ = 1/k; ``σ dW`` is κ = σ²/2; a coupling K
with the free energy ``∫ρ log ρ - (K/β) ∬ e^{β<x,y>}`` is κ = 1/(2K).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, MatAdd, MatMul, MatrixSymbol, S, SympifyError, Transpose, sympify
from sympy.matrices.expressions import MatrixExpr

from theory.atoms import Tangent

SCOPES = ("independent", "common")

CONVENTIONS = ("ito", "stratonovich")


@dataclass(frozen=True)
class Noise:
    """Noise that a model on the sphere is driven by; part of it, as ``Model(..., noise=...)``.

    Without `on` each token has ambient noise, projected on its tangent space:
    ``dx_i = F_i dt + sqrt(2κ) P_i ∘ dB_i``. One token alone is then Brownian motion with the
    generator κΔ. With ``on=V`` the value matrix is ``V dt + sqrt(2κ) dB``, B a matrix of
    independent Brownian motions: ``dx_i = F_i dt + sqrt(2κ) P_i dB y_i`` where F_i = P_i V y_i.

    Parameters
    ----------
    strength : number or Expr
        The strength κ >= 0, in the parameters of the model and t.
    on : MatrixSymbol, optional
        The parameter of the model that is noisy, such as ``theory.symbols.V``, by which the
        velocity's projected rows end, ``(...) V^T``.
    scope : {"independent", "common"}
        Whether each token has its own Brownian motion, or all share one.
    convention : {"ito", "stratonovich"}
        ``"ito"``: a step ``x_i + F_i dt + sqrt(2κ) dB y_i``, then divided by its length, dB after
        the tokens; ``"stratonovich"``: the limit of smooth noise. The same without `on`, where the
        tangent projection alone depends on the token.

    Raises
    ------
    ValueError
        For a strength that isn't a number >= 0 or an expression, or another word.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from theory import SA, Noise
    >>> from theory.symbols import V, kappa
    >>> noisy = replace(SA, noise=Noise(kappa), parameters=(*SA.parameters, kappa))
    >>> str(noisy.noise)
    'sqrt(2κ) P_i∘dB_i, κ = kappa'
    >>> str(Noise(1, on=V, scope="common"))
    'sqrt(2κ) dB on V (common, ito), κ = 1'
    """

    strength: Any
    on: MatrixSymbol | None = None
    scope: str = "independent"
    convention: str = "ito"

    def __post_init__(self) -> None:
        """Refuse what drives nothing."""
        strength = _as_strength(self.strength)
        if strength is None:
            raise ValueError(
                f"Expected a strength κ >= 0 but got strength={self.strength!r}; dX = F dt + "
                "sqrt(2κ) P∘dB takes a number or an expression, such as theory.symbols.kappa."
            )
        object.__setattr__(self, "strength", strength)
        if self.on is not None and not isinstance(self.on, MatrixSymbol):
            raise ValueError(
                f"Expected a matrix parameter or None but got on={self.on!r}; write for instance "
                "on=theory.symbols.V."
            )
        for name, value, words in (
            ("scope", self.scope, SCOPES),
            ("convention", self.convention, CONVENTIONS),
        ):
            if value not in words:
                raise ValueError(f"Expected {name} one of {words} but got {name}={value!r}.")

    def __str__(self) -> str:
        """Write the term that is added to dX."""
        if self.on is None:
            term = f"P_i∘dB{'_i' if self.scope == 'independent' else ''}"
        else:
            term = f"dB on {self.on} ({self.scope}, {self.convention})"
        return f"sqrt(2κ) {term}, κ = {self.strength}"

    def subs(self, values: Any) -> Noise:
        """Replace parameters in the strength.

        Parameters
        ----------
        values : object
            Expressions by parameter, or by its name.

        Returns
        -------
        Noise
            The new noise.

        Raises
        ------
        ValueError
            If the noisy matrix itself is replaced.
        """
        if self.on is not None and self.on in values:
            raise ValueError(
                f"Expected other parameters than the noisy one but got values={self.on}; replace "
                "it first, and give the model its noise then."
            )
        return Noise(self.strength.xreplace(values), self.on, self.scope, self.convention)

    def in_model(self, velocity: MatrixExpr, parameters: tuple[Any, ...], letters: Any) -> None:
        """Refuse noise that a velocity can't have.

        Parameters
        ----------
        velocity : MatrixExpr
            The velocity, an expression.
        parameters : tuple
            Of the model.
        letters : set of Symbol
            That the strength may hold: the parameters and t.

        Raises
        ------
        ValueError
            For unknown symbols, or a matrix that isn't the last factor of the rows.
        """
        unknown = sorted(str(s) for s in self.strength.free_symbols - letters)
        if unknown:
            raise ValueError(
                f"Expected a strength in the parameters and t but got strength={self.strength} "
                f"with {unknown}; add them to parameters."
            )
        if self.on is None:
            return
        if self.on not in parameters:
            raise ValueError(
                f"Expected a noisy matrix among the parameters {tuple(map(str, parameters))} but "
                f"got on={self.on}; take a model with it, such as theory.QKV."
            )
        carried_rows(velocity, self.on)


def _as_strength(value: Any) -> Expr | None:
    """Read κ, or None for what it can't be."""
    if isinstance(value, bool | str):
        return None
    try:
        strength = sympify(value)
    except (SympifyError, TypeError, ValueError, AttributeError):
        return None
    if not isinstance(strength, Expr) or isinstance(strength, MatrixExpr):
        return None
    if strength.is_number and not (strength.is_finite and strength.is_nonnegative):
        return None
    return None if strength.is_negative or strength.is_real is False else strength


def require_noiseless(model: Any) -> None:
    """Refuse a model with noise where only its drift would be read.

    Raises
    ------
    ValueError
        For a model with noise.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from theory import SA, Noise
    >>> from theory.derivations import gram_flow
    >>> gram_flow(replace(SA, noise=Noise(1)))
    Traceback (most recent call last):
        ...
    ValueError: Expected a model without noise but got model=SA with noise sqrt(2κ) P_i∘dB_i...
    """
    if model.noise is not None:
        raise ValueError(
            f"Expected a model without noise but got model={model.name} with noise {model.noise}; "
            "take its deterministic part model.drift, or integrate it with numerics.noisy."
        )


def carried_rows(velocity: MatrixExpr, on: MatrixSymbol) -> MatrixExpr:
    """Rows y_i of a velocity ``P_i (V y_i + ...)``, the ones that noise on V multiplies.

    Raises
    ------
    ValueError
        For a velocity that holds V in another place.

    Examples
    --------
    >>> from theory import QKV
    >>> from theory.symbols import V
    >>> (carried_rows(QKV.velocity, V) * V.T).doit() == QKV.velocity.field
    True
    """
    wrong = ValueError(
        f"Expected a velocity P_i (V y_i + ...), its rows ending by {on}^T, but got noise on={on} "
        f"in velocity={velocity}; give it to a matrix that the values are multiplied by last."
    )
    if not isinstance(velocity, Tangent) or on in velocity.points.free_symbols:
        raise wrong
    field = velocity.field
    rows = []
    for term in field.args if isinstance(field, MatAdd) else (field,):
        if on not in term.free_symbols:
            continue
        coefficient, product = term.as_coeff_mmul() if isinstance(term, MatMul) else (S.One, term)
        factors = list(product.args) if isinstance(product, MatMul) else [product]
        scale, last = _scaled(factors.pop())
        if last != Transpose(on) or any(on in f.free_symbols for f in factors) or not factors:
            raise wrong
        rows.append(MatMul(coefficient * scale, *factors).doit())
    if not rows:
        raise wrong
    return MatAdd(*rows).doit() if len(rows) > 1 else rows[0]


def _scaled(matrix: MatrixExpr) -> tuple[Expr, MatrixExpr]:
    """Write ``(cV)^T`` and ``c V^T`` as c and ``V^T``."""
    if isinstance(matrix, Transpose):
        scale, inside = _scaled(matrix.arg)
        return scale, Transpose(inside).doit()
    if isinstance(matrix, MatMul):
        scale, inside = matrix.as_coeff_mmul()
        if isinstance(inside, MatMul) and len(inside.args) == 1:
            inside = inside.args[0]
        return scale, inside
    return S.One, matrix
