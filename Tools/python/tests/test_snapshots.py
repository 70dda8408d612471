import multiprocessing
import threading

import hashdb
import numpy as np


def _rewrite(path, rounds, ready):
    with hashdb.Store.open(path, synchronous=False) as store:
        for number in range(rounds):
            store.upsert(range(500), np.full((500, 8), number, np.uint8))
            store.append(np.full((50, 8), number, np.uint8))
            store.delete(range(0, 500, 7))
            ready.set()


def test_a_snapshot_stays_while_another_process_writes(path, random):
    codes = random.integers(0, 256, (500, 8), np.uint8)
    with hashdb.Store.build(path, codes, synchronous=False) as store, store.snapshot(threads=2) as snapshot:
        expected = snapshot.nearest(codes, 5)
        context = multiprocessing.get_context("spawn")
        ready = context.Event()
        writer = context.Process(target=_rewrite, args=(path, 60, ready))
        writer.start()
        assert ready.wait(60)
        while writer.is_alive():
            ids, distances = snapshot.nearest(codes, 5)
            assert np.array_equal(ids, expected[0]) and np.array_equal(distances, expected[1])
        writer.join()
        assert writer.exitcode == 0
        assert np.array_equal(snapshot.codes(range(500)), codes) and len(snapshot) == 500
        assert snapshot.commit_number == 1 and store.commit_number == 181
        assert len(store) == 500 + 60 * 50 - 72


def test_threads_share_a_store_and_a_snapshot(path, random):
    codes = random.integers(0, 256, (3000, 8), np.uint8)
    failures = []

    def ask(reader, number):
        try:
            for row in range(number, 3000, 60):
                assert reader.nearest(codes[row], 1)[0][0] == row
            assert np.array_equal(reader.nearest(codes, 1, threads=2)[0][:, 0], np.arange(3000))
        except BaseException as failure:
            failures.append(failure)

    with hashdb.Store.build(path, codes, synchronous=False) as store, store.snapshot(2) as snapshot:
        threads = [threading.Thread(target=ask, args=([store, snapshot][number % 2], number)) for number in range(6)]
        for thread in threads:
            thread.start()
        for number in range(30):
            store.append(np.full((10, 8), number, np.uint8) ^ random.integers(0, 256, (10, 8), np.uint8))
        for thread in threads:
            thread.join()
        assert not failures
        assert len(snapshot) == 3000 and len(store) == 3300


def _child(store, snapshot, path, answers):
    for reader in (store, snapshot):
        try:
            reader.nearest(np.zeros((40, 8), np.uint8), 3, threads=2)
            answers.put("answered")
        except hashdb.SystemFailureError as failure:
            answers.put(str(failure))
        reader.close()
    with hashdb.Store.open(path) as own:
        answers.put(own.nearest(np.zeros((40, 8), np.uint8), 3, threads=2)[0].tolist() == [[0, 1, 2]] * 40)


def test_a_forked_child_opens_the_store_itself(path):
    with hashdb.Store.build(path, np.zeros((10, 8), np.uint8), synchronous=False) as store, store.snapshot(1) as snapshot:
        # What threads a search has started must not be missed by the child.
        store.nearest(np.zeros((100, 8), np.uint8), 3, threads=2)
        context = multiprocessing.get_context("fork")
        answers = context.Queue()
        child = context.Process(target=_child, args=(store, snapshot, path, answers))
        child.start()
        said = [answers.get(timeout=60) for _ in range(3)]
        child.join()
        assert "fork" in said[0] and "fork" in said[1] and said[2] is True
        for number in range(40):
            store.upsert(range(10), np.full((10, 8), number, np.uint8))
        assert not snapshot.codes(range(10)).any()
