"""Asks a store through the Python package, or faiss, what Sources/main.swift asks: measure.py hashdb STORE NEAR RANDOM THREADS,
or measure.py faiss CODES.npy NEAR RANDOM THREADS. Prints the same lines."""
import sys
import time

import numpy as np


def measure(name, count, run):
    """`run` returns arrays of distances, which are added up when the time is taken."""
    best, start, passes = float("inf"), time.perf_counter(), 0
    while passes < 3 or time.perf_counter() - start < 1:
        before = time.perf_counter()
        found = run()
        best = min(best, 1e6 * (time.perf_counter() - before) / count)
        passes += 1
    total = sum(int(distances.sum()) for distances in found)
    print(f"{name}\t{best}\t{total}", flush=True)


def through_hashdb(path, near, random, threads):
    import hashdb

    with hashdb.Store.open(path, read_only=True) as store, store.snapshot() as snapshot:
        near, random = (np.fromfile(name, np.uint8).reshape(-1, store.bits // 8) for name in (near, random))

        def one_by_one(ask, queries):
            return [ask(query) for query in queries]

        measure("nearest 1, store", len(near), lambda: one_by_one(lambda q: store.nearest(q, 1)[1], near))
        measure("nearest 1, snapshot", len(near), lambda: one_by_one(lambda q: snapshot.nearest(q, 1)[1], near))
        measure("within 8, store", len(near), lambda: one_by_one(lambda q: store.within(q, 8).distances, near))
        measure("nearest 10, store", len(random), lambda: one_by_one(lambda q: store.nearest(q, 10)[1], random))
        for count in range(1, threads + 1):
            name = f"batch, threads {count}"
            measure(f"within 8, {name}", len(near), lambda: [store.within(near, 8, threads=count).distances])
            measure(f"nearest 10, {name}", len(random), lambda: [store.nearest(random, 10, threads=count)[1]])


def through_faiss(path, near, random, threads):
    import faiss

    codes = np.load(path)
    near, random = (np.fromfile(name, np.uint8).reshape(-1, codes.shape[1]) for name in (near, random))
    index = faiss.IndexBinaryFlat(8 * codes.shape[1])
    index.add(codes)
    # A part of the queries: each is a scan of all codes, so that many more would only take longer.
    few, some = random[:64], near[:64]

    faiss.omp_set_num_threads(1)
    measure("nearest 1, store", len(some), lambda: [index.search(q[None], 1)[0] for q in some])
    measure("within 8, store", len(some), lambda: [index.range_search(q[None], 9)[1] for q in some])
    measure("nearest 10, store", len(few), lambda: [index.search(q[None], 10)[0] for q in few])
    for count in range(1, threads + 1):
        faiss.omp_set_num_threads(count)
        measure(f"within 8, batch, threads {count}", len(near), lambda: [index.range_search(near, 9)[1]])
        measure(f"nearest 10, batch, threads {count}", len(random), lambda: [index.search(random, 10)[0]])


if __name__ == "__main__":
    kind, path, near, random, threads = sys.argv[1:]
    {"hashdb": through_hashdb, "faiss": through_faiss}[kind](path, near, random, int(threads))
