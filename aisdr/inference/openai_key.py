"""OpenAI's key: OpenAI itself wants one, a server of one's own may do without."""

from urllib.parse import urlsplit

from aisdr.errors import NotConfigured
from aisdr.secret import Secret

_KEY_REQUIRED = "api.openai.com"


def authorization(url: str, key: Secret | None) -> dict[str, str]:
    """The headers to ask this address with.

    Raises:
        NotConfigured: there is no key, and the address takes nobody without.
    """
    if key:
        return {"Authorization": f"Bearer {key.get_secret_value()}"}
    if urlsplit(url).hostname == _KEY_REQUIRED:
        raise NotConfigured("OpenAI API key not configured: set OPENAI_API_KEY, or OPENAI_BASE_URL to another server")
    return {}
