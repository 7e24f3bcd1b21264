import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  ConfigError,
  type EdgeveilError,
  InternalError,
  RejectedError,
  TransientError,
} from '@edgeveil/contracts/errors';
import type { JsonObject } from '../twins/json-object.ts';
import type {
  ControlCredentials,
  ControlError,
  ControlLogLine,
  ControlMethodCall,
  ControlMethodResult,
  ControlTwin,
  EdgeNames,
  EdgeStatus,
  LogQuery,
  MissedLines,
  MonitoredMessage,
  MonitorFilter,
  SentMessage,
  SentResult,
} from './control-api.ts';
import { readControlFile } from './control-file.ts';
import { type ControlRequest, readBody, readLines, sendRequest } from './control-request.ts';

const lockWaitMs = 2000;

export type * from './control-api.ts';
export { stateDirs } from './find-edge.ts';

/**
 * A running edge, seen and steered from another process over its control socket. Loads nothing heavy, for commands that must end at once.
 * Every method throws ConfigError EDGE_NOT_RUNNING when no edge runs in any of the state folders, TransientError EDGE_CONTROL_LOST when it goes
 * away before it has answered, and what the edge itself throws, with its code.
 */
export class EdgeControl {
  readonly #stateDirs: readonly string[];

  /** @param stateDirs the first in which an edge runs is taken */
  constructor(stateDirs: readonly string[]) {
    this.#stateDirs = stateDirs;
  }

  async status(): Promise<EdgeStatus> {
    return (await this.#ask({ method: 'GET', path: '/status' })) as EdgeStatus;
  }

  /** What a command line may be completed with. */
  async names(signal?: AbortSignal): Promise<EdgeNames> {
    return (await this.#ask({ method: 'GET', path: '/names', signal })) as EdgeNames;
  }

  async twin(module: string): Promise<ControlTwin> {
    return (await this.#ask({ method: 'GET', path: `/twins/${encodeURIComponent(module)}` })) as ControlTwin;
  }

  /** Merges a patch into the desired properties. @returns their `$version` */
  async patchDesired(module: string, patch: JsonObject): Promise<number> {
    return this.#changeTwin('PATCH', module, patch);
  }

  /** Puts a document in the place of the desired properties. @returns their `$version` */
  async replaceDesired(module: string, desired: JsonObject): Promise<number> {
    return this.#changeTwin('PUT', module, desired);
  }

  async invokeMethod(module: string, call: ControlMethodCall, signal?: AbortSignal): Promise<ControlMethodResult> {
    const path = `/methods/${encodeURIComponent(module)}`;
    return (await this.#ask({ method: 'POST', path, body: call, signal })) as ControlMethodResult;
  }

  /** Resolves when the message is stored. */
  async send(message: SentMessage): Promise<SentResult> {
    return (await this.#ask({ method: 'POST', path: '/messages', body: message })) as SentResult;
  }

  async setOffline(isOffline: boolean): Promise<void> {
    await this.#ask({ method: 'POST', path: '/offline', body: { isOffline } });
  }

  async restartModule(module: string): Promise<void> {
    await this.#ask({ method: 'POST', path: `/modules/${encodeURIComponent(module)}/restart` });
  }

  /** What a module that is started by hand needs to connect. Makes it an identity if the deployment does not. */
  async credentials(module: string): Promise<ControlCredentials> {
    return (await this.#ask({
      method: 'GET',
      path: `/credentials/${encodeURIComponent(module)}`,
    })) as ControlCredentials;
  }

  async applyDeployment(manifest: JsonObject, layers: readonly JsonObject[] = []): Promise<void> {
    await this.#ask({ method: 'PUT', path: '/deployment', body: { manifest, layers } });
  }

  /** The messages that pass from now on. Ends when the edge stops, or on the signal. */
  async monitor(filter: MonitorFilter, signal?: AbortSignal): Promise<AsyncIterable<MonitoredMessage | MissedLines>> {
    const query = new URLSearchParams();
    for (const route of filter.routes ?? []) query.append('route', route);
    for (const module of filter.modules ?? []) query.append('module', module);
    if (filter.condition !== undefined) query.set('condition', filter.condition);
    return this.#listen<MonitoredMessage | MissedLines>(`/monitor?${query}`, signal);
  }

  /** Log lines that are kept, in the order of their time, and those to come if asked for. Ends when the edge stops, or on the signal. */
  async logs(query: LogQuery, signal?: AbortSignal): Promise<AsyncIterable<ControlLogLine | MissedLines>> {
    const parameters = new URLSearchParams();
    for (const module of query.modules ?? []) parameters.append('module', module);
    if (query.tail !== undefined) parameters.set('tail', String(query.tail));
    if (query.since !== undefined) parameters.set('since', query.since);
    if (query.until !== undefined) parameters.set('until', query.until);
    if (query.isFollowing) parameters.set('follow', 'true');
    return this.#listen<ControlLogLine | MissedLines>(`/logs?${parameters}`, signal);
  }

  /** Stops the modules, then the edge. Resolves when it has let go of its state folder. */
  async stop(signal?: AbortSignal): Promise<void> {
    const { incoming, stateDir } = await this.#send({ method: 'POST', path: '/stop', signal });
    for await (const _line of readLines(incoming));
    // The socket goes just before the lock on the folder does. One that stays is the next start's to take over.
    const deadline = performance.now() + lockWaitMs;
    while (existsSync(join(stateDir, 'runtime.lock')) && performance.now() < deadline) await delay(10);
  }

  async #changeTwin(method: 'PATCH' | 'PUT', module: string, body: JsonObject): Promise<number> {
    const answer = (await this.#ask({ method, path: `/twins/${encodeURIComponent(module)}`, body })) as {
      version: number;
    };
    return answer.version;
  }

  async #listen<T>(path: string, signal: AbortSignal | undefined): Promise<AsyncIterable<T>> {
    const { incoming } = await this.#send({ method: 'GET', path, signal });
    return readLines(incoming) as AsyncIterable<T>;
  }

  async #ask(request: ControlRequest): Promise<unknown> {
    const { incoming } = await this.#send(request);
    const text = await readBody(incoming).catch((cause: unknown) => {
      throw lost(cause);
    });
    return text === '' ? undefined : JSON.parse(text);
  }

  /** The first edge that answers. */
  async #send(request: ControlRequest): Promise<{ incoming: IncomingMessage; stateDir: string }> {
    for (const stateDir of this.#stateDirs) {
      const file = readControlFile(stateDir);
      if (file === undefined) continue;
      const incoming = await sendRequest(file.socket, request).catch((error: NodeJS.ErrnoException) => {
        // Nobody listens: what a killed edge left behind.
        if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') return undefined;
        if (request.signal?.aborted) throw error;
        throw lost(error);
      });
      if (incoming === undefined) continue;
      if ((incoming.statusCode ?? 500) >= 400) throw await toError(incoming);
      return { incoming, stateDir };
    }
    const places = this.#stateDirs.join(' or ');
    throw new ConfigError(
      'EDGE_NOT_RUNNING',
      `no edge runs in ${places}; start one with edgeveil run, or name its folder with --state`,
    );
  }
}

function lost(cause: unknown): TransientError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TransientError('EDGE_CONTROL_LOST', `the edge did not answer: ${reason}`, { cause });
}

async function toError(incoming: IncomingMessage): Promise<EdgeveilError> {
  const text = await readBody(incoming);
  let answer: ControlError;
  try {
    answer = JSON.parse(text) as ControlError;
  } catch (cause) {
    return new TransientError('EDGE_CONTROL_LOST', `the edge answered ${incoming.statusCode}: ${text}`, { cause });
  }
  const { kind, code, message } = answer.error;
  switch (kind) {
    case 'config':
      return new ConfigError(code, message);
    case 'transient':
      return new TransientError(code, message);
    case 'rejected':
      return new RejectedError(code, message);
    case 'internal':
      return new InternalError(code, message);
  }
}
