"""Normalization in attention dynamics, arXiv 2510.22026: what each scheme does to clustering."""
