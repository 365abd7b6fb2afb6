from theory.parse import *  # noqa: F403
