"""Section 4 of the paper, a file a statement."""
