from theory.symbols import *  # noqa: F403
