"""The limits of what intake reads, in one place; an error that is due to one of them names it.

They bound time and memory for any file, and lie well above what a round of 300,000 learners needs.
"""

from __future__ import annotations

from typing import Final

FILE_BYTES: Final = 100_000_000
"""Largest file on disk."""

UNPACKED_BYTES: Final = 256_000_000
"""Largest content of a workbook once unpacked (a sheet of 100,000 learners unpacks to about 60 MB)."""

WORKBOOK_PARTS: Final = 2_000
"""Most files packed inside a workbook."""

WORKBOOK_MEMORY: Final = 1_000_000_000
"""Address space, in bytes, of the child process that reads a workbook."""

WORKBOOK_SECONDS: Final = 60
"""Processor time after which the child process that reads a workbook is ended; by the clock, four times that."""

WORKBOOK_TEXT: Final = 256_000_000
"""Most characters that a workbook's tables may hold in all."""

ROWS: Final = 1_000_000
"""Most rows of a table."""

COLUMNS: Final = 256
"""Most columns of a table."""

CELLS: Final = 20_000_000
"""Most cells of a table, blank ones included."""

CELL_CHARACTERS: Final = 32_767
"""Longest cell; spreadsheets have the same limit."""

LINE_CHARACTERS: Final = 1_000_000
"""Longest line of a CSV file."""

FOLDER_ENTRIES: Final = 1_000
"""Most files in a round's folder."""

HEADING_ROWS: Final = 10
"""The row of headings is sought among so many rows."""

PROBLEMS: Final = 200_000
"""Most problems listed for one file; further ones are counted."""

COMMENTS: Final = 20_000
"""Most cells of one table that the fix report comments; further ones are only filled (and listed)."""

WORD_CHARACTERS: Final = 64
"""Longest cell that holds one number, date, code or word."""

LIST_CHARACTERS: Final = 10_000
"""Longest cell that holds a list."""

VALUE_SHOWN: Final = 80
"""A longer value is cut to so many characters in messages."""
