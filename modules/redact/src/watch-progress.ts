import { every, type ModuleContext } from '@edgeveil/module-kit';

export interface ProgressOptions {
  /** Frames that have come out of work so far, and how many are in it. */
  readonly queue: { readonly ended: number; readonly active: number };
  /** Whether those in work wait for something outside. */
  readonly isBlocked: () => boolean;
}

const LOOK_EVERY_MS = 5_000;
/**
 * The slowest picture that passes the limits takes some 20 s; a decoder that hangs takes for ever, and a restart
 * helps.
 */
const MAX_STANDSTILL_MS = 180_000;

/** Lets /healthz fail when frames are in work and none comes out. Resolves when stopping starts. */
export async function watchProgress(
  context: Pick<ModuleContext<unknown>, 'heartbeat' | 'signal'>,
  options: ProgressOptions,
): Promise<void> {
  const heartbeat = context.heartbeat('redaction', MAX_STANDSTILL_MS);
  const isMoving = progress(options);
  await every(LOOK_EVERY_MS, context.signal, async () => {
    if (isMoving()) heartbeat.beat();
  });
  heartbeat.stop();
}

/** Tells at each call whether work has gone on since the call before, or had no reason to. */
export function progress({ queue, isBlocked }: ProgressOptions): () => boolean {
  let seen = queue.ended;
  return () => {
    const isMoving = queue.ended !== seen || queue.active === 0 || isBlocked();
    seen = queue.ended;
    return isMoving;
  };
}
