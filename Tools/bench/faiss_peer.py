#!/usr/bin/env python3
"""Ask faiss's exact binary indexes what the benchmark asks: one thread, one query at a time, in memory and warm.

usage: faiss_peer.py DIR SET KIND:nearest:K|KIND:within:R ...

DIR has SET.npy (uint8, codes x bytes) and SET.qKIND.npy. One line of JSON is printed for each question and index
that answered it exactly. MultiHash is made exact: with nflip flips in each of m substrings all codes within
m (nflip + 1) - 1 bits are found, so nflip grows until the k-th lies there. A search that takes too long for that is
left out.
"""
import json
import sys
import time

import faiss
import numpy as np

BUDGET, LONGEST, MOST = 0.5, 2.0, 100  # seconds for a question, for one query; queries


def load(path):
    codes = np.load(path)
    if codes.shape[1] < 8:  # whole words are what faiss is fastest with
        codes = np.pad(codes, ((0, 0), (0, 8 - codes.shape[1])))
    return np.ascontiguousarray(codes)


class Flat:
    name, settings = "faiss Flat", ""

    def __init__(self, codes):
        self.index = faiss.IndexBinaryFlat(8 * codes.shape[1])
        self.index.add(codes)

    def nearest(self, query, k):
        return self.index.search(query, k)

    def within(self, query, radius):
        return self.index.range_search(query, radius + 1)


class MultiHash:
    name = "faiss MultiHash"

    def __init__(self, codes, bits):
        self.m = {16: 1, 48: 3, 64: 3 if len(codes) > 2_000_000 else 4}.get(bits, bits // 16)
        b = min(bits // self.m, 24)
        self.settings = f"m={self.m} b={b}"
        self.bits = b
        self.index = faiss.IndexBinaryMultiHash(8 * codes.shape[1], self.m, b)
        self.index.add(codes)

    def nearest(self, query, k):
        start = time.perf_counter()
        for flips in range(self.bits + 1):
            self.index.nflip = flips
            distances, ids = self.index.search(query, k)
            if ids[0, -1] >= 0 and distances[0, -1] <= self.m * (flips + 1) - 1:
                return distances, ids
            if time.perf_counter() - start > LONGEST:
                return None
        return None

    def within(self, query, radius):
        self.index.nflip = min(radius // self.m, self.bits)
        return self.index.range_search(query, radius + 1)


def ask(index, queries, operation, argument):
    """Median microseconds; None where a query was not answered exactly in time."""
    times = []
    for query in queries[:MOST]:
        start = time.perf_counter()
        if getattr(index, operation)(query[None], argument) is None:
            return None
        times.append(time.perf_counter() - start)
        if sum(times) > BUDGET and len(times) >= 3:
            break
    return 1e6 * float(np.median(times))


def main():
    directory, name = sys.argv[1:3]
    questions = [q.split(":") for q in sys.argv[3:]]
    faiss.omp_set_num_threads(1)
    bits = 8 * np.load(f"{directory}/{name}.npy", mmap_mode="r").shape[1]
    codes = load(f"{directory}/{name}.npy")
    for make in (Flat, lambda c: MultiHash(c, bits)):
        index = make(codes)
        for kind, operation, argument in questions:
            queries = load(f"{directory}/{name}.q{kind}.npy")
            median = ask(index, queries, operation, int(argument))
            if median is not None:
                print(json.dumps(dict(system=index.name, settings=index.settings, kind=kind, operation=operation,
                                      argument=int(argument), microseconds=median)), flush=True)


if __name__ == "__main__":
    main()
