"""Variants of the catalogue: what is derived of each, and what is in the way.

The face offers `part_of` with its `Part` and the names `PARTS`, `decay_of`, and `obstruction` with
its `Witness`; `plain` writes any witness that is `Seen` as data.
`entry_of` is a row of the catalogue, an `Entry`; `control_of` and `changed` are its control, and
`markdown` writes all.
"""

from proofs_checks.variants.derived import PARTS, Part, decay_of, part_of
from proofs_checks.variants.table import Entry, changed, control_of, entry_of, markdown
from proofs_checks.variants.witness import Seen, Witness, obstruction, plain

__all__ = [
    "PARTS",
    "Entry",
    "Part",
    "Seen",
    "Witness",
    "changed",
    "control_of",
    "decay_of",
    "entry_of",
    "markdown",
    "obstruction",
    "part_of",
    "plain",
]
