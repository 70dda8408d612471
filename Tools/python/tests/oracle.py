"""Answers by comparing with every code."""
import numpy as np

ONES = np.array([bin(byte).count("1") for byte in range(256)], np.int32)


def distances(query, codes):
    return ONES[codes ^ query].sum(axis=1)


def ranked(query, ids, codes):
    """All ids and distances, by distance and then by id."""
    found = distances(query, codes)
    order = np.lexsort((ids, found))
    return ids[order], found[order]


def nearest(queries, ids, codes, k):
    answers = [ranked(query, ids, codes) for query in queries]
    return np.array([found[:k] for found, _ in answers]), np.array([found[:k] for _, found in answers])


def within(query, ids, codes, radius):
    found, distances = ranked(query, ids, codes)
    return found[distances <= radius], distances[distances <= radius]


def clustered(random, count, bits):
    """Codes near one another as well as far apart, so that there are ties and small distances."""
    codes = random.integers(0, 256, (count, bits // 8), np.uint8)
    for row in range(1, count):
        if random.random() < 0.5:
            codes[row] = codes[random.integers(row)]
            for bit in random.integers(bits, size=random.integers(4)):
                codes[row, bit // 8] ^= 1 << (bit % 8)
    return codes
