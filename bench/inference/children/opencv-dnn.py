"""OpenCV's DNN module with the same files: decode of the next picture in a thread of its own, run, non-maximum suppression."""

import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor

try:
    import cv2
    import numpy as np
except ImportError as error:
    print(json.dumps({"skipped": f"python3 has no OpenCV: {error}"}))
    sys.exit(0)

with open(sys.argv[1], encoding="utf-8") as file:
    task = json.load(file)
model = task["model"]
entry = model["input"]
width, height = entry["width"], entry["height"]
score_floor = model["thresholds"]["score"]
overlap = model["thresholds"]["nms"]
if task["threads"]:
    cv2.setNumThreads(task["threads"])

def reason(error):
    return " ".join(str(error).split())[-160:]


try:
    net = cv2.dnn.readNetFromONNX(task["modelFile"])
except cv2.error as error:
    print(json.dumps({"skipped": f"OpenCV {cv2.__version__} cannot load it: {reason(error)}"}))
    sys.exit(0)
outputs = net.getUnconnectedOutLayersNames()

# The largest shrink in the JPEG decoder that leaves no less than the content.
scale = min(width / 1920, height / 1080) if entry["resize"] == "letterbox" else max(width / 1920, height / 1080)
flag = cv2.IMREAD_REDUCED_COLOR_4 if scale <= 1 / 4 else cv2.IMREAD_REDUCED_COLOR_2 if scale <= 1 / 2 else cv2.IMREAD_COLOR


def decode(index):
    with open(task["pictures"][index % len(task["pictures"])], "rb") as file:
        picture = cv2.imdecode(np.frombuffer(file.read(), np.uint8), flag)
    if entry["resize"] == "stretch":
        return cv2.resize(picture, (width, height))
    inner = (round(1920 * scale), round(1080 * scale))
    x, y = ((width - inner[0]) // 2, (height - inner[1]) // 2) if entry["anchor"] == "centre" else (0, 0)
    canvas = np.full((height, width, 3), entry["pad"], np.uint8)
    canvas[y : y + inner[1], x : x + inner[0]] = cv2.resize(picture, inner)
    return canvas


def grid(stride):
    rows, columns = np.mgrid[0 : height // stride, 0 : width // stride]
    return np.stack([columns.ravel(), rows.ravel()], 1).astype(np.float32)


GRIDS = {stride: grid(stride) for stride in (8, 16, 32)}


def yunet(results):
    named = dict(zip(outputs, results))
    boxes, scores = [], []
    for stride, cells in GRIDS.items():
        score = np.sqrt(np.clip(named[f"cls_{stride}"].ravel() * named[f"obj_{stride}"].ravel(), 0, 1))
        keep = score >= score_floor
        box = named[f"bbox_{stride}"].reshape(-1, 4)[keep]
        centre = (cells[keep] + box[:, :2]) * stride
        size = np.exp(box[:, 2:]) * stride
        boxes.append(np.concatenate([centre - size / 2, size], 1))
        scores.append(score[keep])
    return np.concatenate(boxes), np.concatenate(scores), None


def yolox(results):
    rows = results[0].reshape(-1, results[0].shape[-1])
    cells = np.concatenate(list(GRIDS.values()))
    strides = np.concatenate([np.full(len(each), stride, np.float32) for stride, each in GRIDS.items()])[:, None]
    scores = rows[:, 4:5] * rows[:, 5:]
    label = scores.argmax(1)
    score = scores[np.arange(len(rows)), label]
    keep = score >= score_floor
    centre = (rows[keep, :2] + cells[keep]) * strides[keep]
    size = np.exp(rows[keep, 2:4]) * strides[keep]
    return np.concatenate([centre - size / 2, size], 1), score[keep], label[keep]


def find(results):
    if model["decoder"] == "classification":
        scores = next(each for each in results if each.size == len(model["labels"])).ravel()
        return int((scores >= score_floor).sum())
    boxes, scores, labels = (yunet if model["decoder"] == "yunet" else yolox)(results)
    if len(boxes) == 0:
        return 0
    if labels is not None:
        # Boxes of different labels do not suppress each other.
        boxes = boxes + np.concatenate([labels[:, None] * 4096, labels[:, None] * 0, labels[:, None] * 0, labels[:, None] * 0], 1)
    return len(cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), score_floor, overlap))


def run(picture):
    net.setInput(
        cv2.dnn.blobFromImage(
            picture,
            scalefactor=entry["scale"] / entry["std"][0],
            mean=[each / entry["scale"] for each in entry["mean"]],
            swapRB=entry["channels"] == "rgb",
        )
    )
    return find(net.forward(outputs))


def main():
    found = done = index = 0
    with ThreadPoolExecutor(1) as decoder:
        upcoming = decoder.submit(decode, 0)
        begun = None
        while True:
            if begun is None and index == task["warmUp"]:
                begun, first, cpu = time.perf_counter(), index, time.process_time()
            if begun is not None and (time.perf_counter() - begun) * 1000 >= task["measureMs"]:
                break
            picture = upcoming.result()
            index += 1
            upcoming = decoder.submit(decode, index)
            found += run(picture)
            done += 1
        seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    times = []
    for single in range(task["singles"]):
        start = time.perf_counter()
        run(decode(single))
        times.append(time.perf_counter() - start)
    answer = {
        "framesPerSecond": (index - first) / seconds,
        "cpuMs": cpu * 1000 / (index - first),
        "found": found / done,
        "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    if times:
        answer["latencyMs"] = float(np.median(times)) * 1000
    print(json.dumps(answer))


try:
    main()
except cv2.error as error:
    print(json.dumps({"skipped": f"OpenCV {cv2.__version__} cannot run it: {reason(error)}"}))
