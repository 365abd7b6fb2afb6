"""Weights by positive features: ``<φ(x_i), ψ(x_j)>``, a function of each component of a token.

On the sphere the components of x_i are in [-1, 1], and those of M x_i in [-|M|, |M|]; where φ and
ψ are positive there, so is the product of any two tokens, between constants.
"""

from __future__ import annotations

from typing import Any

from sympy import Dummy, Expr, MatMul, S

from proofs_checks.propositions import All, Proposition, Rel, Subject
from proofs_checks.theorems.kernel import (
    Fact,
    Found,
    NotConcluded,
    Reader,
    Rule,
    apply,
    assume,
    read,
)
from proofs_checks.theorems.logic import rename
from proofs_checks.theorems.order import relation
from proofs_checks.theorems.readers import OTHER, TOKEN, UNIT
from theory.atoms import Elementwise
from theory.function_ranges import enclosure
from theory.symbols import X, t, z
from theory.terms import Inner, Norm, OperatorNorm, Row, loose, moving


def is_featured(a: Any) -> bool:
    """Whether a number is a product of rows of features.

    Examples
    --------
    >>> from sympy import exp
    >>> from theory.terms import Index
    >>> i, j = Index("i"), Index("j")
    >>> [is_featured(Inner(Row(f, i), Row(f, j))) for f in (X, Elementwise(exp, X))]
    [False, True]
    """
    rows = a.args if isinstance(a, Inner) else ()
    return bool(rows) and all(reach(v) is not None for v in rows)


def reach(v: Any) -> Expr | None:
    """Return c of components in [-c, c] that the features are of; None for other rows."""
    features = v.args[0] if isinstance(v, Row) else None
    if not isinstance(features, Elementwise):
        return None
    if features.expr == X:
        return S.One
    letters: tuple[Any, ...] = features.expr.args if isinstance(features.expr, MatMul) else ()
    if len(letters) < 2 or letters[0] != X or moving(rest := MatMul(*letters[1:]).doit()):
        return None
    return OperatorNorm(rest)


def features_in(weights: Any) -> tuple[Inner, tuple[tuple[Expr, Expr], ...]] | None:
    """Return the product of features that weights p_ij hold, and φ and c of i's row and of j's.

    Examples
    --------
    >>> from sympy import exp
    >>> from theory.terms import Index
    >>> i, j = Index("i"), Index("j")
    >>> features_in(Inner(Row(X, i), Row(X, j))) is None
    True
    >>> features_in(2 * Inner(*(Row(Elementwise(exp, X), a) for a in (i, j))))[1]
    ((exp(z), 1), (exp(z), 1))
    """
    products = [a for a in weights.atoms(Inner) if is_featured(a) and not loose(a)]
    if len(products) != 1:
        return None
    rows = sorted(products[0].args, key=lambda v: v.args[1] == OTHER)
    return products[0], tuple((v.args[0].body, reach(v)) for v in rows)


def _range(v: Row, fact: Fact, signs: tuple[Fact, ...]) -> tuple[Expr, Expr]:
    """Return bounds of each feature of a token, the lower one positive."""
    says = relation(fact, "=")
    if says.left != Norm(Row(X, v.args[1])) or says.right != 1:
        raise NotConcluded(f"it needs that token {v.args[1]} is on the sphere")
    far, body = reach(v), v.args[0].body
    if far is None:
        raise NotConcluded(f"{v} is no row of features of one token")
    known = {relation(one, "<=").right for one in signs if relation(one, "<=").left == 0}
    names = {s: Dummy(str(s), nonnegative=True) for s in known | {t} if s.is_Symbol}
    found = enclosure(body.xreplace(names), -far, far)
    if found is None or not found[0].is_positive:
        raise NotConcluded(f"features {body} aren't known to be positive on [-c, c], c = {far}")
    back = {one: plain for plain, one in names.items()}
    return found[0].xreplace(back), found[1].xreplace(back)


def _features(first: Fact, second: Fact, *signs: Fact, product: Any) -> Proposition:
    if not is_featured(product):
        raise NotConcluded(f"{product} is no product of rows of features")
    u, v = product.args
    (low, high), (least, most) = _range(u, first, signs), _range(v, second, signs)
    width = u.args[0].shape[1]
    return All(
        Rel("<", 0, product),
        Rel("<=", width * low * least, product),
        Rel("<=", product, width * high * most),
    )


FEATURES = Rule(
    "positive features",
    "|x_i| = 1; |x_j| = 1; a <= φ(c) <= A, b <= ψ(c) <= B where |c| <= |M|, 0 < a, b: "
    "0 < k a b <= <φ(M x_i), ψ(M x_j)> <= k A B, k the number of features",
    "a component of M x is at most |M| in size for |x| = 1; each of k products is in [ab, AB]",
    _features,
)


def featured(subject: Subject, product: Any, sphere: Reader = UNIT) -> Found:
    """Conclude that a product of features is positive, its lower bound and its upper one."""
    unit, (u, v) = read(sphere, subject), product.args
    units = (apply(rename, unit, values={TOKEN: w.args[1]}) for w in (u, v))
    free = u.args[0].body.free_symbols | v.args[0].body.free_symbols
    open_ = (s for s in free if s.is_real and s.is_nonnegative is None and s not in (t, z))
    warm = (assume(Rel("<=", 0, s)) for s in sorted(open_, key=str))
    return apply(FEATURES, *units, *warm, product=product)


__all__ = ["FEATURES", "featured", "features_in", "is_featured", "reach"]
