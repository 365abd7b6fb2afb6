"""Fused kernels for SA, USA and their repulsive twins: recognised in a model, summed in tiles."""

from numerics.fused.form import FusedForm, recognise
from numerics.fused.loops import HEAVY, LARGE, SMALL, evaluate, load_numba
from numerics.fused.outputs import Output, Parted, parted
from numerics.fused.precise import differences

__all__ = [
    "HEAVY",
    "LARGE",
    "SMALL",
    "FusedForm",
    "Output",
    "Parted",
    "differences",
    "evaluate",
    "load_numba",
    "parted",
    "recognise",
]
