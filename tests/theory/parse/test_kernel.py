"""Kernels as text: what is accepted, what is refused and why; nothing is run.

The references are Python's own evaluation of generated formulas and SymPy's real roots.
"""

from __future__ import annotations

import builtins
import itertools

import mpmath
import pytest
import sympy
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from sympy import Abs, Rational, Symbol, cosh, exp, log, pi, sqrt, tan

from theory.parse.energy import parse_energy
from theory.parse.kernel import parse_kernel
from theory.parse.reader import ParseError
from theory.symbols import beta, z

ACCEPTED = [
    ("exp(beta*t)/beta", exp(beta * z) / beta),
    ("t**3 + beta*t", z**3 + beta * z),
    ("cosh(2*t)", cosh(2 * z)),
    ("log(2 + t)", log(2 + z)),
    ("log(2+t)  # a comment", log(2 + z)),
    ("(1 + t)**1", 1 + z),
    ("(1+t)**1.5", (1 + z) ** Rational(3, 2)),
    ("(1 - t**2)**1.5", (1 - z**2) ** Rational(3, 2)),
    ("(t**4)**1.5", z**6),
    ("(beta**2)**1.5*t", Abs(beta) ** 3 * z),  # smooth in t
    ("0.1*t", z / 10),
    ("1e-3*t", z / 1000),
    ("0.30000000000000004*t", Rational(30000000000000004, 10**17) * z),
    ("1_000*t", 1000 * z),
    ("0x10*t", 16 * z),
    ("--t", z),
    ("5", sympy.Integer(5)),
    ("exp(beta*(t - 1))", exp(beta * (z - 1))),
    ("1/(1 + beta**2*(1 - t))", 1 / (1 + beta**2 * (1 - z))),
    ("(1 + beta**2*(1-t))**-1.5", (1 + beta**2 * (1 - z)) ** Rational(-3, 2)),
    ("log(1 + exp(beta*t))", log(1 + exp(beta * z))),
    ("log(cosh(beta*t))", log(cosh(beta * z))),
    ("sqrt(1.0001 - t**2)", sqrt(Rational(10001, 10000) - z**2)),
    ("tan(t)", tan(z)),
    ("2**t", 2**z),
    ("E**(beta*t)", exp(beta * z)),
    ("(2+t)**beta", (2 + z) ** beta),
    ("1/(exp(t) - 3)", 1 / (exp(z) - 3)),
    ("exp(beta*t)/(beta**2 - 4)", exp(beta * z) / (beta**2 - 4)),
    ("t**100", z**100),
    ("sin(pi*t)", sympy.sin(pi * z)),
    ("asin(t/2) + atanh(t/2)", sympy.asin(z / 2) + sympy.atanh(z / 2)),
    ("1/(2 + cos(beta*t))", 1 / (2 + sympy.cos(beta * z))),
]  # fmt: skip


# text -> a part of the message that must name the problem
REFUSED = [
    ("", "it is empty"),
    ("  \n ", "it is empty"),
    ("__import__('os')", "'__import__' is unknown"),
    ("__import__('os').system('true')", "unknown|attribute|arithmetic"),
    ("().__class__", "attribute"),
    ("t.real", "attribute"),
    ("exp.__globals__", "attribute"),
    ("(exp)(t)(t)", "not arithmetic"),
    ("lambda t: t", "not arithmetic"),
    ("(lambda: t)()", "not arithmetic"),
    ("[t for t in (1, 2)]", "not arithmetic"),
    ("sum(t for t in (1, 2))", "'sum' is unknown"),
    ("{t: 1}", "not arithmetic"),
    ("(t, t)", "not arithmetic"),
    ("t[0]", "not arithmetic"),
    ("t if t else 1", "not arithmetic"),
    ("t < 1", "not arithmetic"),
    ("t and 1", "not arithmetic"),
    ("not t", "not arithmetic"),
    ("~t", "not arithmetic"),
    ("(t := 1)", "not arithmetic"),
    ("await t", "not arithmetic"),
    ("f'{t}'", "not arithmetic"),
    ("'a'", "not a real number"),
    ("b'a'", "not a real number"),
    ("True*t", "not a real number"),
    ("None", "not a real number"),
    ("...", "not a real number"),
    ("1j*t", "not a real number"),
    ("t // 2", "not arithmetic"),
    ("t % 2", "not arithmetic"),
    ("t @ t", "not arithmetic"),
    ("t^2", "powers as \\*\\*"),
    ("t t", "syntax"),
    ("t = 1", "syntax"),
    ("import os", "syntax"),
    ("t; t", "syntax"),
    ("\x00", "null|read"),
    ("\ud800", "read"),
    ("²", "character"),
    ("q*t", "'q' is unknown"),
    ("gamma*t", "another meaning"),
    ("z", "another meaning"),
    ("sin", "no argument"),
    ("sin()", "one argument"),
    ("exp(t, t)", "one argument"),
    ("exp(x=t)", "one argument"),
    ("exp(*t)", "not arithmetic"),
    ("eval('1')", "'eval' is unknown"),
    ("besselj(0, t)", "'besselj' is unknown"),
    ("nan", "not a finite number"),
    ("inf*t", "not a finite number"),
    ("oo", "not a finite number"),
    ("1e999*t", "too large"),
    ("1" * 50 + "*t", "too long"),
    ("9**9**9", "too large"),
    ("t**9**9", "too large"),
    ("t**101", "too large"),
    ("((2**99)**99)**99*t", "too large"),
    ("((2**(1/3))**100)**100", "too large"),
    ("((t**10)**10)**10", "too large"),
    ("(t**30 + 1)**100", "too large"),
    ("exp(10**30*log(2))", "too large"),
    ("exp(100000*log(t + 2))", "too large"),
    ("exp(exp(exp(10)))*t", "exceeds"),
    ("exp(exp(10*t))", "exceeds"),
    ("(" * 300 + "t" + ")" * 300, "nested|nests|read"),
    ("-" * 300 + "t", "nests"),
    ("+".join(["t"] * 300), "nests"),
    ("t" * 1001, "characters"),
    ("abs(t)", r"'abs\(t\)' is not differentiable"),
    ("max(t, 0)", r"'max\(t, 0\)' is not differentiable"),
    ("exp(sqrt(cos(t)**2))", r"not C² as written, because it holds Abs\(cos\(t\)\)"),
    ("exp(1000*t)", "representable in double precision.*exceeds.*Use a parameter, as in exp"),
    ("-log(1-t)", "not positive at t = 1"),
    ("log(1+t)", "not positive at t = -1"),
    ("1/t", "is 0 near t = 0"),
    ("1/(1 - 2*t)", "is 0 near t = 0.5"),
    ("t**-1", "is 0 near t = 0"),
    ("sqrt(t)", "not positive"),
    ("(1-t)**0.5", "not positive at t = 1"),
    ("(1+t)**0.999", "not positive at t = -1"),
    ("t**1.5", "is negative at t"),
    ("(t**3)**1.5", "is negative at t"),
    ("t**0.3", "not positive"),
    ("1/(t - beta)", "is 0 near"),
    ("log(2 + beta*t)", "not positive at t = -1, beta = 2"),
    ("log(beta)", "not positive at beta = -1"),
    ("sqrt(1 + beta**2 - 2*beta*t)", "could not be shown to be positive"),
    ("1/(exp(t) - E)", "could not be shown to be different from 0"),
    ("1/(exp(t) - 1)", "could not be shown|is 0"),
    ("sin(t)/t", "is 0 near t = 0"),
    ("(t**2 - 1)/(t - 1)", "is 0 near t = 1"),
    ("asin(t)", "not positive at t = -1"),
    ("acos(2*t)", "not positive"),
    ("atanh(t)", "not positive"),
    ("tan(2*t)", "is 0 near t = -0.75"),
    ("log(-2)*t", "'-2' of log is not positive"),
    ("(-2)**0.5*t", "not positive"),
    ("sqrt(-1)", "not positive"),
    ("(-8)**(1/3)*t", "not positive"),
    ("1/0", "is 0"),
    ("1/(1-1)", "is 0"),
    ("1/(beta - beta)", "could not be shown"),
    ("1/(sin(beta)**2 + cos(beta)**2 - 1)", "could not be shown"),
    ("0**t", "not positive"),
    ("t**t", "not positive"),
]


@pytest.mark.parametrize(("text", "expected"), ACCEPTED, ids=[a for a, _ in ACCEPTED])
def test_accepts(text: str, expected: sympy.Expr) -> None:
    assert parse_kernel(text) == expected


@pytest.mark.parametrize(("text", "problem"), REFUSED, ids=[ascii(a)[:40] for a, _ in REFUSED])
def test_refuses_with_a_message_that_names_the_problem(text: str, problem: str) -> None:
    with pytest.raises(ParseError, match=problem) as caught:
        parse_kernel(text)
    message = str(caught.value)
    assert message.startswith("Expected ")
    assert "but got kernel=" in message
    assert message.endswith(".")
    assert len(message) < 700


def test_a_large_exponential_is_not_called_singular() -> None:
    with pytest.raises(ParseError) as caught:
        parse_kernel("exp(1000*t)")
    assert "real" not in str(caught.value)
    assert "C^1" not in str(caught.value)


def test_powers_stay_whole() -> None:
    assert parse_kernel("(1 + t)**2.5").diff(z) == Rational(5, 2) * (1 + z) ** Rational(3, 2)


def test_the_name_of_the_text_is_in_the_message() -> None:
    with pytest.raises(ParseError, match="but got KERNEL='1/t'"):
        parse_kernel("1/t", name="KERNEL")


@pytest.mark.parametrize("text", [None, 3, b"t", z, ["t"]])
def test_refuses_what_is_not_text(text: object) -> None:
    with pytest.raises(ParseError, match="Expected a formula as text but got kernel="):
        parse_kernel(text)  # type: ignore[arg-type]


def test_parameters_are_real_symbols_and_beta_is_the_shared_one() -> None:
    a = Symbol("a", real=True)
    assert parse_kernel("exp(a*t)", parameters=["a"]) == exp(a * z)
    assert parse_kernel("exp(a*t)", parameters="a") == exp(a * z)
    assert parse_kernel("beta*t").free_symbols == {beta, z}
    with pytest.raises(ParseError, match="'beta' is unknown"):
        parse_kernel("beta*t", parameters=())


@pytest.mark.parametrize("name", ["t", "z", "exp", "pi", "n", "gamma", "lambda", "a b", "", 3])
def test_refuses_unusable_parameter_names(name: object) -> None:
    with pytest.raises(ParseError, match="Expected parameter names"):
        parse_kernel("t", parameters=[name])  # type: ignore[list-item]


def test_unusual_but_regular_dependence_on_two_parameters() -> None:
    h = parse_kernel("log(1 + a**2 + exp(b*t))", parameters=["a", "b"])
    assert h.has(log)
    with pytest.raises(ParseError, match=r"every t in \[-1, 1\] and every real a, b|at t ="):
        parse_kernel("log(1 + a + exp(b*t))", parameters=["a", "b"])


FUNCTIONS = "exp log sqrt sin cos tan sinh cosh tanh asin acos atan asinh atanh erf".split()
UNITS = {
    "gelu": lambda u: u * mpmath.ncdf(u),
    "silu": lambda u: u / (1 + mpmath.exp(-u)),
}
ALPHABET = "tbeapixyz0123456789.+-*/()^_ ,'\"=:[]{}@%~!<>\n\\e"


def _formulas() -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["t", "t", "beta", "1", "2", "0.5", "3", "pi", "E", "1.5"])

    def extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        exponents = st.sampled_from(["2", "3", "0.5", "1.5", "(-1)", "t", "beta", "(1/3)", "7"])
        return st.one_of(
            st.builds("({}{}{})".format, inner, st.sampled_from("+-*/"), inner),
            st.builds("({})**{}".format, inner, exponents),
            st.builds("{}({})".format, st.sampled_from([*FUNCTIONS, *UNITS]), inner),
        )

    return st.recursive(leaves, extend, max_leaves=12)


def _parse_or_refuse(text: str) -> sympy.Expr | None:
    try:
        found = parse_kernel(text)
    except ParseError:
        return None
    assert isinstance(found, sympy.Expr)
    assert found.free_symbols <= {z, beta}
    return found


@pytest.mark.slow
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(max_size=80), st.text(ALPHABET, max_size=60)))
def test_any_text_gives_an_expression_or_a_refusal(text: str) -> None:
    _parse_or_refuse(text)
    try:
        parse_energy(text)
    except ParseError:
        pass


@pytest.mark.parametrize("name", sorted(vars(builtins)))
def test_no_builtin_is_reachable(name: str) -> None:
    for text in (name, f"{name}(t)", f"{name}('1')", f"t.{name}"):
        with pytest.raises(ParseError):
            parse_kernel(text)


@pytest.mark.slow
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(_formulas(), st.sampled_from([0.7, -1.3, 3.1]))
def test_accepted_formulas_mean_what_they_say_and_are_regular(text: str, value: float) -> None:
    found = _parse_or_refuse(text)
    assume(found is not None and sympy.count_ops(found) < 80)
    # The strings come from the strategy above, so Python may evaluate them as the reference.
    names = {name: getattr(mpmath, name) for name in [*FUNCTIONS, "pi"]} | {"E": mpmath.e} | UNITS
    kernel = sympy.lambdify((z, beta), found, "mpmath")
    slope = sympy.lambdify((z, beta), sympy.diff(found, z), "mpmath")
    with mpmath.workdps(30):
        b = mpmath.mpf(value)
        for t in (-1, -0.77, -0.3, 0, 0.41, 0.9, 1):
            point = mpmath.mpf(t)
            got = kernel(point, b)
            expected = eval(text, {"__builtins__": {}}, names | {"t": point, "beta": b})
            if abs(expected) > 1e100:  # conditioning, not meaning
                continue
            assert abs(got - expected) <= 1e-8 * (1 + abs(expected))
            assert mpmath.im(got) == 0
            assert mpmath.isfinite(slope(point, b))


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(-6, 6), min_size=1, max_size=6).filter(any),
    st.sampled_from(["1/({})", "log({})", "({})**1.5"]),
)
@example([0, 1, 2], "({})**1.5")  # SymPy isolates its roots by (-1, 0) and (0, 0), which touch
def test_polynomials_are_decided_exactly(coefficients: list[int], shape: str) -> None:
    """The decision agrees with the real roots that SymPy isolates."""
    text = " + ".join(f"({c})*t**{k}" for k, c in enumerate(coefficients))
    poly = sympy.Poly(sum(c * z**k for k, c in enumerate(coefficients)), z)
    roots = [r for r in (poly.real_roots() if poly.degree() else []) if -1 <= r <= 1]
    samples = sorted({sympy.Integer(-1), sympy.Integer(1), *roots}, key=float)
    gaps = [poly.eval((a + b) / 2) for a, b in itertools.pairwise(samples)]
    if shape.startswith("1/"):
        regular = not roots
    elif shape.startswith("log"):
        regular = not roots and gaps[0] > 0
    else:
        read = sympy.Pow(poly.as_expr(), Rational(3, 2))
        regular = all(bool(value > 0) for value in gaps) and not read.has(Abs)
    assert (_parse_or_refuse(shape.format(text)) is not None) == regular
