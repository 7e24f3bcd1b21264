import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Event, logLevelSchema } from '@edgeveil/contracts';
import { z } from 'zod';
import type { ModuleContext } from '../module-context.ts';
import { defineModule, type ModuleDefinition, type ModuleTwin } from '../module-definition.ts';
import { type RunModuleOptions, runModule } from '../run-module.ts';
import type { RunningModule } from '../running-module.ts';
import { FakeHub } from './fake-hub.ts';
import { FakeProcess } from './fake-process.ts';

const toyTwinSchema = z.strictObject({ logLevel: logLevelSchema.default('info'), pace: z.int().positive().default(1) });
export type ToyTwin = z.infer<typeof toyTwinSchema>;

const twinReportSchema = z.object({ status: z.string(), version: z.number() });
const httpReportSchema = z.object({ port: z.number() });

/** A module that does nothing, and what was done with it. */
export interface RecordedModule {
  readonly definition: ModuleDefinition<ToyTwin>;
  readonly steps: string[];
  readonly applied: ToyTwin[];
  context: ModuleContext<ToyTwin> | undefined;
}

export function recordModule(
  overrides: Partial<RunningModule<ToyTwin>> = {},
  onStart: (twin: ToyTwin) => void = () => {},
): RecordedModule {
  const recorded: RecordedModule = {
    steps: [],
    applied: [],
    context: undefined,
    definition: defineModule({
      name: 'toy',
      twinSchema: toyTwinSchema,
      async start(context) {
        onStart(context.twin);
        recorded.context = context;
        recorded.applied.push(context.twin);
        recorded.steps.push('start');
        return {
          apply: async (twin) => void recorded.applied.push(twin),
          drain: async () => void recorded.steps.push('drain'),
          close: async () => void recorded.steps.push('close'),
          ...overrides,
        };
      },
    }),
  };
  return recorded;
}

export function toyEvent(code: string): Event {
  return { code, level: 'info', message: 'm', at: '2026-01-31T10:00:00.000Z' };
}

/** Runs a module in memory: its folder, its hub and its process. */
export class ModuleBench {
  readonly stateDir: string;
  hub = new FakeHub();
  process: FakeProcess;
  running: Promise<void> | undefined;

  private constructor(stateDir: string) {
    this.stateDir = stateDir;
    this.process = new FakeProcess({
      EdgeHubConnectionString: 'HostName=h;DeviceId=d;ModuleId=m;SharedAccessKey=eA==',
      EDGEVEIL_STATE_DIR: stateDir,
      EDGEVEIL_HTTP_PORT: '0',
      EDGEVEIL_HTTP_HOST: '127.0.0.1',
    });
  }

  static async open(): Promise<ModuleBench> {
    return new ModuleBench(await mkdtemp(join(tmpdir(), 'module-bench-')));
  }

  run<Twin extends ModuleTwin>(definition: ModuleDefinition<Twin>, options: RunModuleOptions = {}): Promise<void> {
    const connect = this.hub.connect;
    this.running = runModule(this.process, definition, { connect, twinGraceMs: 50, graceMs: 5_000, ...options });
    return this.running;
  }

  /** What the module reports about its twin. */
  get twinReport(): unknown {
    return this.hub.reported.twin;
  }

  async untilTwin(status: string, version: number): Promise<void> {
    await this.hub.until(() => {
      const twin = twinReportSchema.safeParse(this.twinReport);
      return twin.data?.status === status && twin.data.version === version;
    });
  }

  async get(path: string): Promise<Response> {
    await this.hub.until(() => this.hub.reported.http !== undefined);
    return fetch(`http://127.0.0.1:${httpReportSchema.parse(this.hub.reported.http).port}${path}`);
  }

  async close(): Promise<void> {
    this.process.emit('SIGTERM');
    await this.running;
    await rm(this.stateDir, { recursive: true });
  }
}
