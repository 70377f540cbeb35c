"""The training rig's lessons: what they are, and how one is played over live numbers or a replay.

No clock, no board and no page in here: numbers come in, what a page shows comes out. Nothing in it is dosing advice.
"""
