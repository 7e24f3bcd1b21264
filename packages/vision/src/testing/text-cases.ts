import { type CaseOutput, columns, type FamilyCase, rows } from './family-case.ts';

/** Steps of `classes` shares: the class of each with 0.9, the rest divided. */
function shares(classes: number, best: readonly number[]): Record<number, number[]> {
  const rest = 0.1 / (classes - 1);
  return Object.fromEntries(
    best.map((index, step) => [step, Array.from({ length: classes }, (_, at) => (at === index ? 0.9 : rest))]),
  );
}

/** Scores before a softmax, that give 0.9. */
function scores(classes: number, best: readonly number[]): Record<number, number[]> {
  const high = Math.log((0.9 / 0.1) * (classes - 1));
  return Object.fromEntries(
    best.map((index, step) => [step, Array.from({ length: classes }, (_, at) => (at === index ? high : 0))]),
  );
}

const whole = (width: number, height: number) => [0, 0, width, height] as const;
const [LOWER, PLATE, CHINESE] = [37, 37, 68];
/** `a1` in the middle of blanks, an `a` of two steps, and two of the same letter with a blank between them. */
const crnnSteps = Array.from({ length: 26 }, (_, step) => [0, 11, 11, 0, 2, 0, 13, 0, 13][step] ?? 0);
const lprSteps = Array.from({ length: 18 }, (_, step) => [0, 67, 41, 31, 31, 67, 31, 40][step] ?? 67);
const paddleSteps = Array.from({ length: 40 }, (_, step) => [0, 2, 0, 1, 4][step] ?? 0);
const plateSteps = [10, 11, 12, 1, 2, 3, 36, 36, 36];
const taoSteps = Array.from({ length: 24 }, (_, step) => [35, 10, 10, 35, 10, 0][step] ?? 35);

const numbers = (name: string, dims: readonly number[], values: readonly number[], type?: 'int32'): CaseOutput => ({
  name,
  dims,
  values: Float32Array.from(values),
  ...(type && { type }),
});

export const TEXT_CASES: readonly FamilyCase[] = [
  {
    what: 'CRNN: steps, then the batch, then scores',
    decoder: 'ctc',
    input: { name: 'input', dims: [1, 1, 32, 100] },
    outputs: [rows('output', [26, 1, LOWER], scores(LOWER, crnnSteps))],
    found: [{ label: 'a1cc', score: 0.9, box: whole(100, 32) }],
  },
  {
    what: 'text recognition of PaddleOCR with the list of RapidOCR',
    decoder: 'ctc',
    input: { name: 'x', dims: [1, 3, 48, 320] },
    metadata: { character: 'A\n#\nB' },
    outputs: [rows('softmax_0.tmp_0', [1, 40, 5], shares(5, paddleSteps))],
    found: [{ label: '#A', score: 0.9, box: whole(320, 48) }],
  },
  {
    what: 'LPRNet: classes first, the blank last',
    decoder: 'ctc-blank-last',
    input: { name: 'input', dims: [1, 3, 24, 94] },
    outputs: [columns('output', [1, CHINESE, 18], scores(CHINESE, lprSteps))],
    found: [{ label: '京A009', score: 0.9, box: whole(94, 24) }],
  },
  {
    what: 'LPRNet of NVIDIA TAO',
    decoder: 'ctc-indices',
    input: { name: 'image_input', dims: [1, 3, 48, 96] },
    outputs: [
      numbers('tf_op_layer_ArgMax', [1, 24], taoSteps, 'int32'),
      numbers(
        'tf_op_layer_Max',
        [1, 24],
        taoSteps.map(() => 0.75),
      ),
    ],
    found: [{ label: 'AA0', score: 0.75, box: whole(96, 48) }],
  },
  {
    what: 'LPRNet of NVIDIA TAO that is sure of everything',
    decoder: 'ctc-indices',
    input: { name: 'image_input', dims: [1, 3, 48, 96] },
    outputs: [
      numbers(
        'tf_op_layer_Max',
        [1, 24],
        taoSteps.map(() => 1),
      ),
      numbers('tf_op_layer_ArgMax', [1, 24], taoSteps, 'int32'),
    ],
    found: [{ label: 'AA0', score: 1, box: whole(96, 48) }],
  },
  {
    what: 'fast-plate-ocr: places, flat',
    decoder: 'plate-slots',
    input: { name: 'input', dims: [1, 70, 140, 1] },
    outputs: [numbers('dense', [1, 9 * PLATE], Object.values(shares(PLATE, plateSteps)).flat())],
    found: [{ label: 'ABC123', score: 0.9, box: whole(140, 70) }],
  },
  {
    what: 'fast-plate-ocr: places and a region, from bytes',
    decoder: 'plate-slots',
    input: { name: 'input', dims: [1, 64, 128, 3], type: 'uint8' },
    outputs: [rows('plate', [1, 9, PLATE], shares(PLATE, plateSteps)), rows('region', [1, 66], { 0: [1] })],
    found: [{ label: 'ABC123', score: 0.9, box: whole(128, 64) }],
  },
];
