"""What Spark adds to running the tool on the shards directly: Tools/spark/check --overhead [codes [shards]]

Random codes of 64 bits are built into shards by Spark. Then batches of random queries are answered by turns: by the tool alone, two shards at a
time and the answers merged with numpy, and by hashdb_spark on a cluster of two workers. All answers are compared.
"""

import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
from pyspark.sql import SparkSession

import hashdb_spark

K = 10
ROUNDS = 3


def codes_of(batches):
    for batch in batches:
        ids = batch.column(0).to_numpy().astype(np.uint64)
        # A mixture of the id's bits: every partition makes the same codes, in whatever order it is run.
        mixed = (ids + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        mixed ^= mixed >> np.uint64(31)
        codes = pa.FixedSizeBinaryArray.from_buffers(pa.binary(8), len(ids), [None, pa.py_buffer(mixed.tobytes())])
        yield pa.RecordBatch.from_arrays([pa.array(ids.astype(np.int64)), codes.cast(pa.binary())], ["id", "code"])


def directly(index, paths, queries):
    """Rows (query, distance, id) of all shards, two at a time, merged."""
    def ask(path):
        return list(hashdb_spark._ask_shard(index, path, queries, ["-k", str(K)], 1))

    with ThreadPoolExecutor(2) as pool:
        found = pa.Table.from_batches([batch for part in pool.map(ask, paths) for batch in part])
    return merged(found)


def merged(table):
    query, id, distance = (table[name].to_numpy() for name in ("query", "id", "distance"))
    order = np.lexsort((id, distance, query))
    query, id, distance = query[order], id[order], distance[order]
    place = np.arange(len(query)) - np.searchsorted(query, query)
    return np.stack([query, distance, id], axis=1)[place < K]


def main(codes=10_000_000, shards=8):
    session = SparkSession.builder.master("local-cluster[2,1,2048]").appName("hashdb").config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
    session = session.config("spark.sql.shuffle.partitions", "4").config("spark.executor.memory", "2g")
    start = time.monotonic()
    spark = session.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    print(f"{codes} codes of 64 bits in {shards} shards; a session of two workers began in {time.monotonic() - start:.1f} s")
    with tempfile.TemporaryDirectory() as folder:
        rows = spark.range(0, codes, 1, 8).mapInArrow(codes_of, "id long, code binary")
        start = time.monotonic()
        index = hashdb_spark.build(rows, os.path.join(folder, "index"), 64, shards, tool=os.environ["HASHDB_TOOL"])
        taken = time.monotonic() - start
        print(f"built in {taken:.1f} s, {codes / taken / 1e6:.2f} M codes a second, {sum(s['bytes'] for s in index.shards) / codes:.1f} bytes a code")
        placed = index.place(spark, os.path.join(folder, "copies"))
        paths = [row["path"] for row in placed.shards.collect()]
        random = np.random.default_rng(1)
        print(f"queries  directly, s  Spark, s  ratio  more, s    (medians of {ROUNDS} rounds by turns; {K} nearest)")
        for count in (100, 1000, 10_000):
            queries = random.integers(0, 256, (count, 8), np.uint8)
            times = ([], [])
            for round in range(ROUNDS + 1):
                answers = []
                for kind, ask in enumerate((
                    lambda: directly(index, paths, queries),
                    lambda: merged(placed.search(queries, K).toArrow()),
                )):
                    start = time.monotonic()
                    answers.append(ask())
                    # The first round is for caches.
                    if round: times[kind].append(time.monotonic() - start)
                if not np.array_equal(*answers): sys.exit("Spark's answers are others")
            alone, engine = map(statistics.median, times)
            print(f"{count:7}  {alone:11.2f}  {engine:8.2f}  {engine / alone:5.2f}  {engine - alone:7.2f}")
    spark.stop()


if __name__ == "__main__":
    if not all(argument.isdecimal() and int(argument) > 0 for argument in sys.argv[1:3]) or len(sys.argv) > 3:
        sys.exit(__doc__)
    main(*map(int, sys.argv[1:]))
