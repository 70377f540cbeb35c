"""Moments as they are written everywhere: ISO 8601, UTC, milliseconds, Z."""

from datetime import UTC, datetime


def utc_text(moment: datetime) -> str:
    """Of a moment with a time zone."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def utc_text_ms(utc_ms: float) -> str:
    """Of milliseconds since 1970."""
    return utc_text(datetime.fromtimestamp(utc_ms / 1000, UTC))
