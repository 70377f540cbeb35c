"""One board, from its bytes to typed updates: transport, session, clock, link, flashing, and boards without hardware.

Nothing in here knows a subscriber: updates leave through a function that is handed in.
"""
