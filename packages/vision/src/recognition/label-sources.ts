import { COCO_LABELS } from '../coco-labels.ts';

/**
 * Labels that a file names itself: `names` of Ultralytics, a Python dictionary as text, or a list under `names`, `classes`
 * or `labels` as JSON or separated by commas or lines.
 */
export function readNames(metadata: Readonly<Record<string, string>>): readonly string[] | undefined {
  for (const key of ['names', 'classes', 'class_names', 'labels', 'id2label']) {
    const text = metadata[key]?.trim();
    const names = text === undefined || text === '' ? [] : parseNames(text);
    if (names.length > 0) {
      return names;
    }
  }
  return undefined;
}

function parseNames(text: string): string[] {
  if (text.startsWith('{')) {
    return parseDictionary(text);
  }
  const inner = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  return inner
    .split(/[,\n;]/)
    .map((name) => name.trim().replace(/^(['"])(.*)\1$/s, '$2'))
    .filter((name) => name !== '');
}

/** `{0: 'person', "1": "bicycle", 2: "driver's seat"}`; a number that is left out becomes `class<number>`. */
function parseDictionary(text: string): string[] {
  const entry = /['"]?(\d{1,4})['"]?\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g;
  const names: string[] = [];
  for (const [, index, single, double] of text.matchAll(entry)) {
    names[Number(index)] = (single ?? double ?? '').replaceAll(/\\(.)/g, '$1');
  }
  return Array.from(names, (name, index) => name ?? `class${index}`);
}

/** What may stand before the name in every line of a labels file: `0 cat`, `0: cat`, `n01440764 tench`. */
const NUMBERING = /^(?:\d+\s*[:,]?\s+|n\d{8}\s+)/;

/** Lines of a labels file: names, numbered or not, with comments and empty lines left out. */
export function readLabelLines(text: string): string[] {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    // By itself it is a character of an alphabet.
    .filter((line) => line !== '' && (line === '#' || !line.startsWith('#')));
  // A single name may begin with a number by itself.
  const isNumbered = lines.every((line) => NUMBERING.test(line));
  return lines.map((line) => (isNumbered ? line.replace(NUMBERING, '') : line).slice(0, 128));
}

/** Class names in the numbering of COCO's own annotations, 1 to 90 with gaps, as TensorFlow's and torchvision's models use it. */
export function cocoIdLabels(): readonly string[] {
  const gaps = new Set([12, 26, 29, 30, 45, 66, 68, 69, 71, 83]);
  const names = COCO_LABELS.values();
  return Array.from({ length: 90 }, (_, index) => {
    const id = index + 1;
    return gaps.has(id) ? `class${id}` : (names.next().value ?? `class${id}`);
  });
}

/** Pascal VOC's 20 classes. */
export const VOC_LABELS: readonly string[] = [
  'aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person pottedplant sheep sofa',
  'train tvmonitor',
].flatMap((line) => line.split(' '));

/** Labels must differ from each other: of two cranes the second becomes `crane 2`. */
export function distinct(labels: readonly string[]): string[] {
  const seen = new Map<string, number>();
  const taken = new Set(labels);
  return labels.map((label) => {
    const times = (seen.get(label) ?? 0) + 1;
    seen.set(label, times);
    if (times === 1) {
      return label;
    }
    let next = times;
    while (taken.has(`${label} ${next}`)) {
      next += 1;
    }
    taken.add(`${label} ${next}`);
    return `${label} ${next}`;
  });
}
