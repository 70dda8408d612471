"""hashdb's networks in PyTorch, with the names of its weight files: what convert.py expects, and a start for training elsewhere.

Images are normalised by channel. The first `bits` outputs are the code, a bit being 1 where its output is above 0; label outputs
follow.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F


def ceil_pool(values, kind):
    """3 x 3 at stride 2, the last window being cut off by the edge and not left out (Caffe)."""
    if kind == "max":
        return F.max_pool2d(values, 3, 2, ceil_mode=True)
    return F.avg_pool2d(values, 3, 2, ceil_mode=True, count_include_pad=False)


def local_response(values):
    """x (1 + a/9 sum x^2)^-b over the 3 x 3 neighbours in the same channel (Caffe's WITHIN_CHANNEL)."""
    mean = F.avg_pool2d(values * values, 3, 1, padding=1)
    return values * (1 + 5e-5 * mean) ** -0.75


def pooled(side, times):
    for _ in range(times):
        side = -((3 - side) // 2) + 1
    return side


class CNNH(nn.Module):
    """cnnh32; with classes, cnnh+32."""

    def __init__(self, bits, classes=0, shape=(3, 32, 32)):
        super().__init__()
        channels, height, width = shape
        self.conv1 = nn.Conv2d(channels, 32, 5, padding=2)
        self.conv2 = nn.Conv2d(32, 64, 5, padding=2)
        self.conv3 = nn.Conv2d(64, 128, 5, padding=2)
        self.fc = nn.Linear(128 * pooled(height, 3) * pooled(width, 3), 500)
        self.code = nn.Linear(500, bits)
        self.label = nn.Linear(500, classes) if classes else None

    def forward(self, images):
        values = local_response(ceil_pool(F.relu(self.conv1(images)), "max"))
        values = local_response(ceil_pool(F.relu(self.conv2(values)), "max"))
        values = ceil_pool(F.relu(self.conv3(values)), "max")
        values = F.dropout(F.relu(self.fc(values.flatten(1))), 0.5, self.training)
        heads = [self.code(values)] + ([self.label(values)] if self.label is not None else [])
        return torch.cat(heads, 1)


class DNNH(nn.Module):
    """dnnh-nin32; with a full connection, dnnh-nin32-fc."""

    def __init__(self, bits, full_connection=False, shape=(3, 32, 32)):
        super().__init__()
        self.bits, self.full_connection = bits, full_connection
        layers = [("conv1", 96, shape[0], 5), ("cccp1", 96, 96, 1), ("conv2", 256, 96, 5), ("cccp3", 256, 256, 1)]
        layers += [("conv3", 384, 256, 1), ("cccp5", 384, 384, 1), ("conv4", 1024, 384, 3), ("cccp7", 50 * bits, 1024, 1)]
        for name, outputs, inputs, size in layers:
            setattr(self, name, nn.Conv2d(inputs, outputs, size, padding=size // 2))
        self.encode = nn.Linear(50 * bits if full_connection else 50, bits)

    def forward(self, images):
        values = F.relu(self.cccp1(F.relu(self.conv1(images))))
        values = F.dropout(ceil_pool(values, "max"), 0.5, self.training)
        values = ceil_pool(F.relu(self.cccp3(F.relu(self.conv2(values)))), "max")
        values = F.relu(self.cccp5(F.relu(self.conv3(values))))
        values = F.dropout(ceil_pool(values, "average"), 0.5, self.training)
        values = F.relu(self.cccp7(F.relu(self.conv4(values)))).mean((2, 3))
        if self.full_connection:
            return self.encode(values)
        # Divide and encode: 50 features and a row of weights a bit.
        return (values.view(-1, self.bits, 50) * self.encode.weight).sum(2) + self.encode.bias


class Residual(nn.Module):
    """residual32."""

    def __init__(self, bits, classes=0, shape=(3, 32, 32), widths=(24, 48, 96, 192)):
        super().__init__()
        one, two, three, four = widths
        layers = [("1", one, shape[0]), ("2", two, one), ("2a", two, two), ("2b", two, two), ("3", three, two)]
        layers += [("3a", three, three), ("3b", three, three), ("4", four, three), ("4a", four, four), ("4b", four, four)]
        for name, outputs, inputs in layers:
            setattr(self, f"conv{name}", nn.Conv2d(inputs, outputs, 3, padding=1, bias=False))
            setattr(self, f"norm{name}", nn.BatchNorm2d(outputs))
        self.code = nn.Linear(four, bits, bias=False)
        self.code_norm = nn.BatchNorm1d(bits)
        self.label = nn.Linear(four, classes) if classes else None

    def layer(self, values, name):
        return F.relu(getattr(self, f"norm{name}")(getattr(self, f"conv{name}")(values)))

    def forward(self, images):
        values = self.layer(images, "1")
        for name in "234":
            values = F.max_pool2d(self.layer(values, name), 2, ceil_mode=True)
            values = values + self.layer(self.layer(values, f"{name}a"), f"{name}b")
        values = values.amax((2, 3))
        heads = [self.code_norm(self.code(values))] + ([self.label(values)] if self.label is not None else [])
        return torch.cat(heads, 1)


class AlexNet(nn.Module):
    """cnnh-alexnet227; with classes, cnnh+alexnet227. Krizhevsky's network of 2012, its constants as in the paper."""

    def __init__(self, bits, classes=0, shape=(3, 227, 227), widths=(96, 256, 384, 384, 256, 4096, 4096)):
        super().__init__()
        channels, height, width = shape
        one, two, three, four, five, six, seven = widths
        self.conv1 = nn.Conv2d(channels, one, 11, stride=4)
        self.conv2 = nn.Conv2d(one, two, 5, padding=2, groups=2)
        self.conv3 = nn.Conv2d(two, three, 3, padding=1)
        self.conv4 = nn.Conv2d(three, four, 3, padding=1, groups=2)
        self.conv5 = nn.Conv2d(four, five, 3, padding=1, groups=2)
        height, width = (pooled((side - 11) // 4 + 1, 3) for side in (height, width))
        self.fc6 = nn.Linear(five * height * width, six)
        self.fc7 = nn.Linear(six, seven)
        self.code = nn.Linear(seven, bits)
        self.label = nn.Linear(seven, classes) if classes else None

    @staticmethod
    def response(values):
        """x (2 + 1e-4 sum x^2)^-0.75 over 5 channels; PyTorch divides alpha by 5."""
        return F.local_response_norm(values, 5, alpha=5e-4, beta=0.75, k=2)

    def forward(self, images):
        values = ceil_pool(self.response(F.relu(self.conv1(images))), "max")
        values = ceil_pool(self.response(F.relu(self.conv2(values))), "max")
        values = F.relu(self.conv5(F.relu(self.conv4(F.relu(self.conv3(values))))))
        values = ceil_pool(values, "max").flatten(1)
        values = F.dropout(F.relu(self.fc6(values)), 0.5, self.training)
        values = F.dropout(F.relu(self.fc7(values)), 0.5, self.training)
        heads = [self.code(values)] + ([self.label(values)] if self.label is not None else [])
        return torch.cat(heads, 1)


class NetworkInNetwork(nn.Module):
    """dnnh-nin224, Table 1 of DNNH's paper; with a full connection, dnnh-nin224-fc."""

    def __init__(self, bits, full_connection=False, shape=(3, 224, 224), widths=(96, 256, 384, 1024, 50)):
        super().__init__()
        self.bits, self.features, self.full_connection = bits, widths[4], full_connection
        inputs = shape[0]
        for number, (filters, size) in enumerate(zip(widths, [11, 5, 3, 3]), 1):
            first = number == 1
            convolution = nn.Conv2d(inputs, filters, size, stride=4 if first else 1, padding=0 if first else size // 2)
            inputs = self.features * bits if number == 4 else filters
            setattr(self, f"conv{number}", convolution)
            setattr(self, f"cccp{2 * number - 1}", nn.Conv2d(filters, inputs, 1))
        self.encode = nn.Linear(self.features * bits if full_connection else self.features, bits)

    def forward(self, images):
        values = images
        for number in [1, 2, 3, 4]:
            values = F.relu(getattr(self, f"conv{number}")(values))
            values = F.relu(getattr(self, f"cccp{2 * number - 1}")(values))
            if number < 4:
                values = ceil_pool(values, "max")
        values = values.mean((2, 3))
        if self.full_connection:
            return self.encode(values)
        return (values.view(-1, self.bits, self.features) * self.encode.weight).sum(2) + self.encode.bias
