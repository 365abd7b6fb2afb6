"""Collection: a module that exists for an extra is left out where the extra is not installed."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("numba") else ["numerics/fused_numba.py"]
