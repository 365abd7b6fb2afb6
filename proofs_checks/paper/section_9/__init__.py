"""Section 9 of the paper, a file a statement."""
