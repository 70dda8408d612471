"""A store as of one commit."""
from __future__ import annotations

from ._reader import Reader


class Snapshot(Reader):
    """A store as of one commit: what is written later, here or by other processes, does not show in it.

        with store.snapshot() as snapshot:
            ids, distances = snapshot.nearest(queries, 10)
            codes = snapshot.codes(ids.ravel())

    Keep it short: the space of what is deleted or replaced meanwhile is used again only when it is closed.
    """

    def __repr__(self) -> str:
        return f"<hashdb.Snapshot of {self.bits}-bit codes>"
