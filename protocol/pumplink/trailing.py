"""Fields at the end of a message that an older peer does not send, for the generated codec."""


def filled(payload: bytes, ends: tuple[int, ...], filling: bytes) -> bytes:
    """The payload with each field that is missing at its end as absent. ends: the lengths at which it may end."""
    return payload + filling[len(payload) - ends[0] :] if len(payload) in ends else payload
