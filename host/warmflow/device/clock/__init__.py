"""A board's uptime as UTC, with a bound on the error. It sends nothing itself."""
