"""What Tavus has and what we believe it has, held against each other: every difference with what ends it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from aisdr.live.tavus_documents import Registration
from aisdr.live.tavus_marks import address, mark_of, source_mark

DriftKind = Literal["missing", "gone", "failed", "outdated", "changed", "moved", "forgotten", "orphan"]


@dataclass(frozen=True)
class MarkedSource:
    """A source that is meant for Tavus, as the index knows it."""

    source_id: str
    version: str
    document_id: str | None = None


@dataclass(frozen=True)
class Drift:
    """One difference.

    `missing`: a source without a document. `gone`: a document that somebody deleted at Tavus. `failed`: one that Tavus
    could not read. `outdated`: one that was made of an older version of its source. `changed`: one whose name or tags
    somebody changed there. `moved`: one with another address than ours. `forgotten`: one of a source of ours that our
    notes have lost. `orphan`: one of ours that belongs to no source any more.
    """

    kind: DriftKind
    what: str
    remedy: str


def drift(
    sources: Sequence[MarkedSource],
    registered: Sequence[Registration],
    there: Mapping[str, Mapping[str, Any]],
    again: str,
) -> list[Drift]:
    """Every difference, in the order of `DriftKind`.

    Args:
        registered: our notes on the company's documents, without those that wait for their successor.
        there: document id → the document as Tavus tells it; of other companies only those that we note.
        again: the command that brings Tavus in line.
    """
    noted = {each.document_id: each for each in registered}
    replaced = {each.replaces for each in registered}
    wanted = {source.document_id: source for source in sources if source.document_id}
    known = {source_mark(source.source_id) for source in sources}
    found = [
        Drift("missing", source.source_id, again)
        for source in sources
        if source.document_id not in noted and source.document_id not in there
    ]
    for each in registered:
        document = there.get(each.document_id)
        if each.document_id not in wanted:
            if document is not None:
                found.append(Drift("orphan", f"{each.name} ({each.document_id})", f"{again} deletes it"))
        elif document is None:
            found.append(Drift("gone", each.name, f"{again} registers it anew"))
        else:
            found += _differences(each, document, wanted[each.document_id], again)
    for document_id, document in there.items():
        if document_id in noted or document_id in replaced:
            continue
        mark = mark_of(document.get("tags") or ())
        what = f"{document.get('document_name')} ({document_id})"
        if document_id in wanted or (mark and mark.source in known):
            found.append(Drift("forgotten", what, f"{again} takes it up"))
        else:
            found.append(Drift("orphan", what, f"{again} deletes it"))
    order = get_args(DriftKind)
    return sorted(found, key=lambda each: order.index(each.kind))


def _differences(noted: Registration, document: Mapping[str, Any], source: MarkedSource, again: str) -> list[Drift]:
    found = []
    if document.get("status") == "error" or noted.state == "failed":
        reason = str(document.get("error_message") or noted.reason)
        told = noted if noted.reason == reason else noted.failed(reason)
        found.append(Drift("failed", f"{noted.name}: {reason}", told.remedy or again))
    if noted.version and noted.version != source.version:
        found.append(Drift("outdated", noted.name, f"{again} registers what it says now"))
    elif noted.tags and (
        document.get("document_name") != noted.name or set(document.get("tags") or ()) != set(noted.tags)
    ):
        found.append(Drift("changed", noted.name, f"{again} puts name and tags right"))
    if address(str(document.get("document_url"))) != address(noted.url):
        found.append(Drift("moved", noted.name, f"delete it at Tavus; {again} registers it anew"))
    return found
