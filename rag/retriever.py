"""Search as LangChain knows it: `Retriever`. Beside retrieve, apart from it because importing LangChain takes long."""

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from rag.retrieve import retrieve
from rag.store import Index
from rag.types import Hit


class Retriever(BaseRetriever):
    """The search of an index as a LangChain retriever: `k` documents, with score, rank and place in the metadata."""

    index: Index
    k: int = 10

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        del run_manager
        return [_document(hit) for hit in retrieve(self.index, query, self.k)]


def _document(hit: Hit) -> Document:
    chunk = hit.chunk
    return Document(
        page_content=chunk.text,
        id=chunk.id,
        metadata={
            "source": chunk.source,
            "title": chunk.title,
            "published": chunk.published.isoformat() if chunk.published else None,
            "score": hit.score,
            "rank": hit.rank,
            "stage": hit.stage,
            "start": chunk.start,
            "end": chunk.end,
        },
    )
