"""Write the INTERVET sample again: ``python -m matcher.generating.intervet [FOLDER]``."""

from __future__ import annotations

import sys
from pathlib import Path

from matcher.generating.intervet.build import write

FOLDER = Path(__file__).resolve().parents[3] / "sample_data" / "intervet"

if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
