"""uvicorn's two protocols with limits of time and bytes: one request at a time, complete within REQUEST_S, answered
within ANSWER_S; a WebSocket that sends more than a page ever would is cut off before it is parsed.
"""

import asyncio
from functools import partial
from typing import Any, Literal

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from warmflow.sinks.web.accept import Accepted
from warmflow.sinks.web.connection_limits import ANSWER_S, PAGE_BYTES, PAGE_BYTES_S, REQUEST_S

Phase = Literal["request", "answer", "idle", "websocket"]
LONGEST_S: dict[Phase, float | None] = {
    "request": REQUEST_S,
    "answer": ANSWER_S,
    "idle": None,  # uvicorn closes it after 5 s
    "websocket": None,  # pings find out whether somebody is there
}
INCOMPLETE = (h11.IDLE, h11.SEND_BODY)
WAIT = b"too many live connections: try again in a minute\n"
NO_PLACE = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain; charset=utf-8\r\nretry-after: 60\r\n"
    b"connection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(WAIT), WAIT)
)


class HttpConnection(H11Protocol):
    """One connection of a visitor."""

    def __init__(self, place: Accepted, config: Config, state: ServerState) -> None:
        super().__init__(config=config, server_state=state, app_state={})
        self.ws_protocol_class = partial(LiveConnection, place=place)  # type: ignore[assignment]
        self._place = place
        self._phase: Phase | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._place.transport = transport
        super().connection_made(transport)
        self._enter("request")

    def connection_lost(self, exc: Exception | None) -> None:
        self._enter("idle")
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look("request")

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._look("idle")

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._enter("websocket")
        if self._place.upgrade():
            super().handle_websocket_upgrade(event)
        else:
            self.transport.write(NO_PLACE)
            self.transport.close()

    def _look(self, otherwise: Phase) -> None:
        if self._phase == "websocket":
            return
        answering = self.cycle is not None and not self.cycle.response_complete
        self._enter(("request" if self.conn.their_state in INCOMPLETE else "answer") if answering else otherwise)

    def _enter(self, phase: Phase) -> None:
        if phase == self._phase:
            return
        self._phase = phase
        self._place.use(phase == "answer")
        if self._timer:
            self._timer.cancel()
        longest_s = LONGEST_S[phase]
        self._timer = None if longest_s is None else self.loop.call_later(longest_s, self._place.drop)


class LiveConnection(WebSocketsSansIOProtocol):
    """A page's WebSocket. It keeps its place once it has said something."""

    def __init__(self, place: Accepted, **uvicorns: Any) -> None:
        super().__init__(**uvicorns)
        self._place = place
        self._left_bytes, self._at_s = float(PAGE_BYTES), self.loop.time()

    def data_received(self, data: bytes) -> None:
        if self.handshake_initiated and not self._affords(len(data)):
            self._place.drop()
            return
        super().data_received(data)

    def handle_text(self, event: Any) -> None:
        self._place.use(True)
        super().handle_text(event)

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not _is_text(b"".join(self.frames)):
            self.frames = []
            self._place.drop()  # uvicorn would write a traceback of it
            return
        super().send_receive_event_to_app()

    def _affords(self, size: int) -> bool:
        now_s = self.loop.time()
        self._left_bytes = min(PAGE_BYTES, self._left_bytes + (now_s - self._at_s) * PAGE_BYTES_S) - size
        self._at_s = now_s
        return self._left_bytes >= 0


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
