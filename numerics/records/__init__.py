"""What every result can do: short forms, files without pickles, labelled data sets."""

from numerics.records.album import Album
from numerics.records.files import FORMAT, load, read_header
from numerics.records.result import Result

__all__ = ["FORMAT", "Album", "Result", "load", "read_header"]
