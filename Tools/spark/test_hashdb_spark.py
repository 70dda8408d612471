"""Tests of hashdb_spark on a cluster of two worker processes: Tools/spark/check runs them."""

import json
import os
import shutil
import stat
from pathlib import Path

import numpy as np
import pytest
from pyspark.sql import SparkSession

import hashdb_spark

TOOL = os.environ["HASHDB_TOOL"]
BITS = 64


@pytest.fixture(scope="module")
def spark():
    session = (
        SparkSession.builder.master("local-cluster[2,1,1024]").appName("hashdb")
        .config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "1000").config("spark.executor.memory", "1g")
        .getOrCreate())
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def sample():
    """Codes of which many are equally far from others, under ids with gaps, in no order."""
    random = np.random.default_rng(7)
    codes = random.integers(0, 256, (6000, BITS // 8), np.uint8)
    codes[3000:] = codes[:3000]
    ids = random.permutation(20_000)[:6000].astype(np.int64)
    queries = codes[:40] ^ (random.random((40, BITS // 8)) < 0.1).astype(np.uint8)
    return ids, codes, queries


def frame(spark, ids, codes):
    return spark.createDataFrame([(int(i), bytes(c)) for i, c in zip(ids, codes)], "id long, code binary").repartition(3)


def oracle(ids, codes, queries, k=None, radius=None):
    """Rows (query, id, distance) by comparing with every code."""
    rows = []
    for number, query in enumerate(queries):
        distances = np.unpackbits(codes ^ query, axis=1).sum(axis=1)
        order = np.lexsort((ids, distances))
        kept = order[:k] if k is not None else order[distances[order] <= radius]
        rows += [(number, int(ids[i]), int(distances[i])) for i in kept]
    return rows


def rows(found):
    return sorted(((r["query"], r["id"], r["distance"]) for r in found.collect()), key=lambda r: (r[0], r[2], r[1]))


@pytest.fixture(scope="module")
def index(spark, sample, tmp_path_factory):
    ids, codes, _ = sample
    return hashdb_spark.build(frame(spark, ids, codes), str(tmp_path_factory.mktemp("index") / "i"), BITS, 5, tool=TOOL)


def wrapper(folder, script):
    """A tool that does something first, once."""
    path = Path(folder, "tool")
    path.write_text(f"#!/bin/sh\nmark='{folder}/mark'\n{script}\nexec '{TOOL}' \"$@\"\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_nearest_are_those_of_one_store(spark, sample, index, tmp_path):
    ids, codes, queries = sample
    assert index.count == 6000 and len(index.shards) == 5
    placed = index.place(spark, str(tmp_path))
    assert rows(placed.search(queries, 10)) == oracle(ids, codes, queries, k=10)
    # Every code is there twice: ties across shards go by id.
    assert rows(placed.search(codes[:40], 1)) == oracle(ids, codes, codes[:40], k=1)
    assert rows(placed.within(queries, 18)) == oracle(ids, codes, queries, radius=18)
    assert rows(placed.search(queries, 7, threads=2)) == oracle(ids, codes, queries, k=7)
    assert len(list(tmp_path.glob("*.hashdb"))) == 5
    placed.release()
    # Copies that vanished are made again.
    shutil.rmtree(tmp_path)
    assert rows(placed.search(queries, 3)) == oracle(ids, codes, queries, k=3)


def test_append_delete_and_compact(spark, sample, tmp_path):
    ids, codes, queries = sample
    index = hashdb_spark.build(frame(spark, ids[:4000], codes[:4000]), str(tmp_path / "i"), BITS, 2, tool=TOOL)
    index = index.append(frame(spark, ids[4000:5000], codes[4000:5000]), 1)
    index = index.delete(ids[100:200]).delete(ids[150:300].tolist())
    index = hashdb_spark.open_index(index.path, TOOL)
    left = np.r_[0:100, 300:5000]
    expected = oracle(ids[left], codes[left], queries, k=5)
    assert rows(index.place(spark, str(tmp_path / "local")).search(queries, 5)) == expected
    with pytest.raises(Exception, match="was deleted before"):
        index.append(frame(spark, ids[150:160], codes[150:160]), 1)
    compacted = index.compact(spark, 3)
    assert compacted.count == len(left) and compacted.deleted is None
    compacted = compacted.append(frame(spark, ids[150:160], codes[150:160]), 1)
    left = np.r_[left, 150:160]
    assert rows(compacted.place(spark, str(tmp_path / "local")).search(queries, 5)) == oracle(
        ids[left], codes[left], queries, k=5)
    note = Path(index.path, "note.txt")
    note.write_text("another's")
    # Three shards of the manifests before, and two files of deleted ids; nothing of the last, and nothing of others.
    assert len(compacted.sweep(older_than=-1)) == 5
    assert note.exists()
    assert rows(compacted.place(spark, str(tmp_path / "again")).search(queries, 5)) == oracle(
        ids[left], codes[left], queries, k=5)


@pytest.mark.parametrize("victim", ["tool", "worker", "executor"])
@pytest.mark.parametrize("command", ["query", "import"])
def test_a_death_in_the_middle_changes_nothing(spark, sample, tmp_path, command, victim):
    ids, codes, queries = sample
    worker = "$PPID"
    executor = f"$(ps -o ppid= -p $(ps -o ppid= -p {worker}))"
    kill = {
        "tool": f"'{TOOL}' \"$@\" | head -c 1000; kill -9 $$",
        "worker": f"kill -9 {worker}; sleep 5",
        "executor": f"kill -9 {executor}; sleep 5",
    }[victim]
    tool = wrapper(tmp_path, f'if [ "$1" = {command} ] && mkdir "$mark" 2>/dev/null; then {kill}; fi')
    index = hashdb_spark.build(frame(spark, ids, codes), str(tmp_path / "i"), BITS, 4, tool=tool)
    assert index.count == 6000
    found = rows(index.place(spark, str(tmp_path / "local")).search(queries, 10))
    assert found == oracle(ids, codes, queries, k=10)
    assert Path(tmp_path, "mark").exists()


def test_a_stream_that_is_cut_off_is_an_error(spark, sample, tmp_path):
    ids, codes, _ = sample
    tool = wrapper(tmp_path, f'if [ "$1" = import ]; then head -c 5000 | "{TOOL}" "$@"; exit $?; fi')
    with pytest.raises(Exception, match="cut off after"):
        hashdb_spark.build(frame(spark, ids, codes), str(tmp_path / "i"), BITS, 2, tool=tool)
    assert not Path(tmp_path, "i", "manifest.json").exists()


def test_what_the_tool_says_of_its_failure_is_told(spark, sample, tmp_path):
    ids, codes, _ = sample
    tool = wrapper(tmp_path, 'if [ "$1" = import ]; then echo "no room here" >&2; exit 74; fi')
    with pytest.raises(Exception, match="exit status 74: no room here"):
        hashdb_spark.build(frame(spark, ids, codes), str(tmp_path / "i"), BITS, 2, tool=tool)


def test_codes_of_images_leave_out_what_cannot_be_decoded(spark, tmp_path):
    random = np.random.default_rng(3)
    for name in "ab":
        (tmp_path / f"{name}.ppm").write_bytes(b"P6\n64 64\n255\n" + random.integers(0, 256, 64 * 64 * 3, np.uint8).tobytes())
    shutil.copy(tmp_path / "a.ppm", tmp_path / "copy.ppm")
    (tmp_path / "bad.jpg").write_bytes(b"no image")
    names = ["a.ppm", "b.ppm", "copy.ppm", "bad.jpg", "a.ppm"]
    images = spark.createDataFrame([(number, str(tmp_path / name)) for number, name in enumerate(names)], "id long, path string")
    found = {row["id"]: bytes(row["code"]) for row in hashdb_spark.codes_of_images(images, "pdq", tool=TOOL).collect()}
    assert sorted(found) == [0, 1, 2, 4] and all(len(code) == 32 for code in found.values())
    assert found[0] == found[2] == found[4] != found[1]


def test_a_damaged_shard_is_an_error_with_its_name(spark, sample, index, tmp_path):
    _, _, queries = sample
    shutil.copytree(index.path, tmp_path / "i")
    damaged = hashdb_spark.open_index(str(tmp_path / "i"), TOOL)
    name = damaged.shards[3]["file"]
    with open(tmp_path / "i" / name, "r+b") as file:
        file.seek(20_000)
        file.write(b"?")
    with pytest.raises(Exception, match=f"{name}: damaged"):
        damaged.place(spark, str(tmp_path / "local")).search(queries, 3).collect()


def test_bad_input_is_told(spark, sample, index, tmp_path):
    ids, codes, queries = sample
    placed = index.place(spark, str(tmp_path))
    with pytest.raises(ValueError, match="must be an array"):
        placed.search(queries[:, :4], 3)
    for bad in [[(1, b"short")], [(-1, bytes(8))], [(1, None)]]:
        with pytest.raises(Exception, match="must be"):
            hashdb_spark.build(spark.createDataFrame(bad, "id long, code binary"), str(tmp_path / "bad"), BITS, 1, tool=TOOL)
    with pytest.raises(FileExistsError):
        hashdb_spark.build(frame(spark, ids, codes), index.path, BITS, 1, tool=TOOL)
    for manifest, said in [(json.dumps({"version": 2}), "version 2"), ("[]", "version None"), ("{", "manifest.json: not the manifest")]:
        (tmp_path / "manifest.json").write_text(manifest)
        with pytest.raises(ValueError, match=said):
            hashdb_spark.open_index(str(tmp_path))
    for ids in [[-1], [1.5], ["a"], np.array([-1])]:
        with pytest.raises(ValueError, match="whole numbers"):
            index.delete(ids)


def test_an_index_of_nothing_answers_nothing(spark, sample, tmp_path):
    index = hashdb_spark.build(spark.createDataFrame([], "id long, code binary"), str(tmp_path / "i"), BITS, 2, tool=TOOL)
    assert index.count == 0
    assert rows(index.place(spark, str(tmp_path / "local")).search(sample[2], 3)) == []
