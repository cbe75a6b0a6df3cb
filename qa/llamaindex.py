"""Passages as LlamaIndex nodes: a retriever over a pipeline's index.

from qa import load_pipeline
from qa.llamaindex import WenjuRetriever

nodes = WenjuRetriever(load_pipeline(), top_k=5).retrieve("侯马审批时限")
"""

from __future__ import annotations

from typing import Any

from index.schema import Hit
from qa.pipeline import Pipeline
from qa.to_json import hit_to_json

try:
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
except ImportError as error:
    missing = "the retriever needs llama-index-core: pip install 'wenju[llamaindex]'"
    raise ImportError(missing) from error


class WenjuRetriever(BaseRetriever):
    """Nodes best first; `metadata` is the passage as `/api/search` gives it."""

    def __init__(self, pipeline: Pipeline, *, top_k: int = 10, **options: Any) -> None:
        """`options` are LlamaIndex's own (callback_manager, verbose)."""
        super().__init__(**options)
        self._pipeline, self._top_k = pipeline, top_k

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = self._pipeline.search(query_bundle.query_str, top_k=self._top_k)
        return [NodeWithScore(node=_node(self._pipeline, hit), score=hit.score) for hit in hits]


def _node(pipeline: Pipeline, hit: Hit) -> TextNode:
    article = pipeline.index.article(hit.passage.article_id)
    metadata = hit_to_json(hit, title=article.title)
    metadata.pop("text")
    metadata |= {"source": article.source.path, "authors": list(article.authors)}
    return TextNode(
        id_=hit.passage.id,
        text=hit.passage.text,
        metadata=metadata,
        start_char_idx=hit.passage.span.start,
        end_char_idx=hit.passage.span.end,
        excluded_embed_metadata_keys=list(metadata),
        excluded_llm_metadata_keys=[key for key in metadata if key not in ("title", "source")],
    )
