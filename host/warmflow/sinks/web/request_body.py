"""What comes in over HTTP for `requests`: its bytes, never more than a request has."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import HTTPException, Request

LONGEST_BODY = 10_000  # bytes of a request

Answer = Callable[[str, bytes], Awaitable[dict[str, Any]]]  # kind and payload of a request, as in docs/mqtt.md


async def payload_of(request: Request) -> bytes:
    """The body. Raises HTTPException for one that is too long, before all of it is here."""
    payload = b""
    async for part in request.stream():
        payload += part
        if len(payload) > LONGEST_BODY:
            raise HTTPException(413, f"a request has {LONGEST_BODY} bytes at most")
    return payload
