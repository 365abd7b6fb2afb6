from theory.predictions import *  # noqa: F403
