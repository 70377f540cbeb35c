"""Lets `import pumpmodel` find the library: with `tests` on the path this folder's own name would hide it."""

import sys
from pathlib import Path

LIBRARY = str(Path(__file__).parents[2] / "firmware" / "lib")
if LIBRARY not in sys.path:
    sys.path.insert(0, LIBRARY)
