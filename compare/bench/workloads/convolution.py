"""Convolutions, upsampling, padding, pooling and norms, forward and backward."""

from .spec import Workload, forward_backward


def _workload(label: str, make_module, *shape: int) -> Workload:
    size = "x".join(map(str, shape))
    return Workload(f"{label}, {size}, float32", forward_backward(make_module, *shape))


WORKLOADS = [
    _workload(
        "Conv2d 16->16, 3x3", lambda t: t.nn.Conv2d(16, 16, 3, padding=1), 8, 16, 16, 16
    ),
    _workload(
        "Conv2d 16->16, 3x3",
        lambda t: t.nn.Conv2d(16, 16, 3, padding=1),
        *(64, 16, 16, 16),
    ),
    _workload(
        "Conv2d 64->64, 3x3",
        lambda t: t.nn.Conv2d(64, 64, 3, padding=1),
        *(16, 64, 56, 56),
    ),
    _workload(
        "Conv2d 64->64, 3x3, stride 2",
        lambda t: t.nn.Conv2d(64, 64, 3, stride=2, padding=1),
        *(16, 64, 56, 56),
    ),
    _workload("Conv2d 64->64, 1x1", lambda t: t.nn.Conv2d(64, 64, 1), 16, 64, 28, 28),
    _workload(
        "Conv2d 64->64, 3x3, depthwise",
        lambda t: t.nn.Conv2d(64, 64, 3, padding=1, groups=64),
        *(8, 64, 32, 32),
    ),
    _workload(
        "Conv1d 32->64, 5", lambda t: t.nn.Conv1d(32, 64, 5, padding=2), 16, 32, 256
    ),
    _workload(
        "Conv3d 16->16, 3x3x3",
        lambda t: t.nn.Conv3d(16, 16, 3, padding=1),
        *(2, 16, 16, 16, 16),
    ),
    _workload(
        "ConvTranspose2d 64->32, 4x4, stride 2",
        lambda t: t.nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1),
        *(16, 64, 16, 16),
    ),
    _workload(
        "Upsample bilinear x2",
        lambda t: t.nn.Upsample(scale_factor=2, mode="bilinear"),
        *(16, 32, 32, 32),
    ),
    _workload("ReflectionPad2d 1", lambda t: t.nn.ReflectionPad2d(1), 16, 32, 32, 32),
    _workload("MaxPool2d 2x2", lambda t: t.nn.MaxPool2d(2), 16, 32, 32, 32),
    _workload("AvgPool2d 2x2", lambda t: t.nn.AvgPool2d(2), 16, 32, 32, 32),
    _workload("MaxPool3d 2x2x2", lambda t: t.nn.MaxPool3d(2), 4, 16, 16, 32, 32),
    _workload("AvgPool3d 2x2x2", lambda t: t.nn.AvgPool3d(2), 4, 16, 16, 32, 32),
    _workload(
        "AdaptiveMaxPool2d 1x1", lambda t: t.nn.AdaptiveMaxPool2d(1), 16, 64, 28, 28
    ),
    _workload("LPPool2d 2, 2x2", lambda t: t.nn.LPPool2d(2, 2), 16, 32, 32, 32),
    _workload("InstanceNorm2d 32", lambda t: t.nn.InstanceNorm2d(32), 16, 32, 32, 32),
    _workload(
        "LocalResponseNorm 5", lambda t: t.nn.LocalResponseNorm(5), 16, 32, 32, 32
    ),
    _workload("BatchNorm2d 32", lambda t: t.nn.BatchNorm2d(32), 16, 32, 32, 32),
    _workload("LayerNorm 256", lambda t: t.nn.LayerNorm(256), 1024, 256),
]
