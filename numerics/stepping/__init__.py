"""One stepper for all runs: a tableau, a controller, and two loops that take the same steps."""

from numerics.stepping.ledger import drowned, entry
from numerics.stepping.tableau import EIGHT, FIVE, Tableau
from numerics.stepping.velocity import ArrayVelocity, CompiledVelocity, layout

__all__ = [
    "EIGHT",
    "FIVE",
    "ArrayVelocity",
    "CompiledVelocity",
    "Tableau",
    "drowned",
    "entry",
    "layout",
]
