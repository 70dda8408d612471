#!/usr/bin/env python3
"""PDQ codes here and by PyPI's `pdqhash`, on the same photographs.

  python3 -m venv VENV && VENV/bin/pip install pdqhash pillow numpy
  swift build -c release --product hashdb
  taskset -c 0 VENV/bin/python Tools/bench/perceptual/compare.py DIR [--rounds 3] [--tool .build/release/hashdb]

Prints in how many bits codes differ, qualities too; images a second of `hashdb ingest` into a new store beside a loop of
Pillow and pdqhash, decoding included (by the clock and by processor time, medians of the rounds, in turn); and what JPEG
decoding at reduced size would cost in bits. `taskset` gives both the same cores. The exit status is 1 where codes do not
agree as they must: equal for 99 % of the photographs, never more than 2 bits off at quality 80 or better.
"""
import argparse, json, os, pathlib, resource, statistics, subprocess, sys, tempfile, time

import numpy, pdqhash
from PIL import Image, ImageOps


def reference(path, least=None):
    """The bits, the quality, and whether the file was decoded at reduced size."""
    image = Image.open(path)
    full = image.size
    if least:
        image.draft("RGB", (least, least))
    reduced = image.size != full
    bits, quality = pdqhash.compute(numpy.asarray(ImageOps.exif_transpose(image).convert("RGB")))
    return bits.astype(bool), quality, reduced


def ingest(tool, folder):
    """Codes and qualities by path, seconds by the clock, seconds of processor time."""
    with tempfile.TemporaryDirectory() as temporary:
        store = temporary + "/photos.hashdb"
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([tool, "ingest", store, folder, "--model", "pdq"], check=True, stderr=subprocess.DEVNULL)
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        lines = subprocess.run([tool, "dump", store, "--json"], check=True, capture_output=True, text=True).stdout
    items = {}
    for item in map(json.loads, lines.splitlines()):
        bits = numpy.unpackbits(numpy.frombuffer(bytes.fromhex(item["code"]), dtype=numpy.uint8)).astype(bool)
        items[item["path"]] = bits, item.get("quality")
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return items, wall, processor


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tool", default=".build/release/hashdb")
    arguments = parser.parse_args()
    ours, theirs = [], []
    for _ in range(arguments.rounds):
        items, wall, processor = ingest(arguments.tool, arguments.folder)
        ours.append((wall, processor))
        start, before = time.perf_counter(), time.process_time()
        expected = {path: reference(path) for path in items}
        theirs.append((time.perf_counter() - start, time.process_time() - before))

    count = len(items)
    off = {path: int((items[path][0] != expected[path][0]).sum()) for path in items}
    good = [off[path] for path in items if expected[path][1] >= 80]
    equal = sum(bits == 0 for bits in off.values())
    print(f"{count} images: {equal} codes equal ({equal / count:.2%}); most bits off {max(off.values())},")
    print(f"  at quality 80 or better {max(good, default=0)} ({len(good)} images)")
    told = [abs(items[path][1] - expected[path][1]) for path in items if items[path][1] is not None]
    if told:
        print(f"  qualities equal for {told.count(0)} of {len(told)}, most off {max(told)}")
    for index, name in enumerate(["by the clock", "processor time"]):
        here = count / statistics.median(times[index] for times in ours)
        there = count / statistics.median(times[index] for times in theirs)
        print(f"images/s, {name}: here {here:.0f}, Pillow + pdqhash {there:.0f}, ratio {here / there:.2f}")
    for least in [512, 256, 128]:
        reduced = {path: reference(path, least) for path in items}
        bits = [int((reduced[p][0] != expected[p][0]).sum()) for p in items if reduced[p][2]]
        if bits:
            print(
                f"JPEG at reduced size, sides of {least} or more: {len(bits)} images, "
                f"{statistics.mean(bits):.1f} bits off on average, {max(bits)} at most")
    sys.exit(0 if equal >= 0.99 * count and max(good, default=0) <= 2 else 1)


if __name__ == "__main__":
    main()
