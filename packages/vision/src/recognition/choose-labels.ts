import { COCO_LABELS } from '../coco-labels.ts';
import type { Recognition } from '../families/family.ts';
import { cocoIdLabels, distinct, VOC_LABELS } from './label-sources.ts';
import type { ModelFacts } from './model-facts.ts';

export interface ChosenLabels {
  readonly labels: readonly string[];
  readonly reason: string;
  /** What is missing when the names are only numbers. */
  readonly missing?: string;
}

/** Names of the classes: those beside the file, those in it, those of the family, those of well-known data sets, then numbers. */
export function chooseLabels(facts: ModelFacts, { labelCount, labels }: Recognition): ChosenLabels {
  const isFitting = (count: number): boolean => labelCount === undefined || count === labelCount;
  // A folder may hold the labels of other models too, so a list must have the right length, or the exact name.
  const file =
    facts.labelFiles.find((each) => labelCount !== undefined && each.labels.length === labelCount) ??
    facts.labelFiles.find(({ name }) => labelCount === undefined && /^labels\.txt$/i.test(name));
  if (file !== undefined) {
    return { labels: distinct(file.labels), reason: `labels from ${file.name}, ${file.labels.length} lines` };
  }
  if (facts.names !== undefined && isFitting(facts.names.length)) {
    return { labels: distinct(facts.names), reason: `labels from the metadata, ${facts.names.length} names` };
  }
  if (labels !== undefined && isFitting(labels.length)) {
    return {
      labels,
      reason: `labels of the family: ${labels.slice(0, 3).join(', ')}${labels.length > 3 ? ', …' : ''}`,
    };
  }
  return byCount(facts, labelCount);
}

function byCount(facts: ModelFacts, labelCount: number | undefined): ChosenLabels {
  const count = labelCount ?? countInWeights(facts);
  const word = count === 1 ? wordInName(facts.fileName) : undefined;
  if (word !== undefined) {
    return { labels: [word], reason: `one class, and the file's name says ${word}` };
  }
  switch (count) {
    case COCO_LABELS.length:
      return { labels: COCO_LABELS, reason: '80 classes: those of COCO' };
    case VOC_LABELS.length:
      return { labels: VOC_LABELS, reason: '20 classes: those of Pascal VOC' };
    case 90:
      return { labels: cocoIdLabels(), reason: '90 classes: those of COCO in the numbering of its annotations' };
    case undefined:
      return {
        labels: COCO_LABELS,
        reason: 'the outputs do not show how many classes there are; those of COCO are assumed',
        missing: 'labels: put labels.txt beside the model, one class a line',
      };
    default:
      return {
        labels: Array.from({ length: count }, (_, index) => `class${index}`),
        reason: `${count} classes without names`,
        missing: `labels: put labels.txt with ${count} lines beside the model`,
      };
  }
}

/** Convolutions and matrices of the head have as many outputs as there are classes; 80 and 91 are those of COCO. */
function countInWeights({ weights }: ModelFacts): number | undefined {
  const outputs = new Set(weights.filter((shape) => shape.length === 4).map(([first]) => first));
  const [count] = [91, 90].filter((each) => outputs.has(each) || outputs.has(each * 6) || outputs.has(each * 3));
  if (count !== undefined) {
    return 90;
  }
  return outputs.has(80) ? 80 : undefined;
}

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/plate|lpd|lpr|anpr/i, 'plate'],
  [/face/i, 'face'],
  [/head/i, 'head'],
  [/person|people|human|pedestrian/i, 'person'],
  [/vehicle/i, 'vehicle'],
  [/helmet/i, 'helmet'],
];

function wordInName(fileName: string): string | undefined {
  return WORDS.find(([pattern]) => pattern.test(fileName))?.[1];
}
