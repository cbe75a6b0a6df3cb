"""The same task in five ways, each as its documentation has it for Chinese text.

Every engine gets articles, cuts them with its own splitter, and ranks with
vectors alone and with its own mixture of words and vectors. The embedding is
the same folder for all; every one is told the model's prompts. What a user
writes is what stands between `def` and `return` here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Ask = Callable[[str], list[str]]  # a question to article ids, best first, repeats allowed
Rankings = dict[str, Ask]

TOP_K = 30  # passages, so that ten articles are among them
STOPS = ["\n\n", "\n", "。", "！", "？", "；", "，", " ", ""]
PROMPTS = {"query": "query: ", "passage": "passage: "}


def wenju_build(articles: list[tuple[str, str]], folder: Path, model: str) -> None:
    from index import update
    from index.embed import load_embedder

    corpus = folder / "articles.jsonl"
    lines = (json.dumps({"id": id_, "text": text}) for id_, text in articles)
    corpus.write_text("\n".join(lines) + "\n", encoding="utf-8")
    update(folder / "index", [corpus], embedder=load_embedder(), prune=True)


def wenju_open(folder: Path, model: str) -> Rankings:
    from index import Index
    from index.embed import load_embedder

    found = Index.open(folder / "index", embedder=load_embedder())
    records = {summary.article_id: summary.record or "" for summary in found.summaries()}

    def ask(question: str) -> list[str]:
        return [records[hit.passage.article_id] for hit in found.search(question, top_k=TOP_K)]

    return {"words and vectors": ask}


def langchain_embeddings(model: str) -> Any:
    from langchain_huggingface import HuggingFaceEmbeddings

    return HuggingFaceEmbeddings(
        model_name=model,
        encode_kwargs={"prompt": PROMPTS["passage"], "normalize_embeddings": True},
        query_encode_kwargs={"prompt": PROMPTS["query"], "normalize_embeddings": True},
    )


def langchain_build(articles: list[tuple[str, str]], folder: Path, model: str) -> None:
    import faiss
    from langchain_community.vectorstores import FAISS
    from langchain_core.documents import Document
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(STOPS, chunk_size=300, chunk_overlap=30)
    documents = [Document(text, metadata={"id": id_}) for id_, text in articles]
    store = FAISS.from_documents(splitter.split_documents(documents), langchain_embeddings(model))
    # Its own `save_local` pickles the documents, which no program of ours reads again.
    faiss.write_index(store.index, str(folder / "index.faiss"))
    kept = [store.docstore.search(store.index_to_docstore_id[n]) for n in range(store.index.ntotal)]
    rows = [[document.page_content, document.metadata["id"]] for document in kept]
    (folder / "documents.json").write_text(json.dumps(rows), encoding="utf-8")


def langchain_open(folder: Path, model: str) -> Rankings:
    import faiss
    import jieba
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.docstore.in_memory import InMemoryDocstore
    from langchain_community.retrievers import BM25Retriever
    from langchain_community.vectorstores import FAISS
    from langchain_core.documents import Document

    rows = json.loads((folder / "documents.json").read_text(encoding="utf-8"))
    documents = {str(n): Document(text, metadata={"id": id_}) for n, (text, id_) in enumerate(rows)}
    store = FAISS(
        langchain_embeddings(model),
        faiss.read_index(str(folder / "index.faiss")),
        InMemoryDocstore(documents),
        {n: str(n) for n in range(len(rows))},
    )
    vectors = store.as_retriever(search_kwargs={"k": TOP_K})
    words = BM25Retriever.from_documents(
        list(documents.values()), preprocess_func=jieba.lcut, k=TOP_K
    )
    both = EnsembleRetriever(retrievers=[words, vectors], weights=[0.5, 0.5])
    return {
        "vectors": lambda q: [d.metadata["id"] for d in vectors.invoke(q)],
        "words and vectors": lambda q: [d.metadata["id"] for d in both.invoke(q)],
    }


def llamaindex_embeddings(model: str) -> Any:
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    return HuggingFaceEmbedding(
        model, query_instruction=PROMPTS["query"], text_instruction=PROMPTS["passage"]
    )


def llamaindex_build(articles: list[tuple[str, str]], folder: Path, model: str) -> None:
    import faiss
    from llama_index.core import Document, StorageContext, VectorStoreIndex
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.vector_stores.faiss import FaissVectorStore

    splitter = SentenceSplitter(
        chunk_size=300,
        chunk_overlap=30,
        tokenizer=list,
        secondary_chunking_regex="[^，。；！？]+[，。；！？]?",
    )
    store = FaissVectorStore(faiss.IndexFlatIP(384))
    made = VectorStoreIndex.from_documents(
        [Document(text=text, metadata={"id": id_}) for id_, text in articles],
        transformations=[splitter],
        storage_context=StorageContext.from_defaults(vector_store=store),
        embed_model=llamaindex_embeddings(model),
    )
    made.storage_context.persist(str(folder))


def llamaindex_open(folder: Path, model: str) -> Rankings:
    import jieba
    from llama_index.core import StorageContext, load_index_from_storage
    from llama_index.core.llms import MockLLM
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.vector_stores.faiss import FaissVectorStore
    from rank_bm25 import BM25Okapi

    storage = StorageContext.from_defaults(
        vector_store=FaissVectorStore.from_persist_dir(str(folder)), persist_dir=str(folder)
    )
    made = load_index_from_storage(storage, embed_model=llamaindex_embeddings(model))
    vectors = made.as_retriever(similarity_top_k=TOP_K)
    words = bm25_retriever(list(storage.docstore.docs.values()), jieba.lcut, BM25Okapi)
    both = QueryFusionRetriever(
        [vectors, words],
        llm=MockLLM(),
        num_queries=1,
        mode="reciprocal_rerank",  # pyright: ignore[reportArgumentType]
        similarity_top_k=TOP_K,
        use_async=False,
    )
    return {
        "vectors": lambda q: [n.metadata["id"] for n in vectors.retrieve(q)],
        "words and vectors": lambda q: [n.metadata["id"] for n in both.retrieve(q)],
    }


def bm25_retriever(nodes: list[Any], cut: Callable[[str], list[str]], model: Any) -> Any:
    """LlamaIndex's own BM25 package stems English and takes no tokenizer: one for Chinese."""
    from llama_index.core.retrievers import BaseRetriever
    from llama_index.core.schema import NodeWithScore

    scored = model([cut(node.get_content()) for node in nodes])

    class Words(BaseRetriever):
        def _retrieve(self, query_bundle: Any) -> list[Any]:
            scores = scored.get_scores(cut(query_bundle.query_str))
            best = sorted(range(len(nodes)), key=lambda n: -scores[n])[:TOP_K]
            return [NodeWithScore(node=nodes[n], score=float(scores[n])) for n in best]

    return Words()


def haystack_build(articles: list[tuple[str, str]], folder: Path, model: str) -> None:
    from haystack import Document
    from haystack.components.preprocessors import RecursiveDocumentSplitter
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
    )

    splitter = RecursiveDocumentSplitter(
        split_length=300, split_overlap=30, split_unit="char", separators=["\n", "。", "，"]
    )
    embedder = SentenceTransformersDocumentEmbedder(
        model=model, prefix=PROMPTS["passage"], normalize_embeddings=True, progress_bar=False
    )
    splitter.warm_up()
    embedder.warm_up()
    documents = [Document(content=text, meta={"id": id_}) for id_, text in articles]
    split = splitter.run(documents=documents)["documents"]
    store = InMemoryDocumentStore(embedding_similarity_function="dot_product")
    store.write_documents(embedder.run(documents=split)["documents"])
    store.save_to_disk(str(folder / "store.json"))


def haystack_open(folder: Path, model: str) -> Rankings:
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import (
        InMemoryBM25Retriever,
        InMemoryEmbeddingRetriever,
    )
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersTextEmbedder,
    )

    store = InMemoryDocumentStore.load_from_disk(str(folder / "store.json"))
    embedder = SentenceTransformersTextEmbedder(
        model=model, prefix=PROMPTS["query"], normalize_embeddings=True, progress_bar=False
    )
    embedder.warm_up()
    vectors = InMemoryEmbeddingRetriever(store, top_k=TOP_K)
    words = InMemoryBM25Retriever(store, top_k=TOP_K)
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=TOP_K)

    def dense(question: str) -> list[Any]:
        return vectors.run(query_embedding=embedder.run(question)["embedding"])["documents"]

    def both(question: str) -> list[Any]:
        sparse = words.run(query=question)["documents"]
        return joiner.run(documents=[dense(question), sparse])["documents"]

    return {
        "vectors": lambda q: [d.meta["id"] for d in dense(q)],
        "words and vectors": lambda q: [d.meta["id"] for d in both(q)],
    }


def txtai_build(articles: list[tuple[str, str]], folder: Path, model: str) -> None:
    from langchain_text_splitters import RecursiveCharacterTextSplitter
    from txtai import Embeddings

    # txtai's own splitter needs its pipeline extra and knows sentences of English.
    splitter = RecursiveCharacterTextSplitter(STOPS, chunk_size=300, chunk_overlap=30)
    made = Embeddings(
        path=model,
        method="sentence-transformers",
        instructions={"query": PROMPTS["query"], "data": PROMPTS["passage"]},
        hybrid=True,
        scoring={"method": "bm25", "terms": True, "normalize": True},
        content=True,
        backend="faiss",
    )
    made.index(
        {"text": piece, "article": id_}
        for id_, text in articles
        for piece in splitter.split_text(text)
    )
    made.save(str(folder / "txtai"))


def txtai_open(folder: Path, model: str) -> Rankings:
    from txtai import Embeddings

    made = Embeddings()
    made.load(str(folder / "txtai"))

    def ask(question: str, weight: float) -> list[str]:
        found = made.search(
            "select article, score from txtai where similar(:question)",
            TOP_K,
            weights=weight,
            parameters={"question": question},
        )
        return [row["article"] for row in found]

    return {"vectors": lambda q: ask(q, 1.0), "words and vectors": lambda q: ask(q, 0.5)}


ENGINES: dict[str, tuple[Callable[..., None], Callable[..., Rankings]]] = {
    "wenju": (wenju_build, wenju_open),
    "langchain": (langchain_build, langchain_open),
    "llamaindex": (llamaindex_build, llamaindex_open),
    "haystack": (haystack_build, haystack_open),
    "txtai": (txtai_build, txtai_open),
}
