"""`python -m dev.tavus`: starts the Tavus look-alike."""

import argparse

import uvicorn

from dev.tavus.app import create_app
from dev.tavus.config import TavusConfig


def main() -> None:
    defaults = TavusConfig()
    parser = argparse.ArgumentParser(prog="python -m dev.tavus", description="Tavus look-alike")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=4701)
    parser.add_argument("--key", action="append", help="an accepted API key, or its beginning and a star (tvsk_*)")
    parser.add_argument("--names", choices=("both", "new", "legacy"), default=defaults.names)
    parser.add_argument("--daily-url", default="http://127.0.0.1:4702", help="the Daily look-alike; '' for none")
    parser.add_argument("--daily-key", default=defaults.daily_key)
    parser.add_argument("--clock-speed", type=float, default=defaults.clock_speed)
    parser.add_argument("--concurrency", type=int, default=defaults.concurrency)
    parser.add_argument("--credit-seconds", type=int, default=defaults.credit_seconds)
    parser.add_argument("--ignore-timeouts", action="store_true", help="end no call on its own, as if it had no limits")
    parser.add_argument("--document-seconds", type=float, default=defaults.document_seconds)
    parser.add_argument("--webhooks", choices=("plain", "twice", "swapped"), default=defaults.webhooks)
    options = parser.parse_args()
    config = TavusConfig(
        keys=tuple(options.key or defaults.keys),
        names=options.names,
        daily_url=options.daily_url,
        daily_key=options.daily_key,
        clock_speed=options.clock_speed,
        concurrency=options.concurrency,
        credit_seconds=options.credit_seconds,
        ignore_timeouts=options.ignore_timeouts,
        document_seconds=options.document_seconds,
        webhooks=options.webhooks,
    )
    uvicorn.run(create_app(config), host=options.host, port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
