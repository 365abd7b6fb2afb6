"""max, abs and min in kernels: accepted where the kernel is C¹, refused where it has a kink."""

from __future__ import annotations

import pickle

import mpmath
import pytest
import sympy as sp

from proofs_checks import check_model
from theory import parse
from theory.parse import ParseError, parse_energy, parse_kernel
from theory.positive_part import PositivePart, split_power, with_positive_parts
from theory.symbols import beta, z

POS, NEG = PositivePart(z, 1), PositivePart(-z, 1)

ACCEPTED = {
    "max(t,0)**2": PositivePart(z, 2),
    "max(0,t)**2": PositivePart(z, 2),
    "min(t,0)**2": PositivePart(-z, 2),
    "min(t,0)**3": -PositivePart(-z, 3),
    "-min(0,t)**3": PositivePart(-z, 3),
    "abs(t)**3": PositivePart(z, 3) + PositivePart(-z, 3),
    "abs(t)**2": z**2,
    "abs(t)**1.5": PositivePart(z, sp.Rational(3, 2)) + PositivePart(-z, sp.Rational(3, 2)),
    "(-2*abs(t)/3)**2": 4 * z**2 / 9,
    "(-2*abs(t))**3": -8 * (PositivePart(z, 3) + PositivePart(-z, 3)),
    "t*abs(t)": PositivePart(z, 2) - PositivePart(-z, 2),
    "-t*abs(-t)": -PositivePart(z, 2) + PositivePart(-z, 2),
    "abs(t)*abs(t)": z**2,
    "abs(t)*max(t,0)": PositivePart(z, 2),
    "max(t,0)*max(-t,0)": sp.S.Zero,
    "(abs(t)**0.5)**4": z**2,
    "abs(t)**0.5*abs(t)": PositivePart(z, sp.Rational(3, 2)) + PositivePart(-z, sp.Rational(3, 2)),
    "(t**2)**1.5": PositivePart(z, 3) + PositivePart(-z, 3),
    "((t - 0.5)**4)**1.25": PositivePart(z - sp.S.Half, 5) + PositivePart(sp.S.Half - z, 5),
    "exp((t**2)**1.5)": sp.exp(PositivePart(z, 3) + PositivePart(-z, 3)),
    "max(t - beta, 0)**2": PositivePart(z - beta, 2),
    "exp(max(t - 0.5, 0)**2)": sp.exp(PositivePart(z - sp.S.Half, 2)),
    "log(1 + max(t, 0)**2)": sp.log(1 + PositivePart(z, 2)),
    "1/(1 + abs(t)**3)": 1 / (1 + PositivePart(z, 3) + PositivePart(-z, 3)),
    # one of the two, on all of [-1, 1]
    "abs(2 + t)": z + 2,
    "abs(t - 1)": 1 - z,
    "max(t, 1)": sp.S.One,
    "min(t, 2)": z,
    "max(1 + t, 0)": z + 1,
    "max(exp(t), t)": sp.exp(z),
    # free of t
    "abs(beta)*t": z * (PositivePart(beta, 1) + PositivePart(-beta, 1)),
    "max(beta, 0)*t": z * PositivePart(beta, 1),
}


@pytest.mark.parametrize("text", [text for text in ACCEPTED if "exp(t)" not in text])
def test_an_expression_is_written_as_its_text_is(text: str) -> None:
    names = {"abs": sp.Abs, "max": sp.Max, "min": sp.Min, "t": z, "beta": beta}
    real = sp.nsimplify(sp.sympify(text, locals=names), rational=True)
    found = with_positive_parts(real)
    assert not found.has(sp.Abs, sp.Max, sp.Min)
    for place in (sp.Rational(-7, 9), sp.Rational(1, 5), sp.Rational(8, 9)):
        at = {z: place, beta: sp.Rational(3, 7)}
        assert sp.N(found.subs(at) - ACCEPTED[text].subs(at), 20, chop=True) == 0
        slopes = [expr.diff(z).subs(at) for expr in (found, ACCEPTED[text])]
        assert sp.N(slopes[0] - slopes[1], 20, chop=True) == 0


@pytest.mark.parametrize("text", ACCEPTED)
def test_accepted(text: str) -> None:
    assert sp.expand(parse_kernel(text) - ACCEPTED[text]) == 0


REFUSED = [
    ("abs(t)", r"'abs\(t\)' is not differentiable everywhere.*\(abs\(t\)\)\*\*2"),
    ("max(t, 0)", r"'max\(t, 0\)' is not differentiable everywhere.*Raise it to a power above 1"),
    ("min(t, 0.5)", "not differentiable where its arguments are equal.*Compare with 0"),
    ("max(t, -t)**2", "not differentiable where its arguments are equal"),
    ("max(t, beta)", "not differentiable where its arguments are equal"),
    ("-abs(t)", "is not differentiable"),
    ("abs(t) + 1", "is not differentiable"),
    ("abs(t) - abs(t)", "is not differentiable"),
    ("exp(abs(t))", "is not differentiable"),
    ("sqrt(abs(t))", "is not differentiable"),
    ("abs(t)*exp(t)", "is not differentiable"),
    ("abs(t)*abs(t - 0.5)", "is not differentiable"),
    ("abs(t)**1.0", "is not differentiable"),
    ("abs(t)**0.5", "is not differentiable"),
    ("abs(t)**-1", "is not differentiable"),
    ("1/abs(t)", "is not differentiable"),
    ("abs(t)**t", "is not differentiable"),
    ("2**abs(t)", "is not differentiable"),
    ("(abs(t)**3)**(1/3)", "is not differentiable"),
    ("abs(abs(t))", "is not differentiable"),
    ("max(abs(t), 0)", "is not differentiable"),
    ("min(t, 0)**1.5", "is not differentiable"),
    ("max(t)", r"gives max 1 argument"),
    ("max(t, 0, 1)**2", r"gives max 3 argument"),
    ("abs(t, 0)**2", r"gives abs 2 argument"),
    ("max(t, 0, key=1)", "'max' is unknown|not give"),
    ("abs", "has no argument"),
    ("max(t, 0)**101", "too large"),
    ("sign(t)", "sign is not differentiable"),
    ("relu(t)**2", "relu is not differentiable"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_refused(text: str, said: str) -> None:
    with pytest.raises(ParseError, match=f"^Expected .* but got .*(?:{said})"):
        parse_kernel(text)


def test_names_are_reserved() -> None:
    for name in ("abs", "max", "min"):
        with pytest.raises(ParseError, match="parameters"):
            parse_kernel("t", parameters=[name])


def test_a_failed_search_for_the_sign_costs_no_budget() -> None:
    text = "max(sin(t) + t/3 - 0.1, 0)**2/(2 + sin(t*cos(t)))"
    assert parse_kernel(text).has(PositivePart)


def test_energies() -> None:
    assert parse_energy("pair(max(t,0)**2) + anchor(abs(t)**3, W, c)").shape == (1, 1)
    with pytest.raises(ParseError, match="not differentiable"):
        parse_energy("pair(t) + anchor(abs(t), W, c)")


@pytest.mark.parametrize("text", [text for text in ACCEPTED if "beta" not in text])
def test_value_and_derivative_at_the_kink_and_beside(text: str) -> None:
    """Against the text read by mpmath; the derivative by a difference, and continuous."""
    kernel = parse_kernel(text)
    slope = kernel.diff(z)
    names = {"max": max, "min": min, "abs": abs, "exp": mpmath.exp, "log": mpmath.log}

    def meant(t: mpmath.mpf) -> mpmath.mpf:
        return mpmath.mpf(eval(text, {"__builtins__": {}, **names, "t": t}))

    with mpmath.workdps(40):
        for at in ("0", "0.5", "-0.5", "1e-12", "-1e-12", "0.3", "-0.9", "1", "-1"):
            t = mpmath.mpf(at)
            value = mpmath.mpf(sp.N(kernel.subs(z, sp.Rational(at)), 40))
            assert abs(value - meant(t)) < mpmath.mpf(10) ** -30, (text, at)
            if abs(t) < 1:
                h = mpmath.mpf(10) ** -20
                numeric = (meant(t + h) - meant(t - h)) / (2 * h)
                value = mpmath.mpf(sp.N(slope.subs(z, sp.Rational(at)), 40))
                assert abs(value - numeric) < 1e-9, (text, at)  # of order h^(1/2) at worst


@pytest.mark.every(2, kept="slow", rest="full")
@pytest.mark.parametrize(
    "text", ["(1+t)**(3/2)", "max(t,0)**2", "abs(t)**3", "t*abs(t) + t", "abs(t)**1.5"]
)
def test_check_model_goes_through(text: str) -> None:
    report = check_model(text, rng=0)
    assert report.holds("energy ascent") and report.holds("rotation equivariance")
    if text == "t*abs(t) + t":
        assert report.holds("Lemma 6.4")
    elif "t**" not in text and "(1+t)" not in text:
        assert report.refuted  # orthogonal tokens stop


# -------------------------------------------------------------------------------- the positive part


def test_values_where_the_sign_is_known() -> None:
    u = sp.Symbol("u", positive=True)
    assert PositivePart(u, 2) == u**2 and PositivePart(-u, 2) == 0
    assert PositivePart(sp.Rational(1, 4), sp.S.Half) == sp.S.Half
    assert PositivePart(sp.S.Zero, 1) == 0 and PositivePart(sp.S.Zero, 0) is sp.S.NaN
    assert PositivePart(z, 2).subs(z, -3) == 0
    assert abs(PositivePart(sp.pi - 3, 2).evalf() - (sp.pi - 3).evalf() ** 2) < 1e-14
    with pytest.raises(ValueError, match="Expected a rational power"):
        PositivePart(z, beta)


def test_derivatives_stay_positive_parts() -> None:
    cube = PositivePart(2 * z - 1, 3)
    assert cube.diff(z) == 6 * PositivePart(2 * z - 1, 2)
    assert cube.diff(z, 3) == 48 * PositivePart(2 * z - 1, 0)
    assert cube.diff(z, 4) == 0
    assert PositivePart(z, 2).diff(z, 2).subs(z, 0) is sp.S.NaN  # it jumps there
    assert not PositivePart(z, 2).diff(z, 3).has(sp.DiracDelta)


def test_it_prints_pickles_and_is_lambdified() -> None:
    part = PositivePart(z, sp.Rational(3, 2))
    assert str(part) == "max(z, 0)**(3/2)" and sp.latex(POS) == r"\left(z\right)_+"
    assert str(parse.parse_kernel(str(PositivePart(z, 3)).replace("z", "t"))) == "max(z, 0)**3"
    assert pickle.loads(pickle.dumps(part)) == part
    for modules in ("math", "numpy", "mpmath"):
        function = sp.lambdify(z, part, modules)
        assert float(function(4.0)) == 8.0 and float(function(-4.0)) == 0.0
    assert part.rewrite(sp.Piecewise).subs(z, 4) == 8
    assert split_power(z, 3, 1, -1) == z**3 and split_power(z, 1, 1, 1) == POS + NEG
