"""UTF-8 as the rest of the world has it: MicroPython also takes overlong forms and halves of characters.

Whatever goes on the wire is cleaned here, for a host drops a frame whose text is not UTF-8.
"""

_FIRST = {0xE0: (0xA0, 0xBF), 0xED: (0x80, 0x9F), 0xF0: (0x90, 0xBF), 0xF4: (0x80, 0x8F)}


def good_bytes(data):
    """How many bytes from the start of `data` on are whole characters."""
    end = len(data)
    if not end or max(data) < 0x80:
        return end
    at = 0
    while at < end:
        first = data[at]
        if first < 0x80:
            at += 1
            continue
        size = 2 if first < 0xE0 else 3 if first < 0xF0 else 4
        if not 0xC2 <= first <= 0xF4 or at + size > end:
            return at
        low, high = _FIRST.get(first, (0x80, 0xBF))
        for i in range(at + 1, at + size):
            if not low <= data[i] <= high:
                return at
            low, high = 0x80, 0xBF
        at += size
    return end


def clean(text, most=None):
    """The bytes of a text, `?` for each that belongs to no character; at most so many, and no half character."""
    try:
        data = text.encode()
    except UnicodeError:  # CPython's, for half a character
        data = text.encode("utf-8", "surrogatepass")
    parts = []
    good = good_bytes(data)
    while good < len(data):
        parts.append(data[:good])
        data = data[good + 1 :]
        good = good_bytes(data)
    data = b"?".join(parts + [data])
    if most is None or len(data) <= most:
        return data
    return data[: good_bytes(data[:most])]
