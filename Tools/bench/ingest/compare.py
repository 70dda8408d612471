#!/usr/bin/env python3
"""`hashdb ingest` beside Pillow with PyTorch, or with pdqhash: images a second and memory on the same cores.

  python3 -m venv VENV && VENV/bin/pip install torch numpy pillow pdqhash
  swift build -c release --product hashdb
  VENV/bin/python Tools/bench/ingest/compare.py FOLDER... [--model pdq|FILE] [--cores 0,1] [--rounds 3]

For each folder both go through all its images in turn, `rounds` times, pinned to the same cores, the files being in the page
cache; printed are medians. Of hashdb the whole command into a new store counts, of the others only the loop over the images:
no imports, no loading of weights. They get the memory format and the number of DataLoader workers that are faster. `memory` is the most that all
processes of a program had at one time, what they share counted once. `decoding` and `network` are shares of hashdb's processor time.
`equal bits` compares the codes. `--alone` leaves the others out.
"""
import argparse, json, os, pathlib, shutil, statistics, subprocess, sys, tempfile

import numpy

import measure

ROOT = pathlib.Path(__file__).resolve().parents[3]


def stored_codes(tool, store):
    """Codes in a store by path."""
    lines = subprocess.run([tool, "dump", store, "--json"], check=True, capture_output=True, text=True).stdout.splitlines()
    return {item["path"]: bytes.fromhex(item["code"]) for item in map(json.loads, lines)}


def equal_bits(codes, peer):
    """The share of bits in which the codes of the same paths agree."""
    pairs = [(codes[path], code.tobytes()) for path, code in zip(peer["paths"].tolist(), peer["codes"]) if path in codes]
    ours, theirs = (numpy.unpackbits(numpy.frombuffer(b"".join(side), dtype=numpy.uint8)) for side in zip(*pairs))
    return float((ours == theirs).mean())


def cores(text):
    return {int(core) for core in text.split(",")}


class Comparison:
    def __init__(self, arguments):
        self.arguments = arguments
        self.cores = arguments.cores

    def ours(self, folder, store):
        """The run, and how many images a second."""
        run = measure.Run([self.arguments.tool, "ingest", store, folder, "--model", self.arguments.model], self.cores)
        lines = subprocess.run([self.arguments.tool, "stats", store, "--json"], check=True, capture_output=True, text=True)
        return run, json.loads(lines.stdout)["items"] / run.seconds

    def theirs(self, folder, codes):
        peers = str(pathlib.Path(__file__).with_name("peers.py"))
        run = measure.Run([sys.executable, peers, self.arguments.model, str(len(self.cores)), codes, folder], self.cores)
        told = json.loads(run.output.splitlines()[-1])
        print(f"  {folder}: {told['images'] / told['seconds']:.1f} images/s with {told['settings']}", file=sys.stderr)
        return run, told["images"] / told["seconds"]

    def row(self, folder):
        for path in pathlib.Path(folder).rglob("*"):
            if path.is_file():
                path.read_bytes()
        ours, theirs = [], []
        with tempfile.TemporaryDirectory() as temporary:
            for number in range(self.arguments.rounds):
                store, codes = f"{temporary}/{number}.hashdb", f"{temporary}/codes.npz"
                ours.append(self.ours(folder, store))
                if not self.arguments.alone:
                    theirs.append(self.theirs(folder, codes))
            stored = stored_codes(self.arguments.tool, store)
            equal = f"{equal_bits(stored, numpy.load(codes)):.4f}" if theirs else "–"

        def rate(runs):
            return statistics.median(rate for _, rate in runs)

        def megabytes(runs):
            return f"{max(run.memory for run, _ in runs) / 1e6:,.0f} MB" if runs else "–"

        def share(name):
            return statistics.median(run.threads.get(name, 0) / sum(run.threads.values()) for run, _ in ours)

        cells = [
            pathlib.Path(folder).name, f"{len(stored):,}", f"{rate(ours):,.0f}", f"{rate(theirs):,.0f}" if theirs else "–",
            f"{rate(ours) / rate(theirs):.2f}" if theirs else "–", megabytes(ours), megabytes(theirs),
            f"{share('decode'):.0%}", f"{share('hashnets'):.0%}", equal]
        return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--model", default=str(ROOT / "Tools/weights/photo-64.safetensors"))
    parser.add_argument("--cores", type=cores, default=os.sched_getaffinity(0), help="such as 0,1")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tool", default=str(ROOT / ".build/release/hashdb"))
    parser.add_argument("--alone", action="store_true", help="only hashdb")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds must be at least 1")
    if not arguments.cores <= os.sched_getaffinity(0):
        parser.error("--cores names a core that this process may not use")
    if not shutil.which(arguments.tool):
        sys.exit(f"compare: there is no program {arguments.tool}; build it or name it with --tool")
    for folder in arguments.folders:
        if not os.path.isdir(folder):
            sys.exit(f"compare: {folder} is not a folder")
    comparison = Comparison(arguments)
    peer = "pdqhash" if arguments.model == "pdq" else "PyTorch"
    print(f"| set | images | hashdb, images/s | {peer} | ratio | memory | {peer}'s | decoding | network | equal bits |")
    print("| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |")
    for folder in arguments.folders:
        print(comparison.row(str(pathlib.Path(folder).resolve())), flush=True)


if __name__ == "__main__":
    main()
