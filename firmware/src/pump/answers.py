"""The answers to the last requests that changed something: the same request again gets its answer again, and no deed.

A host that lost an answer repeats the request with the same id, and two withdrawals of 1 mL are one. Only what was
carried out is remembered: what was refused changed nothing. A host that counts its ids anew says so in HELLO_REQUEST.
"""

from binascii import crc32

MOST = 8


class Answers:
    def __init__(self):
        self._session = None
        self._known = []  # (CRC of the request, answer), oldest first

    def begin(self, session):
        """The host's session, None from one that does not say."""
        if session is not None and session != self._session:
            self._session = session
            self._known = []

    def find(self, request):
        """The answer to this very request, or None."""
        wanted = crc32(request)
        for known, answer in self._known:
            if known == wanted:
                return answer
        return None

    def keep(self, request, answer):
        if len(self._known) >= MOST:
            self._known.pop(0)
        self._known.append((crc32(request), answer))
