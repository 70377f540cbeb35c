"""pumplink: the wire between a warmflow board and its host.

`schema` declares every byte, `messages` and `fastcodec` are generated from it, `framing` is shared with the
board, `decoder` turns a byte stream into events. Nothing here opens a port or reads a clock.
"""
