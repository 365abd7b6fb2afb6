"""Expressions of every model are read back from their text, which is never evaluated."""

import pytest
from sympy import (
    Abs,
    Dummy,
    Ei,
    Float,
    Function,
    Heaviside,
    Integer,
    LambertW,
    Matrix,
    Max,
    Piecewise,
    Rational,
    Sum,
    Symbol,
    acos,
    asin,
    besseli,
    binomial,
    cosh,
    erf,
    exp,
    floor,
    gamma,
    log,
    oo,
    pi,
    sqrt,
)

from numerics.records.expressions import UnreadableError, read, written
from theory.models import catalogue, multi_head
from theory.symbols import beta, z


@pytest.mark.parametrize("name", catalogue())
def test_models_come_back(name):
    model = catalogue(name)
    for expr in (model.velocity, model.energy, model.metric):
        if expr is not None:
            again = read(written(expr))
            assert again == expr
            assert type(again) is type(expr)
            assert again.free_symbols == expr.free_symbols


def test_scalars_come_back():
    f = Function("f")
    for expr in (
        *(sqrt(5) + Rational(1, 3), pi * beta**2, f(z), erf(z) + oo, Float("0.1", 30)),
        *(Dummy("c", integer=True), multi_head(2).velocity, Matrix([[1, z]]).as_immutable()),
    ):
        assert read(written(expr)) == expr


@pytest.mark.parametrize(
    "text",
    [
        *("__import__('os').system('true')", "Symbol('x').subs", "Symbol('x') + Symbol('y')"),
        *("Add('__import__(\"os\").getcwd()', Integer(1))", "Integer('3')", "open('x')"),
        *("Symbol('x; import os')", "Symbol('lambda')", "Symbol(Symbol('x'))", "sympify('x')"),
        *("lambdify", "Symbol('x', **{})", "Symbol('x', real='a')", "[x for x in ()]", "1.5"),
        *(
            "Function('f g')(Symbol('x'))",
            "Function('f').__class__",
            "",
            "Symbol('x'",
            "x" * 2000000,
        ),
        *("MatrixSymbol('X', 2, 2)", "(" * 500 + ")" * 500, "Matrix(2, 2, 'ab')"),
    ],
)
def test_nothing_else_is_read(text):
    with pytest.raises(UnreadableError):
        read(text)


def test_names_are_checked_when_written():
    with pytest.raises(UnreadableError):
        written(Symbol("x y"))


@pytest.mark.parametrize(
    "text",
    [
        *("Pow(Integer(10), Pow(Integer(10), Pow(Integer(10), Integer(9))))",),
        *("Pow(Integer(10), Integer(1000000000))", "Pow(Rational(2, 3), Integer(-1000000000))"),
        "Pow(Mul(Integer(2), Symbol('x')), Integer(1000000000))",
        "Pow(sqrt(Integer(2)), Integer(10000000000))",
        "Pow(Integer(3), Add(Integer(10000000000), Symbol('x')))",
        "exp(Mul(Integer(10000000000), log(Integer(2))))",
        "Mul(Pow(Integer(2), Symbol('x')), Pow(Integer(2), Add(Integer(2000000000), Symbol('y'))))",
        "Add(Symbol('x'), Pow(Symbol('y'), Pow(Integer(10), Integer(1000000000))))",
        "sin(Mul(Symbol('x'), Pow(Integer(7), Integer(10000000000))))",
        "Max(Integer(1), exp(exp(exp(Integer(100)))))",
        "Mul(" + ", ".join(["Pow(Integer(3), Integer(20000))"] * 9000) + ")",
        *("factorial(Integer(1000000000))", "fibonacci(Integer(1000000000))"),
        *("Pow(Symbol('x'), factorial(Integer(1000000000)))", "gamma(Integer(1000000000))"),
        *("binomial(Integer(2000000000), Integer(1000000000))", "primorial(Integer(1000000))"),
        *("gamma(Rational(1000000001, 2))", "besselj(Rational(1000000001, 2), Symbol('x'))"),
        *("chebyshevt(Integer(100000), Symbol('x'))", "harmonic(Integer(100000000))"),
        *("bernoulli(Integer(100000))", "zeta(Integer(100000))", "totient(Integer(10))"),
        "floor(exp(Integer(10000000)))",
        "Derivative(Pow(Symbol('x'), Integer(99)), Tuple(Symbol('x'), Integer(9)), evaluate=True)",
        *("Float('1e1000000000', precision=53)", "Float('1.0', precision=1000000000)"),
        *("Float('1e-1000000000', precision=53)", "Float('1.0', precision=100000)"),
        "MatPow(ImmutableDenseMatrix([[Integer(2)]]), Integer(1000000000))",
        "ImmutableDenseMatrix(Integer(10000), Integer(10000), Lambda(Symbol('i'), Integer(0)))",
        "Poly(Pow(Symbol('x'), Integer(1000000000)), Symbol('x'))",
        "Permutation([Integer(1), Integer(0)])",
        # numbers that are worked out to all their digits, for a floor, a sign or a place
        *("floor(cosh(Integer(1000000)))", "floor(Mul(Integer(10), exp(Integer(900000))))"),
        *("Mod(cosh(Integer(10000000)), Integer(7))", "Abs(sin(cosh(Integer(100000000))))"),
        *("re(cosh(cosh(cosh(Add(Integer(100), I)))))", "floor(gamma(cosh(Integer(20))))"),
        "Max(pi, Product(Symbol('k'), Tuple(Symbol('k'), Integer(1), Integer(1000000000))))",
        "exp(Product(Symbol('k'), Tuple(Symbol('k'), Integer(1), Integer(1000000000))))",
        "floor(Integral(sin(exp(Symbol('k'))), Tuple(Symbol('k'), Integer(0), Integer(100))))",
        "besseli(Float('0.3', precision=30000), Float('0.7', precision=30000))",
        f"log(Integer({10**3000 + 7}))",
        f"Pow(Integer({10**3000 + 7}), Rational(1, 3))",
    ],
)
def test_no_text_makes_sympy_work_for_long(text):
    with pytest.raises(UnreadableError):
        read(text)


@pytest.mark.parametrize(
    "expr",
    [
        *(exp(-100000 * z), exp(Rational(123456789012, 99999999) * z), z**1000, 2 ** (z / 3)),
        *((1 + z / 7) ** Rational(1, 3), Integer(10) ** 400, Float("1e-400"), exp(-1000000)),
        *(besseli(3, z), gamma(z + Rational(1, 2)), Max(z, 0), floor(z), binomial(z, 3), Ei(z)),
        *(Piecewise((z, z < 1), (2, True)), Abs(z), Heaviside(z), LambertW(z), asin(z)),
        *(Piecewise((z, z < 2000), (2, True)), Max(z, 2000), cosh(900), log(3) + acos(pi / 7)),
        *(
            Sum(z ** Symbol("k"), (Symbol("k"), 0, 10)),
            3 ** (z + 10),
            exp(log(3) * z),
            sqrt(2) ** z,
        ),
    ],
)
def test_what_models_hold_comes_back(expr):
    assert read(written(expr)) == expr
