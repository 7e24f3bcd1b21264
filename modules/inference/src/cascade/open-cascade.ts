import { type CascadeConfig, ConfigError, type StageConfig } from '@edgeveil/contracts';
import type { Log } from '@edgeveil/module-kit';
import type { Detector } from '../detector.ts';
import { Cascade, type CascadeOptions } from './cascade.ts';
import { Stage } from './stage.ts';

export interface OpenCascadeOptions {
  /** Opens the first model. */
  readonly openFirst: () => Promise<Detector>;
  /** Opens the model of a stage; may be called again for one that is not required and could not be opened. */
  readonly openStage: (name: string, config: StageConfig) => Promise<Detector>;
  readonly stages: CascadeConfig;
  readonly tilesOf?: CascadeOptions['tilesOf'];
  readonly log?: Log;
}

/**
 * Opens the first model and those of the stages, one after the other. Throws what opening one of them throws, but for stages that are not
 * required; ConfigError CASCADE_LABEL_UNKNOWN, CASCADE_YIELD_MISMATCH. Nothing stays open then.
 */
export async function openCascade({
  openFirst,
  openStage,
  stages,
  tilesOf,
  log,
}: OpenCascadeOptions): Promise<Cascade> {
  const detector = await openFirst();
  const opened: Stage[] = [];
  try {
    requireFinds(detector);
    for (const [name, config] of inOrder(stages)) {
      opened.push(await Stage.open({ name, config, log, open: () => openStage(name, config) }));
    }
    return new Cascade({ detector, stages: opened, ...(tilesOf && { tilesOf }) });
  } catch (error) {
    await Promise.all([detector.close(), ...opened.map((stage) => stage.close())]);
    throw error;
  }
}

/** What a picture as a whole says is no class that could be counted, or hidden. */
function requireFinds({ model }: Detector): void {
  if (model.task === 'text') {
    const found = `${model.name}, a model for ${model.task}`;
    throw new ConfigError('CASCADE_YIELD_MISMATCH', `the first model: expected one that finds things, found ${found}`, {
      details: { expected: 'a model that finds things, and one that reads in a stage after it', found },
    });
  }
}

/** Each stage after the one whose finds it looks at. The schema lets no circle pass. */
function inOrder(stages: CascadeConfig): [string, StageConfig][] {
  const ordered: [string, StageConfig][] = [];
  const visit = (name: string): void => {
    const config = stages[name];
    if (config !== undefined && ordered.every(([other]) => other !== name)) {
      if (config.after !== undefined) {
        visit(config.after);
      }
      ordered.push([name, config]);
    }
  };
  for (const name of Object.keys(stages).sort()) {
    visit(name);
  }
  return ordered;
}
