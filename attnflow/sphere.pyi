from numerics.sphere import *  # noqa: F403
