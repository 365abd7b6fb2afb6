from theory.atoms import *  # noqa: F403
