"""Variants of the catalogue: what is derived of each, and what is in the way.

The face offers `part_of` with its `Part` and the names `PARTS`, `decay_of`, and `obstruction` with
its `Witness`.
"""

from proofs_checks.variants.derived import PARTS, Part, decay_of, part_of
from proofs_checks.variants.witness import Witness, obstruction

__all__ = ["PARTS", "Part", "Witness", "decay_of", "obstruction", "part_of"]
