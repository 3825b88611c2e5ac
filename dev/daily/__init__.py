"""Daily look-alike: rooms with a drawn, speaking avatar behind real WebRTC, for local use only."""
