"""What tests begin with: a company, its material, a clock that stands still until it is told otherwise."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from aisdr.company import Company
from aisdr.index.base import Chunk, SourceRecord

if TYPE_CHECKING:
    from aisdr.services import Services

ORIGIN = "https://acme.example"
KEYS = {"k2": "the key that signs in these tests, " * 2, "k1": "an older key, which only verifies any more, " * 2}


def a_company(company_id: str = "acme", **changes: Any) -> Company:
    """A company that offers text and video, with `changes` by their Python names."""
    values: dict[str, Any] = {
        "company_id": company_id,
        "slug": company_id,
        "display_name": company_id.title(),
        "website_url": f"https://{company_id}.example",
        "allowed_origins": (f"https://{company_id}.example",),
        "modes": ("text", "video"),
        "use_tavus_video": True,
    }
    return Company(**values | changes)


def teach(services: "Services", company: Company, *chunks: Chunk) -> None:
    """Puts chunks into a company's index, each as a source of its own."""
    place = services.writing_place(company.operator_scope)
    for chunk in chunks:
        source = SourceRecord(chunk.source_id, chunk.content_hash, 1)
        vectors = place.embedder.embed_passages([chunk.searchable_text])
        place.index.replace_source(company.operator_scope, source, [chunk], vectors)


def a_chunk(name: str, text: str, **changes: Any) -> Chunk:
    values: dict[str, Any] = {
        "chunk_id": f"{name}#0",
        "source_id": name,
        "title": name.title(),
        "text": text,
        "url": f"/media/acme/{name}",
        "content_hash": name,
    }
    return Chunk(**values | changes)


class Clock:
    """Epoch seconds that only a test moves."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


def items(client: Any, table: str) -> Sequence[dict[str, Any]]:
    """Everything a table holds, as DynamoDB stores it: to see that nothing was written."""
    found: list[dict[str, Any]] = client.scan(TableName=table, ConsistentRead=True)["Items"]
    return found
