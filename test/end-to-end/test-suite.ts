import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Receipt, receiptSchema } from '@edgeveil/contracts';
import type { JsonObject } from '@edgeveil/local-edge';
import { startAzurite } from '../../tools/cli/src/start/azurite.ts';
import { modelsVolume, startSuite } from '../../tools/cli/src/start/suite.ts';
import type { TwinOverlay } from '../../tools/cli/src/start/suite-manifest.ts';

export interface TestSuite {
  readonly stateDir: string;
  readonly sourcesDir: string;
  /** Resolves when so many redacted pictures with their receipts lie in the storage account. */
  waitForUploads(count: number): Promise<void>;
  /** Everything that lies in the storage account. */
  download(): AsyncGenerator<{ readonly picture: Buffer; readonly receipt: Receipt }>;
  /** Ends a module's process with SIGKILL. */
  kill(module: string): void;
  restartCount(module: string): number | undefined;
  reported(module: string): Readonly<Record<string, unknown>>;
  pids(): ReadonlyMap<string, number>;
  patchTwin(module: string, desired: JsonObject): void;
  /** Resolves when the claim holds; asked anew every now and then. */
  waitFor(claim: () => boolean | Promise<boolean>): Promise<void>;
  uploadCount(): Promise<number>;
  /** Takes the storage account away and brings it back where it was. */
  readonly storage: { stop(): Promise<void>; start(): Promise<void> };
  stop(): Promise<void>;
}

const POLL_MS = 250;
/** Longer than the longest pause that the suite makes by design: a restart after 10 s and a sweep after 10 s more. */
const STALL_MS = 120_000;

/** The suite of the deployment template, with a folder source named `dropped`, on a fresh state folder. */
export async function startTestSuite(options: {
  readonly dir: string;
  readonly twins: TwinOverlay;
  /** Puts model packages into the models volume before the modules start. */
  readonly prepareModels?: (modelsDir: string) => Promise<void>;
}): Promise<TestSuite> {
  const stateDir = join(options.dir, 'state');
  const sourcesDir = join(options.dir, 'sources');
  await options.prepareModels?.(modelsVolume(stateDir));
  const lines: string[] = [];
  const suite = await startSuite({
    stateDir,
    sourcesDir,
    template: 'deployment.cpu.template.json',
    twins: options.twins,
    environment: process.env,
    onLog: ({ text }) => void (lines.push(text) > 60 && lines.shift()),
  });

  let azurite = suite.azurite;

  const names = async (): Promise<string[]> => (await suite.container.list()).filter((name) => name.endsWith('.jpg'));

  const pids = (): ReadonlyMap<string, number> =>
    new Map(suite.edge.modules().flatMap(({ module, pid }) => (pid === undefined ? [] : [[module, pid] as const])));

  return {
    stateDir,
    sourcesDir,
    async waitForUploads(count) {
      let seen = -1;
      let changedAt = performance.now();
      for (;;) {
        const now = (await names()).length;
        if (now >= count) return;
        if (now !== seen) [seen, changedAt] = [now, performance.now()];
        if (performance.now() - changedAt > STALL_MS) {
          throw new Error(`stalled at ${seen} of ${count} pictures; last log lines:\n${lines.join('\n')}`);
        }
        await sleep(POLL_MS);
      }
    },
    async *download() {
      for (const name of await names()) {
        const receipt = JSON.parse(
          (await suite.container.download(name.replace(/\.jpg$/, '.receipt.json'))).toString('utf8'),
        );
        yield { picture: await suite.container.download(name), receipt: receiptSchema.parse(receipt) };
      }
    },
    kill(module) {
      const pid = pids().get(module);
      if (pid === undefined) throw new Error(`${module} does not run`);
      process.kill(pid, 'SIGKILL');
    },
    restartCount: (module) => suite.edge.modules().find((status) => status.module === module)?.restartCount,
    reported: (module) => suite.edge.reported(module),
    pids,
    patchTwin: (module, desired) => void suite.edge.twin.patchDesired(module, desired),
    async waitFor(claim) {
      const end = performance.now() + STALL_MS;
      while (!(await claim())) {
        if (performance.now() > end)
          throw new Error(`${claim.toString()} did not become true; last log lines:\n${lines.join('\n')}`);
        await sleep(POLL_MS);
      }
    },
    uploadCount: async () => (await names()).length,
    storage: {
      stop: () => azurite.stop(),
      start: async () => {
        azurite = await startAzurite({ dir: join(stateDir, 'azurite'), port: azurite.port });
      },
    },
    async stop() {
      await suite.stop();
      await azurite.stop();
    },
  };
}
