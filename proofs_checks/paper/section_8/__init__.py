"""Section 7 of the paper, a file a statement."""
