"""From the proved expression to array code: ``ArrayPrinter`` and ``compile_model``."""

from numerics.compile.array_namespace import is_foreign, namespace
from numerics.compile.bind import compile_model, model_numbers
from numerics.compile.field import VelocityField
from numerics.compile.printer import XP, ArrayPrinter, printed_function
from numerics.compile.runtime import RUNTIME
from numerics.compile.systems import State, SystemField

__all__ = [
    "RUNTIME",
    "XP",
    "ArrayPrinter",
    "State",
    "SystemField",
    "VelocityField",
    "compile_model",
    "is_foreign",
    "model_numbers",
    "namespace",
    "printed_function",
]
