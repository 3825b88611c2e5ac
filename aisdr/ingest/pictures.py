"""What a company's pictures show, as vectors: of pictures, of slides, and of the poster of a clip."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from aisdr.errors import InvalidInput
from aisdr.index.base import Chunk
from aisdr.inference.base import PictureEmbedder, Vectors
from aisdr.ingest.media import MediaLibrary
from aisdr.tenant import TenantScope

ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
"""What a picture embedder takes. Another picture is found by its caption, as all are without an embedder."""


@dataclass(frozen=True)
class Seen:
    """Chunk id → vector of what the chunk shows, and what the operator should know about the others."""

    vectors: dict[str, Vectors] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def see(scope: TenantScope, chunks: Sequence[Chunk], embedder: PictureEmbedder | None, media: MediaLibrary) -> Seen:
    """Looks at the published pictures of some chunks, at each once, however many chunks show it.

    Raises:
        VendorError: the media bucket or the embedder failed.
    """
    if embedder is None:
        return Seen()
    shown = {chunk.chunk_id: name for chunk in chunks if (name := _picture_of(scope, chunk, media))}
    pictures: dict[str, bytes] = {}
    remarks: list[str] = []
    for name in dict.fromkeys(shown.values()):
        content = media.read(scope, name)
        if content is None:
            remarks.append(f"{name} is not in the media bucket, so it is found by its caption only")
        else:
            pictures[name] = content
    vectors, refused = _embedded(pictures, embedder)
    found = {chunk_id: vectors[name] for chunk_id, name in shown.items() if name in vectors}
    return Seen(found, (*remarks, *refused))


def _picture_of(scope: TenantScope, chunk: Chunk, media: MediaLibrary) -> str | None:
    """The name of what the chunk shows, when it is a published picture of the company."""
    if chunk.media is None:
        return None
    url = chunk.media.poster if chunk.media.kind == "clip" else chunk.media.url
    return media.name_of(scope, url) if url and url.lower().endswith(ENDINGS) else None


def _embedded(pictures: dict[str, bytes], embedder: PictureEmbedder) -> tuple[dict[str, Vectors], list[str]]:
    """All at once, unless there is one among them that the embedder refuses: that one does without."""
    if not pictures:
        return {}, []
    try:
        return dict(zip(pictures, embedder.embed_pictures(list(pictures.values())), strict=True)), []
    except InvalidInput as error:
        if len(pictures) == 1:
            return {}, [f"{next(iter(pictures))} is found by its caption only: {error.message}"]
    vectors: dict[str, Vectors] = {}
    remarks: list[str] = []
    for path, content in pictures.items():
        alone, refused = _embedded({path: content}, embedder)
        vectors |= alone
        remarks += refused
    return vectors, remarks
