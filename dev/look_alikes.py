"""The look-alikes of the vendors, as programs of a run."""

import sys
from collections.abc import Collection, Mapping

from dev.children import Child, Children
from dev.environment import ROOT, Ports

LOCAL_WIDGET = ROOT / "widget" / "build" / "local"
"""The widget with the look-alike in place of the room SDK."""
VENDORS = ("tavus", "speech", "openai")


def start_look_alikes(
    children: Children, ports: Ports, environment: Mapping[str, str], vendors: Collection[str] = VENDORS
) -> list[Child]:
    """Those of `vendors`; with Tavus comes the room that its calls take place in."""
    started = []
    if "tavus" in vendors:
        started.append(start_program(children, "daily", ports.daily, environment))
        room = f"http://127.0.0.1:{ports.daily}"
        started.append(start_program(children, "tavus", ports.tavus, environment, "--daily-url", room))
    if "speech" in vendors:
        started.append(start_program(children, "speech", ports.speech, environment))
    if "openai" in vendors:
        started.append(start_program(children, "openai", ports.openai, environment))
    return started


def start_program(children: Children, name: str, port: int, environment: Mapping[str, str], *options: str) -> Child:
    """`python -m dev.NAME` on loopback."""
    command = [sys.executable, "-m", f"dev.{name}", "--host", "127.0.0.1", "--port", str(port), *options]
    return children.start(name, port, command, environment)
