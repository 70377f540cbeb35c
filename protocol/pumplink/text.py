"""Texts and byte fields of the wire, for the generated codec: fixed fields and the text at a message's end."""


def fixed(data: bytes) -> str:
    return data.rstrip(b"\0").decode()


def tail(payload: bytes, start: int, length: int) -> str:
    """The text after the fixed fields. Raises ValueError if fewer bytes are there than announced."""
    if start + length > len(payload):
        raise ValueError(f"{length} bytes announced, {len(payload) - start} there")
    return payload[start : start + length].decode()


def fixed_text(name: str, value: str, size: int) -> bytes:
    data = value.encode()
    if len(data) > size:
        raise ValueError(f"{name}: {len(data)} bytes do not fit into {size}")
    return data


def fixed_bytes(name: str, value: bytes, size: int) -> bytes:
    """`struct` would cut or fill up without a word."""
    if len(value) != size:
        raise ValueError(f"{name}: {len(value)} bytes, not {size}")
    return value


def tail_text(name: str, value: str, size: int) -> bytes:
    data = value.encode()
    if len(data) > size:
        raise ValueError(f"{name}: {len(data)} bytes do not fit into {size}")
    return data
