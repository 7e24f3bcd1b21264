import { ConfigError } from '@edgeveil/contracts';
import { z } from 'zod';
import type { Size } from '../boxes.ts';
import type { Certainty, Family, Recognition } from '../families/family.ts';
import { FAMILIES } from '../families/family-table.ts';
import type { InputRule } from '../families/input-rules.ts';
import { ioText } from '../model-io.ts';
import { type ModelJson, type ModelPackage, modelPackageSchema } from '../model-package.ts';
import { auxiliaryInputs } from './auxiliary-inputs.ts';
import { chooseLabels } from './choose-labels.ts';
import type { ModelDescription } from './model-description.ts';
import { type ModelFacts, modelFacts } from './model-facts.ts';

/** Where a model file comes from. */
export interface ModelFile {
  /** File name, with or without folder; gives the model its name. */
  readonly fileName: string;
  readonly sha256: string;
}

/** What was worked out, and why. */
export interface RecognisedModel {
  readonly model: ModelPackage;
  readonly family: string;
  readonly certainty: Certainty;
  readonly reasons: readonly string[];
  /** What had to be assumed or is not known, as `field: what to do`. Empty when the file says it all. */
  readonly missing: readonly string[];
  /** Other families that the model could be of. */
  readonly alternatives: readonly string[];
  /** Outputs that are left out, each with the reason. */
  readonly skipped: readonly string[];
}

const RANK: Readonly<Record<Certainty, number>> = { fixed: 3, shapes: 2, guess: 1 };

/**
 * Works out from names, shapes, metadata and operators what kind of model this is, and gives a whole `model.json` for it. What
 * `known` says comes before anything that is worked out. `size` is used where the model takes pictures of any size.
 * ConfigError MODEL_INPUT_UNKNOWN, MODEL_OUTPUT_UNKNOWN with `expected` and `found`; MODEL_PACKAGE_INVALID when `known`
 * does not go together with the rest.
 */
export function recogniseModel(
  description: ModelDescription,
  file: ModelFile,
  options: { readonly known?: ModelJson; readonly size?: Size } = {},
): RecognisedModel {
  const known = options.known ?? {};
  const facts = withKnown(
    modelFacts(description, baseName(file.fileName), options.size ?? defaultSize(description.metadata)),
    known,
  );
  auxiliaryInputs(facts.others, facts.size);
  const [best, ...others] = candidatesFor(facts, known);
  if (best === undefined) {
    throw unknownOutputs(description, file, facts);
  }
  const { family, recognition } = best;
  const chosen = chooseLabels(facts, recognition);
  const labels = known.labels ?? chosen.labels;
  const model = complete({ facts, file, known, family, recognition, labels });
  const isKnownInput = known.input?.scale !== undefined || known.input?.mean !== undefined;
  return {
    model,
    family: family.title,
    certainty: recognition.certainty,
    reasons: [
      ...inputReasons(facts),
      ...recognition.reasons,
      ...(family.task === 'embedding' ? [] : [known.labels === undefined ? chosen.reason : 'labels as given']),
    ],
    missing: [
      ...sizeAssumption(facts, known),
      ...(recognition.assumed ?? []).filter((each) => !(isKnownInput && each.startsWith('input'))),
      ...(known.labels === undefined && family.task !== 'embedding' && chosen.missing !== undefined
        ? [chosen.missing]
        : []),
      ...(model.licence === 'unknown' ? ['licence: not in the file'] : []),
    ],
    alternatives: others
      .filter((other) => RANK[other.recognition.certainty] === RANK[recognition.certainty])
      .map((other) => `${other.family.title} (decoder ${other.family.decoder})`),
    skipped: facts.skipped,
  };
}

interface RecognisedFamily {
  readonly family: Family;
  readonly recognition: Recognition;
}

/** Families that take the model, the surest first. */
function candidatesFor(facts: ModelFacts, known: ModelJson): RecognisedFamily[] {
  return FAMILIES.filter(({ decoder }) => known.decoder === undefined || known.decoder === decoder)
    .flatMap((family) => {
      const recognition = family.recognise(facts);
      return recognition === undefined ? [] : [{ family, recognition }];
    })
    .toSorted((a, b) => RANK[b.recognition.certainty] - RANK[a.recognition.certainty]);
}

/** Labels that were given count like names in the file: they tell YOLOX with one class from YOLOv8 with two. */
function withKnown(facts: ModelFacts, { labels, input }: ModelJson): ModelFacts {
  return {
    ...facts,
    names: labels ?? facts.names,
    size: { width: input?.width ?? facts.size.width, height: input?.height ?? facts.size.height },
  };
}

interface Parts {
  readonly facts: ModelFacts;
  readonly file: ModelFile;
  readonly known: ModelJson;
  readonly family: Family;
  readonly recognition: Recognition;
  readonly labels: readonly string[];
}

function complete({ facts, file, known, family, recognition, labels }: Parts): ModelPackage {
  const { image, metadata } = facts;
  const size = sizeOf(facts, recognition, known);
  // A graph that takes whole numbers brings them to its scale itself.
  const isWhole = !image.type.startsWith('float');
  const parsed = modelPackageSchema.safeParse({
    name: known.name ?? nameOf(file.fileName),
    version: known.version ?? metadata.version?.slice(0, 64) ?? file.sha256.slice(0, 12),
    tags: known.tags ?? [],
    task: known.task ?? family.task,
    sha256: known.sha256 ?? file.sha256,
    licence: known.licence ?? (metadata.license ?? metadata.licence)?.slice(0, 256) ?? 'unknown',
    input: {
      name: image.name,
      width: size.width,
      height: size.height,
      type: image.type,
      layout: image.layout,
      ...recognition.input,
      ...(image.channels === 'grey' ? greyRule(recognition.input) : {}),
      ...(isWhole ? { scale: 1, mean: [0, 0, 0], std: [1, 1, 1] } : {}),
      ...(isSingle(facts) || recognition.isSingle === true ? { batch: 1 } : {}),
      ...known.input,
    },
    decoder: family.decoder,
    labels,
    thresholds: { ...recognition.thresholds, perLabel: {}, ...known.thresholds },
  });
  if (!parsed.success) {
    const found = z.prettifyError(parsed.error);
    throw new ConfigError('MODEL_PACKAGE_INVALID', `${file.fileName}: ${found}`, {
      details: { file: file.fileName, expected: 'a model.json that goes with the model', found },
    });
  }
  return parsed.data;
}

/** The input's own size; where it is open the one that was asked for, or the family's. */
function sizeOf({ image, size }: ModelFacts, recognition: Recognition, { input }: ModelJson): Size {
  return {
    width: image.width ?? input?.width ?? recognition.size?.width ?? size.width,
    height: image.height ?? input?.height ?? recognition.size?.height ?? size.height,
  };
}

/** The rule of the family for one channel: ImageNet's means and deviations by their middle. */
function greyRule({ mean, std }: InputRule): Partial<InputRule> {
  return { channels: 'grey', mean: [mean[1], mean[1], mean[1]], std: [std[1], std[1], std[1]] };
}

/** A free batch is worth nothing when an output is for one picture only. */
function isSingle({ image, outputs }: ModelFacts): boolean {
  return typeof image.batch === 'string' && outputs.some(({ isForOne }) => isForOne);
}

function inputReasons({ image, size, others }: ModelFacts): string[] {
  const isFree = image.width === undefined || image.height === undefined;
  return [
    `input ${image.name} ${image.type}, ${image.layout.toUpperCase()}, ` +
      (isFree ? `any size; ${size.width}x${size.height} is used` : `${size.width}x${size.height}`) +
      (image.channels === 'grey' ? ', one channel: grey' : '') +
      (image.isLayoutAssumed ? '; where the colours stand is open, and assumed' : ''),
    ...others.map(({ name }) => `input ${name} gets fixed numbers`),
  ];
}

function sizeAssumption({ image, size, metadata }: ModelFacts, { input }: ModelJson): string[] {
  const isFree = image.width === undefined || image.height === undefined;
  const isNamed = metadata.imgsz !== undefined || metadata['CustomVision.Preprocess.TargetWidth'] !== undefined;
  return isFree && !isNamed && (input?.width === undefined || input.height === undefined)
    ? [
        `input: any size is taken, ${size.width}x${size.height} is assumed; say width and height if it was trained with others`,
      ]
    : [];
}

/** The size for a model that takes any: what its metadata name, else 640. */
export function defaultSize(metadata: Readonly<Record<string, string>> = {}): Size {
  const [first, second] = [...(metadata.imgsz ?? '').matchAll(/\d+/g)].map(([text]) => Number(text));
  const width = Number(metadata['CustomVision.Preprocess.TargetWidth']) || second || first || 640;
  const height = Number(metadata['CustomVision.Preprocess.TargetHeight']) || first || 640;
  return { width, height };
}

function unknownOutputs(description: ModelDescription, file: ModelFile, facts: ModelFacts): ConfigError {
  const families = `the outputs of one of these families: ${[...new Set(FAMILIES.map(({ title }) => title))].join('; ')}`;
  const expected = [...missingPriors(facts), families].join('; ');
  const found = ioText(description.outputs) || 'no output';
  const skipped = facts.skipped.length === 0 ? '' : ` (left out: ${facts.skipped.join('; ')})`;
  return new ConfigError('MODEL_OUTPUT_UNKNOWN', `model outputs not recognised: found ${found}${skipped}`, {
    details: { expected, found, skipped: facts.skipped, file: file.fileName },
  });
}

/** Boxes and scores of so many rows, and nothing that says what the rows are: an SSD before its decoder. */
function missingPriors({ outputs }: ModelFacts): string[] {
  const boxes = outputs.find(({ dims }) => dims.length === 2 && dims[1] === 4);
  const scores = outputs.find(
    (output) => output !== boxes && output.dims.length === 2 && output.dims[0] === boxes?.dims[0],
  );
  return boxes === undefined || scores === undefined || outputs.length !== 2
    ? []
    : [
        `the priors that the ${boxes.dims[0] ?? ''} boxes are offsets from, which no file holds: export it with its decoder`,
      ];
}

function baseName(fileName: string): string {
  return fileName.split(/[\\/]/).at(-1) ?? '';
}

function nameOf(fileName: string): string {
  return (
    baseName(fileName)
      .replace(/\.onnx$/i, '')
      .slice(0, 128) || 'model'
  );
}
