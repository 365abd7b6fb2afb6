"""The clock of a run: plain time, or scaled time τ = e^{log_rate} (t − begin).

The scaled clock is for velocities and for end times that are no floating-point numbers. End times
are kept as logarithms, which have no cap: the rate of the clock is chosen so that the fastest speed
and the end both fit, and a run whose end doesn't fit stops at the horizon of its clock and says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from numerics.arguments import FloatArray

LOG_PLAIN = 230.0
"""Largest log of a velocity that the plain clock takes on (e^230 = 1e100)."""

LOG_MAX = 650.0
"""Largest log of a value of the clock: lengths of steps stay in the range of `rounded`."""

LOG_FAST = 300.0
"""Largest log of a speed in the scaled clock: its square is a number."""


def log_size(value: float) -> float:
    """Logarithm of the absolute value; −inf at 0."""
    return math.log(abs(value)) if value != 0 else -math.inf


def exp(value: float) -> float:
    """Exponential; inf beyond the largest number."""
    return math.exp(value) if value < 709.78 else math.inf


@dataclass(frozen=True)
class Clock:
    """The clock of a run.

    Attributes
    ----------
    begin : float
        Plain time at the start.
    log_rate : float or None
        None: the clock is plain time.
    end : float
        Time of the clock at the end of the run, or at its horizon.
    whole : bool
        Whether the end of the run is that of the clock.
    log_span : float
        Logarithm of the length of the run, for a scaled clock.
    """

    begin: float
    log_rate: float | None
    end: float
    whole: bool
    log_span: float = math.inf

    @classmethod
    def plain(cls, begin: float, end: float) -> Clock:
        """Plain time."""
        return cls(begin, None, end, True)

    @classmethod
    def scaled(cls, begin: float, sign: float, log_span: float, log_speed: float) -> Clock:
        """Scaled time, for a run over e^log_span at speeds of e^log_speed."""
        rate = max(min(log_speed, LOG_MAX - log_span), log_speed - LOG_FAST)
        whole = log_span + rate <= LOG_MAX
        end = exp(min(log_span + rate, LOG_MAX)) if log_span > -math.inf else 0.0
        return cls(begin, rate, math.copysign(end, sign), whole, log_span)

    def at_rest(self) -> Clock:
        """Make the horizon stand for all times from there to the end: nothing moves any more."""
        return replace(self, whole=True)

    @property
    def start(self) -> float:
        """Time of the clock at the start."""
        return self.begin if self.log_rate is None else 0.0

    def log_time(self, tau: float) -> float:
        """Logarithm of the plain time since the start."""
        if self.log_rate is not None and self.whole and tau == self.end:
            return self.log_span
        return log_size(tau - self.start) - (self.log_rate or 0.0)

    def real(self, tau: float) -> float:
        """Plain time; infinite where it is no number."""
        if self.log_rate is None:
            return tau
        return self.begin + math.copysign(exp(self.log_time(tau)), tau)

    def of(self, t: FloatArray) -> FloatArray:
        """Turn plain times into those of the clock."""
        if self.log_rate is None:
            return t
        with np.errstate(divide="ignore"):
            logs = np.log(np.abs(t - self.begin))
        return np.asarray(np.sign(t - self.begin) * self._lengths(logs))

    def of_log(self, log_time: FloatArray, sign: float) -> FloatArray:
        """Turn logarithms of the time since the start into times of the clock."""
        return np.asarray(self.start + sign * self._lengths(np.asarray(log_time, dtype=np.float64)))

    def _lengths(self, log_time: FloatArray) -> FloatArray:
        """Lengths in the clock of e^log_time; no time of a run is beyond the end of its clock."""
        logs = log_time + (self.log_rate or 0.0)
        if self.log_rate is not None and self.whole:
            logs = np.where(log_time <= self.log_span, np.minimum(logs, log_size(self.end)), logs)
        return np.asarray(np.exp(np.minimum(logs, 709.0)))
