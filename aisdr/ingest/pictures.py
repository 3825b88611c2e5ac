"""What a company's pictures show, as vectors: of pictures, of slides, and of the poster of a clip."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

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
    shown = {chunk.chunk_id: path for chunk in chunks if (path := _picture_of(chunk, media.base_url(scope)))}
    pictures: dict[str, bytes] = {}
    remarks: list[str] = []
    for path in dict.fromkeys(shown.values()):
        content = media.read(scope, path)
        if content is None:
            remarks.append(f"{path} is not in the media bucket, so it is found by its caption only")
        else:
            pictures[path] = content
    vectors, refused = _embedded(pictures, embedder)
    found = {chunk_id: vectors[path] for chunk_id, path in shown.items() if path in vectors}
    return Seen(found, (*remarks, *refused))


def _picture_of(chunk: Chunk, base_url: str) -> str | None:
    """The path of what the chunk shows, when it is a published picture of the company."""
    if chunk.media is None:
        return None
    url = chunk.media.poster if chunk.media.kind == "clip" else chunk.media.url
    if url is None or not url.startswith(f"{base_url}/") or not url.lower().endswith(ENDINGS):
        return None
    return unquote(url.removeprefix(f"{base_url}/"))


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
