"""The company's own leg: everything that was ingested, in every modality."""

from aisdr.company import TenantScope
from aisdr.index.base import IndexQuery, Origin, SearchHit, SearchIndex


class OwnLeg:
    """Asks the company's index without regard to where else its chunks are known."""

    name: Origin = "own"

    def __init__(self, index: SearchIndex) -> None:
        self._index = index

    def search(self, scope: TenantScope, query: IndexQuery, timeout: float) -> list[SearchHit]:
        return self._index.search(scope, query)
