"""Appendix A of the paper, a file a statement."""
