"""One website for each widget: a plain page with nothing on it but what the widget's documentation says to paste."""

from dataclasses import dataclass

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A website</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><h1>A website</h1>{snippet}</html>"""


@dataclass(frozen=True)
class Site:
    """`snippet` may speak of `{ours}` (our address) and `{files}` (the package's own files on the website).

    Without `launcher` the panel stands on the page at once.
    """

    name: str
    package: str | None
    snippet: str
    launcher: str | None
    """Playwright's selector of what a visitor presses."""
    panel: str
    """What is there when the visitor can write, or speak."""


OURS = Site(
    "ours",
    None,
    '<script async src="{ours}/embed.js" data-company="hypersonix"></script>',
    "ai-sdr button",
    "ai-sdr textarea",
)
BLANK = Site("no widget", None, "", None, "h1")
PEERS = (
    Site(
        "ElevenLabs convai-widget",
        "@elevenlabs/convai-widget-embed",
        '<elevenlabs-convai agent-id="a"></elevenlabs-convai><script async src="{files}/dist/index.js"></script>',
        "elevenlabs-convai button",
        "elevenlabs-convai textarea",
    ),
    Site(
        "Flowise",
        "flowise-embed",
        '<script type="module">import Chatbot from "{files}/dist/web.js";'
        'Chatbot.init({{chatflowid: "c", apiHost: "https://flowise.invalid"}})</script>',
        "flowise-chatbot button",
        "flowise-chatbot textarea",
    ),
    Site(
        "n8n chat",
        "@n8n/chat",
        '<link rel="stylesheet" href="{files}/dist/style.css"><script type="module">'
        'import {{createChat}} from "{files}/dist/chat.bundle.es.js";'
        'createChat({{webhookUrl: "https://n8n.invalid/webhook"}})</script>',
        ".chat-window-toggle",
        ".chat-window textarea",
    ),
    Site(
        "deep-chat",
        "deep-chat",
        '<deep-chat></deep-chat><script type="module" src="{files}/dist/deepChat.bundle.js"></script>',
        None,
        "deep-chat #text-input",
    ),
    Site(
        "Open Chat Studio",
        "open-chat-studio-widget",
        '<script type="module" src="{files}/dist/open-chat-studio-widget/open-chat-studio-widget.esm.js"></script>'
        '<open-chat-studio-widget chatbot-id="c" button-text="Chat"></open-chat-studio-widget>',
        "open-chat-studio-widget button",
        "open-chat-studio-widget textarea",
    ),
    Site(
        "Typebot",
        "@typebot.io/js",
        '<script type="module">import Typebot from "{files}/dist/web.js";Typebot.initBubble({{typebot: "t"}})</script>',
        "typebot-bubble button",
        "typebot-bubble input, typebot-bubble textarea",
    ),
)
