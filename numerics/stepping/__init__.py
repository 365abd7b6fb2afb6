"""One stepper for all runs: a tableau, a controller, and two loops that take the same steps."""

from numerics.stepping.arrays import Outcome, Rules, march, retract
from numerics.stepping.choice import compiled_velocity, fits, load_loop, velocity_of_run
from numerics.stepping.clock import Clock, exp, log_size
from numerics.stepping.controller import MOST, error, factor
from numerics.stepping.coordinates import Coordinates
from numerics.stepping.dense import extended, points_inside
from numerics.stepping.fields import (
    Field,
    blocks_of,
    choose_clock,
    finest,
    many,
    spent,
)
from numerics.stepping.location import crossed, locate
from numerics.stepping.runs import Ended, Taken, points_between, run_arrays, run_compiled
from numerics.stepping.tableau import EIGHT, FIVE, Tableau
from numerics.stepping.tail import Tail, attracting
from numerics.stepping.velocity import (
    COLUMNS,
    ArrayVelocity,
    Block,
    Stop,
    layout,
)

__all__ = [
    "COLUMNS",
    "EIGHT",
    "FIVE",
    "MOST",
    "ArrayVelocity",
    "Block",
    "Clock",
    "Coordinates",
    "Ended",
    "Field",
    "Outcome",
    "Rules",
    "Stop",
    "Tableau",
    "Tail",
    "Taken",
    "attracting",
    "blocks_of",
    "choose_clock",
    "compiled_velocity",
    "crossed",
    "error",
    "exp",
    "extended",
    "factor",
    "finest",
    "fits",
    "layout",
    "load_loop",
    "locate",
    "log_size",
    "many",
    "march",
    "points_between",
    "points_inside",
    "retract",
    "run_arrays",
    "run_compiled",
    "spent",
    "velocity_of_run",
]
