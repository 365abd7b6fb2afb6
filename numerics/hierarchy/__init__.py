"""The law of two tokens on the circle, (8.1): closures, and Monte Carlo."""

from numerics.hierarchy.closures import CLOSURES, pair_force, pair_law
from numerics.hierarchy.copies import PairSamples, pair_samples, spread_starts
from numerics.hierarchy.law import PairLaw, PairStatus

__all__ = [
    "CLOSURES",
    "PairLaw",
    "PairSamples",
    "PairStatus",
    "pair_force",
    "pair_law",
    "pair_samples",
    "spread_starts",
]
