"""A file of codes."""
from __future__ import annotations

import ctypes
import os
from typing import Any, NamedTuple, Optional, Union

from ._arrays import Codes, IDs, address, id_array, ids_and_codes, packed_codes
from ._errors import InvalidArgumentError
from ._library import MODEL_BYTES, Options, call, library
from ._reader import Reader
from ._snapshot import Snapshot
from ._transaction import Transaction

Path = Union[str, "os.PathLike[str]"]


class Model(NamedTuple):
    """Which model made the codes of a store. Codes of two models must never be compared."""

    name: str
    """A name for people."""
    fingerprint: str
    """A digest of all that the codes depend on."""


class Store(Reader):
    """A file of binary codes that can be searched exactly.

        with hashdb.Store.create("codes.hashdb", bits=64) as store:
            store.insert([1, 2], numpy.array([[0] * 8, [255] * 8], numpy.uint8))
            ids, distances = store.nearest(queries, 10)

    Any number of threads and processes may read while one writes. A call that writes is one transaction: all of it or nothing. Codes are
    arrays of unsigned integers whose rows have bits / 8 bytes in all: uint8 of shape (codes, bits / 8), as `numpy.packbits` gives them,
    or uint64 of shape (codes,) for 64 bits. Distances do not depend on which bit of a byte is the first.

    After fork, open the store again in the child process.
    """

    def __init__(self, handle: int, path: str) -> None:
        """Not for callers: use `Store.create`, `Store.open` or `Store.build`."""
        super().__init__(handle)
        self.path = path

    @classmethod
    def create(
        cls,
        path: Path,
        bits: int,
        *,
        collection: Optional[str] = None,
        model: Optional[tuple[str, str]] = None,
        synchronous: bool = True,
        busy_timeout: float = 10.0,
    ) -> Store:
        """Makes an empty store, or a further collection in a file.

        Args:
            path: Where no file is yet, or one that has no collection of this name.
            bits: The number of bits of every code, a multiple of 8 from 8 to 1024.
            collection: Which collection of the file; None is the one named "default".
            model: A name and a fingerprint of the model that makes the codes, if one does.
            synchronous: Whether a commit waits until its data is on the device. Without, a loss of power can damage the store.
            busy_timeout: How many seconds a write waits for other writers.
        """
        handle = ctypes.c_void_p()
        options = _options(collection, model, synchronous, busy_timeout)
        name = os.fspath(path)
        call(library.hashdb_create, _bytes(name), options, bits if abs(bits) < 1 << 31 else -1, handle)
        return cls(handle.value or 0, name)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        read_only: bool = False,
        collection: Optional[str] = None,
        model: Optional[tuple[str, str]] = None,
        synchronous: bool = True,
        busy_timeout: float = 10.0,
    ) -> Store:
        """Opens a store. With a model, one of another model is refused; the rest is as for `create`."""
        handle = ctypes.c_void_p()
        options = _options(collection, model, synchronous, busy_timeout, read_only)
        name = os.fspath(path)
        call(library.hashdb_open, _bytes(name), options, handle)
        return cls(handle.value or 0, name)

    @classmethod
    def build(cls, path: Path, codes: Codes, ids: Optional[IDs] = None, *, bits: Optional[int] = None, **options: Any) -> Store:
        """Makes a store of an array of codes, under the ids 0, 1, 2 … or those that are given. `options` are those of `create`.

        `bits` is needed only where a row of the array does not tell it, as with uint64 of one dimension.
        """
        if bits is None:
            shape: tuple[int, ...] = getattr(codes, "shape", ())
            size: int = getattr(codes, "itemsize", 0)
            if len(shape) not in (1, 2) or size == 0:
                raise InvalidArgumentError("the codes are no array of one or two dimensions; give the number of bits")
            bits = 8 * size * (shape[1] if len(shape) == 2 else 1)
        rows = packed_codes(codes, bits)[0]
        numbers = None if ids is None else ids_and_codes(ids, rows, bits)[0]
        store = cls.create(path, bits, **options)
        store.load(rows, numbers)
        return store

    @property
    def model(self) -> Optional[Model]:
        """Which model made the codes, if the store was told."""
        name, fingerprint = ctypes.create_string_buffer(MODEL_BYTES), ctypes.create_string_buffer(MODEL_BYTES)
        call(library.hashdb_model, self._handle, name, fingerprint)
        model = Model(name.value.decode(), fingerprint.value.decode())
        return model if any(model) else None

    def snapshot(self, threads: int = 0) -> Snapshot:
        """The store as of its last commit, for use in `with`. `threads` is how many can search it at once; 0: one for each core."""
        handle = ctypes.c_void_p()
        call(library.hashdb_snapshot, self._handle, threads, handle)
        return Snapshot(handle.value or 0)

    # Writing

    def insert(self, ids: IDs, codes: Codes) -> None:
        """Adds items. Raises `DuplicateIDError` if one of the ids is there, or comes twice."""
        numbers, rows = ids_and_codes(ids, codes, self._bits)
        call(library.hashdb_insert, self._handle, address(numbers), address(rows), len(rows))

    def append(self, codes: Codes) -> range:
        """Adds items under the ids that follow the largest ever used. Returns these ids."""
        rows = packed_codes(codes, self._bits)[0]
        first = ctypes.c_uint64()
        call(library.hashdb_append, self._handle, address(rows), len(rows), first)
        return range(first.value, first.value + len(rows))

    def upsert(self, ids: IDs, codes: Codes) -> None:
        """Adds items, or replaces those of the same ids."""
        numbers, rows = ids_and_codes(ids, codes, self._bits)
        call(library.hashdb_upsert, self._handle, address(numbers), address(rows), len(rows))

    def delete(self, ids: IDs) -> int:
        """Removes the items of these ids. Returns how many there were."""
        numbers = id_array(ids)
        deleted = ctypes.c_size_t()
        call(library.hashdb_delete, self._handle, address(numbers), len(numbers), deleted)
        return deleted.value

    def load(self, codes: Codes, ids: Optional[IDs] = None) -> None:
        """Takes in many codes at once, straight into the index; ids that are there are replaced. Without ids those that follow are taken."""
        rows = packed_codes(codes, self._bits)[0]
        numbers = None if ids is None else ids_and_codes(ids, rows, self._bits)[0]
        place = None if numbers is None else address(numbers)
        call(library.hashdb_load, self._handle, place, address(rows), len(rows), ctypes.c_uint64())

    def transaction(self) -> Transaction:
        """Several changes in one commit, for use in `with`."""
        return Transaction(self)

    def fold(self) -> None:
        """Merges everything into one segment, which makes queries as fast as can be. It happens by itself, little by little."""
        call(library.hashdb_fold, self._handle)

    def __repr__(self) -> str:
        return f"<hashdb.Store {self.path!r} of {self._bits}-bit codes>"


def _bytes(text: str) -> bytes:
    encoded = os.fsencode(text)
    if b"\0" in encoded:
        raise InvalidArgumentError("a zero byte in a text")
    return encoded


def _options(
    collection: Optional[str],
    model: Optional[tuple[str, str]],
    synchronous: bool,
    busy_timeout: float,
    read_only: bool = False,
) -> Options:
    options = Options(size=ctypes.sizeof(Options), read_only=read_only, asynchronous=not synchronous)
    # 0 is the usual time there.
    options.busy_timeout_ms = max(1, round(1000 * min(busy_timeout, 1e9))) if busy_timeout > 0 else -1
    if collection is not None:
        options.collection = _bytes(collection)
    if model is not None:
        options.model_name, options.model_fingerprint = (_bytes(text) for text in model)
    return options
