"""Statements of ours, which no paper makes: a file a subject."""
