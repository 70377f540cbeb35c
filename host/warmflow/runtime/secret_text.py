"""Secrets that this process knows, and text without them: every line of the log, every traceback, and what is published
of the log goes through `concealed`.

Known secrets are starred in each form in which libraries write them; a value after the name of a credential is also
masked if the secret is not known.
"""

import base64
import json
import re
from collections import Counter
from urllib.parse import quote, quote_plus

from warmflow.runtime.text import printable

STARS = "********"
SHORTEST_SECRET = 4  # starring out a shorter one would garble every line, and tell which letters are in it
SEPARATOR = r"""(?:["']\s*,\s*b?["']|["']?\s*[:=]\s*b?["']?)"""  # in a header, in JSON, in a tuple of Python
ASSIGNMENT = r"""(?:["']\s*[:,]\s*b?["']|\s*=\s*["']?)"""  # not "token: " of a sentence
CREDENTIALS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"""(\b(?:(?:proxy-)?authorization|(?:set-)?cookie|warmflow-instructor-code){SEPARATOR})([^"'\r\n]+)""",
        r"""(\bbearer\s+)([^\s"']+)""",
        rf"""(\b(?:warmflow_session|password|passwd|token|secret){ASSIGNMENT})([^\s"';&]+)""",
        r"""(\b[a-z][a-z0-9+.-]{0,20}://[^\s:/@"']*:)([^\s/@"']+)(?=@)""",
    )
)

_known: Counter[str] = Counter()
_forms: dict[str, tuple[str, ...]] = {}


def keep_secret(secret: str) -> None:
    """From now on it is starred, until it is forgotten as often as it was kept."""
    if len(secret) >= SHORTEST_SECRET:
        _known[secret] += 1
        _forms.setdefault(secret, _written(secret))


def forget_secret(secret: str) -> None:
    """The secret is no longer valid, so it need not be masked."""
    _known[secret] -= 1
    if _known[secret] <= 0:
        del _known[secret]
        _forms.pop(secret, None)


def concealed(text: str) -> str:
    """The text with stars where a secret stood."""
    for forms in list(_forms.values()):
        for form in forms:
            if form in text:
                text = text.replace(form, STARS)
    for pattern in CREDENTIALS:
        text = pattern.sub(_starred, text)
    return text


def _starred(found: re.Match[str]) -> str:
    return found[1] + STARS


def _written(secret: str) -> tuple[str, ...]:
    """Each way in which it may stand in a text, the longest first."""
    data = secret.encode("utf-8", "replace")
    forms = {
        secret,
        printable(secret),
        repr(secret)[1:-1],
        json.dumps(secret)[1:-1],
        quote(secret, safe=""),
        quote(secret),
    }
    forms |= {quote_plus(secret), str(data)[2:-1], data.hex(), base64.b64encode(data).decode().rstrip("=")}
    forms |= {base64.urlsafe_b64encode(data).decode().rstrip("=")}
    return tuple(sorted(forms, key=len, reverse=True))
