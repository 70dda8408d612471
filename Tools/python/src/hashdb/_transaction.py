"""Changes that are committed together."""
from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

from ._arrays import Codes, IDs, address, id_array, ids_and_codes
from ._errors import ClosedError
from ._library import DELETE, INSERT, UPSERT, Change, call, library

if TYPE_CHECKING:
    from ._store import Store


class Transaction:
    """Changes of a store that are carried out in order, in one commit, at the end of the `with` block; none if that ends in an exception.

    What is given is copied. Nothing is looked at before the end: a `DuplicateIDError` comes from there.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changes: list[tuple[int, Any, Any]] = []
        self._is_open = True

    def insert(self, ids: IDs, codes: Codes) -> None:
        """Adds items."""
        numbers, rows = ids_and_codes(ids, codes, self._store.bits)
        self._add(INSERT, numbers, rows.copy())

    def upsert(self, ids: IDs, codes: Codes) -> None:
        """Adds items, or replaces those of the same ids."""
        numbers, rows = ids_and_codes(ids, codes, self._store.bits)
        self._add(UPSERT, numbers, rows.copy())

    def delete(self, ids: IDs) -> None:
        """Removes the items of these ids, those that are there."""
        self._add(DELETE, id_array(ids), None)

    def _add(self, kind: int, ids: Any, codes: Any) -> None:
        self._check()
        self._changes.append((kind, ids.copy(), codes))

    def _check(self) -> None:
        if not self._is_open:
            raise ClosedError("the transaction is over")

    def __enter__(self) -> Transaction:
        self._check()
        return self

    def __exit__(self, kind: Any, *_: object) -> None:
        self._is_open = False
        if kind is not None:
            return
        changes = (Change * len(self._changes))()
        for change, (number, ids, codes) in zip(changes, self._changes):
            change.kind, change.count, change.ids = number, len(ids), address(ids)
            change.codes = None if codes is None else address(codes)
        call(library.hashdb_apply, self._store._handle, changes, len(changes), ctypes.c_size_t())
