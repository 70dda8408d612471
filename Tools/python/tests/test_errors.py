import gc
import inspect

import hashdb
import numpy as np
import pytest

ONE = np.zeros((1, 8), np.uint8)


def test_each_error_is_of_its_kind_and_says_what_is_wrong(path, tmp_path):
    with pytest.raises(hashdb.NotFoundError, match="no such store") as caught:
        hashdb.Store.open(path)
    assert isinstance(caught.value, FileNotFoundError) and str(path) in str(caught.value) and caught.value.status == 3
    for bits in [0, 7, -8, 1032, 1 << 40, -(1 << 40)]:
        with pytest.raises(hashdb.InvalidArgumentError, match="multiple of 8"):
            hashdb.Store.create(path, bits)
    note = tmp_path / "note"
    note.write_text("no store\n" * 1000)
    with pytest.raises(hashdb.NotAStoreError):
        hashdb.Store.open(note)
    with hashdb.Store.create(path, 64, model=("a", "1")) as store:
        with pytest.raises(hashdb.ExistsError):
            hashdb.Store.create(path, 64)
        with pytest.raises(hashdb.ModelMismatchError):
            hashdb.Store.open(path, model=("b", "2"))
        store.insert([1], ONE)
        with pytest.raises(hashdb.DuplicateIDError, match="id 1 is in the store"):
            store.insert([2, 1], np.zeros((2, 8), np.uint8))
        with pytest.raises(LookupError, match="no item of id 9"):
            store.codes([1, 9])
        assert len(store) == 1


@pytest.mark.parametrize(
    "queries",
    [np.zeros((2, 7), np.uint8), np.zeros((2, 8), np.float32), np.zeros((2, 64), bool), np.zeros((1, 2, 8), np.uint8), b"abc", "text",
     np.zeros(3, np.uint32), np.float64(1), None, [[1, 2], [3, 4]], [True] * 64],
)
def test_arrays_that_are_no_codes_are_refused(path, queries):
    with hashdb.Store.create(path, 64) as store:
        for call in [lambda: store.nearest(queries, 1), lambda: store.within(queries, 1), lambda: store.append(queries)]:
            with pytest.raises(hashdb.InvalidArgumentError, match="codes"):
                call()
        assert len(store) == 0


def test_numbers_that_cannot_be_are_refused(path):
    with hashdb.Store.create(path, 64) as store:
        for k in [0, -1, 1 << 60]:
            with pytest.raises(ValueError, match="at least 1"):
                store.nearest(ONE, k)
        for radius in [-1, 1 << 40]:
            with pytest.raises(ValueError, match="radius"):
                store.within(ONE, radius)
        with pytest.raises(ValueError, match="threads"):
            store.nearest(ONE, 1, threads=-1)
        with pytest.raises(ValueError, match="threads"):
            store.snapshot(threads=1000)
        for ids in [[-1], [1.5], ["a"], [[1]], [1, 2], [True], range(-1, 0), range(1 << 64, (1 << 64) + 1)]:
            with pytest.raises(hashdb.InvalidArgumentError, match="id"):
                store.insert(ids, ONE)
        with pytest.raises(ValueError, match="from the id -1"):
            next(store.items(first=-1))
        with pytest.raises(ValueError, match="zero byte"):
            hashdb.Store.open("a\0b")
        assert len(store) == 0


def test_what_is_closed_says_so(path):
    store = hashdb.Store.create(path, 64)
    snapshot = store.snapshot()
    store.close()
    store.close()
    assert len(snapshot) == 0
    with snapshot:
        pass
    for call in [lambda: len(store), lambda: len(snapshot), lambda: store.append(ONE), lambda: snapshot.nearest(ONE, 1), store.snapshot]:
        with pytest.raises(hashdb.ClosedError, match="closed"):
            call()


def test_a_store_that_goes_away_is_closed(path):
    store = hashdb.Store.create(path, 64)
    store.snapshot()
    handle = store._handle
    del store
    gc.collect()
    from hashdb._library import call, library

    with pytest.raises(hashdb.ClosedError):
        call(library.hashdb_close, handle)


def test_all_that_is_public_is_documented():
    for name in hashdb.__all__:
        thing = getattr(hashdb, name)
        assert thing.__doc__, name
        if inspect.isclass(thing) and not issubclass(thing, (Exception, tuple)):
            for member, value in vars(thing).items():
                if not member.startswith("_") and (callable(value) or isinstance(value, (property, classmethod))):
                    # inspect.getdoc would be content with what a base class says.
                    assert getattr(thing, member).__doc__, f"{name}.{member}"
