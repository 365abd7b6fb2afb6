from proofs_checks.strategies import *  # noqa: F403
