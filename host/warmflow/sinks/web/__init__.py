"""The web server: dashboard, training pages, HTTP API, live feed, metrics and health, on one socket.

It receives updates and reads the journal; requests go to the dispatcher. A slow page loses its own oldest frames and
never slows a pump.
"""
