"""Clustering in causal attention masking, arXiv 2411.04990: who sees whom, and who follows whom."""
