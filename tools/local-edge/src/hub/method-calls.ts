import { randomUUID } from 'node:crypto';
import { RejectedError, TransientError } from '@edgeveil/contracts';
import { methodTopic } from '../mqtt/method-topic.ts';

export interface MethodRequest {
  readonly methodName: string;
  /** JSON; `undefined` is sent as null. */
  readonly payload?: unknown;
  /** How long to wait for the module to be there; 0 by default. At most 300. */
  readonly connectTimeoutSecs?: number;
  /** 5 to 300, 30 by default. */
  readonly responseTimeoutSecs?: number;
}

export interface MethodResult {
  /** What the module answered with. */
  readonly status: number;
  readonly payload: unknown;
}

/** An answer as it came. */
export interface RawMethodResult {
  readonly status: number;
  /** The payload's text; empty where there is none. */
  readonly body: string;
}

export interface MethodTarget {
  send(topic: string, payload: string): void;
}

/**
 * Answers direct methods inside this process: for the runtime's own modules. What it throws becomes status 500 with the error's message; it is waited
 * for as long as for any module.
 */
export type LocalMethodHandler = (methodName: string, payload: unknown) => MethodResult | Promise<MethodResult>;

interface Pending {
  readonly clientId: string;
  readonly settle: (result: RawMethodResult) => void;
}

const maxPayloadBytes = 131_072;
const maxNameLength = 100;

/** Direct methods: one request to a connected module, one answer. */
export class MethodCalls {
  readonly #targets = new Map<string, MethodTarget>();
  readonly #local = new Map<string, LocalMethodHandler>();
  readonly #pending = new Map<string, Pending>();
  readonly #waiting = new Map<string, Set<() => void>>();

  /** The module takes methods from now on, over this connection; with `undefined` it does not any more. */
  setTarget(clientId: string, target: MethodTarget | undefined): void {
    if (target === undefined) this.#targets.delete(clientId);
    else this.#targets.set(clientId, target);
    if (target === undefined) return;
    for (const wake of this.#waiting.get(clientId) ?? []) wake();
  }

  /** Methods of this client are answered here from now on, whether or not it has a connection too; with `undefined` not any more. */
  setLocalTarget(clientId: string, handler: LocalMethodHandler | undefined): void {
    if (handler === undefined) {
      this.#local.delete(clientId);
      return;
    }
    this.#local.set(clientId, handler);
    for (const wake of this.#waiting.get(clientId) ?? []) wake();
  }

  hasTarget(clientId: string, target: MethodTarget): boolean {
    return this.#targets.get(clientId) === target;
  }

  /** An answer has come. One that nobody waits for any more is dropped. */
  respond(clientId: string, requestId: string, status: string, payload: Buffer): void {
    const pending = this.#pending.get(requestId);
    if (pending === undefined || pending.clientId !== clientId) return;
    const code = Number(status);
    pending.settle({ status: Number.isInteger(code) ? code : 400_000, body: payload.toString() });
  }

  /**
   * Calls a method.
   * @throws RejectedError EDGE_METHOD_INVALID (what edgeHub answers 400 to), TransientError EDGE_METHOD_NOT_CONNECTED (404) and EDGE_METHOD_TIMEOUT
   * (504); `details.httpStatus` is the number, the message is edgeHub's
   */
  async invoke(clientId: string, request: MethodRequest): Promise<MethodResult> {
    const { status, body } = await this.invokeRaw(clientId, request);
    return { status, payload: parseOrText(body) };
  }

  /** @throws RejectedError EDGE_METHOD_INVALID, with `details.httpStatus` 400, for what edgeHub refuses before it looks for the target */
  validate(request: MethodRequest): void {
    validated(request);
  }

  /** As `invoke`, the answer's payload being left as it was written. */
  async invokeRaw(clientId: string, request: MethodRequest): Promise<RawMethodResult> {
    const body = validated(request);
    const connectTimeoutMs = (request.connectTimeoutSecs ?? 0) * 1000;
    if (!this.#isThere(clientId) && connectTimeoutMs > 0) await this.#untilConnected(clientId, connectTimeoutMs);
    if (!this.#isThere(clientId)) {
      throw new TransientError('EDGE_METHOD_NOT_CONNECTED', `Client ${clientId} not found`, {
        details: { httpStatus: 404 },
      });
    }
    const timeoutMs = (request.responseTimeoutSecs ?? 30) * 1000;
    return this.#ask(clientId, timeoutMs, (requestId) => {
      const local = this.#local.get(clientId);
      if (local === undefined) {
        this.#targets.get(clientId)?.send(methodTopic(request.methodName, requestId), body);
        return;
      }
      void answerLocally(local, request.methodName, JSON.parse(body)).then(({ status, payload }) => {
        this.#pending.get(requestId)?.settle({ status, body: JSON.stringify(payload ?? null) });
      });
    });
  }

  #isThere(clientId: string): boolean {
    return this.#local.has(clientId) || this.#targets.has(clientId);
  }

  #ask(clientId: string, timeoutMs: number, send: (requestId: string) => void): Promise<RawMethodResult> {
    const requestId = randomUUID();
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        this.#pending.delete(requestId);
      };
      const timer = setTimeout(() => {
        end();
        const message = `Timed out waiting for device to respond to method request ${requestId}`;
        reject(new TransientError('EDGE_METHOD_TIMEOUT', message, { details: { httpStatus: 504 } }));
      }, timeoutMs).unref();
      this.#pending.set(requestId, {
        clientId,
        settle: (result) => {
          end();
          resolve(result);
        },
      });
      send(requestId);
    });
  }

  async #untilConnected(clientId: string, timeoutMs: number): Promise<void> {
    const waiting = this.#waiting.get(clientId) ?? new Set();
    this.#waiting.set(clientId, waiting);
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs).unref();
      waiting.add(wake);
    });
  }
}

async function answerLocally(handler: LocalMethodHandler, methodName: string, payload: unknown): Promise<MethodResult> {
  try {
    return await handler(methodName, payload);
  } catch (error) {
    return { status: 500, payload: { message: error instanceof Error ? error.message : String(error) } };
  }
}

function validated(request: MethodRequest): string {
  const { methodName, payload, connectTimeoutSecs = 0, responseTimeoutSecs = 30 } = request;
  // The SDK answers 400 itself to an empty payload, so a call without one carries null.
  const body = JSON.stringify(payload ?? null);
  const problem =
    methodName.trim() === '' || methodName.length > maxNameLength
      ? `MethodName must have 1 to ${maxNameLength} characters`
      : responseTimeoutSecs < 5 || responseTimeoutSecs > 300
        ? 'ResponseTimeout has to be between 5 and 300 seconds.'
        : connectTimeoutSecs < 0 || connectTimeoutSecs > 300
          ? 'ConnectTimeout has to be between 0 and 300 seconds.'
          : Buffer.byteLength(body) > maxPayloadBytes
            ? `Payload cannot be larger than ${maxPayloadBytes} bytes`
            : undefined;
  if (problem !== undefined) throw new RejectedError('EDGE_METHOD_INVALID', problem, { details: { httpStatus: 400 } });
  return body;
}

function parseOrText(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
