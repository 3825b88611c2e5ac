"""What has to be known of an embedding model before it is asked: how long its vectors are, their scale, what it reads.

`floor` and `ceiling` are set so that an unrelated and a fitting passage get the meaning that MiniLM gives them in our
collections, 0.04 and 0.56. Where nobody has published cosines, they are an estimate: measure them on your own material
(docs/operations.md, *Embedders*) before you trust a threshold.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class KnownModel:
    """`before_question` and `before_passage` are what the model's card asks to write before a text."""

    dimension: int
    floor: float = 0.0
    ceiling: float = 1.0
    shortens: bool = False
    """Whether it can be asked for shorter vectors."""
    before_question: str = ""
    before_passage: str = ""
    languages: tuple[str, ...] = ()


_MODELS = {
    # 0.08 for an unrelated question, 0.44 for a fitting one: https://afurmanov.com/chunk-size-embedding-similarity
    "text-embedding-3-large": KnownModel(3072, 0.05, 0.74, shortens=True),
    "text-embedding-3-small": KnownModel(1536, 0.05, 0.74, shortens=True),
    # Hardly ever below 0.7: https://www.s-anand.net/blog/embeddings-similarity-threshold/
    "text-embedding-ada-002": KnownModel(1536, 0.71, 0.96),
    # Open models by the names that Ollama and vLLM have for them. The scales are estimates.
    "nomic-embed-text": KnownModel(
        768, 0.40, 0.93, before_question="search_query: ", before_passage="search_document: ", languages=("en",)
    ),
    "mxbai-embed-large": KnownModel(
        1024,
        0.33,
        0.98,
        before_question="Represent this sentence for searching relevant passages: ",
        languages=("en",),
    ),
    "bge-m3": KnownModel(1024, 0.33, 0.90),
    "multilingual-e5-large": KnownModel(1024, 0.73, 0.97, before_question="query: ", before_passage="passage: "),
}


def known_model(model: str) -> KnownModel | None:
    """`BAAI/bge-m3` and `nomic-embed-text:v1.5` are known by the name alone."""
    return _MODELS.get(model.rpartition("/")[2].partition(":")[0].lower())
