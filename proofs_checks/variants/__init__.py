"""Variants of the catalogue: what is derived of each, and what is in the way.

The face offers `part_of` with its `Part` and the names `PARTS`, `decay_of`, and `obstruction` with
its `Witness`; `plain` writes any witness that is `Seen` as data.
"""

from proofs_checks.variants.derived import PARTS, Part, decay_of, part_of
from proofs_checks.variants.witness import Seen, Witness, obstruction, plain

__all__ = ["PARTS", "Part", "Seen", "Witness", "decay_of", "obstruction", "part_of", "plain"]
