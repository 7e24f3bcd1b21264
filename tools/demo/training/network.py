"""The demo detector: a small anchor-free, single-stage network with its decoding inside the graph."""

import torch
from torch import nn

LABELS = ["person", "face", "plate", "vehicle", "parcel"]
WIDTH, HEIGHT = 512, 288
STRIDES = (8, 16, 32)
# Box sides are predicted as exp(t) * stride * 2; the clamp keeps an untrained head from overflowing.
MAX_LOG_SIDE = 4.5


class Conv(nn.Module):
    def __init__(self, inputs, outputs, kernel=3, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.act(self.norm(self.conv(x)))


class Csp(nn.Module):
    """Half the channels pass through residual 3x3 pairs; every intermediate is kept and mixed at the end."""

    def __init__(self, inputs, outputs, repeats, residual=True):
        super().__init__()
        self.half = outputs // 2
        self.enter = Conv(inputs, outputs, 1)
        self.blocks = nn.ModuleList(
            nn.Sequential(Conv(self.half, self.half), Conv(self.half, self.half)) for _ in range(repeats)
        )
        self.leave = Conv(outputs + repeats * self.half, outputs, 1)
        self.residual = residual

    def forward(self, x):
        parts = list(self.enter(x).split(self.half, 1))
        for block in self.blocks:
            parts.append(parts[-1] + block(parts[-1]) if self.residual else block(parts[-1]))
        return self.leave(torch.cat(parts, 1))


class Pool(nn.Module):
    """Spatial pyramid: three pooled views of the same map, so that the coarsest level sees a whole truck."""

    def __init__(self, channels):
        super().__init__()
        self.enter = Conv(channels, channels // 2, 1)
        self.pool = nn.MaxPool2d(5, 1, 2)
        self.leave = Conv(channels * 2, channels, 1)

    def forward(self, x):
        parts = [self.enter(x)]
        for _ in range(3):
            parts.append(self.pool(parts[-1]))
        return self.leave(torch.cat(parts, 1))


class Head(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.box = nn.Sequential(Conv(channels, hidden), nn.Conv2d(hidden, 4, 1))
        self.score = nn.Sequential(Conv(channels, hidden), nn.Conv2d(hidden, len(LABELS), 1))
        nn.init.constant_(self.score[-1].bias, -4.6)
        nn.init.zeros_(self.box[-1].bias)

    def forward(self, x):
        return torch.cat([self.box(x), self.score(x)], 1)


class Detector(nn.Module):
    def __init__(self, c=(16, 32, 48, 64, 80), neck=(48, 48, 56), hidden=(48, 40, 32)):
        super().__init__()
        self.stem = Conv(3, c[0], 3, 2)
        self.stage2 = nn.Sequential(Conv(c[0], c[1], 3, 2), Csp(c[1], c[1], 1))
        self.stage3 = nn.Sequential(Conv(c[1], c[2], 3, 2), Csp(c[2], c[2], 2))
        self.stage4 = nn.Sequential(Conv(c[2], c[3], 3, 2), Csp(c[3], c[3], 2))
        self.stage5 = nn.Sequential(Conv(c[3], c[4], 3, 2), Csp(c[4], c[4], 1), Pool(c[4]))
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.top4 = Csp(c[4] + c[3], neck[1], 1, False)
        self.top3 = Csp(neck[1] + c[2], neck[0], 1, False)
        self.down4 = Conv(neck[0], neck[0], 3, 2)
        self.out4 = Csp(neck[0] + neck[1], neck[1], 1, False)
        self.down5 = Conv(neck[1], neck[1], 3, 2)
        self.out5 = Csp(neck[1] + c[4], neck[2], 1, False)
        self.heads = nn.ModuleList(Head(n, h) for n, h in zip(neck, hidden))
        points, strides = [], []
        for stride in STRIDES:
            ys, xs = torch.meshgrid(
                torch.arange(HEIGHT // stride), torch.arange(WIDTH // stride), indexing="ij"
            )
            points.append(torch.stack([xs, ys], 0).reshape(2, -1).float().add(0.5).mul(stride))
            strides.append(torch.full((1, xs.numel()), float(stride)))
        self.register_buffer("points", torch.cat(points, 1), persistent=False)
        self.register_buffer("strides", torch.cat(strides, 1), persistent=False)

    def forward(self, x):
        """Returns boxes as [B, 4, N] (cx, cy, w, h in input pixels) and class logits as [B, C, N]."""
        p3 = self.stage3(self.stage2(self.stem(x)))
        p4 = self.stage4(p3)
        p5 = self.stage5(p4)
        t4 = self.top4(torch.cat([self.up(p5), p4], 1))
        t3 = self.top3(torch.cat([self.up(t4), p3], 1))
        o4 = self.out4(torch.cat([self.down4(t3), t4], 1))
        o5 = self.out5(torch.cat([self.down5(o4), p5], 1))
        raw = torch.cat([head(o).flatten(2) for head, o in zip(self.heads, (t3, o4, o5))], 2).float()
        centre = self.points + raw[:, 0:2] * self.strides
        side = raw[:, 2:4].clamp(-MAX_LOG_SIDE, MAX_LOG_SIDE).exp() * self.strides * 2
        return torch.cat([centre, side], 1), raw[:, 4:]


class Exported(nn.Module):
    """One output, `output0` [1, 4 + classes, N]: the layout of a YOLOv8 head."""

    def __init__(self, detector):
        super().__init__()
        self.detector = detector

    def forward(self, images):
        boxes, logits = self.detector(images)
        return torch.cat([boxes, logits.sigmoid()], 1)


def fold(module):
    """Folds every batch normalisation into the convolution before it (in place)."""
    for child in module.modules():
        if isinstance(child, Conv) and isinstance(child.norm, nn.BatchNorm2d):
            child.conv = nn.utils.fuse_conv_bn_eval(child.conv.eval(), child.norm.eval())
            child.norm = nn.Identity()
    return module
