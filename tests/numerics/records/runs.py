"""A small result of each kind, made once, and equality bit by bit."""

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from types import SimpleNamespace

import numpy as np
from sympy import Basic

from numerics import (
    cluster_counts,
    cluster_persistence,
    coarsen,
    codes,
    compile_model,
    ensemble,
    fast_field,
    find_clusters,
    hardmax,
    hysteresis,
    integrate,
    limit_shape,
    mean_field,
    noisy,
    ordered_branch,
    oscillate,
    pair_law,
    phase_diagram,
    sphere,
    stationary_states,
    transition,
)
from theory import QKV, SA, USA, Noise
from theory.models import ENCODER_DECODER, catalogue
from theory.symbols import kappa

ONE = np.eye(2)


def points(n, d, **options):
    return sphere.random_points(n, d, rng=0, **options)


def noisy_run():
    model = replace(SA, noise=Noise(kappa), parameters=(*SA.parameters, kappa))
    return noisy(model, points(6, 3, batch=2), 0.1, 0.01, beta=2.0, kappa=0.1)


def blocks():
    state = {"X": points(4, 3), "Y": sphere.random_points(5, 3, rng=1)}
    return integrate(compile_model(ENCODER_DECODER, beta=1.0), state, 1.0)


def qkv():
    field = compile_model(QKV, beta=1.0, Q=ONE, K=2 * ONE, V=-ONE, masses=[0.2, 0.3, 0.5])
    return integrate(field, points(3, 2), 1.0, t_eval=[0.0, 0.25, 1.0])


MAKERS = {
    "Trajectory": lambda: integrate(compile_model(SA, beta=4.0), points(8, 3), 5.0),
    "Trajectory of QKV": qkv,
    "Trajectory of a mask": lambda: integrate(
        compile_model(catalogue("causal"), beta=2.0), points(6, 3), 2.0
    ),
    "Trajectory by a scaled clock": lambda: integrate(
        compile_model(USA, beta=800.0), points(4, 2), 1e-300
    ),
    "Trajectory of fast sums": lambda: integrate(
        fast_field(SA, beta=1.0), points(64, 2), 0.5, rtol=1e-6
    ),
    "StateTrajectory": blocks,
    "Ensemble": lambda: ensemble(USA, points(6, 2, batch=3), t_eval=[0.0, 1.0], beta=2.0),
    "Coarsening": lambda: coarsen(points(12, 2), beta=81.0),
    "Coarsening in R^5": lambda: coarsen(points(4, 5), beta=20.0, model=USA),
    "PhaseDiagram": lambda: phase_diagram(
        d=4, n=6, betas=[1.0, 5.0], times=np.linspace(0, 10, 6), runs=3
    ),
    "MeanField": lambda: mean_field(
        SA, lambda angle: 1 + 0.1 * np.cos(angle), 0.1, t_eval=[0.0, 0.1], beta=1.0
    ),
    "NoisyRun": noisy_run,
    "Transition": lambda: transition(beta=3.0),
    "Branch": lambda: ordered_branch(beta=3.0),
    "StationaryState": lambda: stationary_states(USA, 0.2, beta=3.0)[0],
    "Hysteresis": lambda: hysteresis(beta=3.0, kappas=[1.0, 1.4], n=50, time=0.1),
    "Codes": lambda: codes(6, 3, beta=5.0, starts=2),
    "Hardmax": lambda: hardmax(points(4, 2), 1.0, Q=ONE, K=ONE, V=ONE),
    "LimitShape": lambda: limit_shape(points(6, 2), ONE, ONE, ONE),
    "PairLaw": lambda: pair_law(USA, 4, 0.2, beta=1.0, cells=64),
    "Oscillation": lambda: oscillate(np.linspace(-1, 1, 8), 1.0, [0.0, 1.0]),
    "Clusters": lambda: find_clusters(points(8, 2)),
    "ClusterCounts": lambda: cluster_counts(6, 2, 81.0, 2, [0.0, 20.0]),
    "ClusterPersistence": lambda: cluster_persistence(9.0, n=6, times=[0.0, 1.0], runs=2),
}


@cache
def made(name):
    return MAKERS[name]()


def assert_same(a, b, where="result"):
    """Equal types, and equal bits of every number, through all that an object holds."""
    assert type(a) is type(b), where
    if isinstance(a, np.ndarray):
        assert (a.dtype, a.shape) == (b.dtype, b.shape), where
        assert a.tobytes() == b.tobytes(), where
    elif isinstance(a, list | tuple):
        assert len(a) == len(b), where
        for k, (x, y) in enumerate(zip(a, b, strict=True)):
            assert_same(x, y, f"{where}[{k}]")
    elif isinstance(a, dict):
        assert list(a) == list(b), where
        for key in a:
            assert_same(a[key], b[key], f"{where}[{key!r}]")
    elif isinstance(a, float):
        assert np.float64(a).tobytes() == np.float64(b).tobytes(), where
    elif isinstance(a, Enum | Basic | int | str) or a is None:
        assert a == b, where
    elif is_dataclass(a):
        for part in fields(a):
            assert_same(getattr(a, part.name), getattr(b, part.name), f"{where}.{part.name}")
    elif isinstance(a, SimpleNamespace) or type(a).__module__.startswith("numerics"):
        assert_same(vars(a), vars(b), where)
    else:
        assert a == b, where
