from theory.linearize import *  # noqa: F403
