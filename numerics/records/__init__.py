"""What every result can do: short forms, files without pickles, labelled data sets."""

from numerics.records.files import FORMAT, load, read_header
from numerics.records.result import Result

__all__ = ["FORMAT", "Result", "load", "read_header"]
