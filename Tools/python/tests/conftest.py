import numpy as np
import pytest

SEED = 20261126


@pytest.fixture
def random():
    return np.random.default_rng(SEED)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "codes.hashdb"
