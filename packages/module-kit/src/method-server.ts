import { ConfigError, EdgeveilError, InternalError, RejectedError } from '@edgeveil/contracts';
import type { MethodAnswer } from './hub/hub-client.ts';
import type { Log } from './log.ts';
import type { MethodHandler } from './running-module.ts';

export interface MethodServerOptions {
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly crash: (error: unknown) => void;
}

/** Answers direct methods. */
export class MethodServer {
  readonly #options: MethodServerOptions;
  readonly #methods = new Map<string, MethodHandler>();

  constructor(options: MethodServerOptions) {
    this.#options = options;
  }

  get names(): readonly string[] {
    return [...this.#methods.keys()];
  }

  add(name: string, method: MethodHandler): void {
    if (this.#methods.has(name)) throw new InternalError('METHOD_EXISTS', `method ${name} exists already`);
    this.#methods.set(name, method);
  }

  /** Never rejects: what goes wrong is an answer. */
  async answer(name: string, payload: unknown): Promise<MethodAnswer> {
    const { crash, log, signal } = this.#options;
    const method = this.#methods.get(name);
    if (method === undefined) return failure(404, 'METHOD_UNKNOWN', `there is no method ${name}`);
    const parsed = method.payload.safeParse(payload);
    if (!parsed.success) {
      const errors = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
      return {
        status: 400,
        payload: { error: { code: 'METHOD_PAYLOAD_INVALID', message: 'the payload is not valid', errors } },
      };
    }
    try {
      return { status: 200, payload: { result: (await method.call(parsed.data, signal)) ?? null } };
    } catch (error) {
      if (error instanceof RejectedError || error instanceof ConfigError)
        return failure(400, error.code, error.message);
      log.error('method failed', { method: name, error });
      if (error instanceof InternalError) crash(error);
      const code = error instanceof EdgeveilError ? error.code : 'METHOD_FAILED';
      return failure(500, code, error instanceof Error ? error.message : String(error));
    }
  }
}

function failure(status: number, code: string, message: string): MethodAnswer {
  return { status, payload: { error: { code, message } } };
}
