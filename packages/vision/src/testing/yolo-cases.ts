import { columns, type FamilyCase, rows, withScore } from './family-case.ts';

const NAMES_3 = "{0: 'helmet', 1: \"driver's seat\", 2: 'belt'}";
/** Weights of a distribution that says `bin` with next to no doubt. */
const sure = (bin: number, bins: number): number[] =>
  Array.from({ length: bins }, (_, index) => (index === bin ? 30 : 0));
const filled = (length: number, value: number): number[] => Array.from({ length }, () => value);
const logit = (share: number): number => Math.log(share / (1 - share));

export const YOLO_CASES: readonly FamilyCase[] = [
  {
    what: 'YOLOv5 of COCO at 640',
    decoder: 'yolov5',
    input: { name: 'images', dims: [1, 3, 640, 640] },
    outputs: [
      rows('output', [1, 25_200, 85], {
        100: withScore([320, 240, 100, 80, 0.9], 80, { 0: 0.8 }),
        101: withScore([322, 240, 100, 80, 0.9], 80, { 0: 0.7 }),
        20000: withScore([100, 100, 40, 60, 0.5], 80, { 2: 0.75 }),
        3: withScore([50, 50, 40, 60, 0.2], 80, { 2: 0.9 }),
      }),
    ],
    found: [
      { label: 'person', score: 0.72, box: [270, 200, 100, 80] },
      { label: 'car', score: 0.375, box: [80, 70, 40, 60] },
    ],
  },
  {
    what: 'YOLOv5 with its raw maps beside the decoded output',
    decoder: 'yolov5',
    input: { dims: [1, 3, 320, 320] },
    outputs: [
      rows('output', [1, 6300, 7], { 100: [100, 100, 40, 20, 0.9, 0.1, 0.8] }),
      rows('350', [1, 3, 40, 40, 7], {}),
      rows('416', [1, 3, 20, 20, 7], {}),
      rows('482', [1, 3, 10, 10, 7], {}),
    ],
    found: [{ label: 'class1', score: 0.72, box: [80, 90, 40, 20] }],
  },
  {
    what: 'plates of YOLOv5-face',
    decoder: 'yolov5-landmarks',
    input: { name: 'input', dims: [1, 3, 640, 640] },
    outputs: [
      rows('output', [1, 25_200, 15], {
        7: [200, 300, 120, 40, 0.9, 140, 280, 260, 280, 260, 320, 140, 320, 0.8, 0.1],
        9000: [400, 300, 60, 60, 0.9, 0, 0, 0, 0, 0, 0, 0, 0, 0.1, 0.7],
      }),
    ],
    found: [
      { label: 'plate', score: 0.72, box: [140, 280, 120, 40] },
      { label: 'plate', score: 0.63, box: [370, 270, 60, 60] },
    ],
  },
  {
    what: 'YOLOv8 of COCO at 640',
    decoder: 'yolov8',
    input: { name: 'images', dims: [1, 3, 640, 640] },
    outputs: [
      columns('output0', [1, 84, 8400], {
        5: withScore([320, 160, 200, 100], 80, { 0: 0.9 }),
        6: withScore([321, 160, 200, 100], 80, { 0: 0.8 }),
        8000: withScore([600, 600, 160, 160], 80, { 15: 0.5 }),
      }),
    ],
    found: [
      { label: 'person', score: 0.9, box: [220, 110, 200, 100] },
      { label: 'cat', score: 0.5, box: [520, 520, 120, 120] },
    ],
  },
  {
    what: 'YOLOv8 at 320 with its metadata',
    decoder: 'yolov8',
    input: { name: 'images', dims: [1, 3, 320, 320] },
    metadata: { names: NAMES_3, stride: '32', imgsz: '[320, 320]', task: 'detect' },
    outputs: [columns('output0', [1, 7, 2100], { 1: [32, 32, 20, 10, 0, 0.9, 0] })],
    found: [{ label: "driver's seat", score: 0.9, box: [22, 27, 20, 10] }],
  },
  {
    what: 'YOLOv8 with its sides exchanged',
    decoder: 'yolov8',
    input: { dims: [1, 3, 640, 640] },
    outputs: [rows('output0', [1, 8400, 84], { 1: withScore([32, 32, 20, 10], 80, { 1: 0.9 }) })],
    found: [{ label: 'bicycle', score: 0.9, box: [22, 27, 20, 10] }],
  },
  {
    what: 'YOLOv8 with its sides exchanged and names of its own',
    decoder: 'yolov8',
    input: { dims: [1, 3, 320, 320] },
    metadata: { names: NAMES_3 },
    outputs: [rows('output0', [1, 2100, 7], { 1: [32, 32, 20, 10, 0, 0, 0.9] })],
    found: [{ label: 'belt', score: 0.9, box: [22, 27, 20, 10] }],
  },
  {
    what: 'YOLOv8-seg with prototypes',
    decoder: 'yolov8',
    input: { name: 'images', dims: [1, 3, 320, 320] },
    outputs: [
      columns('output0', [1, 116, 2100], {
        7: [...withScore([160, 160, 100, 50], 80, { 16: 0.75 }), ...filled(32, 3)],
      }),
      rows('output1', [1, 32, 80, 80], {}),
    ],
    found: [{ label: 'dog', score: 0.75, box: [110, 135, 100, 50] }],
  },
  {
    what: 'YOLOv8-pose',
    decoder: 'yolov8',
    input: { name: 'images', dims: [1, 3, 640, 640] },
    metadata: { names: "{0: 'person'}", task: 'pose', kpt_shape: '[17, 3]' },
    outputs: [columns('output0', [1, 56, 8400], { 3: withScore([100, 100, 50, 90, 0.8], 51, { 0: 300 }) })],
    found: [{ label: 'person', score: 0.8, box: [75, 55, 50, 90] }],
  },
  {
    what: 'YOLOv8 with turned boxes',
    decoder: 'yolov8-obb',
    input: { name: 'images', dims: [1, 3, 320, 320] },
    metadata: { names: NAMES_3, task: 'obb' },
    outputs: [columns('output0', [1, 8, 2100], { 1: [160, 160, 100, 40, 0, 0, 0.9, Math.PI / 2] })],
    found: [{ label: 'belt', score: 0.9, box: [140, 110, 40, 100] }],
  },
  {
    what: 'YOLOv8-face as raw maps',
    decoder: 'dfl-maps',
    input: { name: 'images', dims: [1, 3, 640, 640] },
    outputs: [20, 80, 40].map((side) => {
      // Stride 32, column 3, row 2: centre 112, 80. Distances 1, 2, 1, 2.
      const values = [...sure(1, 16), ...sure(2, 16), ...sure(1, 16), ...sure(2, 16), logit(0.9), ...filled(15, 0)];
      const cell = { [2 * side + 3]: values };
      const map = columns(`out${side}`, [1, 80, side * side], side === 20 ? cell : {}, { fill: -9 });
      return { ...map, dims: [1, 80, side, side] };
    }),
    found: [{ label: 'face', score: 0.9, box: [80, 16, 64, 128] }],
  },
  {
    what: 'end-to-end',
    decoder: 'end-to-end',
    input: { name: 'images', dims: [1, 3, 640, 640] },
    outputs: [
      rows('output0', [1, 300, 6], {
        0: [10, 20, 110, 220, 0.9, 0],
        1: [300, 300, 400, 350, 0.5, 7],
        2: [12, 20, 110, 220, 0.1, 0],
      }),
    ],
    found: [
      { label: 'person', score: 0.9, box: [10, 20, 100, 200] },
      { label: 'truck', score: 0.5, box: [300, 300, 100, 50] },
    ],
  },
  {
    what: 'YOLOv7 with NMS, without batch dimension',
    decoder: 'yolov7-nms',
    input: { name: 'images', dims: [1, 3, 640, 640] },
    outputs: [rows('output', [2, 7], { 0: [0, 10, 20, 110, 220, 2, 0.8], 1: [0, 300, 300, 400, 350, 0, 0.6] })],
    found: [
      { label: 'car', score: 0.8, box: [10, 20, 100, 200] },
      { label: 'person', score: 0.6, box: [300, 300, 100, 50] },
    ],
  },
  {
    what: 'YOLOX',
    decoder: 'yolox',
    input: { name: 'images', dims: [1, 3, 416, 416] },
    outputs: [
      rows('output', [1, 3549, 85], {
        // Stride 8, column 2, row 1, 52 columns.
        54: withScore([0.5, 0.5, Math.log(5), Math.log(10), 0.9], 80, { 0: 0.8 }),
        // Stride 32, column 12, row 12: the last cell.
        3548: withScore([0.5, 0.5, 0, 0, 0.9], 80, { 2: 0.5 }),
      }),
    ],
    found: [
      { label: 'person', score: 0.72, box: [0, 0, 40, 52] },
      { label: 'car', score: 0.45, box: [384, 384, 32, 32] },
    ],
  },
  {
    what: 'YOLOX with decoded boxes',
    decoder: 'yolox-decoded',
    input: { name: 'images', dims: [1, 3, 416, 416] },
    outputs: [
      rows('output', [1, 3549, 85], {
        54: withScore([100, 100, 40, 60, 0.9], 80, { 0: 0.8 }),
        3548: withScore([400, 400, 32, 32, 0.01], 80, { 0: 0.5 }),
      }),
    ],
    found: [{ label: 'person', score: 0.72, box: [80, 70, 40, 60] }],
  },
  {
    what: 'YOLOv6, whose objectness is always 1',
    decoder: 'yolox-decoded',
    input: { name: 'images', dims: [1, 3, 320, 320] },
    outputs: [
      {
        name: 'outputs',
        dims: [1, 2100, 85],
        values: Float32Array.from({ length: 2100 * 85 }, (_, index) => {
          const [row, column] = [Math.floor(index / 85), index % 85];
          const hit: Readonly<Record<number, number>> = { 0: 100, 1: 100, 2: 40, 3: 60, 4: 1, 5: 0.8 };
          return row === 7 ? (hit[column] ?? 0) : column < 2 ? 300 : column === 4 ? 1 : 0;
        }),
      },
    ],
    found: [{ label: 'person', score: 0.8, box: [80, 70, 40, 60] }],
  },
  {
    what: 'YOLO-FastestV2, without batch dimension',
    decoder: 'yolo-fastest-v2',
    input: { name: 'input', dims: [1, 3, 352, 352] },
    outputs: [
      rows('845', [605, 95], {
        // Stride 16, column 3, row 1, second anchor; then stride 32, first cell, third anchor.
        25: [...filled(4, 0), 0.5, 0.5, 0.5, 0.5, ...filled(4, 0), 0, 0.9, 0, ...withScore([], 80, { 0: 0.9 })],
        484: [...filled(8, 0), 0.5, 0.5, 0.25, 0.25, 0, 0, 0.8, ...withScore([], 80, { 2: 0.9 })],
      }),
    ],
    found: [
      { label: 'person', score: 0.81, box: [56 - 37.88 / 2, 0, 37.88, 24 + 51.48 / 2] },
      { label: 'car', score: 0.72, box: [0, 0, 16 + 279.92 / 8, 16 + 258.87 / 8] },
    ],
  },
  {
    what: 'NanoDet',
    decoder: 'nanodet',
    input: { name: 'input.1', dims: [1, 3, 320, 320] },
    outputs: [8, 16, 32].flatMap((stride) => {
      const cells = (320 / stride) ** 2;
      // Stride 16, column 3, row 2: 55.5, 39.5. Distances 1, 2, 3, 4.
      const isHit = stride === 16;
      return [
        rows(`cls_pred_stride_${stride}`, [1, cells, 80], isHit ? { 43: withScore([], 80, { 0: 0.8 }) } : {}),
        rows(
          `dis_pred_stride_${stride}`,
          [1, cells, 32],
          isHit ? { 43: [...sure(1, 8), ...sure(2, 8), ...sure(3, 8), ...sure(4, 8)] } : {},
        ),
      ];
    }),
    found: [{ label: 'person', score: 0.8, box: [39.5, 7.5, 64, 96] }],
  },
  {
    what: 'NanoDet-Plus',
    decoder: 'nanodet-plus',
    input: { name: 'data', dims: [1, 3, 320, 320] },
    outputs: [
      // 1600 cells of stride 8 first; then stride 16, column 3, row 2: 48, 32.
      rows('output', [1, 2125, 112], {
        1643: [...withScore([], 80, { 0: 0.8 }), ...sure(1, 8), ...sure(2, 8), ...sure(3, 8), ...sure(4, 8)],
      }),
    ],
    found: [{ label: 'person', score: 0.8, box: [32, 0, 64, 96] }],
  },
  {
    what: 'YOLOv5 as raw maps',
    decoder: 'yolov5-maps',
    input: { dims: [1, 3, 320, 320] },
    outputs: [40, 20, 10].map((side) => ({
      ...rows(
        `map${side}`,
        [1, 3, side, side, 7],
        // Second anchor, column 3, row 2.
        side === 20 ? { [side * side + 2 * side + 3]: [0, 0, 0, 0, logit(0.9), logit(0.8), -9] } : {},
        { fill: -9 },
      ),
    })),
    found: [{ label: 'class0', score: 0.72, box: [56 - 31, 40 - 22.5, 62, 45] }],
  },
  {
    what: 'Custom Vision, General (compact)',
    decoder: 'custom-vision-yolo',
    input: { name: 'data', dims: [1, 3, 416, 416] },
    metadata: { 'CustomVision.Postprocess.Method': 'Yolo', 'Image.BitmapPixelFormat': 'Rgb8' },
    outputs: [
      {
        // Two classes: 35 channels of 13x13. First anchor, column 2, row 3.
        ...columns('model_outputs0', [1, 35, 169], { 41: [0.5, 0.5, Math.log(2), 0, logit(0.9), 5, -5] }, { fill: -9 }),
        dims: [1, 35, 13, 13],
      },
    ],
    found: [{ label: 'class0', score: 0.9, box: [80 - 0.573 * 32, 112 - 0.677 * 16, 0.573 * 64, 0.677 * 32] }],
  },
];
