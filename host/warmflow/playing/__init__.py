"""Scenarios on the pumps of a running daemon: who plays what (`scenarios.py`), and one that is played (`run.py`)."""
