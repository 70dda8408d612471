#!/usr/bin/env python3
"""A tree of JPEG files of two megapixels, made of photographs: what a camera leaves, in any number.

  VENV/bin/python Tools/bench/ingest/generate.py PHOTOGRAPHS OUT [--count 20000] [--distinct 200]

Needs Pillow and numpy. Parts of the photographs are cut out, enlarged to 1632 x 1224 pixels, given the grain of a sensor, and
written as JPEG of quality 85 (about half a megabyte). Of `distinct` such images each is written again and again with another
comment, so that all files have different bytes, and a thousand to a folder. The same photographs give the same tree.
"""
import argparse, io, pathlib, sys

import numpy
from PIL import Image

SIZE = (1632, 1224)


def made_of(photograph, random):
    """A part of a photograph as a JPEG file."""
    with Image.open(photograph) as image:
        image = image.convert("RGB")
    width = min(image.width, image.height * SIZE[0] / SIZE[1]) * random.uniform(0.6, 1)
    height = width * SIZE[1] / SIZE[0]
    left, top = random.uniform(0, image.width - width), random.uniform(0, image.height - height)
    box = (left, top, left + width, top + height)
    pixels = numpy.asarray(image.resize(SIZE, Image.Resampling.LANCZOS, box=box), dtype=numpy.float32)
    grain = random.normal(0, 4, pixels.shape[:2]).astype(numpy.float32)
    file = io.BytesIO()
    Image.fromarray(numpy.clip(pixels + grain[..., None], 0, 255).astype(numpy.uint8)).save(file, "JPEG", quality=85)
    return file.getvalue()


def commented(jpeg, text):
    """The same image with a comment segment behind the start marker."""
    return jpeg[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text.encode() + jpeg[2:]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--distinct", type=int, default=200)
    arguments = parser.parse_args()
    if arguments.count < 0 or arguments.distinct < 1:
        parser.error("--count must be at least 0, and --distinct at least 1")
    photographs = sorted(path for path in arguments.photographs.rglob("*") if path.suffix.lower() in [".jpg", ".jpeg"])
    if not photographs:
        sys.exit(f"generate: {arguments.photographs}: no JPEG files there")
    random = numpy.random.default_rng(1)
    images = [made_of(photographs[number % len(photographs)], random) for number in range(arguments.distinct)]
    size = 0
    for number in range(arguments.count):
        folder = arguments.out / f"{number // 1000:03}"
        folder.mkdir(parents=True, exist_ok=True)
        content = commented(images[number % len(images)], f"image {number}")
        (folder / f"IMG_{number:06}.jpg").write_bytes(content)
        size += len(content)
    print(f"{arguments.count} files of {len(images)} images, {size / 1e9:.1f} GB")


if __name__ == "__main__":
    main()
