#!/usr/bin/env python3
"""Turn weights that were trained elsewhere into a weight file of hashdb.

    convert.py weights.pt   out.safetensors --arch cnnh32 --bits 48 --mean 0.49,0.48,0.45 --std 0.25,0.24,0.26
    convert.py network.onnx out.safetensors --arch residual32 --bits 64 --classes 10 --mean ... --std ... \\
        --rename features.0=conv1 --rename classifier=code
    convert.py weights.pt --list

A PyTorch file is a state_dict (or a dictionary that holds one, named by --key), read with weights_only=True, which runs none of
the code that pickles may contain; it needs torch. Of an ONNX file the initialisers are read, without any package; values in
other files are refused. Tensors are matched by name and nothing else: --rename OLD=NEW replaces a name's beginning, up to a dot.
What is missing, too much, or of another shape is an error: one line on standard error, and exit status 1, or 2 where the arguments
themselves are wrong. Networks are described in networks.py beside this.
"""
import argparse, json, math, os, struct, sys

EPSILON = 1e-5  # of batch normalisation, in hashdb and PyTorch


class Refused(Exception):
    """What cannot be converted, in one line."""


class Tensor:
    """A shape and single-precision numbers in row-major order, as bytes."""

    def __init__(self, shape, data):
        self.shape, self.data = list(shape), data
        if len(data) != 4 * math.prod(self.shape):
            raise Refused(f"{len(data)} bytes are not single-precision numbers of shape {self.shape}")

    @classmethod
    def filled(cls, count, value):
        return cls([count], struct.pack("<f", value) * count)

    def is_finite(self):
        return all(math.isfinite(value) for (value,) in struct.iter_unpack("<f", self.data))


# Architectures ------------------------------------------------------------------------------------------------------


def convolution(name, outputs, inputs, size, bias=True, groups=1):
    shapes = {f"{name}.weight": [outputs, inputs // groups, size, size]}
    if bias:
        shapes[f"{name}.bias"] = [outputs]
    return shapes


def linear(name, outputs, inputs, bias=True):
    return {f"{name}.weight": [outputs, inputs]} | ({f"{name}.bias": [outputs]} if bias else {})


def normalisation(name, channels):
    return {f"{name}.{part}": [channels] for part in ["weight", "bias", "running_mean", "running_var"]}


def pooled(side, times):
    """The side of a plane after poolings of 3 x 3 at stride 2, which count a last, partial window."""
    for _ in range(times):
        side = -((3 - side) // 2) + 1
    return side


def alexnet(bits, classes, shape, widths):
    channels, height, width = shape
    one, two, three, four, five, six, seven = widths
    shapes = convolution("conv1", one, channels, 11) | convolution("conv2", two, one, 5, groups=2)
    shapes |= convolution("conv3", three, two, 3) | convolution("conv4", four, three, 3, groups=2)
    height, width = (pooled((side - 11) // 4 + 1, 3) for side in (height, width))
    shapes |= convolution("conv5", five, four, 3, groups=2) | linear("fc6", six, five * height * width)
    shapes |= linear("fc7", seven, six) | linear("code", bits, seven)
    return shapes | (linear("label", classes, seven) if classes else {})


def network_in_network(bits, full_connection, shape, widths):
    *blocks, features = widths
    shapes = {}
    inputs = shape[0]
    for number, (filters, size) in enumerate(zip(blocks, [11, 5, 3, 3]), 1):
        outputs = features * bits if number == 4 else filters
        shapes |= convolution(f"conv{number}", filters, inputs, size)
        shapes |= convolution(f"cccp{2 * number - 1}", outputs, filters, 1)
        inputs = outputs
    return shapes | linear("encode", bits, features * bits if full_connection else features)


def expected(arch, bits, classes, shape, widths):
    """The tensors of an architecture: names and shapes."""
    channels, height, width = shape
    if arch in ["cnnh-alexnet227", "cnnh+alexnet227"]:
        return alexnet(bits, classes, shape, widths)
    if arch in ["dnnh-nin224", "dnnh-nin224-fc"]:
        return network_in_network(bits, arch == "dnnh-nin224-fc", shape, widths)
    if arch in ["cnnh32", "cnnh+32"]:
        shapes = convolution("conv1", 32, channels, 5) | convolution("conv2", 64, 32, 5) | convolution("conv3", 128, 64, 5)
        shapes |= linear("fc", 500, 128 * pooled(height, 3) * pooled(width, 3)) | linear("code", bits, 500)
        return shapes | (linear("label", classes, 500) if classes else {})
    if arch in ["dnnh-nin32", "dnnh-nin32-fc"]:
        layers = [("conv1", 96, channels, 5), ("cccp1", 96, 96, 1), ("conv2", 256, 96, 5), ("cccp3", 256, 256, 1)]
        layers += [("conv3", 384, 256, 1), ("cccp5", 384, 384, 1), ("conv4", 1024, 384, 3), ("cccp7", 50 * bits, 1024, 1)]
        shapes = {}
        for layer in layers:
            shapes |= convolution(*layer)
        return shapes | linear("encode", bits, 50 if arch == "dnnh-nin32" else 50 * bits)
    one, two, three, four = widths
    layers = [("1", one, channels), ("2", two, one), ("2a", two, two), ("2b", two, two), ("3", three, two)]
    layers += [("3a", three, three), ("3b", three, three), ("4", four, three), ("4a", four, four), ("4b", four, four)]
    shapes = {}
    for name, outputs, inputs in layers:
        shapes |= convolution(f"conv{name}", outputs, inputs, 3, bias=False) | normalisation(f"norm{name}", outputs)
    shapes |= linear("code", bits, four, bias=False) | normalisation("code_norm", bits)
    return shapes | (linear("label", classes, four) if classes else {})


ALEXNET = ([96, 256, 384, 384, 256, 4096, 4096], "3x227x227")
NETWORK_IN_NETWORK = ([96, 256, 384, 1024, 50], "3x224x224")

# Widths that --widths may change, and the usual input.
ARCHITECTURES = {
    "cnnh32": ([], "3x32x32"), "cnnh+32": ([], "3x32x32"), "dnnh-nin32": ([], "3x32x32"), "dnnh-nin32-fc": ([], "3x32x32"),
    "residual32": ([24, 48, 96, 192], "3x32x32"), "cnnh-alexnet227": ALEXNET, "cnnh+alexnet227": ALEXNET,
    "dnnh-nin224": NETWORK_IN_NETWORK, "dnnh-nin224-fc": NETWORK_IN_NETWORK,
}


# Reading ------------------------------------------------------------------------------------------------------------


def read_torch(path, key):
    """The tensors of a state_dict."""
    try:
        import torch
    except ImportError:
        raise Refused("reading PyTorch files needs the package torch; .onnx files need none") from None
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:  # whatever a damaged or hostile file brings about
        raise Refused(f"not a file of weights alone: {str(error).splitlines()[0] if str(error) else error!r}") from None
    for part in key.split("/") if key else []:
        if not isinstance(content, dict) or part not in content:
            raise Refused(f"there is no \"{key}\" in it")
        content = content[part]
    items = content.items() if isinstance(content, dict) else [(None, content)]
    if not all(isinstance(name, str) and isinstance(value, torch.Tensor) for name, value in items):
        named = [name for name, value in items if isinstance(value, dict)]
        raise Refused("not a state_dict" + (f"; name the one in it with --key, such as {named[0]}" if named else ""))
    return {
        name: Tensor(value.shape, value.detach().to(torch.float32).contiguous().clone().numpy().astype("<f4").tobytes())
        for name, value in content.items()
        if not name.endswith("num_batches_tracked")
    }


def fields(data):
    """The fields of a protocol buffer: number, and a whole number or bytes."""
    position = 0

    def varint():
        nonlocal position
        value = shift = 0
        while True:
            if position >= len(data) or shift > 63:
                raise Refused("not an ONNX file: a number does not end")
            byte = data[position]
            position += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while position < len(data):
        key = varint()
        number, kind = key >> 3, key & 7
        if kind == 0:
            yield number, varint()
        elif kind in [1, 2, 5]:
            length = varint() if kind == 2 else 8 if kind == 1 else 4
            if length > len(data) - position:
                raise Refused("not an ONNX file: a part does not end")
            yield number, data[position : position + length]
            position += length
        else:
            raise Refused(f"not an ONNX file: a field of kind {kind}")


def parts(data, wanted):
    """What the fields of a number hold that are bytes."""
    return [value for number, value in fields(data) if number == wanted and isinstance(value, bytes)]


def whole_numbers(value):
    """A repeated field of whole numbers, packed or one."""
    return [value] if isinstance(value, int) else [number for _, number in fields(b"".join(b"\x08" + part for part in split(value)))]


def split(data):
    """The numbers of a packed field, each as its bytes."""
    start = 0
    for end, byte in enumerate(data, 1):
        if byte < 128:
            yield data[start:end]
            start = end


def read_onnx(path):
    """The initialisers of floating-point numbers (TensorProto of onnx.proto3)."""
    with open(path, "rb") as file:
        data = file.read()
    tensors = {}
    for initialiser in [part for graph in parts(data, 7) for part in parts(graph, 5)]:
        shape, kind, name, raw, numbers = [], 0, "", None, b""
        for number, value in fields(initialiser):
            if not isinstance(value, {2: int, 4: bytes, 8: bytes, 9: bytes}.get(number, object)):
                raise Refused(f"not an ONNX file: field {number} of a tensor is of another kind")
            if number == 1:
                shape += whole_numbers(value)
            elif number == 2:
                kind = value
            elif number == 4:
                numbers += value
            elif number == 8:
                name = value.decode(errors="replace")
            elif number == 9:
                raw = value
            elif number == 13 or (number == 14 and value == 1):
                raise Refused(f"\"{name}\" lies in another file; export with external_data=False")
        code = {1: "f", 10: "e", 11: "d"}.get(kind)
        if code is None:
            continue  # shapes and indices
        data = raw if raw is not None else numbers
        if len(data) % struct.calcsize(code):
            raise Refused(f"\"{name}\" has {len(data)} bytes")
        values = [value for (value,) in struct.iter_unpack("<" + code, data)]
        try:
            tensors[name] = Tensor(shape, struct.pack(f"<{len(values)}f", *values))
        except OverflowError:
            raise Refused(f"\"{name}\" holds numbers too large for single precision") from None
    if not tensors:
        raise Refused("holds no initialisers of floating-point numbers")
    return tensors


def read(path, key):
    try:
        return read_onnx(path) if path.endswith(".onnx") else read_torch(path, key)
    except Refused as error:
        raise Refused(f"{path}: {error}") from None


# Matching -----------------------------------------------------------------------------------------------------------


def renamed(tensors, rules):
    """The same tensors by other names."""
    result = {}
    for name, tensor in tensors.items():
        for old, new in rules:
            if name == old or name.startswith(old + "."):
                rest = name[len(old) :]
                name = new + rest if new else rest.removeprefix(".")
                break
        if name in result:
            raise Refused(f"two tensors would be named \"{name}\"")
        result[name] = tensor
    return result


def unfolded(tensors, shapes):
    """Gives convolutions with a bias, into which exporters fold normalisations, a normalisation that adds that bias."""
    result = dict(tensors)
    for name in [name for name in tensors if name.startswith("conv") and name.endswith(".bias")]:
        norm = "norm" + name.removeprefix("conv").removesuffix(".bias")
        if name in shapes or f"{norm}.weight" not in shapes or f"{norm}.weight" in tensors:
            continue
        count = tensors[name].shape[0]
        result[f"{norm}.bias"] = result.pop(name)
        result[f"{norm}.weight"] = Tensor.filled(count, 1)
        result[f"{norm}.running_mean"] = Tensor.filled(count, 0)
        result[f"{norm}.running_var"] = Tensor.filled(count, 1 - EPSILON)
    return result


def matched(tensors, shapes):
    """The tensors in the expected shapes."""
    tensors = unfolded(tensors, shapes)
    missing = sorted(set(shapes) - set(tensors))
    strangers = sorted(set(tensors) - set(shapes))
    if missing or strangers:
        raise Refused(
            "names do not match; "
            + "; ".join(
                f"{what}: {', '.join(names[:8])}{', ...' if len(names) > 8 else ''}"
                for what, names in [("missing", missing), ("unknown", strangers)]
                if names
            )
            + ". --list shows what there is, --rename gives it its name")
    for name, shape in shapes.items():
        tensor = tensors[name]
        found = list(tensor.shape)
        while len(found) > len(shape) and found[-1] == 1:
            found.pop()  # a 1 x 1 convolution is a full connection
        if found != shape:
            raise Refused(f"\"{name}\" has shape {tensor.shape}, expected {shape}")
        if not tensor.is_finite():
            raise Refused(f"\"{name}\" holds values that are not finite")
        tensors[name] = Tensor(shape, tensor.data)
    return tensors


# Writing ------------------------------------------------------------------------------------------------------------


def write(path, tensors, metadata):
    """A safetensors file, whole or not at all."""
    header, data = {"__metadata__": metadata}, b""
    for name, tensor in sorted(tensors.items()):
        end = len(data) + len(tensor.data)
        header[name] = {"dtype": "F32", "shape": tensor.shape, "data_offsets": [len(data), end]}
        data += tensor.data
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
    text += b" " * (-len(text) % 8)
    with open(path + ".part", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".part", path)


def metadata(arguments, shape, scale, mean, std, widths):
    values = {
        "format": "pt", "arch": arguments.arch, "bits": str(arguments.bits), "classes": str(arguments.classes),
        "input": "x".join(map(str, shape)), "color": "RGB" if shape[0] == 3 else "gray", "threshold": "0",
        "scale": str(scale), "mean": ",".join(map(str, mean)), "std": ",".join(map(str, std)),
        "train": f"converted from {os.path.basename(arguments.weights)}",
    }
    # The papers' own widths need no mention.
    if arguments.arch == "residual32" or widths != ARCHITECTURES[arguments.arch][0]:
        values["widths"] = ",".join(map(str, widths))
    if arguments.mirror:
        values["mirror"] = "averaged"
    if arguments.class_names:
        values["class_names"] = arguments.class_names
    return values


def parse(text, kind, count, what, separator=","):
    try:
        values = [kind(part) for part in text.split(separator)]
    except ValueError:
        values = []
    if len(values) != count or not all(math.isfinite(value) for value in values):
        raise Refused(f"{what} \"{text}\" is not {count} numbers")
    return values


def check_outputs(arch, bits, classes):
    """Refuses what hashdb would when it reads the file."""
    if not 1 <= bits <= 1024:
        raise Refused(f"--bits {bits}: a code has 1 to 1024 bits")
    least, most = int("+" in arch), 1_000_000 if "+" in arch or arch == "residual32" else 0
    if not least <= classes <= most:
        raise Refused(f"--classes {classes}: {arch} has " + (f"{least} to {most} label outputs" if most else "no label outputs"))


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", help="a PyTorch file, or one that ends in .onnx")
    parser.add_argument("out", nargs="?", help="the weight file to write")
    parser.add_argument("--list", action="store_true", help="print names and shapes, and write nothing")
    parser.add_argument("--key", default="", help="where the state_dict is within the file, parts separated by /")
    parser.add_argument("--rename", action="append", default=[], metavar="OLD=NEW", help="module.= strips a beginning")
    parser.add_argument("--arch", choices=ARCHITECTURES)
    parser.add_argument("--bits", type=int, help="bits of a code")
    parser.add_argument("--classes", type=int, default=0, help="label outputs beside the code")
    parser.add_argument("--input", help="channels x rows x columns; default: those that the architecture is made for")
    parser.add_argument("--widths", help="filter counts of an architecture that comes in several widths")
    parser.add_argument("--scale", default="1/255", help="what pixels of 0 to 255 are multiplied by: 1/255 or a number")
    parser.add_argument("--mean", help="of each channel, after scaling")
    parser.add_argument("--std", help="of each channel, after scaling")
    parser.add_argument("--mirror", action="store_true", help="add the outputs of the mirror image before taking signs")
    parser.add_argument("--class-names", default="", help="the classes learned, separated by commas")
    arguments = parser.parse_args(arguments)
    try:
        rules = [tuple(rule.split("=", 1)) for rule in arguments.rename]
        if not all(len(rule) == 2 for rule in rules):
            raise Refused("--rename needs OLD=NEW")
        tensors = renamed(read(arguments.weights, arguments.key), [(old.rstrip("."), new.rstrip(".")) for old, new in rules])
        if arguments.list:
            for name, tensor in tensors.items():
                print(f"{name}\t{'x'.join(map(str, tensor.shape))}")
            return 0
        for name in ["out", "--arch", "--bits", "--mean", "--std"]:
            if getattr(arguments, name.removeprefix("--")) is None:
                raise Refused(f"{name} is needed")
        usual, size = ARCHITECTURES[arguments.arch]
        check_outputs(arguments.arch, arguments.bits, arguments.classes)
        shape = parse(arguments.input or size, int, 3, "--input", "x")
        if shape[0] not in [1, 3]:
            raise Refused(f"--input \"{arguments.input}\": images have 1 or 3 channels")
        mean = parse(arguments.mean, float, shape[0], "--mean")
        std = parse(arguments.std, float, shape[0], "--std")
        if not all(value > 0 for value in std):
            raise Refused("--std must be above 0")
        scale = arguments.scale
        if scale != "1/255":
            (scale,) = parse(scale, float, 1, "--scale")
            if scale <= 0:
                raise Refused("--scale must be above 0")
        if arguments.widths and not usual:
            raise Refused(f"--widths: {arguments.arch} has one width only")
        widths = parse(arguments.widths, int, len(usual), "--widths") if arguments.widths else usual
        shapes = expected(arguments.arch, arguments.bits, arguments.classes, shape, widths)
        write(arguments.out, matched(tensors, shapes), metadata(arguments, shape, scale, mean, std, widths))
    except (Refused, OSError) as error:
        print(f"convert.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
