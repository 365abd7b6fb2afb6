"""Appendix C of the paper, a file a statement."""
