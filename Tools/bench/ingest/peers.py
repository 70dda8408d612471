"""What hashdb's ingest is compared with, as people write it: Pillow with PyTorch, and Pillow with pdqhash.

    peers.py WEIGHTS.safetensors|pdq CORES CODES.npz FOLDER...

Prints a line of JSON: images, and seconds without imports, loading the weights, and trying which settings are the fastest. Run by compare.py.
"""
import json, pathlib, struct, sys, time

import numpy
from PIL import Image, ImageOps


def images_below(folders):
    endings = [".jpg", ".jpeg", ".png"]
    return [str(path) for folder in folders for path in sorted(pathlib.Path(folder).rglob("*")) if path.suffix.lower() in endings]


def fastest(choices, run):
    """The choice for which `run` takes the least time, the first one being tried once more for the warm-up."""
    seconds = {}
    for choice in [choices[0], *choices]:
        start = time.perf_counter()
        run(choice)
        seconds[choice] = time.perf_counter() - start
    return min(choices, key=seconds.get)


# A network --------------------------------------------------------------------------------------------------------


def read_weights(path):
    """Metadata and tensors of a weight file."""
    import torch

    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__")
    kinds = {"F16": "<f2", "F32": "<f4"}
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        values = numpy.frombuffer(data[8 + length + start : 8 + length + end], dtype=kinds[entry["dtype"]])
        tensors[name] = torch.from_numpy(values.reshape(entry["shape"]).astype(numpy.float32))
    return metadata, tensors


def load_network(path):
    """A residual32 in PyTorch that gives the numbers whose signs are the code, of pixels as bytes (images, rows, columns, 3)."""
    import torch

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "convert"))
    import networks

    metadata, tensors = read_weights(path)
    if metadata["arch"] != "residual32":
        sys.exit(f"peers: {path}: its network is {metadata['arch']}; only residual32 is compared")
    bits = int(metadata["bits"])
    shape = tuple(int(side) for side in metadata["input"].split("x"))
    widths = [int(width) for width in metadata["widths"].split(",")] if "widths" in metadata else (24, 48, 96, 192)
    network = networks.Residual(bits, int(metadata["classes"]), shape, widths)
    missing, unexpected = network.load_state_dict(tensors, strict=False)
    if unexpected or any(not name.endswith("num_batches_tracked") for name in missing):
        sys.exit(f"peers: {path}: tensors {missing} are missing, {unexpected} too many")
    network.eval()
    mean, deviation = (
        torch.tensor([float(part) for part in metadata[name].split(",")]).view(3, 1, 1) for name in ["mean", "std"])

    def outputs(pixels, layout):
        images = ((pixels.permute(0, 3, 1, 2).float() / 255 - mean) / deviation).contiguous(memory_format=layout)
        values = network(images)[:, :bits]
        return values + network(images.flip(3))[:, :bits] if metadata.get("mirror") == "averaged" else values

    return outputs, network, shape[1]


def run_torch(weights, cores, folders):
    import torch

    torch.set_num_threads(cores)
    outputs, network, side = load_network(weights)

    class Images(torch.utils.data.Dataset):
        def __init__(self, paths):
            self.paths = paths

        def __len__(self):
            return len(self.paths)

        def __getitem__(self, index):
            with Image.open(self.paths[index]) as image:
                image.draft("RGB", (side, side))
                image = ImageOps.exif_transpose(image).convert("RGB")
                return torch.from_numpy(numpy.array(image.resize((side, side), Image.Resampling.BILINEAR)))

    @torch.inference_mode()
    def codes(paths, workers, layout):
        found = []
        for pixels in torch.utils.data.DataLoader(Images(paths), batch_size=256, num_workers=workers):
            found.append((outputs(pixels, layout) > 0).numpy())
        return numpy.concatenate(found)

    # The memory format and the number of workers that are faster here.
    pixels = torch.randint(0, 255, (256, side, side, 3), dtype=torch.uint8)
    layouts = [torch.contiguous_format, torch.channels_last]
    with torch.inference_mode():
        layout = fastest(layouts, lambda layout: outputs(pixels, layout))
    network.to(memory_format=layout)
    sample = images_below(folders)[:512]
    workers = fastest([0, cores], lambda workers: codes(sample, workers, layout))

    start = time.perf_counter()
    paths = images_below(folders)
    return paths, codes(paths, workers, layout), time.perf_counter() - start, f"{workers} workers, {layout}"


# PDQ --------------------------------------------------------------------------------------------------------------


def pdq_code(path):
    import pdqhash

    with Image.open(path) as image:
        return pdqhash.compute(numpy.asarray(ImageOps.exif_transpose(image).convert("RGB")))[0].astype(bool)


def run_pdq(cores, folders):
    import multiprocessing

    import pdqhash  # before the workers are made

    start = time.perf_counter()
    paths = images_below(folders)
    if cores == 1:
        found = [pdq_code(path) for path in paths]
    else:
        with multiprocessing.Pool(cores) as pool:
            found = pool.map(pdq_code, paths, chunksize=16)
    return paths, numpy.array(found), time.perf_counter() - start, f"{cores} processes, pdqhash {pdqhash.__version__}"


def main():
    model, cores, out, *folders = sys.argv[1:]
    run = run_pdq if model == "pdq" else lambda *arguments: run_torch(model, *arguments)
    paths, bits, seconds, settings = run(int(cores), folders)
    order = "big" if model == "pdq" else "little"
    numpy.savez(out, paths=paths, codes=numpy.packbits(bits, axis=1, bitorder=order))
    print(json.dumps({"images": len(paths), "seconds": seconds, "settings": settings}))


if __name__ == "__main__":
    main()
