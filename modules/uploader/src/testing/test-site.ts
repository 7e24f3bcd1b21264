import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type UploaderTwin, uploaderTwinSchema } from '@edgeveil/contracts';
import { FileStore, Keyring } from '@edgeveil/frame-store';
import type { RunningModule } from '@edgeveil/module-kit';
import { createFakeContext, type FakeContext } from '@edgeveil/module-kit/testing';
import type { CheckedEvidence } from '../checked-evidence.ts';
import { EvidenceContainer } from '../evidence-container.ts';
import { uploader } from '../uploader.ts';
import { asStoreItem, makeEvidence } from './make-evidence.ts';
import { TestLine } from './test-line.ts';

const PATIENCE_MS = 30_000;

/** Some evidence, oldest first. */
export function someEvidence(count: number): CheckedEvidence[] {
  return Array.from({ length: count }, (_, number) => makeEvidence({ number, picture: randomBytes(2000 + number) }));
}

interface Account {
  readonly connectionString: string;
  readonly port: number;
}

interface StartOptions {
  readonly twin?: UploaderTwin;
  readonly connectionString?: string;
}

/** One site for a test: an evidence store, the uploader with its spool, and a line to a storage account that may misbehave. */
export class TestSite {
  readonly dir: string;
  readonly evidence: FileStore;
  /** Of the line. */
  readonly port: number;
  readonly #account: Account;
  line: TestLine;
  /** Where the uploader is to put it; a fresh one. */
  container = `test-${randomBytes(6).toString('hex')}`;
  fake: FakeContext<UploaderTwin> = createFakeContext({ twin: this.twin(), stateDir: '' });
  #running: RunningModule<UploaderTwin> | undefined;

  private constructor(account: Account, dir: string, evidence: FileStore, line: TestLine) {
    this.#account = account;
    this.dir = dir;
    this.evidence = evidence;
    this.line = line;
    this.port = line.port;
  }

  static async open(account: Account): Promise<TestSite> {
    const dir = await mkdtemp(join(tmpdir(), 'edgeveil-uploader-'));
    const keyring = await Keyring.open(join(dir, 'store.key'));
    const evidence = await FileStore.open({ dir: join(dir, 'evidence'), keyring });
    return new TestSite(account, dir, evidence, await TestLine.start(account.port));
  }

  async close(): Promise<void> {
    await this.stop();
    await this.evidence.close();
    await this.line.stop();
    await rm(this.dir, { recursive: true, force: true });
  }

  twin(changes: Readonly<Record<string, unknown>> = {}): UploaderTwin {
    return uploaderTwinSchema.parse({
      destination: { container: this.container, site: 'plant-7' },
      retry: { firstDelayMs: 5, maxDelayMs: 40 },
      sweepSeconds: 0.05,
      ...changes,
    });
  }

  /** Of the account as it is seen through the line. */
  get connectionString(): string {
    return this.#account.connectionString.replace(`:${this.#account.port}/`, `:${this.port}/`);
  }

  async start({ twin = this.twin(), connectionString = this.connectionString }: StartOptions = {}): Promise<void> {
    this.fake = createFakeContext({
      twin,
      moduleId: 'uploader',
      stateDir: join(this.dir, 'state'),
      environment: {
        EDGEVEIL_EVIDENCE_DIR: join(this.dir, 'evidence'),
        EDGEVEIL_KEY_FILE: join(this.dir, 'store.key'),
        EDGEVEIL_STORAGE_CONNECTION_STRING: connectionString,
      },
    });
    this.#running = await uploader.start(this.fake.context);
  }

  get module(): RunningModule<UploaderTwin> {
    assert.ok(this.#running, 'not started');
    return this.#running;
  }

  /** As SIGTERM does. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    this.fake.stop();
    await running.drain(AbortSignal.timeout(5000));
    await running.close();
    assert.deepEqual(this.fake.crashes, []);
  }

  /** Runs the module in a process of its own, which is killed when it has uploaded so many. */
  async killAfter(uploads: number): Promise<void> {
    const script = fileURLToPath(new URL('./uploader-process.ts', import.meta.url));
    const settings = { dir: this.dir, twin: this.twin(), connectionString: this.#account.connectionString };
    const child = spawn(process.execPath, [script, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    let uploaded = 0;
    for await (const _ of createInterface({ input: child.stdout })) {
      uploaded += 1;
      if (uploaded === uploads) child.kill('SIGKILL');
    }
    assert.deepEqual(await ended, [null, 'SIGKILL']);
  }

  async put(items: readonly CheckedEvidence[]): Promise<void> {
    for (const item of items) await this.evidence.put(asStoreItem(item));
  }

  async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    const giveUp = Date.now() + PATIENCE_MS;
    while (!(await isSo())) {
      assert.ok(Date.now() < giveUp, `waited in vain until ${what}; log:\n${this.fake.lines.slice(-30).join('')}`);
      await pause(5);
    }
  }

  uploaded(count: number): Promise<void> {
    return this.until(`${count} are uploaded`, () => this.fake.sent.uploads.length >= count);
  }

  /** Until so many are in the spool and none is left in the evidence store. */
  spooled(count: number): Promise<void> {
    return this.until(
      `${count} are spooled`,
      async () => (await this.inSpool()).length === count && (await this.inEvidenceStore()).length === 0,
    );
  }

  told(eventCode: string): Promise<void> {
    return this.until(`it tells ${eventCode}`, () => this.eventCodes.includes(eventCode));
  }

  get eventCodes(): string[] {
    return this.fake.sent.events.map(({ code }) => code);
  }

  inSpool(): Promise<string[]> {
    return this.#items('state', 'spool', 'files', 'items');
  }

  inSpoolQuarantine(): Promise<string[]> {
    return this.#items('state', 'spool', 'files', 'quarantine');
  }

  inEvidenceStore(): Promise<string[]> {
    return this.#items('evidence', 'items');
  }

  /** The cloud holds these, each with its receipt, and nothing else. */
  async assertArrived(items: readonly CheckedEvidence[]): Promise<void> {
    const cloud = EvidenceContainer.open(this.#account.connectionString, this.container);
    const names = await cloud.list();
    assert.equal(names.length, items.length * 2);
    for (const { evidence, receipt, picture } of items) {
      const name = names.find((each) => each.endsWith(`/${evidence.id}.jpg`)) ?? '';
      assert.deepEqual(await cloud.download(name), picture);
      assert.deepEqual(JSON.parse(String(await cloud.download(name.replace('.jpg', '.receipt.json')))), receipt);
    }
  }

  async #items(...path: string[]): Promise<string[]> {
    const names = await readdir(join(this.dir, ...path));
    return names.filter((name) => name.endsWith('.item')).map((name) => name.replace('.item', ''));
  }
}
