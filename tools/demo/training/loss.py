"""Task-aligned assignment (TOOD, 2021), binary cross entropy for the classes, complete IoU for the boxes."""

import math

import torch
from torch.nn import functional as F

from network import LABELS

TOP = 9
# Faces and plates are what redaction needs.
CLASS_WEIGHT = torch.tensor([1.0, 3.0, 3.0, 1.0, 1.0])
BOX_GAIN = 5.0


def corners(boxes):
    cx, cy, w, h = boxes.unbind(-1)
    return torch.stack([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2], -1)


def overlap(a, b, complete=False):
    """IoU (or complete IoU) of boxes in corners, broadcast over the leading dimensions."""
    ax1, ay1, ax2, ay2 = a.unbind(-1)
    bx1, by1, bx2, by2 = b.unbind(-1)
    shared = (torch.minimum(ax2, bx2) - torch.maximum(ax1, bx1)).clamp(min=0) * (
        torch.minimum(ay2, by2) - torch.maximum(ay1, by1)
    ).clamp(min=0)
    aw, ah, bw, bh = ax2 - ax1, ay2 - ay1, bx2 - bx1, by2 - by1
    iou = shared / (aw * ah + bw * bh - shared + 1e-7)
    if not complete:
        return iou
    cw = torch.maximum(ax2, bx2) - torch.minimum(ax1, bx1)
    ch = torch.maximum(ay2, by2) - torch.minimum(ay1, by1)
    apart = ((ax1 + ax2 - bx1 - bx2) ** 2 + (ay1 + ay2 - by1 - by2) ** 2) / 4
    shape = (4 / math.pi**2) * (torch.atan(bw / (bh + 1e-7)) - torch.atan(aw / (ah + 1e-7))) ** 2
    with torch.no_grad():
        alpha = shape / (shape - iou + 1 + 1e-7)
    return iou - apart / (cw**2 + ch**2 + 1e-7) - alpha * shape


@torch.no_grad()
def assign(boxes, scores, targets, points, strides):
    """
    boxes [B, N, 4] corners, scores [B, N, C], targets [B, M, 6] -> wanted class scores [B, N, C], the index of each
    anchor's object [B, N], which anchors have one [B, N], and where the classes are not judged [B, N, C].
    """
    classes, truth, wanted = targets[..., 0], targets[..., 1:5], targets[..., 5] > 0.5
    centre = (truth[..., :2] + truth[..., 2:]) / 2
    reach = ((truth[..., 2:] - truth[..., :2]) / 2).unsqueeze(2)
    # An object smaller than a cell may hold no cell's centre: reach at least three quarters of a stride.
    reach = torch.maximum(reach, (strides * 0.75)[None, None, :, None])
    near = ((points[None, None] - centre.unsqueeze(2)).abs() < reach).all(-1)
    iou = overlap(truth.unsqueeze(2), boxes.unsqueeze(1)).clamp(min=0)
    mine = classes.clamp(min=0).long()
    score = scores.gather(2, mine.unsqueeze(1).expand(-1, scores.shape[1], -1)).transpose(1, 2)
    metric = (score.clamp(min=1e-6).sqrt() * iou.pow(4) + 1e-9) * (near & wanted.unsqueeze(-1))
    kept = metric.topk(TOP, -1)
    chosen = torch.zeros_like(metric).scatter_(-1, kept.indices, (kept.values > 0).float()) > 0
    # An anchor that several objects want goes to the one it overlaps most.
    claim = torch.where(chosen, iou + 1e-6, torch.zeros_like(iou))
    best, owner = claim.max(1)
    taken = best > 0
    chosen &= torch.zeros_like(chosen).scatter_(1, owner.unsqueeze(1), taken.unsqueeze(1))
    metric = metric * chosen
    top_metric = metric.amax(-1, keepdim=True)
    top_iou = (iou * chosen).amax(-1, keepdim=True)
    # The best anchor of an object is asked for its IoU, but for no less than 0.7: low thresholds must find everything.
    level = metric / (top_metric + 1e-12) * top_iou.clamp(min=0.7)
    level = level.gather(1, owner.unsqueeze(1)).squeeze(1) * taken
    label = mine.gather(1, owner)
    asked = torch.zeros_like(scores)
    asked.scatter_(2, label.unsqueeze(-1), level.unsqueeze(-1))
    ignored = (near & ((classes >= 0) & ~wanted).unsqueeze(-1)).float()
    judge = torch.einsum("bmn,bmc->bnc", ignored, F.one_hot(mine, len(LABELS)).float()) == 0
    judge |= asked > 0
    return asked, owner, taken, judge


def detection_loss(boxes, logits, targets, points, strides):
    """boxes [B, 4, N] and logits [B, C, N] as the network gives them."""
    found = corners(boxes.transpose(1, 2))
    logits = logits.transpose(1, 2)
    asked, owner, taken, judge = assign(found.detach(), logits.detach().sigmoid(), targets, points, strides)
    weight = CLASS_WEIGHT.to(logits)
    total = (asked * weight).sum().clamp(min=1)
    entropy = F.binary_cross_entropy_with_logits(logits, asked, reduction="none")
    class_loss = (entropy * judge * torch.where(asked > 0, weight, torch.ones_like(weight))).sum() / total
    truth = targets[..., 1:5].gather(1, owner.unsqueeze(-1).expand(-1, -1, 4))
    share = (asked * weight).sum(-1)[taken]
    box_loss = ((1 - overlap(found[taken], truth[taken], complete=True)) * share).sum() / total
    return class_loss + BOX_GAIN * box_loss, class_loss.detach(), box_loss.detach()
