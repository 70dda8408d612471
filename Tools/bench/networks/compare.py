#!/usr/bin/env python3
"""A network here and in PyTorch, side by side on the same cores.

  python3 -m venv VENV && VENV/bin/pip install torch
  swift build -c release --product networkbench
  VENV/bin/python Tools/bench/networks/compare.py [--network residual32] [--seconds 3] [--rounds 3] [--threads 2] [--cpu-time]

Both run on so many threads (one image alone: ours on one), in turn, `rounds` times; printed are medians in images a
second and the ratio of times. A step is forward, backward and an update by Nesterov's method, with 64 images a thread.
PyTorch gets the memory format that is faster for it; `mixed` is its bfloat16 autocast. On machines that others use too,
--cpu-time with --threads 1 divides by the time that the processes computed.
"""
import argparse, os, pathlib, statistics, subprocess, sys, time

CASES = ["forward 64", "forward 1", "forward 64 mixed", "forward 1 mixed", "step single", "step mixed"]
AIMS = {"forward 64": 1.0, "forward 1": 1.0, "step single": 1.25}


def measure_torch(name, seconds, threads, clock):
    import torch, torch.nn as nn

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "convert"))
    import networks

    torch.set_num_threads(threads)

    def block(inputs, outputs):
        return nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))

    class Residual(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.branch = nn.Sequential(block(width, width), block(width, width))

        def forward(self, values):
            return values + self.branch(values)

    class Whole(nn.Module):
        def __init__(self):
            super().__init__()
            self.features = nn.Sequential(
                block(3, 24), block(24, 48), nn.MaxPool2d(2), Residual(48), block(48, 96), nn.MaxPool2d(2),
                Residual(96), block(96, 192), nn.MaxPool2d(2), Residual(192), nn.AdaptiveMaxPool2d(1), nn.Flatten())
            self.code, self.norm, self.label = nn.Linear(192, 48, bias=False), nn.BatchNorm1d(48), nn.Linear(192, 10)

        def forward(self, images):
            features = self.features(images)
            return torch.cat([self.norm(self.code(features)), self.label(features)], 1)

    make, side = {
        "residual32": (Whole, 32), "alexnet227": (lambda: networks.AlexNet(48, classes=10), 227),
        "nin224": (lambda: networks.NetworkInNetwork(48), 224),
    }[name]

    def rate(images, run):
        for _ in range(3):
            run()
        times, end = [], clock() + seconds
        while clock() < end or len(times) < 5:
            start = clock()
            run()
            times.append(clock() - start)
        return images / statistics.median(times)

    def forward(batch, memory_format, mixed=False):
        network = make().to(memory_format=memory_format).eval()
        images = torch.randn(batch, 3, side, side).contiguous(memory_format=memory_format)

        def run():
            with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=mixed):
                network(images)

        return rate(batch, run)

    def step(mixed, memory_format):
        network = make().to(memory_format=memory_format)
        images = torch.randn(64 * threads, 3, side, side).contiguous(memory_format=memory_format)
        optimizer = torch.optim.SGD(network.parameters(), lr=1e-6, momentum=0.9, nesterov=True, weight_decay=1e-3)

        def run():
            with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
                outputs = network(images)
            loss = outputs.float().square().sum() / 2
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

        return rate(64 * threads, run)

    formats = [torch.channels_last, torch.contiguous_format]
    return {
        "forward 64": max(forward(64, layout) for layout in formats),
        "forward 1": max(forward(1, layout) for layout in formats),
        "forward 64 mixed": max(forward(64, layout, True) for layout in formats),
        "forward 1 mixed": max(forward(1, layout, True) for layout in formats),
        "step single": max(step(False, layout) for layout in formats),
        "step mixed": max(step(True, layout) for layout in formats),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=["residual32", "alexnet227", "nin224"], default="residual32")
    parser.add_argument("--seconds", type=float, default=3, help="time for each case and round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cpu-time", action="store_true", help="divide by the time that the process computed")
    parser.add_argument("--torch-alone", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds must be at least 1")
    if arguments.torch_alone:
        clock = time.process_time if arguments.cpu_time else time.perf_counter
        for case, value in measure_torch(arguments.network, arguments.seconds, arguments.threads, clock).items():
            print(f"{case}: {value}")
        return
    size = [str(arguments.seconds), str(arguments.threads)]
    program = pathlib.Path(__file__).resolve().parents[3] / ".build/release/networkbench"
    if not program.exists():
        sys.exit(f"compare: there is no program {program}; build it with swift build -c release --product networkbench")
    commands = {
        "here": [program, *size, "cpu" if arguments.cpu_time else "wall"],
        "PyTorch": [
            sys.executable, __file__, "--torch-alone", "--network", arguments.network, "--seconds", size[0], "--threads", size[1]]
        + (["--cpu-time"] if arguments.cpu_time else []),
    }
    found = {name: {case: [] for case in CASES} for name in commands}
    for _ in range(arguments.rounds):
        for name, command in commands.items():
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "NETWORK": arguments.network})
            if done.returncode:
                sys.exit(f"compare: {name}: exit status {done.returncode}; what it said is above")
            for line in done.stdout.splitlines():
                case, value = line.rsplit(": ", 1)
                found[name][case].append(float(value))
    print("| images a second | here | PyTorch | time here / PyTorch | aim |\n| --- | --- | --- | --- | --- |")
    for case in CASES:
        here, torch = (statistics.median(found[name][case]) for name in commands)
        aim = f"{AIMS[case]:.2f}" if case in AIMS else ""
        print(f"| {case} | {here:,.0f} | {torch:,.0f} | {torch / here:.2f} | {aim} |")


if __name__ == "__main__":
    main()
