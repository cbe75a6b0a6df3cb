"""The pipeline and the writer that the settings ask for, loaded."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from index.errors import BadRequest
from qa.settings import KEY, Settings
from qa.writing.generate import CheckedWriter, Model, Writer

if TYPE_CHECKING:
    from index.embed import Embedder
    from qa.pipeline import Pipeline

# Of 50 English sentences with their Chinese passages aligned (XQuAD, training half), these keep
# 86%; of as many put to the next sentence of their article 2%, to another article's 0%.
MIN_COSINE = 0.82
MIN_LEAD = 0.02
# Where a number or a name of the sentence stands in the candidate too.
MIN_COSINE_ANCHORED = 0.77
MIN_LEAD_ANCHORED = 0.0


class EmbedderSupport:
    """Judges sentences in another script than their evidence by the retriever's own vectors."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def choose(
        self, sentence: str, candidates: Sequence[str], others: Sequence[str], *, anchored: bool
    ) -> int | None:
        """The nearest candidate, if it is near and nearer than whatever was not cited."""
        vectors = self._embedder.encode([*candidates, *others], side="passage")
        (query,) = self._embedder.encode([sentence], side="query")
        cosines = np.asarray(vectors) @ np.asarray(query)
        best = int(np.argmax(cosines[: len(candidates)]))
        lead = float(cosines[best]) - float(max(cosines[len(candidates) :], default=0.0))
        least, ahead = (
            (MIN_COSINE_ANCHORED, MIN_LEAD_ANCHORED) if anchored else (MIN_COSINE, MIN_LEAD)
        )
        return best if cosines[best] >= least and lead >= ahead else None

    def nearness(self, text: str, others: Sequence[str]) -> list[float]:
        """The cosine of a text to each of the others."""
        vectors = self._embedder.encode(list(others), side="passage")
        (query,) = self._embedder.encode([text], side="query")
        return [float(cosine) for cosine in np.asarray(vectors) @ np.asarray(query)]


def configured_pipeline(settings: Settings) -> Pipeline:
    """Raises: IndexUnusable, ModelUnavailable, BadRequest: as they say."""
    from qa.pipeline import load_pipeline

    pipeline = load_pipeline(
        settings.index,
        embedding=settings.embedding,
        abstain_threshold=settings.abstain_threshold,
    )
    embedder = getattr(pipeline.index, "embedder", None)
    return pipeline.with_writer(load_writer(settings, embedder=embedder))


def load_writer(
    settings: Settings,
    *,
    embedder: Embedder | None = None,
    environ: Mapping[str, str] | None = None,
) -> Writer | None:
    """None: no model is set, answers stay extractive.

    Args:
        embedder: judges sentences that are in another script than their passage; without
            one they are dropped.

    Raises:
        BadRequest: the endpoint's address cannot be meant.
        ModelUnavailable: the folder holds no model.
    """
    if settings.writer_model is None:
        return None
    environ = os.environ if environ is None else environ
    model: Model
    if settings.writer_url:
        from qa.writing.endpoint import Endpoint

        try:
            model = Endpoint(settings.writer_url, settings.writer_model, key=environ.get(KEY))
        except ValueError as error:
            raise BadRequest(f"writer_url: {error}") from None
    else:
        from qa.writing.local_model import LocalModel

        model = LocalModel(settings.writer_model)
    support = EmbedderSupport(embedder) if embedder else None
    return CheckedWriter(model, support=support, limit_s=settings.writer_limit_s)
