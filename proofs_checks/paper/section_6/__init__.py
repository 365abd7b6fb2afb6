"""Section 6 of the paper, a file a statement."""
