import {
  type CascadeDetection,
  ConfigError,
  type StageConfig,
  type StageResult,
  TransientError,
} from '@edgeveil/contracts';
import type { Log } from '@edgeveil/module-kit';
import { boxArea, expandBox, type ModelTask } from '@edgeveil/vision';
import type { Detector } from '../detector.ts';
import type { StageStatus, StageWork } from '../frame-detector.ts';
import type { DecodedFrame, PictureRegion } from './decoded-frame.ts';
import { runInSlices } from './run-in-slices.ts';
import { addFinds, attributeOf, type CropFinds, embeddingOf } from './stage-output.ts';

/** When a stage that is not required, and could not be loaded, is tried again. */
const RETRY_MS = 60_000;

export interface StageOptions {
  readonly name: string;
  readonly config: StageConfig;
  /** Opens its model. ConfigError or TransientError when it cannot be. */
  readonly open: () => Promise<Detector>;
  readonly log?: Log | undefined;
  readonly clock?: () => number;
}

/** A frame on its way through the cascade. */
export interface FrameInWork {
  readonly frame: DecodedFrame;
  /** Grows from stage to stage. */
  readonly detections: CascadeDetection[];
}

/** A crop that is to be looked at. */
interface Crop {
  readonly work: FrameInWork;
  readonly parent: number;
  readonly region: PictureRegion;
}

/** One model of a cascade, which looks at crops of what was found before it. */
export class Stage {
  readonly name: string;
  readonly config: StageConfig;
  readonly #options: StageOptions;
  #detector: Detector | undefined;
  #failure: ConfigError | TransientError | undefined;
  #opening: Promise<void> | undefined;
  #retryAt = 0;
  #isClosed = false;

  private constructor(options: StageOptions) {
    this.name = options.name;
    this.config = options.config;
    this.#options = options;
  }

  /** Opens the model and compares it with what the stage is to yield. A stage that is not required opens without its model if need be. */
  static async open(options: StageOptions): Promise<Stage> {
    const stage = new Stage(options);
    try {
      await stage.#open();
    } catch (error) {
      stage.#fail(error);
    }
    return stage;
  }

  /** Labels that it adds to what can be found. */
  get labels(): readonly string[] {
    return this.config.yields === 'detections' ? (this.#detector?.labels ?? []) : [];
  }

  get status(): StageStatus {
    const { code = '', message = '' } = this.#failure ?? {};
    return {
      name: this.name,
      yields: this.config.yields,
      model: this.#detector?.identity,
      provider: this.#detector?.provider.used,
      failure: this.#failure === undefined ? undefined : { code, message },
    };
  }

  /**
   * Looks at all crops of a batch of frames and adds what it finds to their detections. Throws what the model throws, unless the stage is
   * not required: then it answers that it is not done.
   */
  async look(works: readonly FrameInWork[]): Promise<{ readonly result: StageResult; readonly work: StageWork }> {
    const startedAt = performance.now();
    const { name } = this;
    const { yields } = this.config;
    const detector = this.#usable();
    let crops = 0;
    let isDone = detector !== undefined;
    try {
      crops = detector === undefined ? 0 : await this.#lookWith(detector, works);
      this.#failure = detector === undefined ? this.#failure : undefined;
    } catch (error) {
      this.#fail(error);
      isDone = false;
    }
    const ms = performance.now() - startedAt;
    const model = this.#detector?.identity;
    return { result: { name, yields, ...(model && { model }), isDone }, work: { name, crops, ms, isDone } };
  }

  /** Throws as `look` when a stage that is required fails with empty pictures too. */
  async selfTest(): Promise<void> {
    if (this.config.required) {
      await this.#detector?.selfTest();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#opening;
    await this.#detector?.close();
  }

  async #lookWith(detector: Detector, works: readonly FrameInWork[]): Promise<number> {
    const crops = (await Promise.all(works.map((work) => this.#cropsOf(work)))).flat();
    const { detections, embeddings = [] } = await runInSlices(detector, crops, ({ region }) =>
      detector.prepareRegion(region),
    );
    if (this.config.yields === 'detections') {
      const { nms } = detector.model.thresholds;
      for (const work of works) {
        const finds = crops.flatMap((crop, index) =>
          crop.work === work ? [findsOf(crop, detections[index] ?? [])] : [],
        );
        addFinds(work.detections, this.name, finds, { picture: work.frame.original, maxOverlap: nms });
      }
      return crops.length;
    }
    crops.forEach(({ work, parent }, index) => {
      const detection = work.detections[parent];
      if (detection !== undefined) {
        work.detections[parent] = this.#described(detection, detections[index] ?? [], embeddings[index]);
      }
    });
    return crops.length;
  }

  #described(
    detection: CascadeDetection,
    found: readonly CascadeDetection[],
    features: Float32Array | undefined,
  ): CascadeDetection {
    if (this.config.yields === 'embedding') {
      return features === undefined
        ? detection
        : { ...detection, embeddings: [...(detection.embeddings ?? []), embeddingOf(this.name, features)] };
    }
    const attribute = attributeOf(this.name, found);
    return attribute === undefined
      ? detection
      : { ...detection, attributes: [...(detection.attributes ?? []), attribute] };
  }

  async #cropsOf(work: FrameInWork): Promise<Crop[]> {
    const { after, labels, minSize, margin, maxCrops, yields } = this.config;
    const { original } = work.frame;
    const wanted = work.detections
      .map((detection, parent) => ({ detection, parent }))
      .filter(
        ({ detection: { stage, label, box } }) =>
          stage === after && labels.includes(label) && Math.min(box[2], box[3]) >= minSize,
      );
    const chosen =
      yields === 'detections'
        ? wanted
        : wanted.toSorted((a, b) => b.detection.score - a.detection.score).slice(0, maxCrops);
    const regions = await Promise.all(
      chosen.map(async ({ detection, parent }) => {
        const box = expandBox(detection.box, { share: margin, minPixels: 0 }, original);
        return boxArea(box) === 0 ? [] : [{ work, parent, region: await work.frame.regionAgain(box) }];
      }),
    );
    return regions.flat();
  }

  async #open(): Promise<void> {
    const detector = await this.#options.open();
    try {
      await checkYield(this.name, this.config, detector);
    } catch (error) {
      await detector.close();
      throw error;
    }
    this.#detector = detector;
    this.#failure = undefined;
  }

  /**
   * The model, if it is there and worked lately: a stage that is not required must not hold up frames. One that could not be loaded is
   * tried again from time to time, while frames go on.
   */
  #usable(): Detector | undefined {
    const { clock = () => performance.now() } = this.#options;
    if (this.#failure !== undefined && clock() < this.#retryAt) {
      return undefined;
    }
    if (this.#detector === undefined && !this.#isClosed && this.#opening === undefined && clock() >= this.#retryAt) {
      this.#opening = this.#open()
        .catch((error: unknown) => this.#fail(error))
        .finally(() => {
          this.#opening = undefined;
        });
    }
    return this.#detector;
  }

  /** Notes why a stage that is not required does not work. @throws the error when it is required, and whatever is a bug */
  #fail(error: unknown): void {
    if (this.config.required || !(error instanceof ConfigError || error instanceof TransientError)) {
      throw error;
    }
    const { clock = () => performance.now(), log } = this.#options;
    this.#retryAt = clock() + RETRY_MS;
    if (this.#failure?.message !== error.message) {
      log?.warn('a stage of the cascade does not work, frames go on without it', { stage: this.name, error });
    }
    this.#failure = error;
  }
}

function findsOf({ parent, region: { corner, size } }: Crop, found: readonly CascadeDetection[]): CropFinds {
  const [x, y] = corner;
  return {
    parent,
    region: [x, y, size.width, size.height],
    found: found.map((each) => ({
      ...each,
      box: [each.box[0] + x, each.box[1] + y, each.box[2], each.box[3]],
    })),
  };
}

/** What a model must be for. Classes may be texts, of a model that names them. */
const TASKS: Readonly<Record<Exclude<StageConfig['yields'], 'embedding'>, readonly ModelTask[]>> = {
  detections: ['detection'],
  classification: ['classification'],
  text: ['text', 'classification'],
};

/** ConfigError CASCADE_YIELD_MISMATCH for a model that does something else than the stage is to yield. */
async function checkYield(name: string, { yields }: StageConfig, detector: Detector): Promise<void> {
  const { task } = detector.model;
  const isFitting = yields === 'embedding' ? await detector.givesFeatures() : TASKS[yields].includes(task);
  if (!isFitting) {
    const expected = `a model that yields ${yields}`;
    const found = `${detector.model.name}, a model for ${task}`;
    throw new ConfigError('CASCADE_YIELD_MISMATCH', `stage ${name}: expected ${expected}, found ${found}`, {
      details: { stage: name, expected, found },
    });
  }
}
