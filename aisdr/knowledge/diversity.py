"""What a model is given to read: from more than one source, where more than one was found."""

from collections import Counter
from collections.abc import Sequence

from aisdr.index.base import SearchHit


def diverse(hits: Sequence[SearchHit], places: int) -> list[SearchHit]:
    """The best of them in their order, of one source at most half (rounded up) while another one's are left to take.

    Whoever writes a document so that it fits every question cannot make it all that a model reads: what the company's
    other sources say stands beside it, and the numbers of an answer tell one from the other. Half is what the true
    source of an answer needs at most: its passages overlap or stand one after the other, and the best come first. A
    source that was found alone fills all places: nobody else is silenced by it.
    """
    most, taken = (places + 1) // 2, Counter[str]()
    first: list[int] = []
    rest: list[int] = []
    for place, hit in enumerate(hits):
        source = hit.chunk.source_id
        (first if taken[source] < most else rest).append(place)
        taken[source] += 1
    return [hits[place] for place in sorted((*first, *rest)[:places])]
