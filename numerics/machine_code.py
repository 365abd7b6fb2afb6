"""Machine code by numba (the extra `fast`): the compiler, e^a, and the sums that loops share.

The code has the same bits in every process, also in the one that compiles it, and is compiled anew
when anything changes that it was made of.

e^a by range reduction, a polynomial and the exponent bits, so that the compiler turns every inner
loop into vector instructions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from copy import copy
from functools import lru_cache
from types import CodeType
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba import types
from numba.core.caching import CompileResultCacheImpl, FunctionCache
from numba.core.cgutils import get_null_value
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.compiler_machinery import AnalysisPass, register_pass
from numba.core.registry import cpu_target
from numba.core.untyped_passes import IRProcessing
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from numerics.arguments import FloatArray
from numerics.interrupts import interrupts_later

_F = TypeVar("_F", bound=Callable[..., Any])


class _Library(JITCodeLibrary):
    """Machine code that calls its own copies of other functions, in whatever process it is.

    numba leaves these copies weak: the loader takes the first one that the process has met. It was
    optimised for another caller, or by itself when it was compiled, and has other last bits.
    """

    _shared_module: Any

    def _finalize_final_module(self) -> None:
        if self._shared_module is None:  # just compiled; from the cache it comes as it was made
            self._shared_module = self._final_module.clone()
            for function in self._shared_module.functions:
                if not function.is_declaration and function.linkage.name == "external":
                    function.linkage = "linkonce_odr"  # as numba does, to link it elsewhere
            for function in self._final_module.functions:
                if not function.is_declaration and function.linkage.name == "linkonce_odr":
                    function.linkage = "internal"
        with interrupts_later():  # LLVM asks a Python function for code it has; without an answer
            super()._finalize_final_module()  # it goes on, and a call jumps to nowhere


_codegen = copy(cpu_target.target_context.codegen())  # the same engine: functions of ours alone
_codegen._library_class = _Library


@register_pass(mutates_CFG=False, analysis_only=True)
class _OwnLibrary(AnalysisPass):
    """Put a function's machine code into a library of ours; functions of others keep numba's."""

    _name = "own_library"

    def __init__(self) -> None:  # numba's own is abstract
        super().__init__()

    def run_pass(self, state: Any) -> bool:
        if state.library is None:
            state.library = _codegen.create_library(state.func_id.func_qualname)
            state.library.enable_object_caching()
        return False


class _Compiler(Compiler):
    def define_pipelines(self) -> list[Any]:
        pipelines: list[Any] = super().define_pipelines()
        for pipeline in pipelines:
            pipeline.add_pass_after(_OwnLibrary, IRProcessing)
            pipeline.finalize()
        return pipelines


@lru_cache(maxsize=1024)
def _digest(function: Callable[..., Any]) -> str:
    """Digest a function's code and all that it names: functions, their options, constants."""
    digest, seen = hashlib.sha256(), set()
    todo: list[tuple[Any, dict[str, Any]]] = [(function, {})]
    while todo:
        value, names = todo.pop()
        if hasattr(value, "targetoptions"):  # compiled
            for name, option in sorted(value.targetoptions.items()):
                told = sorted(option) if isinstance(option, set) else option
                digest.update(f"{name}={told!r};".encode())
            value = value.py_func
        value = getattr(value, "_defn", value)  # of an intrinsic
        if hasattr(value, "__code__"):
            if id(value) in seen:
                continue
            seen.add(id(value))
            todo += [(cell.cell_contents, names) for cell in value.__closure__ or ()]
            value, names = value.__code__, value.__globals__
        if isinstance(value, CodeType):
            digest.update(value.co_code + repr(value.co_names).encode())
            todo += [(constant, names) for constant in value.co_consts]
            todo += [(names[name], names) for name in value.co_names if name in names]
            continue
        value = getattr(value, "_fields", value)  # of a named tuple's class
        if isinstance(value, tuple):
            todo += [(item, names) for item in value]
        elif isinstance(value, bool | int | float | str):
            digest.update(repr(value).encode())
    return digest.hexdigest()


class _Results(CompileResultCacheImpl):
    """What a cache keeps, read back into libraries of ours."""

    def rebuild(self, target_context: Any, payload: Any) -> Any:
        context = copy(target_context)
        context._internal_codegen = _codegen
        return super().rebuild(context, payload)


class _Cache(FunctionCache):
    """numba's cache looks at a function's own file; this one at all that it calls as well."""

    _impl_class = _Results

    def _index_key(self, sig: Any, codegen: Any) -> tuple[Any, ...]:
        return (*super()._index_key(sig, codegen), _digest(self._py_func))


def jit(function: _F, *signatures: Any, **options: Any) -> _F:
    """Compile on first call, and keep the machine code beside the byte code where that can be.

    With a signature: compile for it at once.
    """
    compiled: Any = numba.njit(
        **{"error_model": "numpy", "nogil": True, **options}, pipeline_class=_Compiler
    )(function)
    try:
        compiled._cache = _Cache(function)
    except RuntimeError:  # pragma: no cover - no folder to write to
        pass
    for signature in signatures:
        compiled.compile(signature)
    return cast(_F, compiled)


def inlined(function: _F, **options: Any) -> _F:
    """Compile what is called in every step: its code is put where it is called.

    A call hands over arrays of seven words each, up to thirty of them.
    """
    return jit(function, forceinline=True, **options)


def _bitcast(context: Any, value: Any) -> Any:
    """Reinterpret 8 bytes: a float64 as int64 and back."""
    target = types.int64 if isinstance(value, types.Float) else types.float64

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(signature.return_type))

    return target(value), generate


_as_bits: Any = intrinsic(_bitcast)


def _lend(context: Any, array: Any) -> Any:
    """View an array without an owner."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        view = make_array(array)(context, builder, value=arguments[0])
        view.meminfo = get_null_value(view.meminfo.type)
        view.parent = get_null_value(view.parent.type)
        return view._getvalue()

    return array(array), generate


lent: Any = intrinsic(_lend)
"""An array without an owner, for as long as the array lives: its uses aren't counted, by atomic
operations that cost as much as half a velocity of 32 points."""


# e^a = 2^k e^r, a = k ln 2 + r, |r| ≤ ln(2)/2. Adding 1.5·2^52 rounds a·log2(e) to the integer k
# and leaves it in the low bits of the sum; ln 2 is split so that k·LN2_HIGH is exact.
LOG2_E = 1.4426950408889634
LN2_HIGH = 0.693147180369123816490
LN2_LOW = 1.90821492927058770002e-10
ROUND = 6755399441055744.0


_CUT = -708.0  # below, the result would be subnormal: flushed to 0


# 1/2! … 1/13!: the first term left out is below 5e-18
C2, C3, C4, C5 = 1 / 2, 1 / 6, 1 / 24, 1 / 120
C6, C7, C8, C9 = 1 / 720, 1 / 5040, 1 / 40320, 1 / 362880
C10, C11, C12, C13 = 1 / 3628800, 1 / 39916800, 1 / 479001600, 1 / 6227020800


def exponential(a: float) -> float:
    """e^a for a < 709, to 2 ulp; 0 below −708."""
    s = max(a, _CUT)
    u = s * LOG2_E + ROUND
    k = u - ROUND
    r = (s - k * LN2_HIGH) - k * LN2_LOW
    square = r * r  # pairs of coefficients: half the latency of Horner's chain
    p = C13 * r + C12
    p = p * square + (C11 * r + C10)
    p = p * square + (C9 * r + C8)
    p = p * square + (C7 * r + C6)
    p = p * square + (C5 * r + C4)
    p = p * square + (C3 * r + C2)
    p = 1.0 + (r + square * p)
    scale: float = _as_bits((_as_bits(u) << 52) + (np.int64(1023) << 52))
    return p * scale if a >= _CUT else 0.0


exponential = jit(exponential, fastmath={"contract"})


def _exponentials(a: FloatArray) -> None:
    """Replace a by its exponential."""
    for q in range(a.shape[0]):
        a[q] = exponential(a[q])


def _add_multiple(out: FloatArray, factor: float, a: FloatArray) -> None:
    for q in range(out.shape[0]):
        out[q] += factor * a[q]


exponentials = jit(_exponentials, fastmath={"contract"})
add_multiple = jit(_add_multiple, fastmath={"contract"})


REORDERED = {"reassoc", "contract", "nsz"}


def sums_in_plane(xt: FloatArray, w: FloatArray, p: FloatArray, beta: float, shift: float) -> None:
    """Do what `_one_system` does for d = 2, every row by itself and in registers."""
    x0, x1 = xt[0], xt[1]
    w0, w1, w2 = w[0], w[1], w[2]
    for i in range(x0.shape[0]):
        f0, f1 = beta * x0[i], beta * x1[i]
        a0, a1, a2 = 0.0, 0.0, 0.0
        for j in range(x0.shape[0]):
            e = exponential(f0 * x0[j] + f1 * x1[j] - shift)
            a0 += w0[j] * e
            a1 += w1[j] * e
            a2 += w2[j] * e
        p[0, i], p[1, i], p[2, i] = a0, a1, a2


def sums_in_space(xt: FloatArray, w: FloatArray, p: FloatArray, beta: float, shift: float) -> None:
    """Do what `_one_system` does for d = 3, every row by itself and in registers."""
    x0, x1, x2 = xt[0], xt[1], xt[2]
    w0, w1, w2, w3 = w[0], w[1], w[2], w[3]
    for i in range(x0.shape[0]):
        f0, f1, f2 = beta * x0[i], beta * x1[i], beta * x2[i]
        a0, a1, a2, a3 = 0.0, 0.0, 0.0, 0.0
        for j in range(x0.shape[0]):
            e = exponential(f0 * x0[j] + f1 * x1[j] + f2 * x2[j] - shift)
            a0 += w0[j] * e
            a1 += w1[j] * e
            a2 += w2[j] * e
            a3 += w3[j] * e
        p[0, i], p[1, i], p[2, i], p[3, i] = a0, a1, a2, a3


sums_in_plane = jit(sums_in_plane, fastmath=REORDERED)


sums_in_space = jit(sums_in_space, fastmath=REORDERED)


SLOT = 256  # columns in the plane that are worked on in one flat array


def sums_in_a_slot(a: FloatArray, p: FloatArray, m: int, beta: float, shift: float) -> None:
    """Sum over the pairs of up to SLOT columns in the plane, m a multiple of four.

    a holds x_0, x_1 and the three rows of weights, p the three sums, each from a multiple of SLOT
    on: constant distances show the compiler that nothing overlaps, and four rows at a time leave
    neither sums across lanes nor many loads.
    """
    for i in range(m):
        p[i] = 0.0
        p[SLOT + i] = 0.0
        p[2 * SLOT + i] = 0.0
    for j in range(0, m, 4):
        r0, s0 = beta * a[j], beta * a[SLOT + j]
        r1, s1 = beta * a[j + 1], beta * a[SLOT + j + 1]
        r2, s2 = beta * a[j + 2], beta * a[SLOT + j + 2]
        r3, s3 = beta * a[j + 3], beta * a[SLOT + j + 3]
        u0, v0, w0 = a[2 * SLOT + j], a[3 * SLOT + j], a[4 * SLOT + j]
        u1, v1, w1 = a[2 * SLOT + j + 1], a[3 * SLOT + j + 1], a[4 * SLOT + j + 1]
        u2, v2, w2 = a[2 * SLOT + j + 2], a[3 * SLOT + j + 2], a[4 * SLOT + j + 2]
        u3, v3, w3 = a[2 * SLOT + j + 3], a[3 * SLOT + j + 3], a[4 * SLOT + j + 3]
        for i in range(m):
            x, y = a[i], a[SLOT + i]
            e0, e1 = exponential(r0 * x + s0 * y - shift), exponential(r1 * x + s1 * y - shift)
            e2, e3 = exponential(r2 * x + s2 * y - shift), exponential(r3 * x + s3 * y - shift)
            p[i] += (e0 * u0 + e1 * u1) + (e2 * u2 + e3 * u3)
            p[SLOT + i] += (e0 * v0 + e1 * v1) + (e2 * v2 + e3 * v3)
            p[2 * SLOT + i] += (e0 * w0 + e1 * w1) + (e2 * w2 + e3 * w3)


sums_in_a_slot = jit(sums_in_a_slot, fastmath={"contract"})


def turn_into_weights(
    gram: FloatArray,
    beta: float,
    shift: float,
    mass: FloatArray,
    normalised: bool,
    scale: float,
    w: FloatArray,
) -> None:
    """Turn <x_i,x_j> into the weights of the velocity, its radial part on the diagonal."""
    n = gram.shape[0]
    for i in range(n):
        g, row = gram[i], w[i]
        total, radial = 0.0, 0.0
        for j in range(n):
            e = mass[j] * exponential(beta * g[j] - shift)
            row[j] = e
            total += e
            radial += e * g[j]
        factor = scale / total if normalised else scale
        for j in range(n):
            row[j] *= factor
        row[i] -= factor * radial


turn_into_weights = jit(turn_into_weights, fastmath=REORDERED)
