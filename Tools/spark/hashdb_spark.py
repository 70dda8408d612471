"""Exact nearest neighbours of binary codes in many store files, on Apache Spark.

An index is a directory that the driver and all executors see: store files that never change, and ``manifest.json``, written last, which
names them. A task runs the tool ``hashdb`` once for a shard, on a copy on its own disk. Spark 3.3 or later, also by Spark Connect; needs
numpy, pandas and pyarrow, as Spark's ``mapInArrow`` does.

One program at a time may change an index; any number may ask it.
"""

import contextlib
import ctypes
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyspark import TaskContext, cloudpickle
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

__all__ = ["Index", "Placed", "build", "codes_of_images", "open_index"]

# What tasks run goes with them, so that executors need not have this file.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

_BATCH = 1 << 16
_RECORD = np.dtype([("query", "<i4"), ("distance", "<i4"), ("id", "<i8")])


@dataclass(frozen=True)
class Index:
    """The shards that a manifest names.

    Attributes: ``path`` of the directory; ``bits`` of a code; ``shards``, each a dictionary of ``file``, ``codes``, ``bytes`` and ``sha256``;
    ``deleted``, the name of a file of ids that are not found any more, or None; ``tool``, the command on the executors.
    """

    path: str
    bits: int
    shards: tuple = ()
    deleted: str | None = None
    tool: str = "hashdb"

    @property
    def count(self) -> int:
        """Codes in all shards, deleted ones among them."""
        return sum(shard["codes"] for shard in self.shards)

    def append(self, codes: DataFrame, shards: int, id: str = "id", code: str = "code") -> "Index":
        """Adds shards of new ids. An id that was deleted can come again only after ``compact``; it is an error."""
        made = _make_shards(self, codes.select(F.col(id).alias("id"), F.col(code).alias("code")), shards)
        return _publish(replace(self, shards=self.shards + made))

    def delete(self, ids) -> "Index":
        """Lets ids be found no more: a sequence or array of whole numbers."""
        ids = np.asarray(ids)
        if ids.size and (ids.dtype.kind not in "ui" or ids.min() < 0):
            raise ValueError("ids must be whole numbers from 0 on")
        gone = np.union1d(_deleted_ids(self), ids.astype(np.uint64))
        name = f"deleted-{uuid.uuid4().hex}.npy"
        _write_whole(Path(self.path, name), lambda file: np.save(file, gone))
        return _publish(replace(self, deleted=name))

    def compact(self, spark: SparkSession, shards: int) -> "Index":
        """Writes all that is not deleted into new shards."""
        here = self

        def dump(batches):
            for batch in batches:
                for number in batch.column(0).to_pylist():
                    with tempfile.TemporaryDirectory() as folder:
                        with _Tool([here.tool, "export", _local(here, number, folder), "-", "--format", "records"]) as tool:
                            yield from _code_batches(tool.process.stdout, here.bits)

        numbers = spark.range(0, len(self.shards), 1, max(1, len(self.shards)))
        codes = numbers.mapInArrow(dump, "id long, code binary")
        gone = _deleted_ids(self)
        if len(gone):
            codes = codes.mapInArrow(lambda batches: (_without(batch, gone) for batch in batches), "id long, code binary")
        return _publish(Index(self.path, self.bits, _make_shards(replace(self, deleted=None), codes, shards), None, self.tool))

    def sweep(self, older_than: float = 86_400) -> list[str]:
        """Removes files of dead attempts and of earlier manifests that are older than so many seconds; returns their names."""
        known = {shard["file"] for shard in self.shards} | {self.deleted}
        removed = []
        for file in Path(self.path).iterdir():
            # Others may keep files of their own here.
            is_ours = file.suffix in (".hashdb", ".part") or file.match("deleted-*.npy")
            if is_ours and file.name not in known and time.time() - file.stat().st_mtime > older_than:
                file.unlink(missing_ok=True)
                removed.append(file.name)
        return sorted(removed)

    def place(self, spark: SparkSession, directory: str | None = None) -> "Placed":
        """Copies each shard to the disk of an executor, where later queries find it: the cached answer of this job keeps tasks there."""
        index, folder = self, directory or os.path.join(tempfile.gettempdir(), f"hashdb-spark-{os.getuid()}")

        def copy(batches):
            for batch in batches:
                numbers = batch.column(0).to_pylist()
                paths = [_local(index, number, folder) for number in numbers]
                yield pa.RecordBatch.from_arrays([pa.array(numbers, pa.int32()), pa.array(paths)], ["shard", "path"])

        shards = spark.range(0, len(index.shards), 1, max(1, len(index.shards)))
        placed = shards.mapInArrow(copy, "shard int, path string").cache()
        placed.count()
        return Placed(index, folder, placed)


@dataclass(frozen=True)
class Placed:
    """An index whose shards are on the executors' disks."""

    index: Index
    directory: str
    shards: DataFrame = field(repr=False)

    def search(self, codes, k: int, threads: int = 1) -> DataFrame:
        """The ``k`` nearest to each code, exactly, with ties by id.

        ``codes`` is an array (queries, bytes of a code) of uint8. Returns rows of ``query`` (the number of the code), ``id`` and ``distance``.
        ``threads`` are those of a task: give Spark as many (``spark.task.cpus``).
        """
        found = self._ask(codes, ["-k", str(int(k))], threads)
        order = Window.partitionBy("query").orderBy("distance", "id")
        return found.withColumn("place", F.row_number().over(order)).where(F.col("place") <= k).drop("place")

    def within(self, codes, radius: int, threads: int = 1) -> DataFrame:
        """All within ``radius`` bits of each code; rows as those of ``search``."""
        return self._ask(codes, ["--radius", str(int(radius))], threads)

    def release(self) -> None:
        """Lets Spark forget where the shards are. The copies stay, for whoever places them again."""
        self.shards.unpersist()

    def _ask(self, codes, how, threads) -> DataFrame:
        index, folder, queries = self.index, self.directory, _packed(codes, self.index.bits)

        def run(batches):
            for batch in batches:
                for number in batch.column(0).to_pylist():
                    yield from _ask_shard(index, _local(index, number, folder), queries, how, threads)

        return self.shards.mapInArrow(run, "query int, id long, distance int")


def build(codes: DataFrame, path: str, bits: int, shards: int, id: str = "id", code: str = "code", tool: str = "hashdb") -> Index:
    """Makes an index of a DataFrame of ids (whole numbers from 0 on) and packed codes (binary, ``bits`` / 8 bytes).

    As few and large shards as memory allows: some 10⁸ codes each. Rows are dealt out by a hash of the id, so that a task that is run
    again gets the same rows. Ids are unique: of equal ones a single one stays.
    """
    os.makedirs(path, exist_ok=True)
    if os.path.exists(os.path.join(path, "manifest.json")):
        raise FileExistsError(f"{path}: there is an index already; open it and append, or take another directory")
    index = Index(os.path.abspath(path), bits, (), None, tool)
    made = _make_shards(index, codes.select(F.col(id).alias("id"), F.col(code).alias("code")), shards)
    return _publish(replace(index, shards=made))


def open_index(path: str, tool: str = "hashdb") -> Index:
    """The index of a directory, as its manifest has it now."""
    name = os.path.join(path, "manifest.json")
    with open(name, encoding="utf-8") as file:
        try:
            manifest = json.load(file)
        except ValueError as error:
            raise ValueError(f"{name}: not the manifest of an index: {error}") from None
    version = manifest.get("version") if isinstance(manifest, dict) else None
    if version != 1:
        raise ValueError(f"{name}: version {version}, and this module reads version 1")
    return Index(os.path.abspath(path), manifest["bits"], tuple(manifest["shards"]), manifest["deleted"], tool)


def codes_of_images(images: DataFrame, model: str = "photo-64", id: str = "id", path: str = "path", tool: str = "hashdb") -> DataFrame:
    """Ids and codes of image files that the executors see, for ``build``; what cannot be decoded is left out, and named in the executor's log."""

    def encode(batches):
        for batch in batches:
            wanted = {}
            for number, name in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist()):
                wanted.setdefault(os.path.realpath(name), []).append(number)
            with tempfile.TemporaryDirectory() as folder:
                store = os.path.join(folder, "images.hashdb")
                names = b"".join(os.fsencode(name) + b"\0" for name in wanted)
                _run([tool, "ingest", store, "--files-from", "-", "-0", "--model", model], names)
                rows = []
                for line in _run([tool, "dump", store, "--json"]).splitlines():
                    item = json.loads(line)
                    for name in item.get("paths", [item.get("path")]):
                        rows += [(number, bytes.fromhex(item["code"])) for number in wanted.get(os.path.realpath(name), [])]
            yield pa.RecordBatch.from_arrays(
                [pa.array([row[0] for row in rows], pa.int64()), pa.array([row[1] for row in rows], pa.binary())], ["id", "code"])

    return images.select(F.col(id).cast("long"), F.col(path)).mapInArrow(encode, "id long, code binary")


# ---- What tasks do ----


class _Tool:
    """A run of the tool; it dies with its parent. What it says goes into the executor's log, or into an error where it does not succeed."""

    def __init__(self, command, stdin=None):
        self.command = command
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command, stdin=stdin or subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors, preexec_fn=_die_with_parent)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            self.process.kill()
        self.process.stdout.close()
        if self.process.stdin:
            # Closing writes what is buffered, which fails again where the tool has ended.
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()
        status = self.process.wait()
        with self.errors as errors:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip()
        if kind in (None, BrokenPipeError) and status != 0:
            raise RuntimeError(f"{' '.join(map(str, self.command[:3]))}: exit status {status}: {said}") from None
        if said:
            print(said, file=sys.stderr)


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _run(command, given=b"") -> bytes:
    with tempfile.TemporaryFile() as file, _Tool(command, _filled(file, given)) as tool:
        return tool.process.stdout.read()


def _filled(file, given):
    file.write(given)
    file.seek(0)
    return file


def _make_shards(index: Index, codes: DataFrame, shards: int) -> tuple:
    gone = _deleted_ids(index)

    def make(batches):
        first = next(batches, None)
        if first is None:
            return
        context = TaskContext.get()
        name = f"{context.partitionId()}-{context.taskAttemptId()}-{uuid.uuid4().hex[:8]}.hashdb"
        with tempfile.TemporaryDirectory() as folder:
            made = os.path.join(folder, name)
            count = _import(index, made, first, batches, gone)
            _run([index.tool, "compact", made])
            _run([index.tool, "verify", made])
            digest = _copy(made, os.path.join(index.path, name))
            size = os.path.getsize(made)
        yield pa.RecordBatch.from_pylist([{"file": name, "codes": count, "bytes": size, "sha256": digest}])

    rows = codes.select(F.col("id").cast("long").alias("id"), "code").repartition(shards, "id")
    made = rows.mapInArrow(make, "file string, codes long, bytes long, sha256 string").collect()
    return tuple(sorted((row.asDict() for row in made), key=lambda shard: int(shard["file"].split("-")[0])))


def _import(index: Index, store: str, first, batches, gone) -> int:
    record = np.dtype([("id", "<i8"), ("code", f"V{index.bits // 8}")])
    command = [index.tool, "import", store, "-", "--format", "records", "--bits", str(index.bits)]
    with _Tool(command, subprocess.PIPE) as tool:
        batch = first
        while batch is not None:
            ids = batch.column(0).to_numpy(zero_copy_only=False)
            if len(ids) and (batch.column(0).null_count or ids.min() < 0):
                raise ValueError("ids must be whole numbers from 0 on, and none null")
            if len(gone) and np.isin(ids.astype(np.uint64), gone).any():
                raise ValueError("an id was deleted before; compact the index, then append it")
            records = np.empty(len(ids), record)
            records["id"] = ids
            records["code"] = _codes(batch.column(1), index.bits // 8)
            if len(ids):
                tool.process.stdin.write(np.uint32(len(ids)).tobytes() + records.tobytes())
            batch = next(batches, None)
        tool.process.stdin.write(bytes(4))
        tool.process.stdin.close()
        tool.process.stdout.read()
    return json.loads(_run([index.tool, "stats", store, "--json"]))["items"]


def _codes(column, size: int):
    """The codes of a column of binary values, all ``size`` bytes long."""
    column = column.cast(pa.large_binary())
    offsets = np.frombuffer(column.buffers()[1], np.int64)[column.offset:column.offset + len(column) + 1]
    if column.null_count or (np.diff(offsets) != size).any():
        raise ValueError(f"codes must be of {size} bytes each, and none null")
    if len(column) == 0:
        return np.empty(0, f"V{size}")
    return np.frombuffer(column.buffers()[2], f"V{size}", len(column), int(offsets[0]))


def _code_batches(stream, bits: int):
    record = np.dtype([("id", "<i8"), ("code", f"V{bits // 8}")])
    while count := int.from_bytes(stream.read(4), "little"):
        records = np.frombuffer(stream.read(count * record.itemsize), record)
        codes = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(bits // 8), count, [None, pa.py_buffer(np.ascontiguousarray(records["code"]).tobytes())])
        yield pa.RecordBatch.from_arrays([pa.array(records["id"]), codes.cast(pa.binary())], ["id", "code"])


def _without(batch, gone):
    ids = batch.column(0).to_numpy(zero_copy_only=False).astype(np.uint64)
    return batch.filter(pa.array(~np.isin(ids, gone)))


def _ask_shard(index: Index, path: str, queries, how, threads: int):
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "queries.npy")
        np.save(file, queries)
        command = [index.tool, "query", path, "--codes", file, "--records", "--threads", str(threads), *how]
        if index.deleted:
            command += ["--exclude-ids", os.path.join(index.path, index.deleted)]
        with _Tool(command) as tool:
            # Rows go on before the tool has ended: where it fails, so does the task, and Spark drops them.
            while data := tool.process.stdout.read(_BATCH * _RECORD.itemsize):
                rows = np.frombuffer(data, _RECORD)
                yield pa.RecordBatch.from_arrays(
                    [pa.array(rows[name]) for name in ("query", "id", "distance")], ["query", "id", "distance"])


# ---- Files ----


def _packed(codes, bits: int):
    codes = np.ascontiguousarray(codes)
    if codes.dtype != np.uint8 or codes.ndim != 2 or codes.shape[1] * 8 != bits:
        raise ValueError(f"codes must be an array (queries, {bits // 8}) of uint8, not {codes.shape} of {codes.dtype}")
    return codes


def _source(index: Index, number: int) -> str:
    return os.path.join(index.path, index.shards[number]["file"])


def _local(index: Index, number: int, folder: str) -> str:
    """The copy of a shard on this disk, made if it is not there. Files never change, so that the name and digest are the key."""
    shard = index.shards[number]
    path = os.path.join(folder, f"{shard['sha256'][:16]}-{shard['file']}")
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        _copy(_source(index, number), path, shard["sha256"])
    return path


def _copy(source: str, target: str, expected: str | None = None) -> str:
    """Copies a file, whole or not at all, and returns its SHA-256; another than expected is an error."""
    digest = hashlib.sha256()

    def write(file):
        with open(source, "rb") as given:
            while data := given.read(1 << 22):
                digest.update(data)
                file.write(data)
        if expected not in (None, digest.hexdigest()):
            raise RuntimeError(f"{source}: damaged: its digest is not the manifest's")

    _write_whole(Path(target), write)
    return digest.hexdigest()


def _write_whole(target: Path, write) -> None:
    part = target.with_name(f"{target.name}-{uuid.uuid4().hex}.part")
    try:
        with open(part, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.rename(part, target)
    finally:
        part.unlink(missing_ok=True)


def _deleted_ids(index: Index):
    return np.load(os.path.join(index.path, index.deleted)) if index.deleted else np.empty(0, np.uint64)


def _publish(index: Index) -> Index:
    manifest = {"version": 1, "bits": index.bits, "shards": list(index.shards), "deleted": index.deleted}
    text = json.dumps(manifest, indent=1).encode() + b"\n"
    _write_whole(Path(index.path, "manifest.json"), lambda file: file.write(text))
    return index
