"""The Lambda functions: name, routes, dependency group. Read by infra, bundle, gateway and tests, so that what is
deployed and what runs locally cannot differ."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Function:
    """One Lambda function. A route is `METHOD /path` of the HTTP API, or a route key of the WebSocket API."""

    name: str
    routes: tuple[str, ...]
    group: str
    """Dependency group in pyproject.toml: what its bundle holds."""
    schedule_minutes: int | None = None
    """Invoked by the clock as well, every so many minutes."""
    layers: tuple[str, ...] = ()
    """Packages that are loaded when somebody searches, beside the bundle; names of `LAYERS`."""
    bucket: str | None = None
    """Invoked with what changes in this bucket, through a queue of its own."""
    ingests: bool = False
    """Its bundle holds the readers of files as well."""

    @property
    def handler(self) -> str:
        """The handler string of the Lambda configuration; AWS loads it with `import_module`."""
        return f"functions.{self.name}.handler.handler"


SEARCHING = ("knowledge", "minilm")

FUNCTIONS = (
    Function(
        "session",
        (
            "POST /api/session",
            "GET /api/session/{id}",
            "DELETE /api/session/{id}",
            "DELETE /api/session/{id}/conversation",
            "POST /api/session/{id}/rating",
            "POST /api/session/{id}/introduction",
            "POST /api/session/{id}/renew",
            "POST /api/tavus/session",
            "POST /api/tavus/webhook/{capability}",
            "GET /api/widget/{slug}",
            # Browsers ask before a cross-origin POST, and any website may embed the widget.
            "OPTIONS /api/{proxy+}",
        ),
        group="session",
    ),
    Function(
        "tool",
        (
            "GET /api/tavus/tool",
            "POST /api/tavus/tool",
            "POST /api/tavus/delivery",
            "POST /api/tool/confirmation",
        ),
        group="tool",
        layers=SEARCHING,
    ),
    Function("search", ("POST /api/search", "POST /api/answer", "POST /api/speech"), group="search", layers=SEARCHING),
    Function("ws-relay", ("$connect", "$default", "$disconnect"), group="ws-relay", layers=SEARCHING),
    Function("reconciler", (), group="reconciler", schedule_minutes=1),
    Function("ingest", (), group="ingest", layers=SEARCHING, bucket="knowledge", ingests=True),
)
