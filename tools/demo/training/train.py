"""
Trains the demo detector on the CPU.

    python3 tools/demo/training/train.py --data DIR/train --val DIR/val --out DIR/run --minutes 55

The learning rate follows a cosine over the minutes given, so that the run ends when it should on any machine. A checkpoint
is written after each epoch; started again with the same --out, the run goes on where it stopped.
"""

import argparse
import copy
import math
import os
import time

import numpy as np
import torch

from dataset import Dataset, pad
from loss import detection_loss
from metrics import evaluate
from network import Detector

PEAK, FLOOR, WARM_UP = 2.5e-3, 1.5e-5, 300


def main():
    args = parse()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    train = Dataset(args.data)
    val = Dataset(args.val)
    model = Detector().to(memory_format=torch.channels_last)
    mean = copy.deepcopy(model).eval()
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.02}, {"params": plain, "weight_decay": 0.0}], lr=PEAK, betas=(0.9, 0.99)
    )
    state = {"spent": 0.0, "step": 0, "epoch": 0}
    os.makedirs(args.out, exist_ok=True)
    path = os.path.join(args.out, "last.pt")
    if os.path.exists(path):
        saved = torch.load(path)
        model.load_state_dict(saved["model"])
        mean.load_state_dict(saved["mean"])
        optimiser.load_state_dict(saved["optimiser"])
        state = saved["state"]
    print(f"{len(train)} scenes, {sum(p.numel() for p in model.parameters())} parameters", flush=True)
    budget = args.minutes * 60
    points, strides = model.points.t(), model.strides[0]
    while state["spent"] < budget:
        rng = np.random.default_rng([args.seed, state["epoch"]])
        order = rng.permutation(len(train))
        sums, batches, began = np.zeros(3), 0, time.time()
        for first in range(0, len(order) - args.batch + 1, args.batch):
            start = time.time()
            progress = min(1.0, state["spent"] / budget)
            rate = FLOOR + (PEAK - FLOOR) * (1 + math.cos(math.pi * progress)) / 2
            rate *= min(1.0, (state["step"] + 1) / WARM_UP)
            for group in optimiser.param_groups:
                group["lr"] = rate
            # The last tenth of the time is spent on pictures as they are.
            images, objects = train.batch(order[first : first + args.batch], progress < 0.9, rng)
            images = images.contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                boxes, logits = model(images)
            loss, class_loss, box_loss = detection_loss(boxes.float(), logits.float(), pad(objects), points, strides)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
            optimiser.step()
            state["step"] += 1
            keep = min(0.998, state["step"] / (state["step"] + 200))
            with torch.no_grad():
                for a, b in zip(mean.state_dict().values(), model.state_dict().values()):
                    if a.dtype.is_floating_point:
                        a.lerp_(b, 1 - keep)
                    else:
                        a.copy_(b)
            sums += [loss.item(), class_loss.item(), box_loss.item()]
            batches += 1
            state["spent"] += time.time() - start
            if state["spent"] >= budget:
                break
        state["epoch"] += 1
        torch.save(
            {"model": model.state_dict(), "mean": mean.state_dict(), "optimiser": optimiser.state_dict(), "state": state},
            path + ".new",
        )
        os.replace(path + ".new", path)
        line = " ".join(f"{x:.3f}" for x in sums / max(1, batches))
        print(f"epoch {state['epoch']} {state['spent'] / 60:.1f} min loss {line} ({time.time() - began:.0f} s)", flush=True)
        if state["epoch"] % args.every == 0 or state["spent"] >= budget:
            print(evaluate(mean, val), flush=True)


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--val", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--minutes", type=float, default=55)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--every", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


if __name__ == "__main__":
    main()
