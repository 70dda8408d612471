"""An embedded, on-disk database for binary codes, with exact nearest neighbours in Hamming space.

    store = hashdb.Store.build("codes.hashdb", codes)
    ids, distances = store.nearest(queries, 10)
    matches = store.within(queries, 8)

Codes have 8 to 1024 bits, packed into bytes, and lie in the rows of a numpy array; each has an id of 64 bits. See `Store`.
"""
from ._errors import (
    BusyError,
    ClosedError,
    CollectionRemovedError,
    DamagedError,
    DiskFullError,
    DuplicateIDError,
    ExistsError,
    HashDBError,
    IDsExhaustedError,
    InvalidArgumentError,
    ModelMismatchError,
    NotAStoreError,
    NotFoundError,
    OutOfMemoryError,
    ReadOnlyError,
    SystemFailureError,
    TooManyCollectionsError,
    UnknownIDError,
    UnsupportedVersionError,
)
from ._library import version
from ._matches import Matches
from ._reader import Reader
from ._snapshot import Snapshot
from ._store import Model, Store
from ._transaction import Transaction

__version__ = version()
__all__ = [
    "BusyError",
    "ClosedError",
    "CollectionRemovedError",
    "DamagedError",
    "DiskFullError",
    "DuplicateIDError",
    "ExistsError",
    "HashDBError",
    "IDsExhaustedError",
    "InvalidArgumentError",
    "Matches",
    "Model",
    "ModelMismatchError",
    "NotAStoreError",
    "NotFoundError",
    "OutOfMemoryError",
    "ReadOnlyError",
    "Reader",
    "Snapshot",
    "Store",
    "SystemFailureError",
    "TooManyCollectionsError",
    "Transaction",
    "UnknownIDError",
    "UnsupportedVersionError",
    "version",
]
