"""Appendix D of the paper, a file a statement."""
