"""The pump's firmware: sensor to model to telemetry to link, and commands back. Knows no hardware: see `board`."""
