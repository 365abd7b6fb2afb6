"""Clustering in deep stochastic Transformers, arXiv 2601.21942: common noise on V."""
