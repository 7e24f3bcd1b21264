import type { Log } from '../log.ts';
import type { ModuleTwin } from '../module-definition.ts';
import type { RunningModule } from '../running-module.ts';
import { WakeUp } from '../wake-up.ts';
import { within } from '../within.ts';
import type { ModuleParts } from './module-parts.ts';
import type { Shutdown } from './shutdown.ts';

/** Kept of the grace for sending the rest and closing. */
const CLOSING_MS = 2_000;

export interface ServeModuleOptions<Twin extends ModuleTwin> {
  readonly running: RunningModule<Twin>;
  readonly parts: ModuleParts<Twin>;
  readonly log: Log;
  readonly shutdown: Shutdown;
}

/** Feeds the module messages and twins until stopping starts; then lets it finish what is under way and sends what waits. */
export async function serveModule<Twin extends ModuleTwin>(options: ServeModuleOptions<Twin>): Promise<void> {
  const { running, parts, log, shutdown } = options;
  const { signal } = shutdown;
  const loops = Promise.all([
    parts.inputs.serve(running.inputs ?? {}, signal),
    parts.twins.serve((twin) => running.apply(twin), signal),
  ]);
  loops.catch(shutdown.crash);
  await new WakeUp().wait(signal);

  // Senders must not wait for a hub that is not there.
  if (!parts.link.isConnected) await parts.outputs.close(AbortSignal.abort());
  const drainMs = Math.max(0, shutdown.remainingMs - CLOSING_MS);
  const drained = Promise.all([loops, running.drain(AbortSignal.timeout(drainMs))]);
  try {
    await within(drained, { timeoutMs: drainMs + CLOSING_MS / 4, what: 'drain' });
  } catch (error) {
    log.error('not drained', { error });
    shutdown.fail();
  }
  await parts.flush(parts.link.isConnected ? AbortSignal.timeout(CLOSING_MS / 2) : AbortSignal.abort());
}
