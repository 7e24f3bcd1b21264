import { basename } from 'node:path';
import type { ModelInspection } from '@edgeveil/inference';
import type { Certainty, ModelPackage, RecognisedModel } from '@edgeveil/vision';
import type { Paint } from '../terminal/paint.ts';
import { plainText } from '../terminal/plain-text.ts';
import { modelJsonText } from './model-json-text.ts';

const CERTAINTIES: Readonly<Record<Certainty, string>> = {
  fixed: 'no other family looks like this',
  shapes: 'by its shapes; hardly another family looks like this',
  guess: 'a guess; say "decoder" in model.json if it is wrong',
};

/** What was found, for people: the kind of model, why, what to check, and a model.json to start from. */
export function renderInspection(inspection: ModelInspection, paint: Paint): string {
  const { modelFile, bytes, onnx, recognised, problem } = inspection;
  const opsets = Object.entries(onnx.opsets).map(([domain, version]) => `${domain} ${version}`);
  const size = bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  const by = onnx.producer === '' ? '' : `, by ${plainText(onnx.producer)}`;
  const head = `${paint('bold', basename(modelFile))}  ${paint('dim', `${size}, opset ${opsets.join(', ')}${by}`)}\n`;
  if (recognised === undefined) {
    return `${head}\n${problemText(inspection, problem?.message ?? '', problem?.expected, paint)}`;
  }
  return [
    head,
    titled(paint, `${recognised.family}`, [
      `decoder ${recognised.model.decoder}; ${CERTAINTIES[recognised.certainty]}`,
    ]),
    listed(paint, 'why', recognised.reasons),
    listed(paint, 'takes and gives', summary(recognised)),
    listed(paint, 'left out', recognised.skipped),
    listed(paint, 'could also be', recognised.alternatives),
    listed(paint, 'to check', recognised.missing, 'yellow'),
    `${paint('cyan', 'model.json')}\n${modelJsonText(recognised.model).split('\n').map(plainText).join('\n')}\n`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function titled(paint: Paint, title: string, lines: readonly string[]): string {
  return `${paint('green', title)}\n${lines.map((line) => `  ${paint('dim', plainText(line))}\n`).join('')}`;
}

function listed(paint: Paint, title: string, lines: readonly string[], colour: 'cyan' | 'yellow' = 'cyan'): string {
  return lines.length === 0
    ? ''
    : `${paint(colour, title)}\n${lines.map((line) => `  - ${plainText(line)}\n`).join('')}`;
}

function summary({ model }: RecognisedModel): string[] {
  const { input, labels, thresholds, task } = model;
  const names = labels.length > 6 ? `${labels.slice(0, 6).join(', ')}, …` : labels.join(', ');
  return [
    `picture: ${input.width}x${input.height}, ${input.channels.toUpperCase()}, ${pixelsText(input)}, ${resizeText(input)}`,
    ...(labels.length === 0 ? [] : [`${labels.length} label${labels.length === 1 ? '' : 's'}: ${names}`]),
    task === 'detection'
      ? `boxes from score ${thresholds.score}${thresholds.nms < 1 ? `, overlaps above ${thresholds.nms} suppressed` : ', selected in the graph'}`
      : task === 'classification'
        ? `the best label of the whole picture, from score ${thresholds.score}`
        : task === 'text'
          ? `the text of the picture, from score ${thresholds.score}`
          : 'numbers to compare by cosine',
  ];
}

function pixelsText({ scale, mean, std }: ModelPackage['input']): string {
  if (mean.every((value) => value === 0) && std.every((value) => value === 1)) {
    return scale === 1 ? '0 to 255' : Math.abs(scale * 255 - 1) < 1e-6 ? '0 to 1' : `times ${scale}`;
  }
  const less = `mean ${mean.join(' ')} off, divided by ${std.join(' ')}`;
  return scale === 1 ? less : `0 to 1, ${less}`;
}

function resizeText({ resize, anchor, pad }: ModelPackage['input']): string {
  return resize === 'letterbox'
    ? `ratio kept, ${anchor}, padded with ${pad}`
    : resize === 'crop'
      ? 'cut to the middle'
      : 'stretched';
}

const UNKNOWN_HELP = [
  'a model.json beside it with "decoder" and "input", if it is of one of these families under other names or shapes',
  'an export of the raw head, or one with the usual post-processing, in place of parts of it',
];

function problemText(
  { onnx, problem }: ModelInspection,
  message: string,
  expected: string | undefined,
  paint: Paint,
): string {
  const isUnknown = problem?.code.endsWith('_UNKNOWN') === true;
  const ports = [
    ...onnx.inputs.map((value) => `input ${portText(value)}`),
    ...onnx.outputs.map((value) => `output ${portText(value)}`),
  ];
  const help = isUnknown ? UNKNOWN_HELP : [];
  return [
    `${paint('red', isUnknown ? 'not recognised' : 'not usable')}\n  ${plainText(message)}\n`,
    listed(paint, 'what it takes and gives', ports),
    listed(paint, 'expected', expected?.split('; ') ?? []),
    listed(paint, 'what would help', help),
  ].join('\n');
}

type Port = Omit<ModelInspection['onnx']['inputs'][number], 'goesTo'>;

function portText({ name, type, shape, kind }: Port): string {
  const dims = (shape ?? []).map((dim) => (dim === '' ? '?' : dim)).join(',');
  return type === undefined ? `${name}, a ${kind}` : `${name} ${type} [${dims}]`;
}
