"""What a search for all items within a radius has found."""
from __future__ import annotations

import ctypes
import weakref
from typing import Any, Iterator

import numpy as np
import numpy.typing as npt

from ._arrays import address as address_of
from ._library import MatchArrays, library


class Matches:
    """The items that were found for several queries, by distance and then by id.

    `matches[i]` are the ids and distances for query i. All lie one after the other in `ids` and `distances`; those of query i are the
    elements `offsets[i]` to `offsets[i + 1] - 1`. Large arrays are the library's memory, which is freed with the last of them.
    """

    offsets: npt.NDArray[np.uint64]
    """One more than there are queries."""
    ids: npt.NDArray[np.uint64]
    """The ids of all queries."""
    distances: npt.NDArray[np.int32]
    """Their distances in bits."""

    def __init__(self, arrays: MatchArrays) -> None:
        rows = arrays.query_count + 1
        total = ctypes.c_size_t.from_address(arrays.offsets + 8 * (rows - 1)).value
        array = _copied if rows + total < _FEW else _Owner(arrays).array
        self.offsets = array(arrays.offsets, rows, np.uint64)
        self.ids = array(arrays.ids, total, np.uint64)
        self.distances = array(arrays.distances, total, np.int32)
        if array is _copied:
            library.hashdb_free_matches(arrays)

    def __len__(self) -> int:
        """The number of queries."""
        return len(self.offsets) - 1

    def __getitem__(self, query: int) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
        if not -len(self) <= query < len(self):
            raise IndexError(f"query {query} of {len(self)}")
        query %= len(self)
        found = slice(int(self.offsets[query]), int(self.offsets[query + 1]))
        return self.ids[found], self.distances[found]

    def __iter__(self) -> Iterator[tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]]:
        return (self[query] for query in range(len(self)))

    def __repr__(self) -> str:
        return f"<hashdb.Matches: {len(self.ids)} items for {len(self)} queries>"


_FEW = 4096
"""Fewer numbers than this are copied faster than looked after."""


def _copied(address: int, count: int, kind: Any) -> npt.NDArray[Any]:
    array = np.empty(count, kind)
    if count:
        ctypes.memmove(address_of(array), address, array.nbytes)
    return array


class _Owner:
    """Frees the library's arrays when no array of numpy needs them any more."""

    def __init__(self, arrays: MatchArrays) -> None:
        finalizer = weakref.finalize(self, library.hashdb_free_matches, ctypes.byref(arrays))
        # Functions that others have registered with atexit may use the arrays after those of weakref.
        finalizer.atexit = False

    def array(self, address: int, count: int, kind: Any) -> npt.NDArray[Any]:
        return np.asarray(_Memory(self, address, count, np.dtype(kind).str))


class _Memory:
    """Memory in numpy's terms; an array made of it keeps it, and so its owner."""

    def __init__(self, owner: _Owner, address: int, count: int, kind: str) -> None:
        self._owner = owner
        self.__array_interface__ = {"data": (address, False), "shape": (count,), "typestr": kind, "version": 3}
