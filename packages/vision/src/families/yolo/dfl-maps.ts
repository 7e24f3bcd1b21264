import { boxBetween, type Size } from '../../boxes.ts';
import { type Candidate, pushLabels } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { expectedDistance, sigmoid } from '../../decoders/distribution.ts';
import type { FloatTensor } from '../../decoders/output-tensor.ts';
import { outputMismatch, type PictureOutputs } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { RGB_UNIT_LETTERBOX } from '../input-rules.ts';

const BINS = 16;
const BOX_CHANNELS = 4 * BINS;
/** Five points of x, y and visibility behind the one class of a face detector. */
const FACE_CHANNELS = BOX_CHANNELS + 1 + 15;
/** Classes of COCO and of Pascal VOC, and a single one. */
const USUAL_COUNTS: ReadonlySet<number> = new Set([80, 20, 1]);

/**
 * Raw maps of YOLOv8 and its kin: three of `[64 + labels + others, height, width]`, or channels last. For each side 16 logits,
 * whose softmax gives an expectation in strides from the middle of the cell, then class logits, then keypoints, which are not used.
 */
export const dflMaps: Family = {
  decoder: 'dfl-maps',
  title: 'YOLOv8 raw maps (YOLOv8-face and others)',
  task: 'detection',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const maps = facts.outputs.map(({ dims }) => mapOf(dims, facts.size));
  const channels = maps[0]?.channels;
  const strides = maps.map((map) => map?.stride);
  if (channels === undefined || maps.length < 2 || maps.length > 4 || channels <= BOX_CHANNELS) {
    return undefined;
  }
  if (maps.some((map) => map?.channels !== channels) || new Set(strides).size !== strides.length) {
    return undefined;
  }
  const named = facts.names?.length ?? facts.labelFiles[0]?.labels.length;
  if (areAnchorMaps(channels, maps.length, named)) {
    return undefined;
  }
  const isFace = channels === FACE_CHANNELS && (named === undefined || named === 1);
  const isNamed = named !== undefined && named <= channels - BOX_CHANNELS;
  const labelCount = isFace ? 1 : isNamed ? named : channels - BOX_CHANNELS;
  // Three anchors with five values each, and so many classes, have as many channels.
  const isOpen = maps.length === 3 && channels % 3 === 0 && !isFace && !isNamed && !USUAL_COUNTS.has(labelCount);
  return {
    certainty: isOpen ? 'guess' : 'fixed',
    reasons: [
      `${maps.length} maps of ${channels} channels, strides ${strides.join(', ')}: 64 for the sides, ${labelCount} classes` +
        (isFace ? ', 5 keypoints of 3 values' : ''),
    ],
    labelCount,
    ...(isFace ? { labels: ['face'] } : {}),
    input: RGB_UNIT_LETTERBOX,
    thresholds: { score: isFace ? 0.45 : 0.25, nms: 0.5 },
    ...(isFace ? { assumed: ['labels: 80 channels could also be 16 classes; say so in labels.txt'] } : {}),
    ...(isOpen
      ? {
          assumed: [
            `labels: ${labelCount} classes of YOLOv8 or ${channels / 3 - 5} of a head with three anchors; put them into labels.txt`,
          ],
        }
      : {}),
  };
}

/** Maps of three anchors: as many classes as are named, or a usual number where that of YOLOv8 would not be. */
function areAnchorMaps(channels: number, maps: number, named: number | undefined): boolean {
  const withAnchors = channels / 3 - 5;
  const without = channels - BOX_CHANNELS;
  if (maps !== 3 || !Number.isInteger(withAnchors) || named === without) {
    return false;
  }
  return named === withAnchors || (USUAL_COUNTS.has(withAnchors) && !USUAL_COUNTS.has(without));
}

interface MapShape {
  readonly channels: number;
  readonly columns: number;
  readonly rows: number;
  readonly stride: number;
  readonly isChannelsFirst: boolean;
}

/** `undefined` for anything but a map whose cells divide the input evenly. */
function mapOf(dims: readonly (number | undefined)[], { width, height }: Size): MapShape | undefined {
  const [first, second, third] = dims;
  if (dims.length !== 3 || first === undefined || second === undefined || third === undefined) {
    return undefined;
  }
  for (const isChannelsFirst of [true, false]) {
    const [channels, rows, columns] = isChannelsFirst ? [first, second, third] : [third, first, second];
    const stride = width / columns;
    if (Number.isInteger(Math.log2(stride)) && stride >= 2 && height / rows === stride) {
      return { channels, rows, columns, stride, isChannelsFirst };
    }
  }
  return undefined;
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const found: Candidate[] = [];
  for (const output of outputs) {
    const map = mapOf(output.dims, context.input);
    if (map === undefined || map.channels < BOX_CHANNELS + context.labels.length) {
      throw outputMismatch(`maps of at least ${BOX_CHANNELS + context.labels.length} channels`, outputs);
    }
    decodeMap(found, output, map, context);
  }
  return found;
}

function decodeMap(found: Candidate[], { data }: FloatTensor, map: MapShape, context: DecoderContext): void {
  const { labels, floors } = context;
  const { columns, rows, stride, channels, isChannelsFirst } = map;
  const cells = columns * rows;
  for (let cell = 0; cell < cells; cell += 1) {
    const at = (channel: number): number =>
      data[isChannelsFirst ? channel * cells + cell : cell * channels + channel] as number;
    const score = (label: number): number => sigmoid(at(BOX_CHANNELS + label));
    if (labels.some((_, label) => score(label) >= (floors.floor[label] as number))) {
      const x = ((cell % columns) + 0.5) * stride;
      const y = (Math.floor(cell / columns) + 0.5) * stride;
      const side = (index: number): number => expectedDistance((bin) => at(index * BINS + bin), BINS) * stride;
      pushLabels(found, boxBetween(x - side(0), y - side(1), x + side(2), y + side(3)), context, score);
    }
  }
}
