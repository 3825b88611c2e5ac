"""One paid call whose vendor is reached over a wire that may misbehave, from the wish to balanced books."""

from aisdr.errors import AisdrError
from aisdr.live.tavus import TavusVideo
from aisdr.live.tavus_api import Patience, TavusClient
from aisdr.secret import Secret
from tests.calls import IDEMPOTENCY_KEY, NOTHING, CallScene
from tests.tavus import KEY

HASTE = Patience(create=0.3, end=0.12, get=0.12, look=0.12, other=0.3)
"""For a wire on which nothing comes anyway: what patience does is seen in a thirtieth of the time."""
MINUTE_PRICE = 0.6


def video_at(url: str, patience: Patience) -> TavusVideo:
    return TavusVideo(TavusClient(url, Secret(KEY), patience=patience), ("*.daily.co",), MINUTE_PRICE)


class Trouble(CallScene):
    """`acme`, its visitor, and a vendor who is elsewhere from a moment on."""

    def reach(self, url: str, patience: Patience = HASTE) -> None:
        """From now on the vendor is asked there."""
        self.calls = self.with_vendor(video_at(url, patience))

    def refused(self) -> AisdrError:
        """The wish for a call, and how it failed."""
        try:
            self.start()
        except AisdrError as error:
            return error
        raise AssertionError("the call was created")

    def creates(self) -> int:
        """How many creates reached the vendor."""
        return self.tavus.tried("POST", "/v2/conversations")

    def ends(self) -> None:
        """What the visitor does, and what becomes of it when the reconciler has been three times."""
        self.calls.end("acme", self.session.session_id, "visitor")

    def mended(self) -> None:
        """The vendor is well again, and the reconciler comes as often as it takes."""
        self.tavus.clear_faults()
        self.reach(self.tavus.url, Patience())
        for _ in range(3):
            self.advance(61)
            self.calls.reconcile()

    def books_are_balanced(self) -> bool:
        """Nothing runs, nothing is held, and the wish has come to an end."""
        over = self.state(IDEMPOTENCY_KEY) in ("failed", "settled")
        return over and self.tavus.running() == 0 and self.today()["active"] == 0

    def gave_all_back(self) -> bool:
        return self.state() == "failed" and self.today() == NOTHING
