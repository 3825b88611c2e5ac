"""Companies that are in memory, a few at a time, and the state of their files when they were read."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from aisdr.errors import VendorError
from aisdr.index.file_state import FileState
from aisdr.index.loaded import LoadedCompany
from aisdr.tenant import TenantScope


class LoadedCompanies:
    """Safe to share between threads. Whoever was not asked for longest goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._loaded: OrderedDict[str, tuple[LoadedCompany, FileState | None]] = OrderedDict()
        self._turns: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def unchanged(self, scope: TenantScope, state: FileState | None) -> LoadedCompany | None:
        """The company as it was loaded, when its file is in the same state."""
        with self._lock:
            company, at = self._loaded.get(scope.company_id, (None, None))
            if company is None or state is None or at != state:
                return None
            self._loaded.move_to_end(scope.company_id)
            return company

    def kept(self, scope: TenantScope, version: str) -> LoadedCompany | None:
        with self._lock:
            company, _ = self._loaded.get(scope.company_id, (None, None))
        return company if company is not None and company.version == version else None

    def keep(self, scope: TenantScope, company: LoadedCompany, state: FileState | None) -> None:
        with self._lock:
            self._loaded[scope.company_id] = company, state
            self._loaded.move_to_end(scope.company_id)
            while len(self._loaded) > self._most:
                self._loaded.popitem(last=False)

    def forget(self, scope: TenantScope) -> None:
        with self._lock:
            self._loaded.pop(scope.company_id, None)

    @contextmanager
    def turn(self, scope: TenantScope, timeout: float | None) -> Iterator[None]:
        """Nobody else loads this company meanwhile. Raises: VendorError, when somebody does for longer than that."""
        with self._lock:
            turn = self._turns.setdefault(scope.company_id, threading.Lock())
        if not turn.acquire(timeout=-1 if timeout is None else max(0.0, timeout)):
            raise VendorError(
                f"The search index of company '{scope.company_id}' is still being read",
                vendor="embedded",
                retryable=True,
            )
        try:
            yield
        finally:
            turn.release()
