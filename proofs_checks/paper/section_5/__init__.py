"""Section 5 of the paper, a file a statement."""
