"""The composition root: connects things, decides nothing, and builds each one at its first use.

Each file builds one part of the house out of the parts below it:

    clients ▸ stores ┬ models ▸ search ┬ tools ┐
                     └ vendors ────────┼───────┴ conversing ▸ aftercare
                                       └ ingesting

What a `$connect` does not need is imported where it is built.
"""

from functools import cache

from botocore.session import get_session

from aisdr.metrics import belong_to
from aisdr.secret import SecretStore
from aisdr.services.aftercare import Aftercare
from aisdr.services.ingesting import Ingesting
from aisdr.settings import Settings


class Services(Aftercare, Ingesting):
    """One set of services for one process."""


@cache
def services() -> Services:
    """The services of this process. `services.cache_clear()` makes the next call read the environment anew."""
    session = get_session()
    settings = Settings.from_environment(store=SecretStore(session))
    belong_to(settings.environment)
    return Services(settings, session)
