"""
Writes a checkpoint's averaged weights as ONNX, batch normalisation folded in, and the package's model.json beside it.

    python3 tools/demo/training/export.py --run DIR/run --out modules/inference/models/demo-scenes
"""

import argparse
import hashlib
import json
import os

import torch

from network import HEIGHT, LABELS, WIDTH, Detector, Exported, fold

OPSET = 13
VERSION = "1.0.0"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    saved = torch.load(os.path.join(args.run, "last.pt"))
    detector = Detector().eval()
    detector.load_state_dict(saved["mean"])
    images = torch.rand(1, 3, HEIGHT, WIDTH)
    with torch.no_grad():
        boxes, logits = detector(images)
        model = Exported(fold(detector)).eval()
        drift = (model(images) - torch.cat([boxes, logits.sigmoid()], 1)).abs().max().item()
    assert drift < 0.05, f"folding changed the output by {drift}"
    os.makedirs(args.out, exist_ok=True)
    path = os.path.join(args.out, "model.onnx")
    torch.onnx.export(
        model, images, path + ".new", opset_version=OPSET, input_names=["images"], output_names=["output0"]
    )
    os.replace(path + ".new", path)
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    with open(os.path.join(args.out, "model.json"), "w") as file:
        json.dump(package(digest), file, indent=2)
        file.write("\n")
    print(f"{path}: {os.path.getsize(path)} bytes, sha256 {digest}, after {saved['state']}")


def package(digest):
    return {
        "name": "demo-scenes",
        "version": VERSION,
        "task": "detection",
        "sha256": digest,
        "licence": "MIT",
        "input": {
            "name": "images",
            "width": WIDTH,
            "height": HEIGHT,
            "layout": "nchw",
            "channels": "rgb",
            "scale": 1 / 255,
            "mean": [0, 0, 0],
            "std": [1, 1, 1],
            "resize": "letterbox",
            "anchor": "centre",
            "pad": 114,
        },
        "decoder": "yolov8",
        "labels": LABELS,
        "thresholds": {"score": 0.25, "nms": 0.5, "perLabel": {"face": 0.1, "plate": 0.1}},
    }


if __name__ == "__main__":
    main()
