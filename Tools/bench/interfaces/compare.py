"""Makes a store, has it asked through each interface in turns, and prints a table in Markdown; see README.md."""
import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import hashdb
import numpy as np

HERE = Path(__file__).parent


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swift", required=True, help="the program interfacebench")
    parser.add_argument("--c", required=True, help="measure.c, compiled")
    parser.add_argument("--codes", type=int, default=1_000_000)
    parser.add_argument("--bits", type=int, default=64)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        random = np.random.default_rng(options.seed)
        codes = random.integers(0, 256, (options.codes, options.bits // 8), np.uint8)
        near = codes[random.integers(options.codes, size=options.queries)]
        for row in near:
            for bit in random.choice(options.bits, 2, replace=False):
                row[bit // 8] ^= 1 << (bit % 8)
        near.tofile(folder / "near")
        random.integers(0, 256, (options.queries, options.bits // 8), np.uint8).tofile(folder / "random")
        np.save(folder / "codes.npy", codes)
        hashdb.Store.build(folder / "codes.hashdb", codes, synchronous=False).close()

        queries = [folder / "near", folder / "random", str(options.threads)]
        python = [sys.executable, HERE / "measure.py"]
        programs = {
            "Swift": [options.swift, folder / "codes.hashdb"],
            "C": [options.c, folder / "codes.hashdb"],
            "Python": [*python, "hashdb", folder / "codes.hashdb"],
            "faiss": [*python, "faiss", folder / "codes.npy"],
        }
        best, sums = {}, {}
        # All in turns, so that a drift of the machine's speed hits them alike.
        for _ in range(options.rounds):
            for name, program in programs.items():
                lines = subprocess.run([*program, *queries], check=True, stdout=subprocess.PIPE, text=True).stdout
                for question, time, total in (line.split("\t") for line in lines.splitlines()):
                    key = question, name
                    best[key] = min(best.get(key, float("inf")), float(time))
                    sums[key] = int(total)

    print(f"{options.codes} uniform codes of {options.bits} bits, {options.queries} queries, microseconds a query\n")
    print("| question | Swift | C | Python | faiss Flat |\n| --- | --: | --: | --: | --: |")
    for question in dict.fromkeys(question for question, _ in best):
        times = [best.get((question, name)) for name in programs]
        print(f"| {question} | " + " | ".join("" if time is None else f"{time:.4g}" for time in times) + " |")
        # faiss is asked fewer of the single queries.
        agreeing = [name for name in programs if (question, name) in sums and (name != "faiss" or "batch" in question)]
        if len({sums[question, name] for name in agreeing}) != 1:
            sys.exit(f"{question}: the answers differ: { {name: sums[question, name] for name in agreeing} }")


if __name__ == "__main__":
    main()
