"""Files in, sources out: one file per format, and the walk over folders."""

from index.sources.files import read_sources, read_tree, root_of, walking
from index.sources.report import FileReport, Limits, Skipped

__all__ = [
    "FileReport",
    "Limits",
    "Skipped",
    "read_sources",
    "read_tree",
    "root_of",
    "walking",
]
