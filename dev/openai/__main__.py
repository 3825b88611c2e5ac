"""`python -m dev.openai`: the look-alike as a program of its own."""

import argparse

import uvicorn

from dev.openai import CHAT_MODELS, KEY, create_app


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dev.openai", description="OpenAI look-alike")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=4704)
    parser.add_argument("--key", default=KEY)
    parser.add_argument("--model", action="append", help="a chat model it knows; may be given several times")
    parser.add_argument("--older", action="store_true", help="know max_tokens only, as older compatible servers do")
    parser.add_argument("--call-seconds", type=float, default=3600, help="how long a realtime call may last")
    options = parser.parse_args()
    app = create_app(
        key=options.key,
        models=options.model or CHAT_MODELS,
        older=options.older,
        call_seconds=options.call_seconds,
        warm=True,
    )
    uvicorn.run(app, host=options.host, port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
