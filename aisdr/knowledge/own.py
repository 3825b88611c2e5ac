"""The company's own leg: everything that was ingested, in every modality."""

from aisdr.index.base import Origin, SearchHit
from aisdr.knowledge.base import Asked


class OwnLeg:
    """Asks the company's index without regard to where else its chunks are known."""

    name: Origin = "own"

    def search(self, asked: Asked, timeout: float) -> list[SearchHit]:
        return asked.place.index.search(asked.scope, asked.query, timeout)
