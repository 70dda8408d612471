#!/usr/bin/env python3
"""The k nearest of a code over several services, each of which has a part of the codes: nearest.py CODE K http://a:7878 http://b:7878 …

Every item is in one part only. The k nearest of all are among the k nearest of each part, so that the answer is exact; without an
answer of every part there is none.
"""
import json
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor


def nearest(service, code, k):
    body = json.dumps({"code": code, "k": k}).encode()
    with urllib.request.urlopen(service + "/v1/nearest", body, timeout=10) as answer:
        return json.load(answer)["neighbors"]


def main(code, k, *services):
    try:
        with ThreadPoolExecutor(max(1, len(services))) as pool:
            parts = list(pool.map(lambda service: nearest(service, code, int(k)), services))
    except urllib.error.HTTPError as error:
        sys.exit(f"{error.url}: {json.load(error)['error']}")
    except (OSError, ValueError) as error:
        sys.exit(f"no answer of all services: {error}")
    for item in sorted((item for part in parts for item in part), key=lambda item: (item["distance"], item["id"]))[: int(k)]:
        print(item["distance"], item["id"])


if __name__ == "__main__":
    if len(sys.argv) < 4 or not sys.argv[2].isdecimal():
        sys.exit(__doc__)
    main(*sys.argv[1:])
