"""Statements of the literature that follows: a folder a paper, named by first author and number."""
