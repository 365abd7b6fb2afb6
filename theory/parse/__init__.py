"""A user's kernel or energy, given as text, read through a whitelist and checked to be regular."""

from theory.parse.energy import parse_energy
from theory.parse.kernel import parse_kernel
from theory.parse.reader import ParseError

__all__ = ["ParseError", "parse_energy", "parse_kernel"]
