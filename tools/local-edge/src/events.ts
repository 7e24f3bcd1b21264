import { EventEmitter } from 'node:events';
import type { ModuleStatus } from './agent/module-status.ts';
import type { UpstreamMessage } from './delivery/upstream-store.ts';
import type { EdgeMessage } from './mqtt/edge-message.ts';
import type { RouteResult } from './routing/evaluate-routes.ts';
import type { JsonObject } from './twins/json-object.ts';
import type { DesiredPatch } from './twins/twins.ts';

/** A line that a module wrote, or a warning of the runtime's own (module `$edgeHub`). */
export interface LogLine {
  readonly module: string;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
  readonly at: Date;
}

/** What a running local edge tells. Every event carries one object. */
export interface EdgeEvents {
  /** A module has logged in, or is gone. */
  connected: [{ clientId: string }];
  disconnected: [{ clientId: string }];
  /** A message was stored; `results` says for whom, and is empty when no route took it. */
  message: [{ message: EdgeMessage; results: readonly RouteResult[] }];
  /** A module has acknowledged an input message. */
  delivered: [{ module: string; input: string; seq: number }];
  /** A message outlived its time before it could be delivered. */
  expired: [{ endpoint: string; seq: number }];
  upstream: [UpstreamMessage];
  desired: [{ module: string; patch: DesiredPatch }];
  reported: [{ module: string; patch: JsonObject }];
  /** A module process started, ended, or waits to be restarted. */
  module: [ModuleStatus];
  log: [LogLine];
  /** Something that an operator may want to look at. */
  warning: [{ message: string; details: Readonly<Record<string, unknown>> }];
}

export type EdgeEmitter = EventEmitter<EdgeEvents>;

export function createEdgeEmitter(): EdgeEmitter {
  const emitter = new EventEmitter<EdgeEvents>();
  // Tests and monitors wait on many things at once.
  emitter.setMaxListeners(0);
  return emitter;
}
