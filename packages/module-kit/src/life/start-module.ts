import { ConfigError } from '@edgeveil/contracts';
import type { LineLog } from '../log-lines/line-log.ts';
import type { ModuleContext } from '../module-context.ts';
import type { ModuleDefinition, ModuleTwin } from '../module-definition.ts';
import type { ModuleEnvironment } from '../module-environment.ts';
import type { RunningModule } from '../running-module.ts';
import { refusalErrors } from '../twin/twin-errors.ts';
import type { Candidate } from '../twin/twin-keeper.ts';
import type { ModuleParts } from './module-parts.ts';

export interface StartModuleOptions<Twin extends ModuleTwin> {
  readonly definition: ModuleDefinition<Twin>;
  readonly parts: ModuleParts<Twin>;
  readonly environment: ModuleEnvironment;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly log: LineLog;
  readonly signal: AbortSignal;
  readonly crash: (error: unknown) => void;
  readonly twinGraceMs: number;
}

/**
 * Starts the module with the hub's twin, or with the last good one when the hub is not in reach or its twin is refused. Undefined
 * when stopping starts first.
 * @throws what the module's `start` throws, other than a ConfigError that another twin may cure
 */
export async function startModule<Twin extends ModuleTwin>(
  options: StartModuleOptions<Twin>,
): Promise<RunningModule<Twin> | undefined> {
  const { definition, parts, signal } = options;
  let lastGood = await parts.twins.lastGood();
  while (true) {
    const candidate = await firstCandidate(options, lastGood);
    if (candidate === undefined) return undefined;
    try {
      const running = await definition.start(createContext(options, candidate.twin));
      parts.addMethods(running.methods ?? {});
      await parts.twins.accept(candidate);
      parts.health.setReady('twin', true);
      parts.health.setReady('module', true);
      return running;
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!(error instanceof ConfigError)) throw error;
      if (candidate.from === 'hub') parts.twins.refuse(candidate.document, refusalErrors(error));
      const mayBeCured = candidate.from === 'hub' && (lastGood !== undefined || 'path' in error.details);
      if (!mayBeCured) throw error;
      options.log.error('module not started with this twin', { version: candidate.document.version, error });
      parts.health.setReady('twin', false, error.message);
    }
    // The last good one gets one chance; after that only another document helps.
    if (lastGood !== undefined) {
      parts.twins.offer(lastGood.document);
      lastGood = undefined;
    }
  }
}

async function firstCandidate<Twin extends ModuleTwin>(
  { parts, log, signal, twinGraceMs }: StartModuleOptions<Twin>,
  lastGood: Candidate<Twin> | undefined,
): Promise<Candidate<Twin> | undefined> {
  parts.health.setReady('twin', false, 'no valid twin yet');
  const grace = lastGood === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(twinGraceMs)]);
  const fromHub = await parts.twins.next(grace);
  if (fromHub !== undefined || signal.aborted) return fromHub;
  log.info('starting with the last good twin', { version: lastGood?.document.version });
  return lastGood;
}

function createContext<Twin extends ModuleTwin>(
  { parts, environment, variables, log, signal, crash }: StartModuleOptions<Twin>,
  twin: Twin,
): ModuleContext<Twin> {
  return {
    moduleId: environment.moduleId,
    deviceId: environment.deviceId,
    instance: parts.instance,
    twin,
    environment: variables,
    stateDir: environment.stateDir,
    log,
    metrics: parts.metrics,
    signal,
    output: (name) => parts.outputs.get(name),
    report: (patch) => parts.reporter.report(patch),
    ready: (name, isReady, reason) => parts.health.setReady(name, isReady, reason),
    heartbeat: (name, maxSilenceMs) => parts.health.watch(name, maxSilenceMs),
    crash,
  };
}
