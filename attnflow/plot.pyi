from numerics.plot import *  # noqa: F403
