"""The last look before something is told: what bears another company's mark ends the answer and wakes somebody.

It never happens while the filter and the wall behind it stand. That is why nothing is repaired here, and nothing left
out: whoever got one foreign passage may have got others that nobody recognised.
"""

from collections.abc import Iterable

from aisdr.audit import decided
from aisdr.errors import Trespass
from aisdr.metrics import TRESPASSES, count
from aisdr.observability import logger
from aisdr.tenant import TenantScope, mark_of


def check_marks(scope: TenantScope, marks: Iterable[str], where: str) -> None:
    """Raises: Trespass, when one of them is not the company's own; `where` says for the log who found it."""
    own = mark_of(scope)
    strange = [each for each in marks if each != own]
    if strange:
        # Marks, and not what was found: the log must not become the leak.
        logger.critical("trespass", where=where, company_id=scope.company_id, of=sorted(set(strange))[:5])
        count(TRESPASSES, 1, company_id=scope.company_id)
        decided("tenant.check", "deny", company_id=scope.company_id, who=f"index:{where}", reason="trespass")
        raise Trespass("Something failed on our side; it has been logged")
