from theory.derivations import *  # noqa: F403
