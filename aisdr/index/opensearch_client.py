"""The connection to OpenSearch: signed as AWS wants it, or plain to a node on this machine."""

from typing import Any

from opensearchpy import OpenSearch, Urllib3AWSV4SignerAuth, Urllib3HttpConnection

from aisdr.errors import NotConfigured

CONNECTIONS = 32
"""Searches that may be under way at once; one more would wait for a free connection."""


def client(url: str | None, service: str, session: Any) -> OpenSearch:
    """A client that asks once and waits as long as it is told for each request.

    Args:
        url: the domain's or the collection's endpoint.
        service: `es` for a managed domain, `aoss` for Serverless, empty for no signature.
        session: the SDK's session of this process, for credentials and region.

    Raises:
        NotConfigured: no address, or no credentials for a signature.
    """
    if not url:
        raise NotConfigured("OpenSearch not configured: set AISDR_OPENSEARCH_URL", code="search_not_configured")
    auth = None
    if service:
        credentials, region = session.get_credentials(), session.get_config_variable("region")
        if credentials is None or region is None:
            raise NotConfigured("No AWS credentials or region to sign OpenSearch's requests with")
        auth = Urllib3AWSV4SignerAuth(credentials, region, service)
    return OpenSearch(
        hosts=[url],
        http_auth=auth,
        connection_class=Urllib3HttpConnection,
        pool_maxsize=CONNECTIONS,
        max_retries=0,
        retry_on_timeout=False,
        http_compress=True,
    )
