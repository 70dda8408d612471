"""What can go wrong, each kind an exception of its own that is one of Python's kinds too."""
from __future__ import annotations


class HashDBError(Exception):
    """Something that a store refused or could not do. The text names the thing and says what to do."""

    status: int = 99
    """The number of the error, an `enum hashdb_status` of hashdb.h."""


class InvalidArgumentError(HashDBError, ValueError):
    """A size, width, count, radius, name or array that cannot be."""

    status = 1


class ClosedError(HashDBError, ValueError):
    """The store or snapshot is closed."""

    status = 2


class NotFoundError(HashDBError, FileNotFoundError):
    """There is no file at the path, or no collection of the name in it."""

    status = 3


class ExistsError(HashDBError, FileExistsError):
    """A store or collection was to be made where there is one, or another file."""

    status = 4


class NotAStoreError(HashDBError):
    """The file is something else than a store."""

    status = 5


class UnsupportedVersionError(HashDBError):
    """The file is of another version of the format."""

    status = 6


class DamagedError(HashDBError):
    """A part of the file is not what was written."""

    status = 7


class BusyError(HashDBError, TimeoutError):
    """Other writers did not give way in time."""

    status = 8


class ReadOnlyError(HashDBError, PermissionError):
    """A write to what can, or may, only be read."""

    status = 9


class DiskFullError(HashDBError, OSError):
    """The device or a quota is full. The store is as of its last commit."""

    status = 10


class SystemFailureError(HashDBError, OSError):
    """The system refused something; `errno` says what."""

    status = 11


class DuplicateIDError(HashDBError, ValueError):
    """An item of that id is there already."""

    status = 12


class UnknownIDError(HashDBError, LookupError):
    """No item of that id is there."""

    status = 13


class IDsExhaustedError(HashDBError):
    """The largest possible id is taken, so that there is no next one."""

    status = 14


class ModelMismatchError(HashDBError):
    """The store's codes were made by another model."""

    status = 15


class CollectionRemovedError(HashDBError):
    """The collection was removed, or made anew, since it was opened."""

    status = 16


class TooManyCollectionsError(HashDBError):
    """The file has as many collections as it can have."""

    status = 17


class OutOfMemoryError(HashDBError, MemoryError):
    """There was no memory for the answer."""

    status = 18


_KINDS = {kind.status: kind for kind in HashDBError.__subclasses__()}


def error(status: int, system_code: int, message: str) -> HashDBError:
    """The exception for what a function of the library has returned."""
    exception = _KINDS.get(status, HashDBError)(message)
    exception.status = status
    if isinstance(exception, SystemFailureError):
        exception.errno = system_code
    return exception
