"""A unified perspective on the dynamics of deep transformers, arXiv 2501.18322: Gaussian tokens."""
