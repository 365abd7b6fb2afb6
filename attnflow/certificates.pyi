from proofs_checks.certificates import *  # noqa: F403
