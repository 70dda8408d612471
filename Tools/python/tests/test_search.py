import hashdb
import numpy as np
import oracle
import pytest


@pytest.mark.parametrize("bits", [8, 48, 64, 256, 1024])
def test_answers_are_those_of_a_plain_loop(path, random, bits):
    codes = oracle.clustered(random, 1500, bits)
    ids = random.choice(1 << 40, 1500, replace=False).astype(np.uint64)
    queries = np.concatenate([codes[:20], random.integers(0, 256, (20, bits // 8), np.uint8)])
    with hashdb.Store.build(path, codes[:1000], ids[:1000], bits=bits, synchronous=False) as store:
        store.insert(ids[1000:], codes[1000:])
        assert store.delete(ids[200:300]) == 100
        ids, codes = np.delete(ids, slice(200, 300)), np.delete(codes, slice(200, 300), axis=0)
        assert len(store) == 1400 and store.bits == bits
        with store.snapshot(threads=2) as snapshot:
            for reader, threads in [(store, 0), (store, 1), (store, 3), (snapshot, 1), (snapshot, 2)]:
                found, distances = reader.nearest(queries, 7, threads=threads)
                expected, expected_distances = oracle.nearest(queries, ids, codes, 7)
                assert np.array_equal(found, expected) and np.array_equal(distances, expected_distances)
                matches = reader.within(queries, bits // 5, threads=threads)
                assert len(matches) == len(queries)
                for query, (found, distances) in zip(queries, matches):
                    expected, expected_distances = oracle.within(query, ids, codes, bits // 5)
                    assert np.array_equal(found, expected) and np.array_equal(distances, expected_distances)


@pytest.mark.parametrize("share", [0.002, 0.5, 0.999])
def test_filters_let_some_items_through(path, random, share):
    codes = oracle.clustered(random, 3000, 64)
    ids = random.choice(1 << 40, 3000, replace=False).astype(np.uint64)
    chosen = random.random(3000) < share
    chosen[7] = True
    given = np.append(random.permutation(ids[chosen]), [5, ids[7]]).astype(np.uint64)
    with hashdb.Store.build(path, codes, ids, synchronous=False) as store, store.snapshot() as snapshot:
        for reader, threads in [(store, 0), (store, 1), (snapshot, 2)]:
            for among, arguments in [(chosen, {"only": given}), (~chosen, {"excluding": given})]:
                found, distances = reader.nearest(codes[:30], 9, threads, **arguments)
                expected, expected_distances = oracle.nearest(codes[:30], ids[among], codes[among], 9)
                assert np.array_equal(found, expected) and np.array_equal(distances, expected_distances)
                for query, (found, distances) in zip(codes, reader.within(codes[:30], 12, threads, **arguments)):
                    expected, expected_distances = oracle.within(query, ids[among], codes[among], 12)
                    assert np.array_equal(found, expected) and np.array_equal(distances, expected_distances)
        assert store.nearest(codes[:3], 9, only=[])[0].shape == (3, 0)
        assert len(store.within(codes[0], 64, excluding=range(0))[0][0]) == 3000
        with pytest.raises(hashdb.InvalidArgumentError, match="not both"):
            store.nearest(codes[0], 1, only=[1], excluding=[2])


def test_one_code_gives_one_answer(path, random):
    codes = random.integers(0, 256, (50, 8), np.uint8)
    with hashdb.Store.build(path, codes) as store:
        ids, distances = store.nearest(codes[3], 4)
        assert ids.shape == distances.shape == (4,) and ids[0] == 3 and distances[0] == 0
        assert len(store.within(codes[3], 64)) == 1
        assert store.nearest(codes[:0], 4)[0].shape == (0, 4)
        assert len(store.within(codes[:0], 4)) == 0


def test_bytes_are_one_code_even_of_one_byte(path):
    with hashdb.Store.build(path, np.arange(4, dtype=np.uint8)) as store:
        assert store.nearest(b"\x02", 2)[0].tolist() == [2, 0]
        assert store.nearest(np.array([2], np.uint8), 2)[0].tolist() == [[2, 0]]
        with pytest.raises(hashdb.InvalidArgumentError, match="codes of 8 bits"):
            store.nearest(b"\x01\x02", 1)


def test_fewer_items_are_fewer_columns(path):
    with hashdb.Store.create(path, 64) as store:
        queries = np.zeros((3, 8), np.uint8)
        assert store.nearest(queries, 5)[0].shape == (3, 0)
        store.append(queries)
        ids, distances = store.nearest(queries, 10**12)
        assert ids.tolist() == [[0, 1, 2]] * 3 and not distances.any()


def test_every_form_of_an_array_is_the_same_code(path, random):
    codes = random.integers(0, 256, (40, 8), np.uint8)
    words = codes.view("<u8").ravel()
    wide = np.zeros((40, 16), np.uint8)
    wide[:, ::2] = codes
    forms = [words, words.view("<i8"), words.astype(">u8"), words[:, None], codes.view("<u2"), wide[:, ::2], np.asfortranarray(codes)]
    forms += [words.tolist()]
    with hashdb.Store.build(path, codes) as store:
        expected = store.nearest(codes, 3)[0]
        for form in forms:
            assert np.array_equal(store.nearest(form, 3)[0], expected)
        for one in [codes[5], words[5], codes[5].tobytes(), bytearray(codes[5]), memoryview(codes[5])]:
            assert np.array_equal(store.nearest(one, 3)[0], expected[5])


def test_distances_are_those_of_faiss(path, random):
    faiss = pytest.importorskip("faiss")
    codes = random.integers(0, 256, (20_000, 8), np.uint8)
    queries = np.concatenate([codes[:100], random.integers(0, 256, (400, 8), np.uint8)])
    index = faiss.IndexBinaryFlat(64)
    index.add(codes)
    expected, _ = index.search(queries, 10)
    # faiss looks for distances below the radius.
    limits, range_distances, range_ids = index.range_search(queries, 19 + 1)
    with hashdb.Store.build(path, codes, synchronous=False) as store:
        ids, distances = store.nearest(queries, 10)
        assert np.array_equal(distances, expected)
        assert np.array_equal(oracle.ONES[codes[ids.astype(np.int64)] ^ queries[:, None]].sum(axis=2), distances)
        matches = store.within(queries, 19)
        assert np.array_equal(matches.offsets, limits.astype(np.uint64))
        for query in range(len(queries)):
            theirs = slice(limits[query], limits[query + 1])
            pairs = sorted(zip(range_distances[theirs].astype(int).tolist(), range_ids[theirs].tolist()))
            assert [(d, i) for i, d in zip(matches[query][0].tolist(), matches[query][1].tolist())] == pairs
