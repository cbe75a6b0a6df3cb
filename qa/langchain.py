"""Passages as LangChain documents: a retriever over a pipeline's index.

from qa import load_pipeline
from qa.langchain import WenjuRetriever

documents = WenjuRetriever(pipeline=load_pipeline(), top_k=5).invoke("侯马审批时限")
"""

from __future__ import annotations

from typing import Any

from index.schema import Hit
from qa.pipeline import Pipeline
from qa.to_json import hit_to_json

try:
    from langchain_core.callbacks import CallbackManagerForRetrieverRun
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever
except ImportError as error:
    raise ImportError(
        "the retriever needs langchain-core: pip install 'wenju[langchain]'"
    ) from error


class WenjuRetriever(BaseRetriever):
    """Documents best first; `metadata` is the passage as `/api/search` gives it."""

    pipeline: Any  # a qa.Pipeline; pydantic knows no plain classes
    top_k: int = 10

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 LangChain passes it by name
    ) -> list[Document]:
        pipeline: Pipeline = self.pipeline
        return [_document(pipeline, hit) for hit in pipeline.search(query, top_k=self.top_k)]


def _document(pipeline: Pipeline, hit: Hit) -> Document:
    article = pipeline.index.article(hit.passage.article_id)
    metadata = hit_to_json(hit, title=article.title)
    metadata.pop("text")
    return Document(
        id=hit.passage.id,
        page_content=hit.passage.text,
        metadata={**metadata, "source": article.source.path, "authors": list(article.authors)},
    )
