"""What a browser offers to a voice call."""

from aisdr.errors import InvalidInput

MAX_OFFER_CHARACTERS = 65_536


def sound_offer(offer: str | None) -> str:
    """Only what tells an offer of sound from anything else; whether it is a good one the vendor says."""
    lines = (offer or "").splitlines()
    if offer is None or lines[:1] != ["v=0"] or not any(line.startswith("m=audio ") for line in lines):
        raise InvalidInput(
            "'sdpOffer' is missing or no offer of sound; send the text of RTCPeerConnection.createOffer() with an "
            "audio track",
            code="invalid_sdp",
        )
    return offer
