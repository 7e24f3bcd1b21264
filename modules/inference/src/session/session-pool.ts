import { ConfigError } from '@edgeveil/contracts';
import { SessionKeeper, type SessionKeeperOptions } from './session-keeper.ts';
import type { PlacedPicture, ProviderReport, RunResult, SessionInfo, SessionSpec } from './session-protocol.ts';

export interface SessionPoolOptions extends SessionKeeperOptions {
  /** GPUs that get a session each, when the model runs on CUDA or TensorRT; the first must work. */
  readonly devices?: readonly number[];
  /** Sessions on the CPU; 1 when not given. */
  readonly sessions?: number;
}

/** Another session is opened while there is so often the memory free that the first one took. */
const FREE_FOR_ANOTHER = 3;

/** One model on one GPU or several, or on the CPU a few times: each batch goes to the session that has least to do. */
export class SessionPool {
  readonly info: SessionInfo;
  /** What each session runs on; the first is that of `info`. */
  readonly providers: readonly ProviderReport[];
  readonly #keepers: readonly SessionKeeper[];

  private constructor(keepers: readonly SessionKeeper[], info: SessionInfo, providers: readonly ProviderReport[]) {
    this.#keepers = keepers;
    this.info = info;
    this.providers = providers;
  }

  /**
   * Throws what {@link SessionKeeper.open} throws for the first session. Others that do not work are left out and told; on the CPU
   * there are only as many as memory allows.
   */
  static async open(spec: SessionSpec, options: SessionPoolOptions): Promise<SessionPool> {
    const [first = spec.device, ...devices] = new Set(options.devices ?? [spec.device]);
    const before = process.memoryUsage.rss();
    const { keeper, info } = await SessionKeeper.open({ ...spec, device: first }, options);
    const bytesEach = process.memoryUsage.rss() - before;
    const keepers = [keeper];
    const providers = [info.provider];
    const failures = [...info.provider.failures];
    const { used } = info.provider;
    const { model: description, pictureInput } = info;
    const others =
      used === 'cpu'
        ? Array.from({ length: (options.sessions ?? 1) - 1 }, () => ({ description, pictureInput, what: 'another' }))
        : devices.map((device) => ({ device, what: `GPU ${device}` }));
    for (const { what, ...own } of info.provider.device === undefined && used !== 'cpu' ? [] : others) {
      if (used === 'cpu' && process.availableMemory() < bytesEach * FREE_FOR_ANOTHER) {
        options.log?.warn('no memory for another session', { sessions: keepers.length, bytesEach });
        break;
      }
      try {
        const other = await SessionKeeper.open({ ...spec, ...own, providers: [used] }, options);
        keepers.push(other.keeper);
        providers.push(other.info.provider);
      } catch (error) {
        if (!(error instanceof ConfigError)) {
          await Promise.all(keepers.map((each) => each.close()));
          throw error;
        }
        failures.push({ provider: used, reason: `${what}: ${error.message.split('\n')[0]?.slice(0, 300)}` });
      }
    }
    return new SessionPool(keepers, { ...info, provider: { ...info.provider, failures } }, providers);
  }

  /** Sessions side by side. */
  get size(): number {
    return this.#keepers.length;
  }

  /** Throws as {@link SessionKeeper.run}. */
  async run(pictures: readonly PlacedPicture[]): Promise<RunResult> {
    const [first, ...others] = this.#keepers;
    const idlest = others.reduce((best, each) => (best && each.outstanding >= best.outstanding ? best : each), first);
    if (idlest === undefined) {
      return { detections: [], timings: { fillMs: 0, runMs: 0, decodeMs: 0 } };
    }
    return idlest.run(pictures);
  }

  /** One empty picture on every session. Throws as `run` when any of them fails. */
  async runOnEach(pictures: readonly PlacedPicture[]): Promise<void> {
    await Promise.all(this.#keepers.map((keeper) => keeper.run(pictures)));
  }

  async close(): Promise<void> {
    await Promise.all(this.#keepers.map((keeper) => keeper.close()));
  }
}
