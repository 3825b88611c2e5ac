"""`aisdr snippet SLUG`: what a website pastes, and what its policies must allow for the modes in use."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
import typer

from aisdr.company import PublicProfile
from aisdr.configuration import primary
from aisdr.errors import InvalidInput, NotConfigured
from aisdr.services import services

LOOPBACK = ("localhost", "127.0.0.1")
LABELS = {
    "ar": "فتح المحادثة",
    "de": "Chat öffnen",
    "es": "Abrir el chat",
    "fr": "Ouvrir le chat",
    "he": "פתיחת הצ'אט",
    "it": "Apri la chat",
    "ja": "チャットを開く",
    "ko": "채팅 열기",
    "nl": "Chat openen",
    "pl": "Otwórz czat",
    "pt": "Abrir o chat",
    "tr": "Sohbeti aç",
    "zh": "打开聊天",
}
"""The launcher's name for screen readers, which stands before any word of the widget is loaded. English needs none."""


@dataclass(frozen=True)
class Site:
    """Where the widget is served, and where it goes from there. Addresses without a slash at the end."""

    address: str
    sockets: str
    room_hosts: Sequence[str]

    @classmethod
    def of(cls, address: str, websocket_url: str, room_hosts: Sequence[str]) -> "Site":
        relay = urlsplit(websocket_url)
        return cls(address.rstrip("/"), f"{relay.scheme}://{relay.netloc}", room_hosts)


@dataclass(frozen=True)
class Snippet:
    """`tag` is pasted, `policy` is what a Content-Security-Policy must allow by directive; the rest are whole lines."""

    tag: str
    policy: dict[str, list[str]]
    hashes: list[str]
    """For `script-src` in place of our host: the files themselves, as the pinned tag loads them."""
    trusted_types: list[str]
    """For `trusted-types`, where the page lists its policies by name."""
    permissions: str
    iframe: str


def snippet_for(profile: PublicProfile, site: Site, files: Mapping[str, Mapping[str, Any]] | None) -> Snippet:
    """`files` are those of the build's manifest, to pin them; None leaves the tag floating."""
    uses = {"microphone": {"voice", "video"}, "camera": {"video"}, "autoplay": {"tts", "voice", "video"}}
    allowed = [name for name, modes in uses.items() if modes & set(profile.modes)]
    kept = {name: str(file["integrity"]) for name, file in (files or {}).items() if file["immutable"]}
    return Snippet(
        tag=_tag(profile, site, next(((name, kept[name]) for name in kept if name.startswith("embed-")), None)),
        policy=_policy(profile, site),
        hashes=[f"'{integrity}'" for integrity in kept.values()],
        trusted_types=["ai-sdr", *(["ai-sdr-room"] if "video" in profile.modes else [])],
        permissions=f"Permissions-Policy: {', '.join(f'{name}=(self)' for name in allowed)}" if allowed else "",
        iframe=f'<iframe src="…" allow="{"; ".join(allowed)}"></iframe>' if allowed else "",
    )


def _tag(profile: PublicProfile, site: Site, pinned: tuple[str, str] | None) -> str:
    if pinned:
        name, integrity = pinned
        source = f'src="{site.address}/widget/{name}" integrity="{integrity}" crossorigin="anonymous"'
    else:
        source = f'src="{site.address}/embed.js"'
    label = LABELS.get(primary(profile.languages[0])) if profile.languages else None
    named = f' data-label="{escape(label)}"' if label else ""
    return f'<script async {source} data-company="{escape(profile.slug)}"{named}></script>'


def _policy(profile: PublicProfile, site: Site) -> dict[str, list[str]]:
    elsewhere = [f"https://{host}" for host in profile.media_hosts]
    policy = {"script-src": [site.address], "connect-src": [site.address, site.sockets]}
    policy["img-src"] = [site.address, *elsewhere]
    policy["media-src"] = [site.address, *elsewhere] + ([] if profile.modes == ("text",) else ["blob:", "mediastream:"])
    if "video" in profile.modes:
        rooms = [_with_scheme(host, "http") for host in site.room_hosts]
        policy["script-src"] += rooms
        policy["connect-src"] += rooms + [_with_scheme(host, "ws") for host in site.room_hosts]
        policy["worker-src"] = ["'self'", "blob:"]
    return policy


def _with_scheme(host: str, scheme: str) -> str:
    """Over TLS, but for a room on this very machine, which has any port (as in `aisdr.live`)."""
    return f"{scheme}://{host}:*" if host in LOOPBACK else f"{scheme}s://{host}"


def manifest_at(address: str) -> dict[str, Any]:
    """The files of the build that is served there.

    Raises: NotConfigured.
    """
    manifest = f"{address}/widget/manifest.json"
    try:
        answer = httpx.get(manifest, timeout=10)
        answer.raise_for_status()
        files: dict[str, Any] = answer.json()["files"]
    except (httpx.HTTPError, ValueError, TypeError, KeyError) as problem:
        raise NotConfigured(
            f"{manifest} cannot be read ({type(problem).__name__}): deploy the site, name the build with "
            "--manifest, or take --floating",
            code="no_manifest",
        ) from problem
    return files


def _manifest_in(path: Path) -> dict[str, Any]:
    try:
        files: dict[str, Any] = json.loads(path.read_text("utf-8"))["files"]
    except (OSError, ValueError, TypeError, KeyError) as problem:
        raise InvalidInput(
            f"'--manifest {path}' is no manifest of a build; `make setup` writes widget/dist/manifest.json"
        ) from problem
    return files


def snippet(
    company: Annotated[str, typer.Argument(metavar="SLUG", help="The company's slug.")],
    floating: Annotated[
        bool, typer.Option("--floating/--pinned", help="Always the newest widget, which no integrity can vouch for.")
    ] = False,
    address: Annotated[str | None, typer.Option(help="Where the widget is served; else AISDR_PUBLIC_URL.")] = None,
    manifest: Annotated[Path | None, typer.Option(help="The build's manifest; else the one that is served.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print the tag for a company's website, and the lines that its policies need for the modes in use."""
    settings = services().settings
    site = Site.of(address or settings.public_url, settings.websocket_url, settings.room_hosts)
    profile = services().companies.by_slug(company).profile()
    files = None if floating else _manifest_in(manifest) if manifest else manifest_at(site.address)
    made = snippet_for(profile, site, files)
    if json_output:
        print(json.dumps(asdict(made), ensure_ascii=False))
        return
    print(made.tag)
    print("\nContent-Security-Policy, added to what the page has:\n")
    for directive, sources in made.policy.items():
        print(f"  {directive} {' '.join(sources)};")
    if made.hashes:
        print(f"\n  or, for script-src, the files themselves in place of {site.address}:\n")
        print("\n".join(f"  {each}" for each in made.hashes))
    print(f"\n  and where the page lists Trusted Types policies: trusted-types {' '.join(made.trusted_types)};")
    if made.permissions:
        print("\nFor calls and sound, where the page sends such a policy or stands in an iframe:\n")
        print(f"  {made.permissions}\n  {made.iframe}")
