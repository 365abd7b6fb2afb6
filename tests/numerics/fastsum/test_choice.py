"""When fast sums are chosen, and where they never are."""

import ast
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

import numerics.coarsening
from numerics import coarsen, compile_model, integrate, sphere
from numerics.fastsum import choice
from numerics.fastsum import circle as fastsum_circle
from numerics.fastsum import harmonics as fastsum_harmonics
from numerics.fastsum import sphere as fastsum_sphere
from numerics.fastsum.choice import break_even, choose, fast_field
from numerics.fastsum.field import FastField
from numerics.fastsum.kernel import scaled_kernel
from numerics.integration import solve as integration
from theory import CAUSAL, SA
from theory.symbols import beta, z

pytestmark = pytest.mark.extras


def spread(n, d, rng=0):
    return sphere.random_points(n, d, rng)


def only(monkeypatch, *installed):
    """Leave of finufft and ducc0 those that are named."""
    for library in {"finufft", "ducc0"} - set(installed):
        monkeypatch.setitem(sys.modules, library, None)
    for module in ("choice", "field"):  # wherever the name is read
        monkeypatch.setattr(f"numerics.fastsum.{module}.has", lambda library: library in installed)


def test_without_finufft(monkeypatch):
    """The circle needs no extra; S² names the ones that it can take; auto stays direct."""
    only(monkeypatch)
    assert np.isfinite(fast_field(SA, beta=1.0)(spread(5000, 2))).all()
    with pytest.raises(ModuleNotFoundError, match=r"attnflow\[fastsum\].*attnflow\[sphere\]"):
        fast_field(SA, beta=1.0)(spread(10, 3))
    for library, extra in (("finufft", "fastsum"), ("ducc0", "sphere")):
        with pytest.raises(ModuleNotFoundError, match=rf"{library}.*attnflow\[{extra}\]"):
            fast_field(SA, beta=1.0, backend=library)
    field = compile_model(SA, beta=1.0)
    assert choose(field, spread(20_000, 3), 1e-8, "auto") is field
    assert isinstance(choose(field, spread(20_000, 2), 1e-8, "auto"), FastField)


def test_who_sums(monkeypatch):
    """On S² ducc0 where it is installed, else finufft; on the circle never ducc0."""
    field = fast_field(SA, beta=1.0)
    for installed, on_sphere in ((("finufft",), "finufft"), (("ducc0", "finufft"), "ducc0")):
        with monkeypatch.context() as patch:
            only(patch, *installed)
            assert field.library(10, 3) == on_sphere
            assert (field.library(10, 2), field.library(10_000, 2)) == ("numpy", "finufft")
            assert break_even(2, 30) == 530
    with monkeypatch.context() as patch:
        only(patch, "ducc0")
        assert (field.library(10_000, 2), field.library(10, 3)) == ("numpy", "ducc0")
    for library in ("finufft", "ducc0"):
        if find_spec(library):
            assert fast_field(SA, beta=1.0, backend=library).library(10, 3) == library


def test_chosen_by_size_and_tolerance():
    field = compile_model(SA, beta=2.0)
    modes = scaled_kernel(sp.exp(beta * z), ((beta, 2.0),)).cosine.size
    size = break_even(2, modes)
    large, small = spread(size, 2), spread(size - 1, 2)
    assert isinstance(choose(field, large, 1e-8, "auto"), FastField)
    assert choose(field, small, 1e-8, "auto") is field
    assert choose(field, large, 0.9e-8, "auto") is field
    assert choose(field, large, 1e-8, "direct") is field
    assert choose(field, large[None], 1e-8, "auto") is field
    plain = compile_model(SA, beta=2.0, backend="plain")
    assert choose(plain, large, 1e-8, "auto") is plain
    causal = compile_model(CAUSAL, beta=2.0)
    assert choose(causal, large, 1e-8, "auto") is causal
    assert choose(field, small, 1e-9, "fast").tolerance == 1e-9 / 100
    assert choose(field, small, 1e-3, "fast").tolerance == 1e-10
    for arguments, match in (
        ((field, spread(9, 4), 1e-8, "fast"), "d=4"),
        ((causal, small, 1e-8, "fast"), "scalar attention"),
        ((field, small, 1e-11, "fast"), "rtol >= 1e-10"),
        ((field, small, 1e-8, "quick"), "sums 'auto', 'direct' or 'fast'"),
        ((fast_field(SA, beta=2.0), small, 1e-9, "auto"), "100 times"),
    ):
        with pytest.raises(ValueError, match=match):
            choose(*arguments)


@pytest.mark.parametrize("d", [2, 3])
def test_integrate_uses_it_and_says_so(d):
    if d == 3 and not any(map(find_spec, ("finufft", "ducc0"))):
        pytest.skip("needs finufft or ducc0")
    x = spread(break_even(d, 24) if d == 2 else 120, d)
    field = compile_model(SA, beta=3.0)
    fast = integrate(field, x, 2.0, t_eval=[0.0, 1.0, 2.0], sums="auto" if d == 2 else "fast")
    direct = integrate(field, x, 2.0, t_eval=[0.0, 1.0, 2.0], sums="direct")
    assert (fast.sums, direct.sums) == ({2: "circle", 3: "sphere"}[d], "direct")
    assert isinstance(fast.field, FastField) and direct.field is field
    assert fast.field.library(*x.shape) in ("numpy", "finufft", "ducc0")
    assert np.max(np.abs(fast.points - direct.points)) < 1e-7
    assert np.allclose(fast.energy, direct.energy, rtol=1e-7)
    assert np.allclose(fast.at(1.5), direct.at(1.5), atol=1e-7)


@pytest.mark.parametrize("library", ["finufft", "ducc0"])
def test_sphere_is_chosen_by_size_too(monkeypatch, library):
    pytest.importorskip(library)
    only(monkeypatch, library)
    field = compile_model(SA, beta=2.0)
    size = break_even(3, scaled_kernel(sp.exp(beta * z), ((beta, 2.0),)).cosine.size)
    assert isinstance(choose(field, spread(size, 3), 1e-8, "auto"), FastField)
    assert choose(field, spread(size - 1, 3), 1e-8, "auto") is field
    assert choose(field, spread(size, 4), 1e-8, "auto") is field
    steep = compile_model(SA, beta={"finufft": 1e4, "ducc0": 1e5}[library])  # its tables are large
    assert choose(steep, spread(70_000, 3), 1e-8, "auto") is steep


@pytest.mark.slow
def test_coarsen_never_uses_it(monkeypatch):
    """Neither the import graph nor a run of `coarsen` past the break-even reaches a fast sum."""
    paths = sorted(Path(numerics.coarsening.__file__).parent.glob("*.py"))
    assert len(paths) > 5
    everything = set()
    for path in paths:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [getattr(node, "module", "") or "" for node in ast.walk(tree)]
        names += [alias.name for node in ast.walk(tree) for alias in getattr(node, "names", ())
                  if isinstance(alias, ast.alias)]  # fmt: skip
        assert not any("fastsum" in name for name in names), path
        everything.update(names)
    assert "numpy" in everything  # the walk sees imports

    def refuse(*arguments):
        raise AssertionError("a fast sum was called")

    on_circle, installed = fast_field(SA, beta=1.0), [*filter(find_spec, ("finufft", "ducc0"))]

    for module, name in (
        (fastsum_circle, "pull_and_sums"),
        (fastsum_circle, "pair_sum"),
        (fastsum_sphere, "weighted_sums"),
        (fastsum_harmonics, "weighted_sums"),
        (integration, "choose"),
        (choice, "_fast"),
    ):
        monkeypatch.setattr(module, name, refuse)
    for call in (  # each of them is reached by what should reach it
        lambda: on_circle(spread(10, 2)),
        lambda: on_circle.energy(spread(10, 2)),
        *(
            lambda library=library: fast_field(SA, beta=1.0, backend=library)(spread(10, 3))
            for library in installed
        ),
        lambda: integrate(compile_model(SA, beta=3.0), spread(break_even(2, 60), 2), 0.1),
        lambda: fast_field(SA, beta=1.0),
    ):
        with pytest.raises(AssertionError, match="fast sum was called"):
            call()
    coarsen(spread(break_even(2, 60), 2), beta=20.0, rtol=1e-6, max_steps=3)
    result = coarsen(spread(12, 2), beta=9.0, rtol=1e-6)
    assert result.merges  # it ran past its first collapse
