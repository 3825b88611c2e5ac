"""The websites, on loopback: each widget's page, and its package's files beside it."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from benchmarks.widget.pages import PAGE, Site


@contextmanager
def website(folder: Path, sites: Mapping[str, Site], packages: Mapping[str, Path], ours: str) -> Iterator[str]:
    """Serves `/KEY.html` for every site; yields the address."""
    for key, site in sites.items():
        files = "/" + packages[site.package].relative_to(folder).as_posix() if site.package else ""
        page = PAGE.format(snippet=site.snippet.format(ours=ours, files=files))
        (folder / f"{key}.html").write_text(page, "utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("cache-control", "no-store")
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        pass
