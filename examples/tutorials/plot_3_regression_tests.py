"""
Regression tests on your own model
==================================

You have code that is meant to be self-attention on the sphere. Which properties must it keep when
you change it next week? Each becomes a test in one line. Ten minutes.

The code
--------

Somebody wrote this, for β = 2, and it looks right.
"""

import numpy as np

import attnflow as af


def attention(x):
    """Self-attention at β = 2: x has shape (n, d), rows of length 1."""
    weights = np.exp(2.0 * x @ x.T)
    return weights / weights.sum(axis=1, keepdims=True) @ x


# %%
# Is it the model?
# ----------------
#
# `check_model` compares an implementation with a model, and puts it through the invariants.

rows = ["implementation", "confinement", "energy ascent"]
report = af.check_model(af.SA, implementation=attention, beta=2.0, only=rows)
report

# %%
# It isn't: the projection to the sphere is missing. The counterexample has the points, so that the
# failure can be looked at in a debugger:

print(report["implementation"].detail)
assert "implementation" in report.refuted

# %%
# The repair:


def projected(x):
    """Self-attention at β = 2 on the sphere."""
    field = attention(x)
    return field - np.sum(field * x, axis=1, keepdims=True) * x


repaired = af.check_model(af.SA, implementation=projected, beta=2.0, only=rows)
assert not repaired.refuted
repaired

# %%
# A sampled comparison is SUPPORTED, never PROVED: code that isn't an expression can only be tried.
#
# A test file
# -----------
#
# A model that is an expression gets a test an invariant from one decorator; code gets its report as
# an assertion; and an observable of yours is asked of drawn cases, which shrink to the smallest
# that fails. This is a whole test file:

TESTS = """
import numpy as np
from hypothesis import given

import attnflow as af


def attention(x):
    weights = np.exp(2.0 * x @ x.T)
    field = weights / weights.sum(axis=1, keepdims=True) @ x
    return field{projection}


@af.parametrize_with_invariants([af.SA, "log(2 + t)"], ["energy ascent", "Gram closure"])
def test_invariants(model, invariant):
    invariant(model)


def test_implementation():
    report = af.check_model(af.SA, implementation=attention, beta=2.0, only=["implementation"])
    assert not report.refuted, report["implementation"].detail


@given(af.strategies.points())
def test_stays_on_the_sphere(x):
    assert np.abs(np.sum(x * attention(x), axis=1)).max() < 1e-12
"""

# %%
# Run it as you would: ``pytest test_attention.py``.

import subprocess
import sys
import tempfile
from pathlib import Path


def pytest(projection, *more):
    """Run the file above; the last lines of what pytest prints."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "test_attention.py"
        path.write_text(TESTS.replace("{projection}", projection), encoding="utf-8")
        options = ["-q", "--tb=line", "-p", "no:cacheprovider", "--rootdir", folder, *more]
        command = [sys.executable, "-m", "pytest", str(path), *options]
        run = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    text = run.stdout.replace(folder, ".")
    return run.returncode, "\n".join(line[:120] for line in text.splitlines()[-8:])


status, said = pytest(" - np.sum(field * x, axis=1, keepdims=True) * x")
print(said)
assert status == 0

# %%
# Somebody breaks it
# ------------------
#
# The projection goes missing again, in a refactoring. Two of the tests fail, and say where.

status, said = pytest("")
print(said)
assert status == 1

# %%
# See what the error does
# -----------------------
#
# Without the projection tokens leave the sphere at once; an integrator that normalised behind your
# back would hide it.

x = af.sphere.random_points(12, 3, rng=0)
times = np.linspace(0, 1, 21)
ax = af.plot.new_axes()
for name, velocity in (("projected", projected), ("forgotten", attention)):
    y, lengths = x.copy(), []
    for _ in times:
        lengths.append(np.linalg.norm(y, axis=1).mean())
        y = y + velocity(y) * (times[1] - times[0])
    ax.plot(times, lengths, label=name)
    print(f"{name}: mean length {lengths[-1]:.3f} at t = 1")
ax.set(xlabel="time t", ylabel="mean |x_i|", title="Euler steps of the two")
ax.legend()
figure = ax.figure

# %%
# Look deeper, without an edit
# ----------------------------
#
# attnflow brings a plugin for pytest. ``--attnflow-cases`` says how many cases an invariant draws,
# ``--attnflow-seed`` which; ``-m attnflow`` picks the tests that ask it. So a commit runs a few, a
# night many.

status, said = pytest(
    " - np.sum(field * x, axis=1, keepdims=True) * x",
    *("--attnflow-cases", "60", "--attnflow-seed", "7", "-m", "attnflow"),
)
print(said)
assert status == 0

# %%
# Where to go on
# --------------
#
# - A whole project to copy, with its settings, fixtures and what a failing test prints: the folder
#   ``examples/regression`` of the repository. ``pytest --attnflow-cases 500`` works there as it is.
# - All rows of a report, expected verdicts, strategies that draw cases: :doc:`/your-own-model`.
# - Results in files that keep every bit: ``run.save("run.npz")`` and ``af.load("run.npz")``.
