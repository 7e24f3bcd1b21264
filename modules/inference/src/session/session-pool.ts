import { ConfigError } from '@edgeveil/contracts';
import { SessionKeeper, type SessionKeeperOptions } from './session-keeper.ts';
import type { PlacedPicture, ProviderReport, RunResult, SessionInfo, SessionSpec } from './session-protocol.ts';

export interface SessionPoolOptions extends SessionKeeperOptions {
  /** GPUs that get a session each, when the model runs on CUDA or TensorRT; the first must work. */
  readonly devices?: readonly number[];
}

/** One model on one GPU or several: each batch goes to the session that has least to do. */
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

  /** Throws what {@link SessionKeeper.open} throws for the first device. Others that do not work are left out and told. */
  static async open(spec: SessionSpec, options: SessionPoolOptions): Promise<SessionPool> {
    const [first = spec.device, ...others] = new Set(options.devices ?? [spec.device]);
    const { keeper, info } = await SessionKeeper.open({ ...spec, device: first }, options);
    const keepers = [keeper];
    const providers = [info.provider];
    const failures = [...info.provider.failures];
    const { used } = info.provider;
    if (info.provider.device !== undefined) {
      for (const device of others) {
        try {
          const other = await SessionKeeper.open({ ...spec, device, providers: [used] }, options);
          keepers.push(other.keeper);
          providers.push(other.info.provider);
        } catch (error) {
          if (!(error instanceof ConfigError)) {
            await Promise.all(keepers.map((each) => each.close()));
            throw error;
          }
          failures.push({ provider: used, reason: `GPU ${device}: ${error.message.split('\n')[0]?.slice(0, 300)}` });
        }
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
