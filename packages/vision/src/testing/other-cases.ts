import { columns, type FamilyCase, rows, withScore } from './family-case.ts';

const logit = (share: number): number => Math.log(share / (1 - share));
const YUNET = [8, 16, 32].flatMap((stride) => {
  const cells = (320 / stride) ** 2;
  // Stride 16, column 3, row 2, 20 columns.
  const set = (values: readonly number[]): Readonly<Record<number, readonly number[]>> =>
    stride === 16 ? { 43: values } : {};
  return [
    rows(`cls_${stride}`, [1, cells, 1], set([0.9])),
    rows(`obj_${stride}`, [1, cells, 1], set([0.9])),
    rows(`bbox_${stride}`, [1, cells, 4], set([0.5, 0.5, Math.log(2), Math.log(3)])),
    rows(`kps_${stride}`, [1, cells, 10], {}),
  ];
});

export const FACE_AND_PLATE_CASES: readonly FamilyCase[] = [
  {
    what: 'UltraFace',
    decoder: 'ultraface',
    input: { name: 'input', dims: [1, 3, 240, 320] },
    outputs: [
      rows('scores', [1, 4420, 2], { 10: [0.1, 0.9], 11: [0.15, 0.85] }),
      rows('boxes', [1, 4420, 4], { 10: [0.25, 0.25, 0.5, 0.75], 11: [0.25, 0.25, 0.5, 0.74] }),
    ],
    found: [{ label: 'face', score: 0.9, box: [80, 60, 80, 120] }],
  },
  {
    what: 'UltraFace as offsets from priors',
    decoder: 'ultraface-raw',
    input: { name: 'input', dims: [1, 3, 240, 320] },
    outputs: [
      rows('scores', [1, 4420, 2], { 4419: [0.1, 0.9], 0: [0.2, 0.8] }),
      // The last prior: column 4 of 5, row 3 of 4, 256 wide and as high as the input: centre 288, 210. The first: stride 8, size 10: centre 4, 4.
      rows('boxes', [1, 4420, 4], { 4419: [-5, -5, 5 * Math.log(0.5), 5 * Math.log(0.25)], 0: [4, 4, 0, 0] }),
    ],
    found: [
      { label: 'face', score: 0.9, box: [160 - 64, 90 - 30, 128, 60] },
      { label: 'face', score: 0.8, box: [3, 3, 10, 10] },
    ],
  },
  {
    what: 'YuNet',
    decoder: 'yunet',
    input: { name: 'input', dims: [1, 3, 320, 320] },
    outputs: YUNET,
    found: [{ label: 'face', score: 0.9, box: [56 - 16, 40 - 24, 32, 48] }],
  },
  {
    what: 'YuNet with names that say nothing',
    decoder: 'yunet',
    input: { dims: [1, 3, 320, 320] },
    outputs: YUNET.map((output, index) => ({ ...output, name: `t${(index * 7) % 12}` })),
    found: [{ label: 'face', score: 0.9, box: [56 - 16, 40 - 24, 32, 48] }],
  },
  {
    what: 'SCRFD',
    decoder: 'scrfd',
    input: { name: 'input.1', dims: [1, 3, 320, 320] },
    outputs: [1, 4, 10].flatMap((width, kind) =>
      [8, 16, 32].map((stride, index) => {
        const anchors = 2 * (320 / stride) ** 2;
        // Stride 16, column 3, row 2, second anchor: 48, 32. Distances 1, 2, 3, 4.
        const values = width === 1 ? [0.9] : width === 4 ? [1, 2, 3, 4] : [];
        return rows(`out${kind * 3 + index}`, [1, anchors, width], stride === 16 ? { 87: values } : {});
      }),
    ),
    found: [{ label: 'face', score: 0.9, box: [32, 0, 64, 96] }],
  },
  {
    what: 'SCRFD without batch dimension',
    decoder: 'scrfd',
    input: { name: 'input.1', dims: [1, 3, 320, 320] },
    outputs: [1, 4, 10].flatMap((width) =>
      [8, 16, 32].map((stride) => {
        const values = width === 1 ? [0.9] : width === 4 ? [1, 2, 3, 4] : [];
        return rows(
          `${448 + width * 10 + stride}`,
          [2 * (320 / stride) ** 2, width],
          stride === 16 ? { 87: values } : {},
        );
      }),
    ),
    found: [{ label: 'face', score: 0.9, box: [32, 0, 64, 96] }],
  },
  {
    what: 'LPD-YuNet',
    decoder: 'lpd-yunet',
    input: { name: 'input', dims: [1, 3, 240, 320] },
    outputs: [
      // The first prior: stride 8, size 10, centre 4, 4; row 0. The last: stride 64, size 256, column 4, row 2: 288, 160.
      rows('loc', [4385, 14], { 4384: [0, 0, 0, 0, -10, -5, -1, -5, 0, 0, -10, -2, -1, -2] }),
      rows('conf', [4385, 2], { 4384: [0.1, 0.9] }),
      rows('iou', [4385, 1], { 4384: [1.2] }),
    ],
    found: [{ label: 'plate', score: Math.sqrt(0.9), box: [32, 32, 230.4, 76.8] }],
  },
  {
    what: 'plates in the manner of RetinaFace, without batch dimension',
    decoder: 'retinaface',
    input: { name: 'input0', dims: [1, 3, 640, 640] },
    outputs: [
      // Prior 16799: stride 32, size 768, column 19, row 19: 624, 624.
      rows('loc', [16_800, 4], { 16799: [-3, -3, 5 * Math.log(0.25), 5 * Math.log(0.125)] }),
      rows('conf', [16_800, 2], { 16799: [0.2, 0.8] }),
      rows('landms', [16_800, 8], {}),
    ],
    found: [{ label: 'plate', score: 0.8, box: [393.6 - 96, 393.6 - 48, 192, 96] }],
  },
  {
    what: 'RetinaFace',
    decoder: 'retinaface',
    input: { name: 'input0', dims: [1, 3, 320, 320] },
    outputs: [
      // Prior 4199: stride 32, size 512, column 9, row 9: 304, 304.
      rows('bbox', [1, 4200, 4], { 4199: [-3, -3, 5 * Math.log(0.25), 5 * Math.log(0.125)] }),
      rows('confidence', [1, 4200, 2], { 4199: [0.2, 0.8] }),
      rows('landmark', [1, 4200, 10], {}),
    ],
    found: [{ label: 'face', score: 0.8, box: [150.4 - 64, 150.4 - 32, 128, 64] }],
  },
  {
    what: 'CenterFace',
    decoder: 'centerface',
    input: { name: 'input.1', dims: [1, 3, 64, 96] },
    outputs: [
      // Column 10, row 5 of 24 columns.
      { ...columns('537', [1, 1, 384], { 130: [0.9] }), dims: [1, 1, 16, 24] },
      { ...columns('538', [1, 2, 384], { 130: [Math.log(4), Math.log(3)] }), dims: [1, 2, 16, 24] },
      { ...columns('539', [1, 2, 384], { 130: [0.25, 0.5] }), dims: [1, 2, 16, 24] },
      { ...columns('540', [1, 10, 384], {}), dims: [1, 10, 16, 24] },
    ],
    found: [{ label: 'face', score: 0.9, box: [44 - 6, 23 - 8, 12, 16] }],
  },
  {
    what: 'BlazeFace',
    decoder: 'blazeface',
    input: { name: 'input', dims: [1, 3, 128, 128] },
    outputs: [
      // The second anchor of column 3, row 2 of 16; centre 28, 20.
      rows('regressors', [1, 896, 16], { 71: [4, 4, 20, 30] }),
      rows('classificators', [1, 896, 1], { 71: [logit(0.9)] }, { fill: -9 }),
    ],
    found: [{ label: 'face', score: 0.9, box: [22, 9, 20, 30] }],
  },
];

export const SELECTED_CASES: readonly FamilyCase[] = [
  {
    what: 'Custom Vision, General (compact) [S1]',
    decoder: 'custom-vision',
    input: { name: 'image_tensor', dims: [1, 3, 320, 320] },
    metadata: { 'Image.BitmapPixelFormat': 'Bgr8', 'Image.NominalPixelRange': 'NominalRange_0_255' },
    outputs: [
      rows('detected_boxes', [1, 2, 4], { 0: [0.25, 0.25, 0.5, 0.75], 1: [0.5, 0.5, 0.75, 1] }),
      rows('detected_classes', [1, 2], { 0: [0, 2] }, { type: 'int64' }),
      rows('detected_scores', [1, 2], { 0: [0.9, 0.5] }),
    ],
    found: [
      { label: 'person', score: 0.9, box: [80, 80, 80, 160] },
      { label: 'car', score: 0.5, box: [160, 160, 80, 160] },
    ],
  },
  {
    what: 'Custom Vision with nothing found',
    decoder: 'custom-vision',
    input: { name: 'image_tensor', dims: [1, 3, 320, 320] },
    outputs: [
      rows('detected_boxes', [1, 0, 4], {}),
      rows('detected_classes', [1, 0], {}, { type: 'int64' }),
      rows('detected_scores', [1, 0], {}),
    ],
    found: [],
  },
  {
    what: 'TensorFlow object detection API',
    decoder: 'tf-detection-api',
    input: { name: 'input_tensor', dims: [1, 320, 320, 3], type: 'uint8' },
    outputs: [
      rows('num_detections', [1], { 0: [2] }),
      rows('detection_boxes', [1, 100, 4], { 0: [0.25, 0.5, 0.75, 1], 1: [0, 0, 0.5, 0.5], 2: [0, 0, 1, 1] }),
      rows('detection_scores', [1, 100], { 0: [0.9, 0.6, 0.8] }),
      rows('detection_classes', [1, 100], { 0: [1, 3, 1] }),
    ],
    found: [
      { label: 'person', score: 0.9, box: [160, 80, 160, 160] },
      { label: 'car', score: 0.6, box: [0, 0, 160, 160] },
    ],
  },
  {
    what: 'TensorFlow object detection API under names that say nothing',
    decoder: 'tf-detection-api',
    input: { name: 'input_tensor', dims: [1, 320, 320, 3], type: 'uint8' },
    outputs: [
      rows('Identity', [1, 100, 4], { 0: [0.25, 0.5, 0.75, 1] }),
      rows('Identity_1', [1, 100], { 0: [3] }),
      rows('Identity_2', [1, 100], { 0: [0.9] }),
      rows('Identity_3', [1], { 0: [1] }),
    ],
    found: [{ label: 'car', score: 0.9, box: [160, 80, 160, 160] }],
  },
  {
    what: 'TensorFlow object detection API with 90 classes',
    decoder: 'tf-detection-api',
    input: { name: 'input_tensor', dims: [1, 320, 320, 3], type: 'uint8' },
    outputs: [
      rows('detection_boxes:0', [1, 100, 4], { 0: [0.25, 0.5, 0.75, 1] }),
      rows('detection_classes:0', [1, 100], { 0: [90] }),
      rows('detection_scores:0', [1, 100], { 0: [0.9] }),
      rows('num_detections:0', [1], { 0: [100] }),
      rows('raw_detection_scores:0', [1, 1917, 91], {}),
      rows('raw_detection_boxes:0', [1, 1917, 4], {}),
    ],
    found: [{ label: 'toothbrush', score: 0.9, box: [160, 80, 160, 160] }],
  },
  {
    what: 'YOLO with EfficientNMS',
    decoder: 'efficient-nms',
    input: { name: 'images', dims: [1, 3, 320, 320] },
    outputs: [
      rows('num_dets', [1, 1], { 0: [1] }, { type: 'int32' }),
      rows('det_boxes', [1, 100, 4], { 0: [10, 20, 110, 220], 1: [0, 0, 50, 50] }),
      rows('det_scores', [1, 100], { 0: [0.9, 0.8] }),
      rows('det_classes', [1, 100], { 0: [2, 0] }, { type: 'int32' }),
    ],
    found: [{ label: 'car', score: 0.9, box: [10, 20, 100, 200] }],
  },
  {
    what: 'D-FINE and RT-DETR with their post-processing',
    decoder: 'labels-boxes-scores',
    input: { name: 'images', dims: [1, 3, 320, 320] },
    others: [{ name: 'orig_target_sizes', type: 'int64', dims: [1, 2] }],
    outputs: [
      rows('labels', [1, 300], { 0: [2, 0] }, { type: 'int64' }),
      rows('boxes', [1, 300, 4], { 0: [10, 20, 110, 220], 1: [200, 200, 300, 250] }),
      rows('scores', [1, 300], { 0: [0.9, 0.6] }),
    ],
    found: [
      { label: 'car', score: 0.9, box: [10, 20, 100, 200] },
      { label: 'person', score: 0.6, box: [200, 200, 100, 50] },
    ],
  },
  {
    what: 'SSD of the model zoo, shares of the picture, classes from 1',
    decoder: 'torchvision',
    input: { name: 'image', dims: [1, 3, 320, 320] },
    outputs: [
      rows('bboxes', [1, 200, 4], { 0: [0.25, 0.25, 0.5, 0.75] }),
      rows('labels', [1, 200], { 0: [1] }, { type: 'int64' }),
      rows('scores', [1, 200], { 0: [0.9] }),
    ],
    found: [{ label: 'person', score: 0.9, box: [80, 80, 80, 160] }],
  },
  {
    what: 'MMDetection',
    decoder: 'dets-labels',
    input: { name: 'input', dims: [1, 3, 320, 320] },
    outputs: [
      rows('dets', [1, 100, 5], { 0: [10, 20, 110, 220, 0.9] }),
      rows('labels', [1, 100], { 0: [2] }, { type: 'int64' }),
    ],
    found: [{ label: 'car', score: 0.9, box: [10, 20, 100, 200] }],
  },
  {
    what: 'PaddleDetection with NMS',
    decoder: 'paddle',
    input: { name: 'image', dims: [1, 3, 320, 320] },
    others: [{ name: 'scale_factor', type: 'float32', dims: [1, 2] }],
    outputs: [
      rows('multiclass_nms3_0.tmp_0', [2, 6], { 0: [2, 0.9, 10, 20, 110, 220], 1: [0, 0.1, 0, 0, 50, 50] }),
      rows('multiclass_nms3_0.tmp_2', [1], { 0: [2] }, { type: 'int32' }),
    ],
    found: [{ label: 'car', score: 0.9, box: [10, 20, 100, 200] }],
  },
  {
    what: 'YOLOv3 of the model zoo',
    decoder: 'yolov3-zoo',
    input: { name: 'input_1', dims: [1, 3, 416, 416] },
    others: [{ name: 'image_shape', type: 'float32', dims: [1, 2] }],
    outputs: [
      rows('yolonms_layer_1', [1, 1000, 4], { 7: [20, 10, 220, 110] }),
      columns('yolonms_layer_1:1', [1, 80, 1000], { 7: withScore([], 80, { 2: 0.9 }) }),
      rows('yolonms_layer_1:2', [1, 3], { 0: [0, 2, 7] }, { type: 'int32' }),
    ],
    found: [{ label: 'car', score: 0.9, box: [10, 20, 100, 200] }],
  },
  {
    what: 'YOLO-NAS, boxes and scores of all cells',
    decoder: 'dense-boxes',
    input: { name: 'input', dims: [1, 3, 320, 320] },
    outputs: [
      rows('graph2_pred_boxes', [1, 2100, 4], { 7: [10, 20, 110, 220], 8: [11, 20, 110, 220] }),
      rows('graph2_pred_scores', [1, 2100, 80], { 7: withScore([], 80, { 2: 0.9 }), 8: withScore([], 80, { 2: 0.8 }) }),
    ],
    found: [{ label: 'car', score: 0.9, box: [10, 20, 100, 200] }],
  },
  {
    what: 'PP-YOLOE without NMS, scores with classes first',
    decoder: 'dense-boxes',
    input: { name: 'image', dims: [1, 3, 320, 320] },
    outputs: [
      rows('boxes', [1, 2100, 4], { 7: [10, 20, 110, 220] }),
      columns('scores', [1, 80, 2100], { 7: withScore([], 80, { 2: 0.9 }) }),
    ],
    found: [{ label: 'car', score: 0.9, box: [10, 20, 100, 200] }],
  },
  {
    what: 'EfficientDet',
    decoder: 'efficientdet',
    input: { name: 'image_arrays', dims: [1, 320, 320, 3], type: 'uint8' },
    outputs: [rows('detections', [1, 100, 7], { 0: [0, 20, 10, 220, 110, 0.9, 3] })],
    found: [{ label: 'car', score: 0.9, box: [10, 20, 100, 200] }],
  },
  {
    what: 'SSD with DetectionOutput',
    decoder: 'detection-output',
    input: { name: 'data', dims: [1, 3, 320, 320] },
    outputs: [rows('detection_out', [1, 1, 100, 7], { 0: [0, 3, 0.9, 0.25, 0.25, 0.5, 0.75], 1: [-1] })],
    found: [{ label: 'car', score: 0.9, box: [80, 80, 80, 160] }],
  },
  {
    what: 'DETR with logits to take the sigmoid of',
    decoder: 'detr',
    input: { name: 'images', dims: [1, 3, 320, 320] },
    outputs: [
      rows('pred_boxes', [1, 100, 4], { 3: [0.5, 0.5, 0.25, 0.5], 4: [0.25, 0.25, 0.25, 0.25] }),
      rows(
        'logits',
        [1, 100, 80],
        { 3: withScore([], 80, { 0: 3 }).map((v) => v || -9), 4: withScore([], 80, { 2: 1 }).map((v) => v || -9) },
        { fill: -9 },
      ),
    ],
    found: [
      { label: 'person', score: 1 / (1 + Math.exp(-3)), box: [120, 80, 80, 160] },
      { label: 'car', score: 1 / (1 + Math.exp(-1)), box: [40, 40, 80, 80] },
    ],
  },
  {
    what: 'the first DETR, softmax with "no object"',
    decoder: 'detr-softmax',
    input: { name: 'pixel_values', dims: [1, 3, 320, 320] },
    outputs: [
      rows('logits', [1, 100, 92], { 3: withScore([], 92, { 17: 20 }), 4: withScore([], 92, { 91: 20 }) }, { fill: 0 }),
      rows('pred_boxes', [1, 100, 4], { 3: [0.5, 0.5, 0.25, 0.5], 4: [0.25, 0.25, 0.25, 0.25] }),
    ],
    found: [{ label: 'cat', score: 1, box: [120, 80, 80, 160] }],
  },
  {
    what: 'RT-DETR of Ultralytics',
    decoder: 'rtdetr-rows',
    input: { name: 'images', dims: [1, 3, 320, 320] },
    outputs: [rows('output0', [1, 300, 84], { 3: withScore([0.5, 0.5, 0.25, 0.5], 80, { 0: 0.9 }) })],
    found: [{ label: 'person', score: 0.9, box: [120, 80, 80, 160] }],
  },
  {
    what: 'a classifier with logits',
    decoder: 'classification',
    input: { name: 'pixel_values', dims: [1, 3, 224, 224] },
    metadata: { names: '["good", "bad", "ugly"]' },
    outputs: [rows('logits', [1, 3], { 0: [1, 1 + Math.log(8), 1] })],
    found: [{ label: 'bad', score: 0.8, box: [0, 0, 224, 224] }],
  },
  {
    what: 'a classifier with shares and two dimensions of one',
    decoder: 'classification',
    input: { name: 'data_0', dims: [1, 3, 224, 224] },
    outputs: [rows('softmaxout_1', [1, 20, 1, 1], { 6: [0.9], 7: [0.1] })],
    found: [{ label: 'car', score: 0.9, box: [0, 0, 224, 224] }],
  },
];
