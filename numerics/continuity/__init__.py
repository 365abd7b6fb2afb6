"""The continuity equation, n = infinity: nodes with masses on the circle and for zonal measures."""

from numerics.continuity.particles import MeanFieldStatus
from numerics.continuity.result import MeanField
from numerics.continuity.run import mean_field
from numerics.continuity.spectral import Agreement

__all__ = ["Agreement", "MeanField", "MeanFieldStatus", "mean_field"]
