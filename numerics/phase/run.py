"""Runs of a phase diagram: the fraction of close pairs, Figures 3, 4 and 5.

A run is one random start (and one draw of matrices), followed at all β: common random numbers. Runs
are the cells of a sweep: a diagram can be interrupted and resumed in its folder. More runs of the
same seed begin with the same bits, and go on in the same folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics import sphere
from numerics.arguments import (
    FloatArray,
    as_float,
    check_choice,
    check_executor,
    check_model,
    check_whole,
    old_order,
    shown,
)
from numerics.compile import compile_model
from numerics.ensembles import ClosePairs, EnsembleStatus, check_times, ensemble
from numerics.phase.diagram import Path, PhaseDiagram, Statistic
from numerics.phase.random_matrices import Draw
from numerics.sphere import Rng
from numerics.sweeps import sweep
from theory.models import QKV, SA, Model
from theory.symbols import beta

STATISTICS = ("pairs", "all")

MOST_RUNS = 10_000_000
"""Runs of one call: each is a cell in memory."""

MOST_NUMBERS = 2**32
"""Coordinates of one run: 32 GB."""


def check_flow(model: Any) -> None:
    """Refuse what isn't a flow on the sphere."""
    check_model(model)
    if model.space != "sphere" or model.kind != "flow":
        raise ValueError(
            f"Expected a flow on the sphere but got model={model.name}, a {model.kind} on "
            f"{model.space}; inner products of other points need no bound."
        )


_OLD = (*("d", "n", "betas", "times", "runs", "delta", "rng", "model", "statistic", "executor"),)


@old_order(_OLD, 0, lambda args: bool(args) and not isinstance(args[0], Model))
def phase_diagram(
    model: Model | None = None,
    *,
    d: int = 2,
    n: int = 32,
    betas: ArrayLike | None = None,
    times: ArrayLike | None = None,
    runs: int = 1024,
    delta: float = 1e-3,
    rng: Rng = 0,
    statistic: Statistic = "pairs",
    executor: Executor | None = None,
    matrices: Draw | None = None,
    rtol: float = 1e-5,
    backend: str | None = None,
    out: Path | None = None,
    progress: bool | Callable[[int, int], None] = False,
    accept_changes: bool = False,
) -> PhaseDiagram:
    """Estimate the probability of close pairs over (β, t), by the protocol of Figures 3–5.

    Run k draws its uniform points, and its matrices, with the seed sequence of spawn key (..., k),
    and follows them at every β: the first of more runs of the same seed are those of fewer, and
    neither order nor executor changes a bit.

    Parameters
    ----------
    model : Model, optional
        A flow on the sphere with the one parameter β, and Q, K, V with `matrices`. Default: SA, or
        QKV with `matrices`.
    d, n : int
        Dimension, and number of tokens.
    betas : (k,) array_like, optional
        Default: 90 values, 0.1, 0.2, …, 9.
    times : (time,) array_like, optional
        Ascending, ≥ 0. Default: 201 values from 0 to 30.
    runs : int
        Random starts. The default is the paper's.
    delta : float
        The number δ in (0, 1): pairs with ⟨x_i, x_j⟩ ≥ 1 − δ are close.
    rng : seed, SeedSequence, Generator or None
        Source of randomness (SPEC 7).
    statistic : {"pairs", "all"}
        The mean fraction of close ordered pairs i ≠ j, or the probability that all are close.
    executor : concurrent.futures.Executor, optional
        Where to run; this process by default.
    matrices : callable, optional
        Function of (generator, d) that returns the further parameters of the model, such as
        `numerics.MATRICES["a"]`: Figure 5. Drawn anew for each run.
    rtol : float
        Tolerance of a step, see `numerics.ensemble`. At the default, tokens of Figure 3
        (d = 2) are off by 6e-6 at t = 5 (median over the systems); Euler steps of 0.1 by 2e-2.
    backend : {"numpy", "numba"}, optional
        See `numerics.ensemble`.
    out : path, optional
        Folder that keeps finished runs; a call with the same arguments resumes from it, and one
        with more runs goes on behind them. Other arguments are refused and need another folder.
    progress : bool or callable
        As for `numerics.sweep`.
    accept_changes : bool
        Go on in a folder that other code began, as for `numerics.sweep`.

    Returns
    -------
    PhaseDiagram
        Counts of close pairs over (β, t).

    Raises
    ------
    TypeError, ValueError
        For sizes, grids or a statistic out of range, or a model with other parameters, before
        anything is computed.

    Examples
    --------
    >>> diagram = phase_diagram(d=3, n=8, betas=[0.5, 8.0], times=[0.0, 20.0], runs=16)
    >>> diagram.probability.shape, float(diagram.probability[0, -1])
    ((2, 2), 1.0)
    """
    function = run_function(d, n, betas, times, delta, model, statistic, matrices, rtol, backend)
    check_whole(runs, "runs", 1, MOST_RUNS)
    check_executor(executor)
    known = function.keywords
    cells = [{"run": k} for k in range(runs)]
    result = sweep(
        function,
        cells,
        rng=rng,
        out=out,
        executor=executor,
        progress=progress,
        accept_changes=accept_changes,
    )
    return PhaseDiagram(
        betas=known["betas"],
        times=known["times"],
        counts=result.values["counts"],
        unfinished=result.values["status"] >= EnsembleStatus.MAX_STEPS,
        n=known["n"],
        d=known["d"],
        delta=known["delta"],
        model=known["model"],
        statistic=statistic,
        status=result.values["status"],
    )


__test__ = {"phase_diagram": phase_diagram}  # wrapped, which hides it from doctest


def run_function(
    d: int,
    n: int,
    betas: ArrayLike | None,
    times: ArrayLike | None,
    delta: float,
    model: Model | None,
    statistic: str,
    matrices: Draw | None,
    rtol: float,
    backend: str | None,
) -> partial[dict[str, NDArray[Any]]]:
    """Check the arguments of `phase_diagram`, and bind them to the function of a run."""
    check_whole(n, "n", 2)
    check_whole(d, "d", 1)
    if int(n) * int(d) > MOST_NUMBERS:
        raise ValueError(
            f"Expected n and d that fit into memory but got n={shown(n)} and d={shown(d)}; "
            "the figures have 32 tokens in up to 1024 dimensions."
        )
    grid = np.linspace(0.1, 9.0, 90) if betas is None else as_float(betas, "betas")
    if grid.ndim != 1 or grid.size == 0 or not np.isfinite(grid).all():
        raise ValueError(
            f"Expected a one-dimensional array of finite numbers but got betas={betas!r}; pass "
            "numpy.linspace(0.1, 9, 90), for example."
        )
    asked = np.linspace(0.0, 30.0, 201) if times is None else as_float(times, "times")
    when = check_times(asked, "times", rtol)
    check_choice(statistic, "statistic", STATISTICS, "the paper's is 'pairs'")
    if backend is not None:
        check_choice(backend, "backend", ("numpy", "numba"), "leave it out")
    flow = model if model is not None else SA if matrices is None else QKV
    check_flow(flow)
    if matrices is None and flow.parameters != (beta,):
        raise ValueError(
            f"Expected a model with the one parameter beta but got model={flow.name} with "
            f"{flow.parameters}; give the others by matrices."
        )
    if matrices is not None:
        _check_matrices(matrices, flow, int(d))
    return partial(
        _run,
        model=flow,
        n=int(n),
        d=int(d),
        betas=grid,
        times=when,
        delta=float(ClosePairs(delta).delta),
        matrices=matrices,
        rtol=float(rtol),
        backend=backend,
    )


def _check_matrices(matrices: Any, model: Model, d: int) -> None:
    """See whether a draw gives the parameters of a model."""
    if not callable(matrices):
        raise TypeError(
            f"Expected a function of (generator, d) but got matrices={matrices!r}; pass "
            "numerics.MATRICES['a'], for example."
        )
    try:
        drawn = matrices(np.random.default_rng(0), d)
    except (TypeError, ValueError, IndexError) as error:
        raise ValueError(
            f"Expected a function of (generator, d) but got matrices={shown(matrices)}, which "
            f"fails ({error}); pass numerics.MATRICES['a'], for example."
        ) from error
    names = sorted(str(p) for p in model.parameters)
    given = sorted(["beta", *drawn]) if isinstance(drawn, Mapping) else type(drawn).__name__
    if given != names:
        raise ValueError(
            f"Expected matrices that return the parameters of model={model.name}, {names}, but "
            f"beta, but got {given}; leave the model out, it is QKV then."
        )
    compile_model(model, beta=1.0, **drawn)


def _run(
    cell: Mapping[str, Any],
    rng: np.random.Generator,
    *,
    model: Model,
    n: int,
    d: int,
    betas: FloatArray,
    times: FloatArray,
    delta: float,
    matrices: Draw | None,
    rtol: float,
    backend: str | None,
) -> dict[str, NDArray[Any]]:
    """Follow one random start at all β: counts (k, time)."""
    points = sphere.random_points(n, d, rng)
    parameters: dict[str, Any] = {"beta": betas}
    if matrices is not None:
        parameters |= matrices(rng, d)
    found = ensemble(
        model,
        points,
        t_eval=times,
        rtol=rtol,
        observe=ClosePairs(delta),
        backend=backend,
        **parameters,
    )
    assert found.observed is not None
    counts = _held(found.observed)
    small = np.uint16 if n * (n - 1) // 2 < 2**16 else np.uint32
    return {"counts": counts.T.astype(small), "status": found.status.astype(np.uint8)}


def _held(counts: NDArray[np.int32]) -> NDArray[np.int32]:
    """Hold the last count of each system (time, k) where there is none (−1)."""
    last = np.maximum.accumulate(np.where(counts >= 0, np.arange(len(counts))[:, None], 0), axis=0)
    return np.maximum(np.take_along_axis(counts, last, axis=0), 0)
