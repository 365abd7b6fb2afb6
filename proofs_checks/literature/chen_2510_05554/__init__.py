"""Critical attention scaling, arXiv 2510.05554: β = γ log n in long contexts."""
