#!/usr/bin/env python3
"""Look-ups per second of `hashdb serve` with N PDQ hashes, beside faiss's exact binary indexes at as many threads.

A look-up is eight codes, as an image has in its eight variants, and asks for all hashes within 31 bits of any. One of the eight codes is
near a stored one (0 to 31 bits) in half of the look-ups; the others are random. wrk runs on the same cores as the service. Answers of 12
look-ups are compared with a plain scan. faiss is asked in its own process, without HTTP, look-up by look-up and for many at once.
"""
import argparse
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np

RADIUS, VARIANTS, LOOKUPS, CHECKED = 31, 8, 2000, 12

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("dir", nargs="?", default="/tmp/hashdb-serve")
parser.add_argument("--tool", required=True)
parser.add_argument("--codes", type=int, default=10_000_000)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--seconds", type=int, default=10)
parser.add_argument("--connections", default="1,8,32")
parser.add_argument("--no-faiss", action="store_true")
parser.add_argument("--no-multihash", action="store_true", help="leave out the index that needs many times the memory")
options = parser.parse_args()


def make():
    """Codes, and look-ups of which every second one has a near code."""
    random = np.random.default_rng(1)
    codes = random.integers(0, 256, (options.codes, 32), dtype=np.uint8)
    lookups = random.integers(0, 256, (LOOKUPS, VARIANTS, 32), dtype=np.uint8)
    for number in range(0, LOOKUPS, 2):
        bits = np.unpackbits(codes[random.integers(options.codes)])
        bits[random.choice(256, random.integers(0, RADIUS + 1), replace=False)] ^= 1
        lookups[number, random.integers(VARIANTS)] = np.packbits(bits)
    return codes, lookups


def scan(codes, lookup):
    """Ids within the radius of any code of a look-up, by a plain loop."""
    words, found = codes.view(np.uint64), {}
    for query in lookup.view(np.uint64):
        distances = np.zeros(len(words), np.uint8)
        for column in range(4):
            distances += np.bitwise_count(words[:, column] ^ query[column])
        for i in np.flatnonzero(distances <= RADIUS):
            found[int(i)] = min(found.get(int(i), 257), int(distances[i]))
    return found


def memory(pid):
    """Resident bytes of a process: its own, and pages of the store, which the system may take back."""
    text = open(f"/proc/{pid}/status").read()
    value = lambda name: int(re.search(name + r":\s+(\d+)", text)[1]) * 1024
    return value("RssAnon"), value("RssFile")


def row(name, rate, p99, note=""):
    print(f"{name:58} {rate:10.1f} {p99:>10} {note}", flush=True)


def serve(path, codes, lookups):
    command = [options.tool, "serve", path, "--port", "0", "--threads", str(options.threads)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        port = int(re.search(r":(\d+)/", process.stderr.readline())[1])
        bodies = [json.dumps({"codes": [c.tobytes().hex() for c in lookup], "radius": RADIUS, "merge": True,
                              "records": False}) for lookup in lookups]
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for number in range(CHECKED):
            connection.request("POST", "/v1/within", bodies[number])
            answer = json.load(connection.getresponse())
            found = {n["id"]: n["distance"] for n in answer["neighbors"]}
            if found != scan(codes, lookups[number]):
                sys.exit(f"look-up {number} is answered wrongly")
        for body in bodies:  # so that no block is read for the first time
            connection.request("POST", "/v1/within", body)
            connection.getresponse().read()
        for name, lua in scripts(bodies, lookups):
            script = os.path.join(options.dir, "ask.lua")
            with open(script, "w") as file:
                file.write(lua)
            for connections in map(int, options.connections.split(",")):
                out = subprocess.run(
                    ["wrk", "-t1", f"-c{connections}", f"-d{options.seconds}", "--latency", "-s", script,
                     f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True).stdout
                rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
                failed = re.search(r"Non-2xx.*", out)
                if failed:
                    sys.exit(failed[0])
                row(f"{name}, {connections} connections", rate, re.search(r"99%\s+(\S+)", out)[1])
        own, pages = memory(process.pid)
        print(f"memory of the service: {own / 1e6:.0f} MB of its own, {pages / 1e6:.0f} MB of pages of the store")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def scripts(bodies, lookups):
    lines = ",\n".join(f"'{body}'" for body in bodies)
    yield "POST /v1/within, 8 codes a look-up", (
        f"local bodies = {{{lines}}}\nlocal n = 0\nwrk.method = 'POST'\n"
        "request = function() n = n % #bodies + 1; return wrk.format(nil, '/v1/within', nil, bodies[n]) end\n")
    lines = ",\n".join(f"'{code.tobytes().hex()}'" for code in lookups.reshape(-1, 32))
    yield "GET /m/lookup, 1 code a request", (
        f"local codes = {{{lines}}}\nlocal n = 0\n"
        "request = function() n = n % #codes + 1; "
        "return wrk.format('GET', '/m/lookup?signal_type=pdq&signal=' .. codes[n]) end\n")


def ask(name, index, lookups, together=1):
    """Look-ups a second, so many of them in one call."""
    times, done, start = [], 0, time.perf_counter()
    while time.perf_counter() - start < options.seconds and done < len(lookups):
        batch = lookups[done:done + together].reshape(-1, 32)
        begin = time.perf_counter()
        index.range_search(batch, RADIUS + 1)  # less than
        times.append(time.perf_counter() - begin)
        done += together
    rate = done / (time.perf_counter() - start)
    row(f"{name}, {together} at once", rate, f"{1e3 * float(np.quantile(times, 0.99)):.1f}ms")


def faiss_peers(codes, lookups):
    import faiss
    faiss.omp_set_num_threads(options.threads)
    before = memory(os.getpid())[0]
    flat = faiss.IndexBinaryFlat(256)
    flat.add(codes)
    for together in [1, 125]:
        ask("faiss IndexBinaryFlat", flat, lookups, together)
    print(f"memory of the index: {(memory(os.getpid())[0] - before) / 1e6:.0f} MB")
    del flat
    if options.no_multihash:
        return
    # 16 substrings of 16 bits: within 31 bits one of them has at most one flip.
    before, begin = memory(os.getpid())[0], time.perf_counter()
    index = faiss.IndexBinaryMultiHash(256, 16, 16)
    index.nflip = 1
    for start in range(0, len(codes), 1_000_000):
        index.add(codes[start:start + 1_000_000])
    print(f"faiss IndexBinaryMultiHash built in {time.perf_counter() - begin:.0f} s, "
          f"{(memory(os.getpid())[0] - before) / 1e6:.0f} MB")
    for together in [1, 125]:
        ask("faiss IndexBinaryMultiHash (exact: b=16, nflip=1)", index, lookups, together)


os.makedirs(options.dir, exist_ok=True)
codes, lookups = make()
path = os.path.join(options.dir, f"{options.codes}.hashdb")
if not os.path.exists(path):
    file = os.path.join(options.dir, "codes.npy")
    np.save(file, codes)
    begin = time.perf_counter()
    subprocess.run([options.tool, "import", path, file], check=True)
    print(f"import of {options.codes} codes: {time.perf_counter() - begin:.0f} s, {os.path.getsize(path) / 1e6:.0f} MB")
    os.remove(file)
print(f"{'':58} {'look-ups/s':>10} {'p99':>10}")
serve(path, codes, lookups)
if not options.no_faiss:
    faiss_peers(codes, lookups)
