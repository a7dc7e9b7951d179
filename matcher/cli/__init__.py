"""The command line: `matcher solve`, `check`, `verify`, `explain`, `rematch`, `scenario`,
`frontier`, `generate`, `demo`.

Exit codes (contract, "What comes out"): 0 solved or valid, 1 the input is wrong, 2 infeasible, 3 our fault;
an interrupted command that has nothing to hand out ends with 130, as shells expect.
"""

from matcher.cli.app import main

__all__ = ["main"]
