"""A question and hits in, an Answer out."""

from qa.pipeline import Pipeline, load_pipeline
from qa.schema import Answer, Citation, Turn

__all__ = ["Answer", "Citation", "Pipeline", "Turn", "load_pipeline"]
