"""arXiv 2312.10794, statement by statement; ``contents`` is its list of labels."""
