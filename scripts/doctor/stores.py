"""Settings, secrets, tables, and what each company has to look things up in."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from aisdr.company import Company
from aisdr.services import Services
from aisdr.settings import Settings
from aisdr.table.schema import TIME_TO_LIVE
from scripts.doctor.finding import Broken, Finding, look, skip

LOOPBACK = ("localhost", "127.0.0.1", "::1")
MOST_TOLD = 10
"""Files by name; of more there is a number."""
STORE_IT = "store it: `aws secretsmanager put-secret-value` on AWS, .env.local on this machine; then restart"
DEPLOY = "deploy the stack Data, or start `make dev`; then check the names of the tables"


def stores(services: Services) -> Iterator[Finding]:
    settings = services.settings
    yield look("settings", lambda: _addresses(settings), "correct the variable and restart")
    yield look("secret AISDR_SIGNING_KEYS", lambda: _signing(services), STORE_IT)
    yield look("secret AISDR_EDGE_KEYS", lambda: _edge(settings), STORE_IT)
    yield look("secret AISDR_MEDIA_KEYS", lambda: _media(services), STORE_IT)
    yield look("table companies", lambda: _table(services, settings.companies_table), DEPLOY)
    yield look("table conversations", lambda: _table(services, settings.conversations_table), DEPLOY)


def knowledge(services: Services, company: Company) -> Iterator[Finding]:
    yield look(
        f"{company.slug}: knowledge",
        lambda: _chunks(services, company),
        "see OpenSearch's status and its access policy",
    )
    yield look(
        f"{company.slug}: dropped files",
        lambda: _dropped(services, company),
        "see whether the table conversations can be read",
    )
    yield _origins(company)


def _addresses(settings: Settings) -> str:
    for name, address in (("AISDR_PUBLIC_URL", settings.public_url), ("AISDR_WEBSOCKET_URL", settings.websocket_url)):
        parts = urlsplit(address)
        if parts.scheme not in ("https", "wss") and parts.hostname not in LOOPBACK:
            raise Broken(
                f"{name} is not https or wss: browsers give no microphone there, and Tavus reaches no webhook",
                f"set {name} to the address that visitors use",
            )
    return f"environment {settings.environment}, {settings.public_url}"


def _signing(services: Services) -> str:
    count = len(services.settings.signing_keys)
    if not count:
        raise Broken("AISDR_SIGNING_KEYS is not set: no session can be opened", STORE_IT)
    assert services.sessions  # refuses a key that is too short
    return f"{count} {'key' if count == 1 else 'keys'}, the first signs"


def _edge(settings: Settings) -> str:
    if settings.edge_keys:
        return f"{len(settings.edge_keys)} accepted"
    if settings.edge_keys_arn:
        raise Broken("the secret has no key in it: API Gateway can be asked past the firewall", STORE_IT)
    return "none: every request is let in, as on a laptop"


def _media(services: Services) -> str:
    keys = services.settings.media_keys
    if not keys and not services.settings.media_keys_arn:
        return "none: no source can be for visitors only"
    services.media_links.check()
    return f"{len(keys)} {'key' if len(keys) == 1 else 'keys'}, the first signs"


def _table(services: Services, name: str) -> str:
    client = services.dynamodb
    found = client.describe_table(TableName=name)["Table"]
    if found["TableStatus"] not in ("ACTIVE", "UPDATING"):
        raise Broken(f"{name} is {found['TableStatus']}", "wait until it is ACTIVE")
    expiry = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if expiry["TimeToLiveStatus"] not in ("ENABLED", "ENABLING") or expiry.get("AttributeName") != TIME_TO_LIVE:
        raise Broken(f"{name} does not expire by '{TIME_TO_LIVE}': nothing in it is ever deleted", DEPLOY)
    if services.settings.environment == "local":
        return name
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    kept = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
    if kept != "ENABLED":
        raise Broken(f"{name} cannot be restored to a point in time", "deploy the stack Data")
    return f"{name}, restorable"


def _chunks(services: Services, company: Company) -> str:
    place = services.place(company.operator_scope)
    sources = place.index.sources(company.operator_scope)
    if not sources:
        raise Broken(
            "no material: every answer will be that it is not known", f"`aisdr ingest` {company.slug}'s folder"
        )
    chunks = sum(source.chunks for source in sources)
    return f"{len(sources)} sources, {chunks} chunks in '{place.engine}', embedded by {place.embedder.space.name}"


def _dropped(services: Services, company: Company) -> str:
    """What was dropped into the knowledge bucket and is not found by visitors."""
    unread = services.unread_files.all(company.operator_scope)
    if not unread:
        return "none is left unread"
    counted = Counter(each.state for each in unread)
    states = ", ".join(f"{count} {state}" for state, count in sorted(counted.items()))
    files = [
        f"{each.source_id} ({each.state} {datetime.fromtimestamp(each.at, UTC):%Y-%m-%d %H:%M} UTC: {each.reason})"
        for each in unread[:MOST_TOLD]
    ]
    more = [f"and {len(unread) - MOST_TOLD} more"] if len(unread) > MOST_TOLD else []
    where = f"s3://{services.settings.knowledge_bucket}/{company.company_id}/"
    raise Broken(
        f"{states}: {'; '.join([*files, *more])}",
        f"mend what failed and drop it again; for what waits `aisdr ingest {where} --company {company.slug}`",
    )


def _origins(company: Company) -> Finding:
    what = f"{company.slug}: websites"
    if company.allowed_origins:
        return Finding(what, "ok", ", ".join(company.allowed_origins))
    return skip(what, "allowedOrigins is empty: only the hosted page may open a session")
