"""What every second stage keeps to: which hits it may move, and what their scores are afterwards."""

from collections.abc import Sequence

from aisdr.index.base import SearchHit

WINDOW = 50
"""Hits that are looked at; the others keep their places behind them."""


def weighed(hits: Sequence[SearchHit]) -> list[SearchHit]:
    """The hits that may be moved: those with a score, which come first.

    One with score 0, such as those that a leg with weight 0 fills up with, keeps its place at the end.
    """
    return [hit for hit in hits[:WINDOW] if hit.score > 0]


def placed(hits: Sequence[SearchHit], order: Sequence[int]) -> list[SearchHit]:
    """The hits in another order, the first of which is `hits[order[0]]`; those that `order` leaves out stay behind.

    The scores keep their places: the hit that is best now has the score of the one that was best. So the list is
    sorted by a score that means what the merge meant by it.
    """
    chosen = set(order)
    order = [*order, *(at for at in range(len(hits)) if at not in chosen)]
    return [
        hits[came] if came == goes else hits[came].model_copy(update={"score": hits[goes].score})
        for goes, came in enumerate(order)
    ]
