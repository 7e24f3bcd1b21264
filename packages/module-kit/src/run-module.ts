import { access, constants, mkdir } from 'node:fs/promises';
import { ConfigError } from '@edgeveil/contracts';
import { openHealthServer } from './health-server.ts';
import type { ConnectHub } from './hub/hub-client.ts';
import { ClosingStack } from './life/closing-stack.ts';
import { ModuleParts } from './life/module-parts.ts';
import type { ModuleProcess } from './life/module-process.ts';
import { serveModule } from './life/serve-module.ts';
import { Shutdown } from './life/shutdown.ts';
import { startModule } from './life/start-module.ts';
import { LineLog } from './log-lines/line-log.ts';
import { LineWriter } from './log-lines/line-writer.ts';
import type { ModuleDefinition, ModuleTwin } from './module-definition.ts';
import { parseModuleEnvironment, parseRuntimeLogLevel } from './module-environment.ts';
import type { RunningModule } from './running-module.ts';
import { pingMethod, statusMethod } from './status-method.ts';

/** For tests: everything has its default. */
export interface RunModuleOptions {
  readonly connect?: ConnectHub;
  /** Age at which a connection is replaced by a new one. */
  readonly maxSessionMs?: number;
  /** How long a module with a last good twin waits for the hub's before it starts. */
  readonly twinGraceMs?: number;
  /** From SIGTERM to the end by force. */
  readonly graceMs?: number;
}

/**
 * Runs a module until SIGTERM or SIGINT, then drains and closes it. Never rejects and never exits by itself when all goes well: what went wrong is
 * logged and makes the exit code 1. `host` is the `process` of main.ts.
 */
export async function runModule<Twin extends ModuleTwin>(
  host: ModuleProcess,
  definition: ModuleDefinition<Twin>,
  options: RunModuleOptions = {},
): Promise<void> {
  const lines = host.stdout.fd === undefined ? undefined : new LineWriter(host.stdout.fd);
  const log = new LineLog({
    scope: definition.name,
    level: parseRuntimeLogLevel(host.env),
    write: lines?.write ?? ((line) => host.stdout.write(line)),
  });
  const opened = new ClosingStack(log);
  const shutdown = new Shutdown({
    host,
    log,
    flush: async () => lines?.flush(),
    open: () => opened.open,
    ...(options.graceMs === undefined ? {} : { graceMs: options.graceMs }),
  });
  shutdown.listen();
  try {
    await live({ host, definition, options, log, opened, shutdown });
  } catch (error) {
    if (!shutdown.signal.aborted) {
      log.error('module failed', { error });
      shutdown.fail();
    }
  }
  shutdown.finish(await opened.close());
}

interface Life<Twin extends ModuleTwin> {
  readonly host: ModuleProcess;
  readonly definition: ModuleDefinition<Twin>;
  readonly options: RunModuleOptions;
  readonly log: LineLog;
  readonly opened: ClosingStack;
  readonly shutdown: Shutdown;
}

async function live<Twin extends ModuleTwin>(life: Life<Twin>): Promise<void> {
  const { host, definition, options, log, opened, shutdown } = life;
  const environment = parseModuleEnvironment(host.env);
  await prepareStateDir(environment.stateDir);
  const parts = new ModuleParts({
    definition,
    environment,
    log,
    signal: shutdown.signal,
    crash: shutdown.crash,
    connect: options.connect ?? connectThroughSdk,
    ...(options.maxSessionMs === undefined ? {} : { maxSessionMs: options.maxSessionMs }),
  });
  const { health, link, metrics, reporter } = parts;

  const server = await openHealthServer({ host: environment.httpHost, port: environment.httpPort, health, metrics });
  opened.push('http', () => server.close());
  log.info('module starting', { instance: parts.instance, deviceId: environment.deviceId, httpPort: server.port });
  void reporter.report({ http: { port: server.port } }).catch(() => {});

  let running: RunningModule<Twin> | undefined;
  parts.addMethods({
    ping: pingMethod({ module: environment.moduleId, instance: parts.instance }),
    status: statusMethod(() => ({ ...parts.status(), module: environment.moduleId, state: running?.status?.() })),
  });
  opened.push('hub', () => link.close());
  link.start();
  opened.push('refused messages', () => parts.refused.close());
  opened.push('reports', () => reporter.close(stopSoon(parts, shutdown)));
  opened.push('outputs', () => parts.outputs.close(stopSoon(parts, shutdown)));

  running = await startModule({
    definition,
    parts,
    environment,
    variables: host.env,
    log,
    signal: shutdown.signal,
    crash: shutdown.crash,
    twinGraceMs: options.twinGraceMs ?? 3_000,
  });
  if (running === undefined) return;
  opened.push('module', () => running.close());
  await serveModule({ running, parts, log, shutdown });
}

async function prepareStateDir(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await access(dir, constants.W_OK);
  } catch (error) {
    throw new ConfigError('STATE_DIR_UNUSABLE', `cannot write to EDGEVEIL_STATE_DIR ${dir}`, { cause: error });
  }
}

/** Without a hub there is nobody to send the rest to; the files are still there. */
function stopSoon(parts: { readonly link: { readonly isConnected: boolean } }, shutdown: Shutdown): AbortSignal {
  return parts.link.isConnected ? AbortSignal.timeout(Math.max(0, shutdown.remainingMs - 1_000)) : AbortSignal.abort();
}

const connectThroughSdk: ConnectHub = async (listeners, signal) => {
  // Loaded when it is needed: it is large, and who only uses a definition does not need it.
  const { SdkHubClient } = await import('./hub/sdk-hub-client.ts');
  return SdkHubClient.connect(listeners, signal);
};
