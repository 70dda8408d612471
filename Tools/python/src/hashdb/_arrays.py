"""Arrays of callers in the form that the library takes, copied only where they do not have it already."""
from __future__ import annotations

import ctypes
from typing import Any, Sequence, Union

import numpy as np
import numpy.typing as npt

from ._errors import InvalidArgumentError

Codes = Union[npt.ArrayLike, bytes]
"""Codes: an array of integers whose rows, or elements, have as many bytes as a code; or the bytes of one code."""

IDs = Union[npt.ArrayLike, range, Sequence[int]]
"""Ids: integers from 0 to 2**64 - 1."""


def address(array: npt.NDArray[Any]) -> int:
    """Where the elements of an array lie that has no gaps."""
    if array.size and array.flags.writeable:
        # Less than half the time of the other way, which counts where a search takes two microseconds.
        memory: Any = array
        return ctypes.addressof(ctypes.c_char.from_buffer(memory))
    pointer: int = array.__array_interface__["data"][0]
    return pointer


def _integers(values: Any) -> npt.NDArray[Any]:
    """An array of numbers. Of a list or range with some from 2**63 on numpy would make floating-point numbers."""
    if isinstance(values, range) and values and min(values[0], values[-1]) >= 0 and max(values[0], values[-1]) < 1 << 64:
        return np.arange(len(values), dtype=np.uint64) * np.uint64(values.step % (1 << 64)) + np.uint64(values[0])
    if isinstance(values, (list, tuple)) and values and all(_is_integer(value) and 0 <= value < 1 << 64 for value in values):
        return np.array(values, dtype=np.uint64)
    return np.asarray(values)


def _is_integer(value: Any) -> bool:
    # Python counts bools among the integers, numpy does not.
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def packed_codes(codes: Codes, bits: int) -> tuple[npt.NDArray[np.uint8], bool]:
    """Codes as rows of bytes, and whether it is one code that was given, and no array of codes."""
    size = bits // 8
    if type(codes) is np.ndarray and codes.dtype == np.uint8 and codes.flags.c_contiguous and size > 1:
        # The usual forms, without the time that all others take.
        if codes.ndim == 2 and codes.shape[1] == size:
            return codes, False
        if codes.ndim == 1 and codes.shape[0] == size:
            return codes.reshape(1, size), True
    array: npt.NDArray[Any]
    if isinstance(codes, (bytes, bytearray, memoryview)):
        # One code, even where a byte is a whole one.
        array = np.frombuffer(codes, np.uint8).reshape(1, -1)
        if array.shape[1] == size:
            return array, True
    else:
        array = _integers(codes)
    if array.dtype.kind not in "ui":
        what = "bits: pack them with numpy.packbits" if array.dtype.kind == "b" else f"of type {array.dtype}"
        raise InvalidArgumentError(f"codes {what}; they must be integers whose bytes are the code, such as uint8")
    if array.dtype.byteorder == ">":
        array = array.astype(array.dtype.newbyteorder("<"))
    is_one = array.ndim == 0 and array.itemsize == size
    is_one = is_one or array.ndim == 1 and array.itemsize != size and array.nbytes == size
    is_many = array.ndim == 1 and array.itemsize == size
    is_many = is_many or array.ndim == 2 and array.shape[1] * array.itemsize == size
    if not (is_one or is_many):
        raise InvalidArgumentError(
            f"codes of {bits} bits in an array of {array.dtype} of shape {array.shape}: "
            f"it must be ({size},) bytes or (codes, {size}) bytes, or of integers of as many bytes in all"
        )
    rows = 1 if is_one else array.shape[0]
    if not array.flags.c_contiguous:
        array = np.ascontiguousarray(array)
    return array.reshape(-1).view(np.uint8).reshape(rows, size), is_one


def id_array(ids: IDs) -> npt.NDArray[np.uint64]:
    array = _integers(ids)
    if array.size == 0:
        return np.empty(0, np.uint64)
    if array.dtype.kind not in "ui" or array.ndim > 1:
        raise InvalidArgumentError(
            f"ids of type {array.dtype} in {array.ndim} dimensions; they must be integers in one, from 0 to 2**64 - 1"
        )
    if array.dtype.kind == "i" and array.min() < 0:
        raise InvalidArgumentError(f"an id of {array.min()}; ids are at least 0")
    return np.ascontiguousarray(array.reshape(-1), dtype=np.uint64)


def ids_and_codes(ids: IDs, codes: Codes, bits: int) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8]]:
    """As many ids as codes."""
    numbers, rows = id_array(ids), packed_codes(codes, bits)[0]
    if len(numbers) != len(rows):
        raise InvalidArgumentError(f"{len(numbers)} ids for {len(rows)} codes")
    return numbers, rows
