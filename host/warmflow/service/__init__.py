"""What keeps the daemon running for a year: readiness and watchdog for systemd, the pulse of the event loop, counters,
and a judgement whether all is well. It reads the daemon's parts and changes nothing in them.
"""
