"""A user's kernel, given as text: the h of ``E_h = 1/2 sum_ij m_i m_j h(<x_i,x_j>)``.

``parse_kernel("exp(beta*t)/beta")``; a kernel that is not shown to be C^1 on [-1, 1] is refused.
"""

from __future__ import annotations

import keyword
from collections.abc import Sequence

from sympy import Expr, Symbol

from theory.parse.reader import ParseError, Reader, reserved_names
from theory.symbols import beta


def _declared(parameters: Sequence[str]) -> dict[str, Symbol]:
    if isinstance(parameters, str):
        parameters = (parameters,)
    out: dict[str, Symbol] = {}
    for name in parameters:
        usable = isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name)
        if not usable or name in reserved_names():
            raise ParseError(
                f"Expected parameter names that are free identifiers but got parameters={name!r}; "
                "choose a name that is not a function, a constant or a shared symbol."
            )
        out[name] = beta if name == "beta" else Symbol(name, real=True)
    return out


def open_reader(text: str, parameters: Sequence[str], name: str) -> Reader:
    """Make the reader of a text, with its declared parameters."""
    if not isinstance(text, str):
        raise ParseError(
            f"Expected a formula as text but got {name}={text!r}; "
            "pass a string such as 'exp(beta*t)/beta'."
        )
    return Reader(text, name, _declared(parameters))


def parse_kernel(text: str, name: str = "kernel", *, parameters: Sequence[str] = ("beta",)) -> Expr:
    """Read a kernel h(t) as an expression in ``theory.symbols.z``, or refuse it.

    Allowed are numbers (read exactly: ``0.1`` is one tenth), the argument ``t``, the declared
    parameters, ``pi``, ``E``, ``+ - * / **``, the functions exp, log, sqrt, sin, cos, tan, sinh,
    cosh, tanh, asin, acos, atan, asinh, atanh, erf, gelu, silu, and abs, max, min where they are
    C^1. Nothing is evaluated: the text is parsed by ``ast`` and rebuilt node by node, with
    length, depth, digits and powers bounded first.

    The kernel must be real and C^1 on [-1, 1] *as written*. Every divisor, argument of a logarithm
    or base of a fractional power has to be shown different from 0 (positive; nonnegative for an
    exponent above 1) for all t in [-1, 1] and all real values of the parameters: polynomials by
    exact root counting, the rest by enclosures with outward rounding. Only a divisor free of t
    may vanish at exceptional parameters, as the paper's own ``exp(beta*t)/beta`` does. What cannot
    be decided is refused, and the message says so; a removable singularity such as ``sin(t)/t``
    is refused too. ``abs(u)``, ``max(u, 0)`` and ``min(u, 0)`` have a kink where u = 0 and are
    refused, unless u keeps its sign; their powers and products of total power above 1 are C^1 and
    accepted: ``max(t, 0)**2``, ``abs(t)**1.5``, ``t*abs(t)``. Where a second derivative doesn't
    exist, such as that of ``max(t, 0)**2`` at t = 0, it is nan.

    Parameters
    ----------
    text : str
        The formula.
    name : str
        What error messages call the text.
    parameters : sequence of str
        Names of the parameters the text may use, each a real number.

    Returns
    -------
    Expr
        The kernel h with ``z`` for ``t``, ``theory.symbols.beta`` for ``beta`` and real symbols for
        the other parameters.

    Raises
    ------
    ParseError
        If the text is not of this form, or the kernel is not shown to be regular.

    Notes
    -----
    The source is the convention of the energy (3.5) with a general kernel in place of
    ``exp(beta*t)/beta``.

    Examples
    --------
    >>> parse_kernel("exp(beta*t)/beta")
    exp(beta*z)/beta
    >>> parse_kernel("(1 + t)**1.5")
    (z + 1)**(3/2)
    >>> parse_kernel("max(t, 0)**2")
    max(z, 0)**2
    >>> parse_kernel("1/(2 + a**2 + t)", parameters=["a"])
    1/(a**2 + z + 2)
    >>> parse_kernel("-log(1 - t)")
    Traceback (most recent call last):
    ...
    theory.parse.reader.ParseError: Expected a kernel that is real and C^1 on [-1, 1] but got
    kernel='-log(1 - t)': the argument '1 - t' of log is not positive at t = 1. ...
    """
    reader = open_reader(text, parameters, name)
    return reader.kernel(reader.parse())
