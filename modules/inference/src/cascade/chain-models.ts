import { type StageConfig, stageNameSchema, type TilesConfig } from '@edgeveil/contracts';
import type { ModelTask } from '@edgeveil/vision';
import { Detector } from '../detector.ts';
import { Cascade } from './cascade.ts';
import { Stage } from './stage.ts';

/** A model that looks at crops of what models before it find. */
export interface ChainedModel {
  /** As {@link Detector.open} takes it. */
  readonly model: string;
  /** Which finds; all of the first model when not given. */
  readonly labels?: readonly string[];
}

const YIELDS: Readonly<Record<ModelTask, StageConfig['yields']>> = {
  detection: 'detections',
  classification: 'classification',
  embedding: 'embedding',
  text: 'text',
};

/**
 * Opens a cascade of models named by hand: what a stage yields is what its model is for, and it looks at what the first of those before it
 * finds that knows all its labels. Throws as {@link Detector.open}; ConfigError CASCADE_LABEL_UNKNOWN.
 */
export async function chainModels({
  model,
  chained = [],
  tiles,
}: {
  readonly model: string;
  readonly chained?: readonly ChainedModel[];
  readonly tiles?: TilesConfig;
}): Promise<Cascade> {
  const detector = await Detector.open({ model });
  const stages: Stage[] = [];
  try {
    for (const each of chained) {
      stages.push(await openStage(each, detector, stages));
    }
    return new Cascade({ detector, stages, tilesOf: () => tiles });
  } catch (error) {
    await Promise.all([detector.close(), ...stages.map((stage) => stage.close())]);
    throw error;
  }
}

async function openStage(
  { model, labels: asked }: ChainedModel,
  first: Detector,
  before: readonly Stage[],
): Promise<Stage> {
  const detector = await Detector.open({ model });
  const labels = [...(asked ?? first.labels)];
  const knows = (known: readonly string[]): boolean => labels.every((label) => known.includes(label));
  const after = knows(first.labels) ? undefined : before.find((stage) => knows(stage.labels))?.name;
  const name = freeName(detector.identity.name, before);
  const yields = YIELDS[detector.model.task];
  const config: StageConfig = {
    after,
    labels,
    yields,
    model: { package: model },
    margin: 0.1,
    minSize: 16,
    maxCrops: 100,
    required: true,
  };
  return Stage.open({ name, config, open: async () => detector });
}

/** The model's name as a stage may be called, with a number when there is one by that name. */
function freeName(model: string, before: readonly Stage[]): string {
  const base = model
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 28);
  const valid = stageNameSchema.safeParse(base).success ? base : 'stage';
  const names = [valid, ...before.map((_, index) => `${valid}-${index + 2}`)];
  // One name more than there are stages, so one is free.
  return names.find((each) => before.every(({ name }) => name !== each)) ?? valid;
}
