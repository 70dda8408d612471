"""libhashdb by ctypes: the functions of hashdb.h as they are declared there."""
from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, c_char, c_char_p, c_int, c_int32, c_int64, c_size_t, c_uint64, c_void_p
from pathlib import Path
from typing import Any

from ._errors import HashDBError
from ._errors import error as exception_for


class Error(ctypes.Structure):
    _fields_ = [("status", c_int32), ("system_code", c_int32), ("message", c_char * 1016)]


class Options(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("collection", c_char_p),
        ("model_name", c_char_p),
        ("model_fingerprint", c_char_p),
        ("busy_timeout_ms", c_int64),
        ("read_only", c_int32),
        ("asynchronous", c_int32),
    ]


class Change(ctypes.Structure):
    _fields_ = [("kind", c_int32), ("count", c_size_t), ("ids", c_void_p), ("codes", c_void_p)]


class Filter(ctypes.Structure):
    _fields_ = [("kind", c_int32), ("count", c_size_t), ("ids", c_void_p)]
    array: Any = None  # what the ids lie in


class MatchArrays(ctypes.Structure):
    _fields_ = [("query_count", c_size_t), ("offsets", c_void_p), ("ids", c_void_p), ("distances", c_void_p)]


INSERT, UPSERT, DELETE = 1, 2, 3
ONLY, EXCLUDING = 1, 2
MODEL_BYTES = 1025

# Handles and the addresses of arrays are void pointers here; the last argument, the error, is added to all.
_FUNCTIONS: dict[str, list[Any]] = {
    "hashdb_create": [c_char_p, POINTER(Options), c_int32, POINTER(c_void_p)],
    "hashdb_open": [c_char_p, POINTER(Options), POINTER(c_void_p)],
    "hashdb_snapshot": [c_void_p, c_int, POINTER(c_void_p)],
    "hashdb_close": [c_void_p],
    "hashdb_bits": [c_void_p, POINTER(c_int32)],
    "hashdb_count": [c_void_p, POINTER(c_size_t)],
    "hashdb_commit_number": [c_void_p, POINTER(c_uint64)],
    "hashdb_model": [c_void_p, c_char_p, c_char_p],
    "hashdb_insert": [c_void_p, c_void_p, c_void_p, c_size_t],
    "hashdb_append": [c_void_p, c_void_p, c_size_t, POINTER(c_uint64)],
    "hashdb_upsert": [c_void_p, c_void_p, c_void_p, c_size_t],
    "hashdb_delete": [c_void_p, c_void_p, c_size_t, POINTER(c_size_t)],
    "hashdb_apply": [c_void_p, POINTER(Change), c_size_t, POINTER(c_size_t)],
    "hashdb_load": [c_void_p, c_void_p, c_void_p, c_size_t, POINTER(c_uint64)],
    "hashdb_fold": [c_void_p],
    "hashdb_codes": [c_void_p, c_void_p, c_size_t, c_void_p, c_void_p],
    "hashdb_items": [c_void_p, c_uint64, c_size_t, c_void_p, c_void_p, POINTER(c_size_t)],
    "hashdb_nearest": [c_void_p, c_void_p, c_size_t, c_size_t, c_int, c_void_p, c_void_p, c_void_p],
    "hashdb_within": [c_void_p, c_void_p, c_size_t, c_int32, c_int, POINTER(MatchArrays)],
    "hashdb_nearest_among": [
        c_void_p, POINTER(Filter), c_void_p, c_size_t, c_size_t, c_int, c_void_p, c_void_p, c_void_p],
    "hashdb_within_among": [c_void_p, POINTER(Filter), c_void_p, c_size_t, c_int32, c_int, POINTER(MatchArrays)],
}


def _load() -> ctypes.CDLL:
    """The library beside this file, or the one that HASHDB_LIBRARY names."""
    path = os.environ.get("HASHDB_LIBRARY") or str(Path(__file__).with_name("libhashdb.so"))
    library = ctypes.CDLL(path)
    for name, arguments in _FUNCTIONS.items():
        function = getattr(library, name)
        function.argtypes = [*arguments, POINTER(Error)]
        function.restype = c_int
    library.hashdb_version.restype = c_char_p
    library.hashdb_version.argtypes = []
    library.hashdb_free_matches.restype = None
    library.hashdb_free_matches.argtypes = [POINTER(MatchArrays)]
    return library


library = _load()


def version() -> str:
    """The version of the library, such as "0.1.0"."""
    text: bytes = library.hashdb_version()
    return text.decode()


def call(function: Any, *arguments: Any) -> None:
    """Calls a function of the library, without the interpreter's lock, and raises what it returns."""
    error = Error()
    if function(*arguments, error):
        raise exception(error)


def exception(error: Error) -> HashDBError:
    """What a function of the library has said of its failure."""
    return exception_for(error.status, error.system_code, error.message.decode(errors="replace"))
