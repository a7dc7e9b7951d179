"""A round as one immutable piece: its files as the engine writes them, in a zip, with the contract's digest.

What comes out of a snapshot is exactly what the command line would read from the folder, so that a run here and
`matcher solve` there give the same bytes.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from matcher.intake import load, write_round
from models.round import Round

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The time of every entry: equal rounds give equal bytes."""


def pack(rnd: Round) -> bytes:
    """The files of a round as a zip; equal rounds give equal bytes."""
    stream = io.BytesIO()
    with (
        tempfile.TemporaryDirectory() as folder,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for path in sorted(write_round(rnd, Path(folder) / "round").iterdir()):
            entry = zipfile.ZipInfo(path.name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, path.read_bytes())
    return stream.getvalue()


def unpack(content: bytes) -> Round:
    """The round that was packed, read as any round is."""
    with tempfile.TemporaryDirectory() as folder:
        unpack_into(content, Path(folder))
        return load(folder)


def unpack_into(content: bytes, folder: Path) -> None:
    """Write the files of a packed round into a folder."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for name in packed.namelist():
            assert Path(name).name == name, "our own zips hold plain names"
            (folder / name).write_bytes(packed.read(name))
