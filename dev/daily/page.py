"""Two pages for people: the rooms that are open, and a plain room to look into without any widget."""

from html import escape

from dev.daily.rooms import Room

_STYLE = """
:root { color-scheme: dark }
body { background: #12151f; color: #e6e9f2; font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 46rem;
  padding: 2rem 1.25rem }
h1 { font-size: 1.3rem; margin: 0 } p { color: #98a0b8 } a { color: #9db4ff }
video { aspect-ratio: 720 / 512; background: #0008; border-radius: 16px; display: block; width: 100% }
form { display: flex; gap: .5rem; margin-top: 1rem }
input { background: #1c2130; border: 1px solid #333b52; border-radius: 10px; color: inherit; flex: 1; font: inherit;
  padding: .6rem .8rem }
button { background: #4d6bfe; border: 0; border-radius: 10px; color: #fff; font: inherit; padding: .6rem 1.1rem }
#said { min-height: 3em }
"""

_ROOM = """
import Daily from "/room.js";
const room = location.pathname.slice(1), token = new URLSearchParams(location.search).get("t") ?? undefined;
const said = document.querySelector("#said"), call = Daily.createCallObject({ videoSource: false });
const play = (element, track) => { element.srcObject = new MediaStream([track]); element.play().catch(() => {}) };
call.on("track-started", ({ track, participant }) => {
  if (!participant.local) play(document.querySelector(track.kind), track);
});
call.on("app-message", ({ data }) => {
  if (data.event_type === "conversation.utterance") said.textContent = data.properties.speech;
  if (data.event_type === "conversation.tool_call")
    said.textContent = `asks for ${data.properties.name} ${data.properties.arguments}`;
});
call.on("error", ({ errorMsg }) => (said.textContent = errorMsg));
document.querySelector("#join").onclick = (click) => {
  click.target.remove();
  call.join({ url: `${location.origin}/${room}`, token }).catch(() => {});
};
document.querySelector("form").onsubmit = (submit) => {
  submit.preventDefault();
  const text = document.querySelector("input").value;
  document.querySelector("input").value = "";
  const event = { message_type: "conversation", event_type: "conversation.respond", conversation_id: room };
  call.sendAppMessage({ ...event, properties: { text } });
};
addEventListener("pagehide", () => call.leave());
"""


def rooms_page(rooms: list[Room]) -> str:
    rows = "".join(
        f'<li><a href="/{escape(room.name)}">{escape(room.name)}</a>: {len(room.participants)} inside</li>'
        for room in rooms
    )
    return _page(
        "Daily look-alike",
        f"""<h1>Daily look-alike</h1><p>Rooms on this machine; a local stand-in sits in each that belongs to
a conversation.</p>{f"<ul>{rows}</ul>" if rows else "<p>No room is open.</p>"}""",
    )


def room_page(name: str) -> str:
    return _page(
        f"Room {name}",
        f"""<h1>Room {escape(name)}</h1><p>The person in this picture is drawn and spoken by a local stand-in.</p>
<video autoplay muted playsinline></video><audio autoplay></audio><p id="said"><button id="join">Join</button></p>
<form><input placeholder="Say something" aria-label="Say something"><button>Send</button></form>
<script type="module">{_ROOM}</script>""",
    )


def _page(title: str, body: str) -> str:
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>
<meta name="viewport" content="width=device-width"><style>{_STYLE}</style><body>{body}</body></html>"""
