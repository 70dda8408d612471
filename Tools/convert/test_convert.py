#!/usr/bin/env python3
"""Tests of convert.py: codes that hashdb makes of converted weights are the signs of PyTorch's own outputs.

    python3 Tools/convert/test_convert.py

Without torch only what needs none is tested; without the package onnx, files are not exported by PyTorch's exporters. The tool
is taken from .build/release, or named by the variable HASHDB.
"""
import contextlib, io, os, pathlib, shutil, struct, subprocess, sys, tempfile, unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import convert  # noqa: E402

try:
    import torch
except ImportError:
    torch = None
try:
    import onnx
except ImportError:
    onnx = None

TOOL = pathlib.Path(os.environ.get("HASHDB", HERE.parents[1] / ".build/release/hashdb"))
MEAN, STD = [0.49, 0.48, 0.45], [0.25, 0.24, 0.26]
NORMALISATION = ["--mean", ",".join(map(str, MEAN)), "--std", ",".join(map(str, STD))]


def run(*arguments):
    """Exit status and what was said."""
    output, error = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(error):
        try:
            status = convert.main([str(argument) for argument in arguments])
        except SystemExit as exit:
            status = exit.code
    return status, output.getvalue(), error.getvalue()


class ConvertTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def refused(self, text, *arguments):
        status, output, error = run(*arguments)
        self.assertEqual((status, output), (1, ""))
        self.assertIn(text, error)
        self.assertEqual(error.count("\n"), 1)
        self.assertFalse((self.path / "out").exists())


# A protocol buffer by hand, so that reading is tested without packages.


def varint(value):
    data = b""
    while value > 127:
        data += bytes([value & 127 | 128])
        value >>= 7
    return data + bytes([value])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def model(*tensors):
    return field(1, 8) + field(7, b"".join(field(5, tensor) for tensor in tensors))


class OnnxTest(ConvertTest):
    def tensors(self, *tensors):
        (self.path / "m.onnx").write_bytes(model(*tensors))
        return convert.read_onnx(str(self.path / "m.onnx"))

    def test_all_ways_to_write_numbers_are_read(self):
        numbers = [1.5, -2.0, 0.25, 3.0]
        raw = lambda code: struct.pack(f"<4{code}", *numbers)
        found = self.tensors(
            field(1, varint(2) + varint(2)) + field(2, 1) + field(8, b"packed") + field(9, raw("f")),
            field(1, 4) + field(2, 10) + field(8, b"half") + field(9, raw("e")),
            field(1, 4) + field(2, 11) + field(8, b"double") + field(9, raw("d")),
            field(1, 4) + field(2, 1) + field(4, raw("f")) + field(8, b"fields"),
            field(1, 1) + field(2, 7) + field(8, b"an index") + field(9, bytes(8)),
        )
        self.assertEqual({name: tensor.shape for name, tensor in found.items()},
                         {"packed": [2, 2], "half": [4], "double": [4], "fields": [4]})
        for tensor in found.values():
            self.assertEqual(list(struct.unpack("<4f", tensor.data)), numbers)

    def test_values_in_other_files_are_refused(self):
        (self.path / "m.onnx").write_bytes(model(field(1, 1) + field(2, 1) + field(8, b"w") + field(14, 1)))
        self.refused("lies in another file", self.path / "m.onnx", self.path / "out", "--list")

    def test_damaged_files_are_refused(self):
        whole = model(field(1, 4) + field(2, 1) + field(8, b"w") + field(9, struct.pack("<4f", 1, 2, 3, 4)))
        too_large = field(1, 1) + field(2, 11) + field(8, b"w") + field(9, struct.pack("<d", 1e300))
        for data in [b"", whole[:-1], whole[:9], b"\xff" * 20, b"\x0f", model(field(1, 3) + field(2, 1) + field(9, bytes(16))),
                     model(field(2, b"1")), model(field(4, 1)), model(field(8, 1)), model(field(9, 1)), field(7, field(5, 1)),
                     model(field(1, 0) + field(8, b"\xff") + field(9, b"")), model(too_large)]:
            (self.path / "m.onnx").write_bytes(data)
            status, _, error = run(self.path / "m.onnx", "--list")
            self.assertEqual((status, error.count("\n")), (1, 1), data)
            self.assertIn("m.onnx: ", error)

    def test_names_are_listed_and_replaced(self):
        one = lambda name: field(1, 1) + field(2, 1) + field(8, name) + field(9, bytes(4))
        (self.path / "m.onnx").write_bytes(model(one(b"module.a.weight"), one(b"module.ab.weight")))
        status, output, _ = run(self.path / "m.onnx", "--list", "--rename", "module.a=conv1", "--rename", "module=")
        self.assertEqual((status, output), (0, "conv1.weight\t1\nab.weight\t1\n"))
        self.refused("two tensors", self.path / "m.onnx", "--list", "--rename", "module.a=x", "--rename", "module.ab=x")

    def test_what_does_not_match_is_refused(self):
        (self.path / "m.onnx").write_bytes(model(field(1, 1) + field(2, 1) + field(8, b"w") + field(9, bytes(4))))
        command = [self.path / "m.onnx", self.path / "out", "--arch", "cnnh32", "--bits", "8"]
        self.refused("missing: code.bias", *command, *NORMALISATION)
        self.refused("unknown: w", *command, *NORMALISATION)
        self.refused("--mean is needed", *command)
        self.refused("--std must be above 0", *command, "--mean", "0,0,0", "--std", "1,1,0")
        self.refused("--mean", *command, "--mean", "0,0", "--std", "1,1,1")
        self.refused("--mean", *command, "--mean", "0x0x0", "--std", "1,1,1")
        self.refused("--input", *command, *NORMALISATION, "--input", "32")
        self.refused("1 or 3 channels", *command, *NORMALISATION, "--input", "2x32x32")
        self.refused("--scale", *command, *NORMALISATION, "--scale", "1/128")
        self.refused("--bits 0", *command, *NORMALISATION, "--bits", "0")
        self.refused("--classes 3: cnnh32 has no", *command, *NORMALISATION, "--classes", "3")
        self.refused("--classes 0: cnnh+32 has 1 to", *command, *NORMALISATION, "--arch", "cnnh+32")
        self.refused("No such file", self.path / "none.onnx", self.path / "out", "--list")


class TorchCase(ConvertTest):
    """Networks in PyTorch, and the images that they are compared on."""

    def prepare(self, side, networks):
        """Takes networks by architecture, each with more options for convert.py, that see square images."""
        self.networks = networks
        # Images that differ, so that no bit is the same for all.
        size = (side + 3) // 4
        pixels = 255 * torch.rand(12, 4, 4, 3).repeat_interleave(size, 1).repeat_interleave(size, 2)
        self.pixels = pixels[:, :side, :side].to(torch.uint8)
        shutil.rmtree(self.path / "images", ignore_errors=True)
        (self.path / "images").mkdir()
        for number, image in enumerate(self.pixels):
            header = f"P6\n{image.shape[1]} {image.shape[0]}\n255\n".encode()
            (self.path / f"images/{number:02}.ppm").write_bytes(header + image.numpy().tobytes())

    def network(self, arch):
        """A network whose normalisations have seen images, with outputs of both signs."""
        network, more = self.networks[arch]
        images = self.normalised()
        with torch.no_grad():
            for parameter in network.parameters():
                if parameter.dim() > 1:
                    torch.nn.init.kaiming_normal_(parameter)
                else:
                    parameter.add_(0.1 * torch.randn_like(parameter))
            network.train()
            for _ in range(20 if arch == "residual32" else 0):
                network(images)
            network.eval()
            if arch != "residual32":
                head = network.encode if hasattr(network, "encode") else network.code
                head.bias -= network(images)[:, : head.bias.shape[0]].mean(0)
        return network, more

    def normalised(self):
        images = self.pixels.permute(0, 3, 1, 2).float() / 255
        return (images - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)

    def convert(self, source, arch, more):
        out = self.path / "out.safetensors"
        status, _, error = run(source, out, "--arch", arch, "--bits", "16", *NORMALISATION, *more)
        self.assertEqual(status, 0, error)
        return out

    def codes(self, weights):
        """The bits that hashdb makes of the images."""
        import numpy

        store, table = self.path / "s.hashdb", self.path / "codes.npy"
        for command in [["ingest", store, self.path / "images", "--model", weights], ["export", store, table]]:
            done = subprocess.run([TOOL, *command], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
        store.unlink()
        return numpy.unpackbits(numpy.load(table), axis=1, bitorder="little")

    def check(self, network, weights):
        with torch.no_grad():
            outputs = network(self.normalised())[:, :16]
        codes = torch.from_numpy(self.codes(weights)).bool()
        near = outputs.abs() < 1e-4 * outputs.abs().max()  # either sign will do
        self.assertEqual(((outputs > 0) == codes).logical_or(near).sum().item(), codes.numel())
        self.assertLess(near.sum().item(), 5)
        self.assertTrue(30 < codes.sum().item() < codes.numel() - 30, "bits of both kinds")

    def check_state_dicts(self):
        for arch in self.networks:
            with self.subTest(arch):
                network, more = self.network(arch)
                torch.save({"step": 7, "model": {f"module.{name}": value for name, value in network.state_dict().items()}},
                           self.path / "m.pt")
                weights = self.convert(self.path / "m.pt", arch, [*more, "--key", "model", "--rename", "module="])
                self.check(network, weights)

    def check_exports(self):
        for arch in self.networks:
            network, more = self.network(arch)
            for training in [torch.onnx.TrainingMode.EVAL, torch.onnx.TrainingMode.PRESERVE]:
                with self.subTest(f"{arch} {training}"):
                    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                        import warnings

                        warnings.simplefilter("ignore")
                        torch.onnx.export(
                            network, (self.normalised(),), str(self.path / "m.onnx"), dynamo=False, training=training,
                            do_constant_folding=False)
                    self.check(network, self.convert(self.path / "m.onnx", arch, more))


@unittest.skipIf(torch is None, "torch is not installed")
class TorchTest(TorchCase):
    def setUp(self):
        super().setUp()
        import networks

        torch.manual_seed(1)
        self.prepare(32, {
            "cnnh32": (networks.CNNH(16), []),
            "cnnh+32": (networks.CNNH(16, classes=5), ["--classes", "5"]),
            "dnnh-nin32": (networks.DNNH(16), []),
            "dnnh-nin32-fc": (networks.DNNH(16, full_connection=True), []),
            "residual32": (networks.Residual(16, classes=5), ["--classes", "5"]),
        })

    @unittest.skipIf(not TOOL.exists(), "hashdb is not built")
    def test_codes_are_the_signs_of_the_networks_outputs(self):
        self.check_state_dicts()

    @unittest.skipIf(not TOOL.exists(), "hashdb is not built")
    def test_shipped_weights_give_the_same_codes_in_torch(self):
        import json
        import networks

        path = HERE.parent / "weights/cnnh-48.safetensors"
        data = path.read_bytes()
        (length,) = struct.unpack("<Q", data[:8])
        header = json.loads(data[8 : 8 + length])
        values = header.pop("__metadata__")
        network = networks.CNNH(48)
        state = {}
        for tensor, entry in header.items():
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            kind = {"F16": torch.float16, "F32": torch.float32}[entry["dtype"]]
            state[tensor] = torch.frombuffer(bytearray(data[start:end]), dtype=kind).float().view(entry["shape"])
        network.load_state_dict(state)
        network.eval()
        mean, std = ([float(part) for part in values[key].split(",")] for key in ["mean", "std"])
        images = self.pixels.permute(0, 3, 1, 2).float() / 255
        images = (images - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(std).view(3, 1, 1)
        with torch.no_grad():
            outputs = network(images)
        codes = torch.from_numpy(self.codes(path)).bool()
        near = outputs.abs() < 1e-4 * outputs.abs().max()
        self.assertTrue(((outputs > 0) == codes).logical_or(near).all())

    @unittest.skipIf(onnx is None or not TOOL.exists(), "the package onnx is not installed, or hashdb is not built")
    def test_exported_networks_are_read_with_and_without_folded_normalisations(self):
        self.check_exports()

    def test_a_file_that_would_run_code_is_not_loaded(self):
        import pickle

        class Evil:
            def __reduce__(self):
                return (os.mkdir, (str(witness),))

        witness = self.path / "witness"
        (self.path / "m.pt").write_bytes(pickle.dumps({"a": Evil()}, protocol=2))
        self.refused("not a file of weights alone", self.path / "m.pt", self.path / "out", "--list")
        self.assertFalse(witness.exists())

    def test_what_is_no_state_dict_is_refused(self):
        torch.save({"model": {"a": torch.zeros(1)}}, self.path / "m.pt")
        self.refused("--key, such as model", self.path / "m.pt", "--list")
        self.refused("there is no \"net\"", self.path / "m.pt", "--list", "--key", "net")
        (self.path / "m.pt").write_bytes(b"PK")
        self.refused("not a file of weights alone", self.path / "m.pt", "--list")
        network, _ = self.networks["cnnh32"]
        state = network.state_dict()
        state["fc.bias"][3] = float("inf")
        torch.save(state, self.path / "m.pt")
        command = [self.path / "m.pt", self.path / "out", "--arch", "cnnh32", "--bits", "16", *NORMALISATION]
        self.refused("not finite", *command)
        state["fc.bias"] = torch.zeros(7)
        torch.save(state, self.path / "m.pt")
        self.refused("has shape [7], expected [500]", *command)


@unittest.skipIf(torch is None or not TOOL.exists(), "torch is not installed, or hashdb is not built")
class LargeTorchTest(TorchCase):
    """The large networks at the size of images that they are made for."""

    NARROW = {"alexnet": (16, 32, 24, 40, 32, 64, 48), "nin": (16, 32, 24, 48, 10)}

    def setUp(self):
        super().setUp()
        torch.manual_seed(2)

    def prepare_alexnet(self, *widths):
        import networks

        more = ["--widths", ",".join(map(str, widths))] if widths else []
        widths = {"widths": widths} if widths else {}
        self.prepare(227, {
            "cnnh-alexnet227": (networks.AlexNet(16, **widths), more),
            "cnnh+alexnet227": (networks.AlexNet(16, classes=5, **widths), [*more, "--classes", "5"]),
        })

    def prepare_network_in_network(self, *widths):
        import networks

        more = ["--widths", ",".join(map(str, widths))] if widths else []
        widths = {"widths": widths} if widths else {}
        self.prepare(224, {
            "dnnh-nin224": (networks.NetworkInNetwork(16, **widths), more),
            "dnnh-nin224-fc": (networks.NetworkInNetwork(16, full_connection=True, **widths), more),
        })

    def test_narrow_networks_give_the_signs_of_their_outputs(self):
        for prepare, widths in [(self.prepare_alexnet, "alexnet"), (self.prepare_network_in_network, "nin")]:
            prepare(*self.NARROW[widths])
            self.check_state_dicts()
            if onnx is not None:
                self.check_exports()

    @unittest.skipIf(os.environ.get("HASHDB_LONG_TESTS") != "1", "takes minutes; set HASHDB_LONG_TESTS=1")
    def test_published_networks_give_the_signs_of_their_outputs(self):
        for prepare in [self.prepare_alexnet, self.prepare_network_in_network]:
            prepare()
            self.check_state_dicts()

    def test_widths_are_checked(self):
        import networks

        torch.save(networks.CNNH(8).state_dict(), self.path / "m.pt")
        command = [self.path / "m.pt", self.path / "out", "--bits", "8", *NORMALISATION]
        self.refused("cnnh32 has one width only", *command, "--arch", "cnnh32", "--widths", "1,2,3,4")
        self.refused("\"1,2\" is not 7 numbers", *command, "--arch", "cnnh-alexnet227", "--widths", "1,2")


if __name__ == "__main__":
    unittest.main()
