"""Section 2 of the paper, a file a statement."""
