"""The web server: one Starlette application, put together from parts by `site`, served by uvicorn on one socket.

It stands on its own: what is shown is handed in by app.py, and it imports no pump, journal or sink.
"""
