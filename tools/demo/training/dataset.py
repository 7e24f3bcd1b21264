"""Reads what make-dataset.ts wrote, and augments whole batches."""

import glob
import json

import numpy as np
import torch
from torch.nn import functional as F

from network import HEIGHT, LABELS, WIDTH

# Less visible objects are neither asked for nor held against the detector.
LEAST_VISIBLE = {"person": 0.25, "face": 0.4, "plate": 0.45, "vehicle": 0.2, "parcel": 0.3}
# The smallest side, in input pixels, that is still asked for after zooming out.
LEAST_SIDE = {"person": 7, "face": 7, "plate": 4, "vehicle": 7, "parcel": 5}
GREY = 114 / 255
# What the redact module hides by default, and how large its smallest cell and margin are in input pixels.
HIDDEN = [LABELS.index(label) for label in ("face", "plate")]
LEAST_CELL, LEAST_MARGIN = 9.6, 1.6


class Dataset:
    """`objects[i]` is an array of rows (class, x1, y1, x2, y2, wanted), in input pixels; wanted 0 means: ignore."""

    def __init__(self, prefix):
        self.images, self.objects = [], []
        for path in sorted(glob.glob(prefix + ".*.rgb")):
            pixels = np.memmap(path, np.uint8, "r").reshape(-1, HEIGHT, WIDTH, 3)
            with open(path[:-3] + "json") as file:
                entries = json.load(file)
            for i, entry in enumerate(entries):
                rows = []
                for thing in entry["objects"]:
                    label, (x, y, w, h) = thing["label"], thing["box"]
                    wanted = (
                        thing["visible"] >= LEAST_VISIBLE[label]
                        and w >= LEAST_SIDE[label]
                        and h >= LEAST_SIDE[label]
                    )
                    rows.append([LABELS.index(label), x, y, x + w, y + h, float(wanted)])
                self.images.append(pixels[i])
                self.objects.append(np.array(rows, np.float32).reshape(-1, 6))

    def __len__(self):
        return len(self.images)

    def batch(self, indices, augment, rng):
        pixels = np.stack([self.images[i] for i in indices])
        objects = [self.objects[i] for i in indices]
        if rng is not None:
            objects = [hide(image, rows, rng) for image, rows in zip(pixels, objects)]
        images = torch.from_numpy(pixels).permute(0, 3, 1, 2).float().div_(255)
        if augment:
            images, objects = zoom(images, objects, rng)
            images = tint(images, rng)
        return images, objects


def hide(image, rows, rng):
    """Masks faces and plates of a quarter of the pictures as the redact module does: what is hidden is no face or plate any more."""
    if rng.random() < 0.75:
        return rows
    share, method = rng.choice([0.5, 1.0]), rng.choice(["pixelate", "blur", "solid"], p=[0.6, 0.25, 0.15])
    hidden = np.isin(rows[:, 0], HIDDEN) & (rng.random(len(rows)) < share)
    for _, x1, y1, x2, y2, _ in rows[hidden]:
        grow = rng.uniform(0.1, 0.25)
        dx, dy = max((x2 - x1) * grow, LEAST_MARGIN), max((y2 - y1) * grow, LEAST_MARGIN)
        left, right = max(0, int(x1 - dx)), min(WIDTH, int(np.ceil(x2 + dx)))
        top, bottom = max(0, int(y1 - dy)), min(HEIGHT, int(np.ceil(y2 + dy)))
        if right - left > 1 and bottom - top > 1:
            side = min(x2 - x1, y2 - y1) / (1 if x2 - x1 > 1.5 * (y2 - y1) else 4)
            mask(image[top:bottom, left:right], max(LEAST_CELL, side), method)
    return rows[~hidden]


def mask(area, cell, method):
    """Destroys an area of a picture, [H, W, 3], in place."""
    if method == "solid":
        area[:] = 0
        return
    height, width, _ = area.shape
    pixels = torch.from_numpy(area.astype(np.float32)).permute(2, 0, 1)[None]
    cells = F.adaptive_avg_pool2d(pixels, (max(1, round(height / cell)), max(1, round(width / cell))))
    if method == "blur":
        cells = F.avg_pool2d(F.pad(cells, (1, 1, 1, 1), mode="replicate"), 3, 1)
        shown = F.interpolate(cells, (height, width), mode="bilinear", align_corners=False)
    else:
        shown = F.interpolate(cells, (height, width), mode="nearest")
    area[:] = shown[0].permute(1, 2, 0).round().byte().numpy()


def zoom(images, objects, rng):
    """Mirrors half of the pictures, and scales and shifts most of them; the boxes follow."""
    theta = np.zeros((len(objects), 2, 3), np.float32)
    moved = []
    for i, rows in enumerate(objects):
        scale, dx, dy = 1.0, 0.0, 0.0
        if rng.random() < 0.7:
            scale = float(np.exp(rng.uniform(np.log(0.75), np.log(1.5))))
            reach = abs(scale - 1) + 0.06
            dx, dy = rng.uniform(-reach, reach), rng.uniform(-reach, reach)
        flip = -1.0 if rng.random() < 0.5 else 1.0
        # A point p of the output, in [-1, 1], shows the input at (p - d) / scale, mirrored by flip.
        theta[i] = [[flip / scale, 0, -flip * dx / scale], [0, 1 / scale, -dy / scale]]
        out = rows.copy()
        unit_x = rows[:, [1, 3]] / WIDTH * 2 - 1
        unit_y = rows[:, [2, 4]] / HEIGHT * 2 - 1
        x = (np.sort(unit_x * flip, 1) * scale + dx + 1) / 2 * WIDTH
        y = (unit_y * scale + dy + 1) / 2 * HEIGHT
        area = np.maximum((x[:, 1] - x[:, 0]) * (y[:, 1] - y[:, 0]), 1e-6)
        x, y = np.clip(x, 0, WIDTH), np.clip(y, 0, HEIGHT)
        w, h = x[:, 1] - x[:, 0], y[:, 1] - y[:, 0]
        out[:, 1], out[:, 3], out[:, 2], out[:, 4] = x[:, 0], x[:, 1], y[:, 0], y[:, 1]
        left = w * h / area
        for j, label in enumerate(LABELS):
            mine = rows[:, 0] == j
            small = (w < LEAST_SIDE[label]) | (h < LEAST_SIDE[label]) | (left < LEAST_VISIBLE[label])
            out[mine & small, 5] = 0
        moved.append(out[(w > 1) & (h > 1)])
    grid = F.affine_grid(torch.from_numpy(theta), list(images.shape), align_corners=False)
    images = F.grid_sample(images - GREY, grid, mode="bilinear", padding_mode="zeros", align_corners=False) + GREY
    return images, moved


def tint(images, rng):
    count = images.shape[0]
    gain = np.exp(rng.normal(0, 0.18, (count, 1, 1, 1)) + rng.normal(0, 0.05, (count, 3, 1, 1)))
    contrast = np.exp(rng.normal(0, 0.12, (count, 1, 1, 1)))
    images = images * torch.from_numpy(gain.astype(np.float32))
    return ((images - 0.4) * torch.from_numpy(contrast.astype(np.float32)) + 0.4).clamp_(0, 1)


def pad(objects):
    """Stacks the rows of a batch to [B, M, 6]; missing rows have class -1."""
    most = max(1, max(len(rows) for rows in objects))
    out = np.full((len(objects), most, 6), -1, np.float32)
    for i, rows in enumerate(objects):
        out[i, : len(rows)] = rows
    return torch.from_numpy(out)
