"""Appendix B of the paper, a file a statement."""
