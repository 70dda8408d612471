import hashdb
import numpy as np
import pytest


def code(number):
    return np.uint64(number)


def test_what_was_written_is_there_when_opened_again(path):
    with hashdb.Store.create(path, 64, model=("ours", "abc")) as store:
        store.insert([5, 2**64 - 1000], [code(1), code(2)])
        assert store.append(np.array([7, 8], np.uint64)) == range(2**64 - 999, 2**64 - 997)
        store.upsert(np.array([5, 6], np.int32), np.array([3, 4], np.uint64))
        assert store.delete([2**64 - 999, 77]) == 1
        assert store.commit_number == 4
    with hashdb.Store.open(path, read_only=True) as store:
        assert store.model == ("ours", "abc") and store.model.fingerprint == "abc"
        (ids, codes), *rest = store.items()
        assert not rest and ids.tolist() == [5, 6, 2**64 - 1000, 2**64 - 998]
        assert codes.view(np.uint64).ravel().tolist() == [3, 4, 2, 8]
        assert store.codes([6, 5]).view(np.uint64).ravel().tolist() == [4, 3]
        assert store.contains(range(4, 8)).tolist() == [False, True, True, False]
        assert store.contains(range(2**64 - 996, 2**64 - 1002, -2)).tolist() == [False, True, True]
        assert 5 in store and 4 not in store
        with pytest.raises(hashdb.ReadOnlyError):
            store.append(code(1))


def test_items_come_in_the_order_of_ids_in_chunks(path, random):
    codes = random.integers(0, 256, (1000, 4), np.uint8)
    ids = random.permutation(1000)
    with hashdb.Store.build(path, codes, ids) as store:
        chunks = list(store.items(chunk=300))
        assert [len(found) for found, _ in chunks] == [300, 300, 300, 100]
        assert np.array_equal(np.concatenate([found for found, _ in chunks]), np.arange(1000))
        assert np.array_equal(np.concatenate([found for _, found in chunks]), codes[np.argsort(ids)])
        assert [found.tolist() for found, _ in store.items(first=998)] == [[998, 999]]
        assert list(store.items(first=1000)) == []


def test_a_transaction_is_one_commit_or_none(path):
    with hashdb.Store.create(path, 64) as store:
        numbers = np.array([1, 2, 3], np.uint64)
        with store.transaction() as transaction:
            transaction.insert([1, 2, 3], numbers)
            numbers[:] = 9
            transaction.delete([2])
            transaction.upsert([3, 4], numbers[:2])
            assert len(store) == 0
        assert store.commit_number == 1 and len(store) == 3
        assert store.codes([1, 3, 4]).view(np.uint64).ravel().tolist() == [1, 9, 9]
        with pytest.raises(hashdb.DuplicateIDError, match="id 4"):
            with store.transaction() as transaction:
                transaction.delete([1])
                transaction.insert([4], code(1))
        with pytest.raises(ZeroDivisionError):
            with store.transaction() as transaction:
                transaction.delete([1])
                1 / 0
        assert store.commit_number == 1 and 1 in store
        with pytest.raises(hashdb.ClosedError):
            transaction.delete([1])
        with pytest.raises(hashdb.ClosedError):
            with transaction:
                pass


def test_collections_share_a_file(path):
    with hashdb.Store.create(path, 64) as store, hashdb.Store.create(path, 256, collection="pdq") as other:
        store.append(code(1))
        assert (len(store), len(other), store.bits, other.bits) == (1, 0, 64, 256)
        with pytest.raises(hashdb.NotFoundError, match="default, pdq"):
            hashdb.Store.open(path, collection="phash")


def test_bits_are_read_off_the_array(tmp_path):
    for number, (array, bits) in enumerate(
        [(np.zeros((3, 6), np.uint8), 48), (np.zeros(3, np.uint64), 64), (np.zeros((3, 4), np.uint64), 256)]
    ):
        with hashdb.Store.build(tmp_path / str(number), array) as store:
            assert store.bits == bits and len(store) == 3
