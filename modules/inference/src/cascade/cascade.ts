import {
  type Box,
  type CascadeDetection,
  ConfigError,
  type Detection,
  type ModelIdentity,
  type TilesConfig,
} from '@edgeveil/contracts';
import { probePicture } from '@edgeveil/picture-codec';
import { type ModelPackage, mergeRegions, planTiles, type Size } from '@edgeveil/vision';
import type { Detector, PreparedPicture } from '../detector.ts';
import type { FrameBytes, FrameDetector, FramesResult, PreparedFrame, StageStatus } from '../frame-detector.ts';
import type { ProviderReport } from '../session/session-protocol.ts';
import { DecodedFrame, FrameMemory } from './decoded-frame.ts';
import { prepareAll, releaseAll, runInSlices } from './run-in-slices.ts';
import type { FrameInWork, Stage } from './stage.ts';

export interface CascadeOptions {
  /** The first model. */
  readonly detector: Detector;
  /** Each after the one whose finds it looks at. */
  readonly stages: readonly Stage[];
  /** How pictures of a source are cut into tiles; nothing for sources that are looked at whole. */
  readonly tilesOf?: (source: string | undefined) => TilesConfig | undefined;
}

/** A part of a frame as the first model looks at it. */
interface Part {
  release(): void;
  readonly picture: PreparedPicture;
  /** In pixels of the original. */
  readonly region: Box;
}

/** A frame whose parts are ready for the first model. */
interface CascadeFrame extends PreparedFrame {
  readonly size: Size;
  readonly parts: readonly Part[];
  /** There when the frame is cut: into tiles, or into crops. */
  readonly decoded: DecodedFrame | undefined;
}

/**
 * A model, the tiles that it looks at, and the models that look at crops of what it finds. A picture that is to be cut is decoded once;
 * tiles of all frames of a batch are run together, and so are crops. While the crops of one batch are run, the first model has the next.
 */
export class Cascade implements FrameDetector {
  readonly #detector: Detector;
  readonly #stages: readonly Stage[];
  readonly #tilesOf: NonNullable<CascadeOptions['tilesOf']>;
  readonly #memory = new FrameMemory();

  /** ConfigError CASCADE_LABEL_UNKNOWN for a stage that looks at labels which nothing before it can find. */
  constructor({ detector, stages, tilesOf = () => undefined }: CascadeOptions) {
    for (const { name, config } of stages) {
      const parent = config.after === undefined ? detector : stages.find((stage) => stage.name === config.after);
      const missing = config.labels.filter((label) => parent?.labels.includes(label) !== true);
      if (missing.length > 0) {
        const expected = parent?.labels.slice(0, 100).join(', ') ?? '';
        const found = missing.join(', ');
        const message = `stage ${name} looks at ${found}, but the model before it finds ${expected}`;
        throw new ConfigError('CASCADE_LABEL_UNKNOWN', message, { details: { stage: name, expected, found } });
      }
    }
    this.#detector = detector;
    this.#stages = stages;
    this.#tilesOf = tilesOf;
  }

  get model(): ModelPackage {
    return this.#detector.model;
  }

  get identity(): ModelIdentity {
    return this.#detector.identity;
  }

  get labels(): readonly string[] {
    const { labels } = this.#detector;
    return this.#stages.length === 0
      ? labels
      : [...new Set([...labels, ...this.#stages.flatMap((each) => each.labels)])];
  }

  get provider(): ProviderReport {
    return this.#detector.provider;
  }

  get providers(): readonly ProviderReport[] {
    return this.#detector.providers;
  }

  get sessions(): number {
    return this.#detector.sessions;
  }

  get threads(): number {
    return this.#detector.threads;
  }

  get loadMs(): number {
    return this.#detector.loadMs;
  }

  get batchSize(): number {
    return this.#detector.batchSize;
  }

  get stages(): readonly StageStatus[] {
    return this.#stages.map(({ status }) => status);
  }

  /** Decodes a frame and makes it, or its tiles, ready for the first model. RejectedError PICTURE_… */
  async prepare(frame: FrameBytes): Promise<CascadeFrame> {
    // Only what finds things can be put together again.
    const tiles = this.model.task === 'detection' ? this.#tilesOf(frame.source) : undefined;
    const { width, height } = frame.size ?? (await probePicture(frame.bytes));
    const size = { width, height };
    const whole: Box = [0, 0, width, height];
    if (tiles === undefined && this.#stages.length === 0) {
      const picture = await this.#detector.prepare({ ...frame, size });
      const dispose = (): void => picture.release();
      const parts = [{ picture, region: whole, release: dispose }];
      return { size, parts, decoded: undefined, release: dispose };
    }
    const regions = tiles === undefined ? [whole] : this.#regionsOf(size, tiles);
    const scale = this.#stages.length > 0 ? 1 : scaleOf(regions.at(-1) ?? whole, this.model.input);
    const decoded = new DecodedFrame(frame.bytes, size, { scale, memory: this.#memory });
    try {
      const parts = await prepareAll(regions, (box) => this.#prepareRegion(decoded, box));
      if (this.#stages.length === 0) {
        decoded.release();
      } else {
        decoded.relieve();
      }
      return { size, parts, decoded, release: () => release(parts, decoded) };
    } catch (error) {
      decoded.release();
      throw error;
    }
  }

  /** As {@link FrameDetector.run}: throws too when a stage that is required fails, so that no frame goes on with fewer detections. */
  async run(frames: readonly CascadeFrame[]): Promise<FramesResult> {
    try {
      const parts = frames.flatMap((frame) => frame.parts);
      const first = await runInSlices(this.#detector, parts, async ({ picture }) => picture);
      let next = 0;
      const detections = frames.map((frame) => {
        const found = first.detections.slice(next, next + frame.parts.length);
        next += frame.parts.length;
        return mergeParts(frame, found, this.model.thresholds.nms);
      });
      return this.#stages.length === 0
        ? { detections, timings: first.timings }
        : { detections, timings: first.timings, ...(await this.#lookOn(frames, detections)) };
    } finally {
      releaseAll(frames);
    }
  }

  /** Prepares and runs. */
  async detect(frames: readonly FrameBytes[]): Promise<FramesResult> {
    return this.run(await prepareAll(frames, (frame) => this.prepare(frame)));
  }

  async selfTest(): Promise<void> {
    await this.#detector.selfTest();
    for (const stage of this.#stages) {
      await stage.selfTest();
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#detector.close(), ...this.#stages.map((stage) => stage.close())]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #lookOn(
    frames: readonly CascadeFrame[],
    detections: CascadeDetection[][],
  ): Promise<Pick<FramesResult, 'stages' | 'stageWork'>> {
    const works = frames.flatMap(({ decoded }, index): FrameInWork[] =>
      decoded === undefined ? [] : [{ frame: decoded, detections: detections[index] ?? [] }],
    );
    const looked = [];
    for (const stage of this.#stages) {
      looked.push(await stage.look(works));
    }
    return { stages: looked.map(({ result }) => result), stageWork: looked.map(({ work }) => work) };
  }

  /** The tiles, and the whole picture first if it is asked for. */
  #regionsOf(picture: Size, tiles: TilesConfig): Box[] {
    const planned = planTiles(picture, tiles, this.model.input);
    return tiles.wholePicture && planned.length > 1 ? [[0, 0, picture.width, picture.height], ...planned] : planned;
  }

  async #prepareRegion(decoded: DecodedFrame, box: Box): Promise<Part> {
    const region = await decoded.region(box);
    const picture = await this.#detector.prepareRegion(region);
    const { corner, size } = region;
    return {
      picture,
      region: [corner[0], corner[1], size.width, size.height],
      release: () => picture.release(),
    };
  }
}

/** One list for the frame out of those of its parts, best first. */
function mergeParts(
  { parts, size }: CascadeFrame,
  found: readonly (readonly Detection[])[],
  maxOverlap: number,
): CascadeDetection[] {
  if (parts.length === 1) {
    return [...(found[0] ?? [])];
  }
  const finds = parts.flatMap(({ region }, index) =>
    (found[index] ?? []).map((detection) => {
      const [x, y, width, height] = detection.box;
      return { region, detection: { ...detection, box: [x + region[0], y + region[1], width, height] as const } };
    }),
  );
  return mergeRegions(finds, { picture: size, maxOverlap });
}

/** Pixels that the input takes for each of a tile. */
function scaleOf(tile: Box, input: Size): number {
  return Math.max(input.width / tile[2], input.height / tile[3]);
}

function release(parts: readonly Part[], decoded: DecodedFrame): void {
  releaseAll(parts);
  decoded.release();
}
