import { columns, type FamilyCase, rows, withScore } from './family-case.ts';

const PRIORS_160 = 20 * 15 * 3 + 10 * 7 * 2 + 5 * 3 * 2 + 2 * 1 * 3;

/** Models that look like those of another family, and must not be taken for them. */
export const LOOK_ALIKE_CASES: readonly FamilyCase[] = [
  {
    what: 'YOLOv4 of PyTorch, three boxes a cell beside as many scores as YOLOv5 has rows',
    decoder: 'dense-boxes',
    input: { name: 'input', dims: [1, 3, 320, 320] },
    outputs: [
      rows('boxes', [1, 6300, 1, 4], { 7: [0.25, 0.25, 0.5, 0.75] }),
      rows('confs', [1, 6300, 80], { 7: withScore([], 80, { 2: 0.9 }) }),
    ],
    found: [{ label: 'car', score: 0.9, box: [80, 80, 80, 160] }],
  },
  {
    what: 'YOLOv4 of the model zoo, maps with channels last',
    decoder: 'yolov4-maps',
    input: { name: 'input_1:0', dims: [1, 320, 320, 3] },
    outputs: [
      rows('Identity:0', [1, 40, 40, 3, 85], {}),
      // Stride 16, row 3, column 4, the second anchor.
      rows('Identity_1:0', [1, 20, 20, 3, 85], { [(3 * 20 + 4) * 3 + 1]: withScore([0, 0, 0, 0, 0.9], 80, { 2: 1 }) }),
      rows('Identity_2:0', [1, 10, 10, 3, 85], {}),
    ],
    found: [{ label: 'car', score: 0.9, box: [34, 28.5, 76, 55] }],
  },
  {
    what: 'maps of three anchors with 255 channels, not 191 classes of YOLOv8',
    decoder: 'yolov5-maps',
    input: { name: 'images', dims: [1, 3, 320, 320] },
    outputs: [40, 20, 10].map((side) => rows(`map${side}`, [1, 255, side, side], {}, { fill: -9 })),
    found: [],
  },
  {
    what: 'YOLOv9 with its auxiliary branch',
    decoder: 'yolov8',
    input: { name: 'images', dims: [1, 3, 320, 320] },
    outputs: ['output0', 'output1'].map((name) =>
      columns(name, [1, 84, 2100], { 5: withScore([100, 100, 40, 20], 80, { 2: 0.9 }) }),
    ),
    found: [{ label: 'car', score: 0.9, box: [80, 90, 40, 20] }],
  },
  {
    what: 'YOLO-NAS with NMS, the score before the class',
    decoder: 'yolov7-nms',
    input: { name: 'input', dims: [1, 3, 320, 320] },
    outputs: [rows('graph2_flat_predictions', [2, 7], { 0: [0, 10, 20, 110, 220, 0.9, 2] })],
    found: [{ label: 'car', score: 0.9, box: [10, 20, 100, 200] }],
  },
  {
    what: 'EfficientNMS under the names of TensorFlow',
    decoder: 'efficient-nms',
    input: { name: 'images', dims: [1, 3, 320, 320] },
    outputs: [
      rows('num_detections', [1, 1], { 0: [1] }, { type: 'int32' }),
      rows('detection_boxes', [1, 100, 4], { 0: [10, 20, 110, 220] }),
      rows('detection_scores', [1, 100], { 0: [0.9] }),
      rows('detection_classes', [1, 100], { 0: [2] }, { type: 'int32' }),
    ],
    found: [{ label: 'car', score: 0.9, box: [10, 20, 100, 200] }],
  },
  {
    what: 'torchvision, whose labels count from 1',
    decoder: 'torchvision',
    input: { name: 'images', dims: [1, 3, 320, 320] },
    outputs: [
      rows('boxes', [2, 4], { 0: [10, 20, 110, 220], 1: [200, 200, 300, 250] }),
      rows('labels', [2], { 0: [3, 1] }, { type: 'int64' }),
      rows('scores', [2], { 0: [0.9, 0.6] }),
    ],
    found: [
      { label: 'car', score: 0.9, box: [10, 20, 100, 200] },
      { label: 'person', score: 0.6, box: [200, 200, 100, 50] },
    ],
  },
  {
    what: 'YuNet of 2022, with the outputs of LPD-YuNet',
    decoder: 'yunet-2022',
    input: { name: 'input', dims: [1, 3, 120, 160] },
    outputs: [
      // The first prior of row 2, column 3: middle 28, 20, side 10.
      rows('loc', [PRIORS_160, 14], { [(2 * 20 + 3) * 3]: [1, 2, 5 * Math.log(2), 5 * Math.log(3)] }),
      rows('conf', [PRIORS_160, 2], { [(2 * 20 + 3) * 3]: [0.1, 0.9] }),
      rows('iou', [PRIORS_160, 1], { [(2 * 20 + 3) * 3]: [0.9] }),
    ],
    found: [{ label: 'face', score: 0.9, box: [19, 7, 20, 30] }],
  },
  {
    what: 'a classifier that gives the number of the best class beside the scores',
    decoder: 'classification',
    input: { name: 'x', dims: [1, 3, 224, 224] },
    outputs: [
      rows('label', [1], { 0: [1] }, { type: 'int64' }),
      rows('probabilities', [1, 3], { 0: [0.1, 0.85, 0.05] }),
    ],
    found: [{ label: 'class1', score: 0.85, box: [0, 0, 224, 224] }],
  },
  {
    what: 'a classifier with a softmax in bytes',
    decoder: 'classification',
    input: { name: 'x', dims: [1, 224, 224, 3], type: 'uint8' },
    outputs: [rows('y', [1, 3], { 0: [32, 192, 32] })],
    found: [{ label: 'class1', score: 0.75, box: [0, 0, 224, 224] }],
  },
  {
    what: 'DETR of Hugging Face with the mask and the hidden states',
    decoder: 'detr-softmax',
    input: { name: 'pixel_values', dims: [1, 3, 320, 320] },
    others: [{ name: 'pixel_mask', type: 'int64', dims: [1, 64, 64] }],
    outputs: [
      rows('logits', [1, 100, 92], { 3: withScore([], 92, { 3: 30 }) }),
      rows('pred_boxes', [1, 100, 4], { 3: [0.5, 0.5, 0.25, 0.5] }),
      rows('last_hidden_state', [1, 100, 256], {}),
      rows('encoder_last_hidden_state', [1, 100, 256], {}),
    ],
    found: [{ label: 'car', score: 1, box: [120, 80, 80, 160] }],
  },
];
