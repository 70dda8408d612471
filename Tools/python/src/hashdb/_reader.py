"""What stores and snapshots have in common: all that reads."""
from __future__ import annotations

import ctypes
import weakref
from typing import Any, Iterator, TypeVar

import numpy as np
import numpy.typing as npt

from ._arrays import Codes, IDs, address, id_array, packed_codes
from ._errors import ClosedError, InvalidArgumentError
from ._library import EXCLUDING, ONLY, Filter, MatchArrays, call, library
from ._matches import Matches

_Self = TypeVar("_Self", bound="Reader")


class Reader:
    """A store or a snapshot, to be read. Any threads may use it at once; calls let other threads of Python run.

    Use it in `with`, or `close()` it. What has not been closed is when it goes away.
    """

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._finalizer = weakref.finalize(self, _close, handle)
        bits = ctypes.c_int32()
        call(library.hashdb_bits, handle, bits)
        self._bits = bits.value

    def close(self) -> None:
        """Closes it. Calls that are under way on other threads finish; later ones raise `ClosedError`. Twice is no error."""
        self._finalizer()

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def bits(self) -> int:
        """The number of bits of a code."""
        return self._bits

    @property
    def commit_number(self) -> int:
        """How many commits so far have changed something.

        Equal numbers mean equal contents, unless everything was replaced between: by `hashdb receive --replace`, which takes over
        the number of the other store, or by another file under the name.
        """
        number = ctypes.c_uint64()
        call(library.hashdb_commit_number, self._handle, number)
        return number.value

    def __len__(self) -> int:
        """The number of items."""
        count = ctypes.c_size_t()
        call(library.hashdb_count, self._handle, count)
        return count.value

    def __bool__(self) -> bool:
        return True

    # Searching

    def nearest(
        self, queries: Codes, k: int, threads: int = 0, *, only: IDs | None = None, excluding: IDs | None = None
    ) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
        """The `k` items nearest to each query, by distance and then by id. Exact.

        Args:
            queries: One code, or an array with a code in each row.
            k: How many items, at least 1.
            threads: How many threads answer; 0: one for each core. All see the same commit.
            only: The ids of the items that may be found; the answer is exact among these. Ids that are not there are no error.
            excluding: The ids of items that may not be found; not with `only`.

        Returns:
            Ids and distances, arrays of shape (queries, k), or (k,) for one code; of fewer columns where there are fewer items.
        """
        rows, is_one = packed_codes(queries, self._bits)
        if not 1 <= k < 1 << 48:
            raise InvalidArgumentError(f"{k} neighbours asked for: the number must be at least 1, and below 2**48")
        count = len(rows)
        # A row for each query would be much too long where more are wanted than there are.
        k = k if k * count < 1 << 24 else max(1, min(k, len(self)))
        ids = np.empty((count, k), np.uint64)
        distances = np.empty((count, k), np.int32)
        call(
            library.hashdb_nearest_among, self._handle, _filter(only, excluding), address(rows), count, k, threads,
            address(ids), address(distances), None,
        )
        if count > 0 and distances[0, -1] < 0:
            # What is missing is -1. All queries find as many, as all have the same filter.
            found = int(np.count_nonzero(distances[0] >= 0))
            ids, distances = ids[:, :found], distances[:, :found]
        return (ids[0], distances[0]) if is_one else (ids, distances)

    def within(
        self, queries: Codes, radius: int, threads: int = 0, *, only: IDs | None = None, excluding: IDs | None = None
    ) -> Matches:
        """All items within `radius` bits of each query, the radius included, by distance and then by id. Exact.

        Args:
            queries: One code, or an array with a code in each row.
            radius: The largest distance that counts, at least 0.
            threads: How many threads answer; 0: one for each core. All see the same commit.
            only: The ids of the items that may be found. Ids that are not there are no error.
            excluding: The ids of items that may not be found; not with `only`.
        """
        rows, _ = packed_codes(queries, self._bits)
        if not 0 <= radius < 1 << 31:
            raise InvalidArgumentError(f"a radius of {radius}: it must be at least 0, and below 2**31")
        arrays = MatchArrays()
        call(
            library.hashdb_within_among, self._handle, _filter(only, excluding), address(rows), len(rows), radius, threads,
            arrays,
        )
        return Matches(arrays)

    # Items

    def codes(self, ids: IDs) -> npt.NDArray[np.uint8]:
        """The codes of items, a row of bytes for each id. Raises `UnknownIDError` if one is not there."""
        return self._codes(ids, None)

    def contains(self, ids: IDs) -> npt.NDArray[np.bool_]:
        """For each id whether there is an item of that id."""
        numbers = id_array(ids)
        found = np.empty(len(numbers), np.uint8)
        self._codes(numbers, address(found))
        return found.view(np.bool_)

    def __contains__(self, id: int) -> bool:
        return bool(self.contains([id])[0])

    def _codes(self, ids: IDs, found: Any) -> npt.NDArray[np.uint8]:
        numbers = id_array(ids)
        codes = np.empty((len(numbers), self._bits // 8), np.uint8)
        call(library.hashdb_codes, self._handle, address(numbers), len(numbers), address(codes), found)
        return codes

    def items(
        self, first: int = 0, chunk: int = 1 << 16
    ) -> Iterator[tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8]]]:
        """The ids and codes of all items from the id `first` on, in the order of ids, in arrays of up to `chunk` rows.

        Each array is of one commit; take a snapshot for all to be of the same.
        """
        if chunk < 1:
            raise InvalidArgumentError(f"chunks of {chunk} items: the number must be at least 1")
        if first < 0:
            raise InvalidArgumentError(f"items from the id {first} on: ids are at least 0")
        last = (1 << 64) - 1
        while first <= last:
            ids = np.empty(chunk, np.uint64)
            codes = np.empty((chunk, self._bits // 8), np.uint8)
            count = ctypes.c_size_t()
            call(library.hashdb_items, self._handle, first, chunk, address(ids), address(codes), count)
            if count.value:
                yield ids[: count.value], codes[: count.value]
                first = int(ids[count.value - 1]) + 1
            if count.value < chunk:
                return


def _filter(only: IDs | None, excluding: IDs | None) -> Filter | None:
    if only is not None and excluding is not None:
        raise InvalidArgumentError("give the ids that may be found, or those that may not, not both")
    if only is not None:
        kind, ids = ONLY, id_array(only)
    elif excluding is not None:
        kind, ids = EXCLUDING, id_array(excluding)
    else:
        return None
    filter = Filter(kind, len(ids), address(ids))
    filter.array = ids
    return filter


def _close(handle: int) -> None:
    try:
        call(library.hashdb_close, handle)
    except ClosedError:
        pass
