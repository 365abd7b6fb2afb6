"""Phase diagrams over (β, t): the fraction of close pairs, Figures 3, 4 and 5.

A run is one random start (and one draw of matrices), followed at all β: common random numbers. Runs
are the cells of a sweep: a diagram can be interrupted and resumed in its folder. More runs of the
same seed begin with the same bits, in a folder of their own.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property, partial
from numbers import Real
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, ndtr, stdtrit

from numerics import sphere
from numerics.clusters import find_clusters
from numerics.compile import compile_model
from numerics.ensemble import ClosePairs, EnsembleStatus, check_times, check_whole, ensemble
from numerics.random_matrices import Draw
from numerics.sphere import Rng
from numerics.sweep import sweep
from theory.models import QKV, SA, Model
from theory.symbols import beta

__all__ = ["ClusterPersistence", "PhaseDiagram", "cluster_persistence", "phase_diagram"]

Array: TypeAlias = NDArray[np.float64]
Statistic: TypeAlias = Literal["pairs", "all"]
Path: TypeAlias = str | os.PathLike[str]

STATISTICS = ("pairs", "all")


@dataclass(frozen=True, eq=False)
class PhaseDiagram:
    """Counts of close pairs of many runs, and what they say about probabilities.

    Attributes
    ----------
    betas : (k,) array
        Inverse temperatures.
    times : (time,) array
        Times.
    counts : (runs, k, time) int array
        Numbers of pairs i < j with ⟨x_i, x_j⟩ ≥ 1 − δ.
    unfinished : (runs, k) bool array
        Systems that their limit of steps or an overflow stopped; their counts stay at the last.
    n, d : int
        Number of tokens, and dimension.
    delta : float
        δ.
    model : Model
        The flow.
    statistic : {"pairs", "all"}
        Which probability: that a pair is close (the paper's), or that all of a run are.
    status : (runs, k) int array or None
        Values of `EnsembleStatus`, where they were kept.
    """

    betas: Array
    times: Array
    counts: NDArray[np.integer[Any]]
    unfinished: NDArray[np.bool_]
    n: int
    d: int
    delta: float
    model: Model
    statistic: Statistic = "pairs"
    status: NDArray[np.integer[Any]] | None = None

    @property
    def runs(self) -> int:
        """Number of runs."""
        return int(self.counts.shape[0])

    @property
    def pairs(self) -> int:
        """Number of pairs i < j."""
        return self.n * (self.n - 1) // 2

    @property
    def complete(self) -> NDArray[np.bool_]:
        """Whether all runs at a β reached the last time, shape (k,)."""
        return np.asarray(~self.unfinished.any(axis=0))

    def _values(self) -> Array:
        """One number in [0, 1] a run, β and time."""
        if self.statistic == "all":
            return (self.counts == self.pairs).astype(np.float64)
        return np.asarray(self.counts / self.pairs)

    @cached_property
    def probability(self) -> Array:
        """Estimate of the probability, shape (k, time)."""
        if self.statistic == "all":
            return np.asarray(np.mean(self.counts == self.pairs, axis=0))
        return np.asarray(np.mean(self.counts, axis=0) / self.pairs)

    @cached_property
    def error(self) -> Array:
        """Standard error, shape (k, time).

        "pairs": s/√runs, s² being the sample variance of the runs (runs − 1 in its denominator;
        the pairs of one run depend on each other): NaN for one run, and 0 where all agree, which
        says nothing of starts rarer than 1 in `runs`. "all": half the width of Wilson's interval at
        one standard error, which is positive also where all runs agree.
        """
        if self.statistic == "all":
            return wilson_error(self.probability, self.runs)
        if self.runs == 1:
            return np.full(self.probability.shape, np.nan)
        return np.asarray(np.std(self.counts, axis=0, ddof=1) / self.pairs / np.sqrt(self.runs))

    def band(self, level: float = 0.95, resamples: int = 1000, rng: Rng = 0) -> Array:
        """Confidence band of the probability, shape (2, k, time).

        Parameters
        ----------
        level : float
            Coverage of each point.
        resamples : int
            Of the bootstrap.
        rng : seed, SeedSequence, Generator or None
            For the bootstrap (SPEC 7).

        Returns
        -------
        ndarray
            "pairs": percentiles of the bootstrap over runs, moved outwards as Student's t is wider
            than the normal distribution; NaN for fewer than 1/(1 − level) runs (20 at 95%), of
            which no such band can be made. "all": Clopper–Pearson, exact and never empty, also
            where all runs agree.

        Notes
        -----
        Measured on 20,000 sets of runs with binomial(6, 0.3) close pairs of 6: 95% bands of 20 and
        64 runs hold the truth in 95.4% and 94.6%, 90% bands of 10 runs in 91.2%, 68% bands of 4
        runs in 61% only.

        References
        ----------
        Hesterberg, *What teachers should know about the bootstrap* (2015), section 3.3.
        """
        tail = _tail(level)
        if self.statistic == "all":
            hits = np.count_nonzero(self.counts == self.pairs, axis=0)
            misses = self.runs - hits
            with np.errstate(invalid="ignore"):
                low = betaincinv(hits, misses + 1, tail)
                high = betaincinv(hits + 1, misses, 1 - tail)
            return np.stack([np.where(hits == 0, 0.0, low), np.where(misses == 0, 1.0, high)])
        weights = _resampled(self.runs, resamples, rng)
        if not has_band(self.runs, level):
            return np.full((2, *self.probability.shape), np.nan)
        tail = _widened(tail, self.runs)
        out = np.empty((2, *self.probability.shape))
        for k in range(self.betas.size):
            means = weights @ (self.counts[:, k] / self.pairs)
            out[:, k] = np.quantile(means, [tail, 1 - tail], axis=0)
        return out

    def front(self, level: float = 0.5) -> Array:
        """Give the first time at which the probability reaches a level, for each β: Γ_{d,δ}.

        Read as inf{t : P ≥ level}; the level that is printed with (6.12), 1 − 2n²d^{−1/64}, is
        negative at every dimension that was drawn (erratum), so that it is 1/2 here.

        Parameters
        ----------
        level : float
            In (0, 1].

        Returns
        -------
        (k,) ndarray
            Between two times by linear interpolation; NaN where the level isn't reached.
        """
        return _crossing(self.probability[None], self.times, level)[0]

    def front_band(
        self,
        level: float = 0.5,
        coverage: float = 0.95,
        resamples: int = 400,
        rng: Rng = 0,
    ) -> Array:
        """Confidence band of `front` by the bootstrap over runs, shape (2, k).

        A resample that does not reach the level counts as later than all times; NaN where that
        end of the band is. NaN as well for fewer than 1/(1 − coverage) runs, see `band`.
        """
        tail = _tail(coverage)
        weights = _resampled(self.runs, resamples, rng)
        if not has_band(self.runs, coverage):
            return np.full((2, self.betas.size), np.nan)
        tail = _widened(tail, self.runs)
        values = self._values()
        out = np.empty((2, self.betas.size))
        for k in range(self.betas.size):
            times = _crossing((weights @ values[:, k])[:, None], self.times, level)[:, 0]
            times = np.where(np.isnan(times), np.inf, times)
            out[:, k] = np.quantile(times, [tail, 1 - tail], method="inverted_cdf")
        return np.where(np.isinf(out), np.nan, out)

    def save(self, path: Path) -> None:
        """Write everything but the model as ``.npz``."""
        np.savez_compressed(
            path,
            betas=self.betas,
            times=self.times,
            probability=self.probability,
            error=self.error,
            counts=self.counts,
            unfinished=self.unfinished,
            n=self.n,
            d=self.d,
            delta=self.delta,
            model=self.model.name,
            statistic=self.statistic,
        )

    def to_xarray(self) -> Any:
        """Make an ``xarray.Dataset`` with the dimensions beta and time.

        Raises
        ------
        ModuleNotFoundError
            Without the extra ``xarray``.
        """
        try:
            import xarray
        except ImportError as error:
            raise ModuleNotFoundError(
                "Expected xarray to be importable but it isn't; install it with "
                "pip install 'attnflow[xarray]', or use save."
            ) from error
        dims = ("beta", "time")
        return xarray.Dataset(
            {"probability": (dims, self.probability), "error": (dims, self.error)},
            coords={"beta": self.betas, "time": self.times},
            attrs={
                "model": self.model.name,
                "n": self.n,
                "d": self.d,
                "delta": self.delta,
                "runs": self.runs,
                "statistic": self.statistic,
            },
        )


def wilson_error(share: Array, runs: int) -> Array:
    """Half the width of Wilson's interval of a binomial share, at one standard error."""
    return np.asarray(np.sqrt(share * (1 - share) / runs + 0.25 / runs**2) / (1 + 1 / runs))


def has_band(runs: int, coverage: float = 0.95) -> bool:
    """Whether there are 1/(1 − coverage) runs: what a percentile band over runs needs."""
    return runs > 1 and runs * (1 - coverage) >= 1 - 1e-9


def _widened(tail: float, runs: int) -> float:
    """Tail of the bootstrap that has the width of Student's t, and the sample variance's."""
    return float(ndtr(stdtrit(runs - 1, tail) * math.sqrt(runs / (runs - 1))))


def _tail(level: float) -> float:
    if not (isinstance(level, Real) and 0 < level < 1):
        raise ValueError(f"Expected a coverage in (0, 1) but got {level!r}; 0.95 is usual.")
    return (1 - level) / 2


def _resampled(runs: int, resamples: int, rng: Rng) -> Array:
    """Weights (resamples, runs) of the bootstrap."""
    check_whole("resamples", resamples, 1)
    generator = np.random.default_rng(rng)
    return generator.multinomial(runs, np.full(runs, 1 / runs), size=resamples) / runs


def _crossing(probability: Array, times: Array, level: float) -> Array:
    """First times at which (..., time) reaches a level, by linear interpolation."""
    if not 0 < level <= 1:
        raise ValueError(f"Expected a level in (0, 1] but got level={level!r}; 1/2 is usual.")
    reached = probability >= level - 1e-12
    first = np.argmax(reached, axis=-1)
    before = np.maximum(first - 1, 0)
    high = np.take_along_axis(probability, first[..., None], axis=-1)[..., 0]
    low = np.take_along_axis(probability, before[..., None], axis=-1)[..., 0]
    share = np.where(high > low, (level - low) / np.where(high > low, high - low, 1.0), 1.0)
    found = times[before] + np.clip(share, 0.0, 1.0) * (times[first] - times[before])
    return np.where(reached.any(axis=-1), found, np.nan)


def _check_flow(model: Any) -> None:
    if not isinstance(model, Model):
        raise ValueError(f"Expected a theory.Model but got model={model!r}; pass theory.SA.")
    if model.space != "sphere" or model.kind != "flow":
        raise ValueError(
            f"Expected a flow on the sphere but got model={model.name}, a {model.kind} on "
            f"{model.space}; inner products of other points need no bound."
        )


def phase_diagram(
    d: int = 2,
    n: int = 32,
    betas: ArrayLike | None = None,
    times: ArrayLike | None = None,
    runs: int = 1024,
    delta: float = 1e-3,
    rng: Rng = 0,
    model: Model | None = None,
    statistic: Statistic = "pairs",
    executor: Executor | None = None,
    *,
    matrices: Draw | None = None,
    rtol: float = 1e-5,
    backend: str | None = None,
    out: Path | None = None,
    progress: bool | Callable[[int, int], None] = False,
) -> PhaseDiagram:
    """Estimate the probability of close pairs over (β, t), by the protocol of Figures 3–5.

    Run k draws its uniform points, and its matrices, with the seed sequence of spawn key (..., k),
    and follows them at every β: the first of more runs of the same seed are those of fewer, and
    neither order nor executor changes a bit.

    Parameters
    ----------
    d, n : int
        Dimension, and number of tokens.
    betas : (k,) array_like, optional
        Default: 90 values, 0.1, 0.2, …, 9.
    times : (time,) array_like, optional
        Ascending, ≥ 0. Default: 201 values from 0 to 30.
    runs : int
        Random starts. The default is the paper's.
    delta : float
        δ in (0, 1): pairs with ⟨x_i, x_j⟩ ≥ 1 − δ are close.
    rng : seed, SeedSequence, Generator or None
        Source of randomness (SPEC 7).
    model : Model, optional
        A flow on the sphere with the one parameter β, and Q, K, V with `matrices`. Default: SA, or
        QKV with `matrices`.
    statistic : {"pairs", "all"}
        The mean fraction of close ordered pairs i ≠ j, or the probability that all are close.
    executor : concurrent.futures.Executor, optional
        Where to run; this process by default.
    matrices : callable, optional
        Function of (generator, d) that returns the further parameters of the model, such as
        `numerics.random_matrices.MATRICES["a"]`: Figure 5. Drawn anew for each run.
    rtol : float
        Tolerance of a step, see `numerics.ensemble.ensemble`. At the default, tokens of Figure 3
        (d = 2) are off by 6e-6 at t = 5 (median over the systems); Euler steps of 0.1 by 2e-2.
    backend : {"numpy", "numba"}, optional
        See `numerics.ensemble.ensemble`.
    out : path, optional
        Folder that keeps finished runs; a call with the same arguments resumes from it, one with
        others, such as more runs, is refused and needs another folder.
    progress : bool or callable
        As for `numerics.sweep.sweep`.

    Returns
    -------
    PhaseDiagram

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
    check_whole("runs", runs, 1)
    known = function.keywords
    cells = [{"run": k} for k in range(runs)]
    result = sweep(function, cells, rng=rng, out=out, executor=executor, progress=progress)
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
    check_whole("n", n, 2)
    check_whole("d", d, 1)
    grid = np.linspace(0.1, 9.0, 90) if betas is None else sphere._as_float(betas, "betas")
    if grid.ndim != 1 or grid.size == 0 or not np.isfinite(grid).all():
        raise ValueError(
            f"Expected a one-dimensional array of finite numbers but got betas={betas!r}; pass "
            "numpy.linspace(0.1, 9, 90), for example."
        )
    asked = np.linspace(0.0, 30.0, 201) if times is None else sphere._as_float(times, "times")
    when = check_times(asked, "times", rtol)
    if statistic not in STATISTICS:
        raise ValueError(
            f"Expected a statistic among {STATISTICS} but got statistic={statistic!r}; the "
            "paper's is 'pairs'."
        )
    flow = model if model is not None else SA if matrices is None else QKV
    _check_flow(flow)
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
    drawn = matrices(np.random.default_rng(0), d)
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
    betas: Array,
    times: Array,
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


# -------------------------------------------------------------------------------- cluster counts


@dataclass(frozen=True, eq=False)
class ClusterPersistence:
    """Numbers of clusters of many runs at a few times: what Figure 4 shows of one run.

    Attributes
    ----------
    beta : float
        Inverse temperature.
    times : (time,) array
        Times.
    counts : (runs, time) int array
        Number of clusters by single linkage at `eps`.
    ambiguous : (runs, time) bool array
        Whether the gaps are less than three times the diameters.
    eps : float
        Geodesic distance of the linkage.
    """

    beta: float
    times: Array
    counts: NDArray[np.int64]
    ambiguous: NDArray[np.bool_]
    eps: float

    def histogram(self) -> Array:
        """Fraction of runs with 1, 2, … clusters at each time: shape (time, most)."""
        most = int(self.counts.max())
        return np.array(
            [np.bincount(column, minlength=most + 1)[1:] / len(column) for column in self.counts.T]
        )

    def constant(self, start: float, end: float) -> float:
        """Fraction of runs whose number of clusters is the same at all times from start to end."""
        inside = (self.times >= start) & (self.times <= end)
        if np.count_nonzero(inside) < 2:
            raise ValueError(
                f"Expected two times at least in [{start}, {end}] but got times={self.times}; "
                "count at more times."
            )
        part = self.counts[:, inside]
        return float(np.mean(np.all(part == part[:, :1], axis=1)))


def cluster_persistence(
    beta: float,
    n: int = 64,
    d: int = 2,
    times: ArrayLike = (0.0, 2.5, 18.0, 30.0),
    runs: int = 200,
    eps: float = 0.05,
    rng: Rng = 0,
    model: Model = SA,
    rtol: float = 1e-8,
    jobs: int = 1,
) -> ClusterPersistence:
    """Count clusters along SA from many random starts, as Figure 4 does along one.

    The panels of Figure 4 hold 64 tokens each, the phase diagram beside them 32, and its first
    panel is t = 0 where the caption says 2.5 (erratum); one start supports no frequency.

    Parameters
    ----------
    beta : float
        Inverse temperature.
    n, d : int
        Number of tokens, and dimension.
    times : (time,) array_like
        Ascending times.
    runs : int
        Random starts.
    eps : float
        Geodesic distance below which tokens are linked.
    rng : seed, SeedSequence, Generator or None
        Source of randomness (SPEC 7).
    model : Model
        A flow with the one parameter β.
    rtol : float
        Tolerance of a step.
    jobs : int
        Threads.

    Returns
    -------
    ClusterPersistence

    Raises
    ------
    TypeError, ValueError
        For arguments out of range.
    ArithmeticError
        If a system is stopped before the last time, such as USA's at large β.

    Examples
    --------
    >>> found = cluster_persistence(0.5, n=8, runs=4, times=[0.0, 30.0])
    >>> found.counts[:, 1].tolist()
    [1, 1, 1, 1]
    """
    check_whole("runs", runs, 1)
    _check_flow(model)
    if not (isinstance(beta, Real) and math.isfinite(beta)):
        raise ValueError(f"Expected one finite number but got beta={beta!r}; call once for each.")
    if not (isinstance(eps, Real) and 0 < eps < math.pi):
        raise ValueError(f"Expected 0 < eps < pi but got eps={eps!r}; 0.05 is usual.")
    asked = sphere._as_float(times, "times")
    points = sphere.random_points(n, d, rng, batch=int(runs))
    found = ensemble(model, points, t_eval=asked, rtol=rtol, jobs=jobs, beta=float(beta))
    assert found.points is not None
    worst = EnsembleStatus(int(found.status.max()))
    if worst >= EnsembleStatus.MAX_STEPS:
        stopped = int(np.count_nonzero(found.status >= EnsembleStatus.MAX_STEPS))
        raise ArithmeticError(
            f"Expected all systems to reach t={asked[-1]:g} but got {stopped} of {runs} that were "
            f"stopped, at beta={beta:g}. {worst.message}"
        )
    clusters = find_clusters(np.swapaxes(found.points, 0, 1), eps)
    return ClusterPersistence(
        beta=float(beta),
        times=found.times,
        counts=np.asarray(clusters.count),
        ambiguous=np.asarray(clusters.ambiguous),
        eps=float(eps),
    )
