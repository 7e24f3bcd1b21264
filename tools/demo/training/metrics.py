"""mAP50 and recall on a held-out set, to watch a run by. The figures of the model card come from evaluate.ts."""

import numpy as np
import torch

from loss import corners, overlap
from network import LABELS

RECALL_AT = 0.1


def suppress(boxes, scores, limit=0.5):
    keep, order = [], scores.argsort(descending=True)[:300]
    while len(order):
        keep.append(order[0].item())
        if len(order) == 1:
            break
        order = order[1:][overlap(boxes[order[0]], boxes[order[1:]]) <= limit]
    return keep


def evaluate(model, data, batch=32):
    found = [[] for _ in LABELS]
    wanted = np.zeros(len(LABELS), int)
    caught = np.zeros(len(LABELS), int)
    for first in range(0, len(data), batch):
        indices = range(first, min(len(data), first + batch))
        images, objects = data.batch(indices, False, None)
        with torch.no_grad():
            boxes, logits = model(images)
        boxes, scores = corners(boxes.transpose(1, 2)), logits.sigmoid().transpose(1, 2)
        for i, rows in enumerate(objects):
            for c in range(len(LABELS)):
                mine = torch.from_numpy(rows[rows[:, 0] == c])
                wanted[c] += int((mine[:, 5] > 0).sum())
                likely = scores[i, :, c] > 0.01
                b, s = boxes[i][likely], scores[i, :, c][likely]
                used = set()
                for k in suppress(b, s):
                    iou = overlap(mine[:, 1:5], b[k])
                    order = [j for j in iou.argsort(descending=True).tolist() if iou[j] >= 0.5 and j not in used]
                    order.sort(key=lambda j: -float(mine[j, 5]))
                    if order:
                        used.add(order[0])
                        if mine[order[0], 5] > 0:
                            found[c].append((s[k].item(), 1))
                            caught[c] += int(s[k] >= RECALL_AT)
                    else:
                        found[c].append((s[k].item(), 0))
    parts, mean = [], []
    for c, label in enumerate(LABELS):
        hits = np.array([hit for _, hit in sorted(found[c], reverse=True)] or [0])
        recall = np.cumsum(hits) / max(1, wanted[c])
        precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
        precision = np.maximum.accumulate(precision[::-1])[::-1]
        ap = float(np.sum(np.diff(np.concatenate([[0], recall])) * precision))
        mean.append(ap)
        parts.append(f"{label} {ap:.3f} r{caught[c] / max(1, wanted[c]):.3f}")
    return f"val mAP50 {np.mean(mean):.4f}: " + ", ".join(parts)
