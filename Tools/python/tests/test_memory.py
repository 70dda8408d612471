import gc
import resource
import subprocess
import sys

import hashdb
import numpy as np


def test_arrays_of_matches_outlive_everything_else(path, random):
    # As many as are not copied.
    codes = random.integers(0, 256, (6000, 8), np.uint8)
    with hashdb.Store.build(path, codes, synchronous=False) as store:
        ids = [store.within(codes[row], 64).ids for row in range(50)]
        views = [found[100:200] for found in ids]
    del store
    gc.collect()
    assert all(sorted(found.tolist()) == list(range(6000)) for found in ids)
    expected = [found[100:200].tolist() for found in ids]
    del ids
    gc.collect()
    # The room of what was freed would be used again by these.
    others = [np.full(6000, 7, np.uint64) for _ in range(100)]
    assert [view.tolist() for view in views] == expected and len(others) == 100


USED_AT_EXIT = """
import atexit, sys
atexit.register(lambda: print(int(matches.ids.sum())))
import hashdb, numpy
codes = numpy.random.default_rng(1).integers(0, 256, (100_000, 8), numpy.uint8)
matches = hashdb.Store.build(sys.argv[1], codes, synchronous=False).within(codes[0], 64)
"""


def test_matches_can_be_used_until_the_process_ends(path):
    result = subprocess.run([sys.executable, "-c", USED_AT_EXIT, path], capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (0, f"{sum(range(100_000))}\n"), result.stderr


def test_nothing_is_kept(path, random):
    codes = random.integers(0, 256, (100_000, 8), np.uint8)
    with hashdb.Store.build(path, codes, synchronous=False) as store:

        def use():
            for row in range(60):
                store.within(codes[row], 64)
                store.nearest(codes[row], 100_000)
                with store.snapshot(2) as snapshot:
                    snapshot.nearest(codes[row], 3)
                try:
                    store.insert([1], codes[:1])
                except hashdb.DuplicateIDError:
                    pass
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        before = use()
        # 2.4 MB a round would be 144 MB.
        assert use() - before < 40_000
