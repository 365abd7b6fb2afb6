"""What is computed: array code compiled from the theory, integration, clusters, pictures."""

from numerics import sphere
from numerics.compile import ArrayPrinter, VelocityField, compile_model

__all__ = ["ArrayPrinter", "VelocityField", "compile_model", "sphere"]
