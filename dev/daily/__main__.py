"""`python -m dev.daily`: starts the Daily look-alike."""

import argparse

import uvicorn

from dev.daily.app import create_app
from dev.daily.config import DailyConfig


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dev.daily", description="Daily look-alike")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=4702)
    parser.add_argument("--key", default=DailyConfig.key, help="Bearer key of the REST interface")
    parser.add_argument("--public-url", help="address for browsers (default: http://localhost:PORT)")
    options = parser.parse_args()
    public_url = options.public_url or f"http://localhost:{options.port}"
    app = create_app(DailyConfig(key=options.key, public_url=public_url.rstrip("/")))
    uvicorn.run(app, host=options.host, port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
