import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { parseDeployment } from '../../../manifest/parse-deployment.ts';
import { manifestOf } from '../../../testing/manifest.ts';
import { openTestEngine, type TestEngine } from '../testing/docker-engine.test.ts';
import { openTestRegistry, registryUser, type TestRegistry } from '../testing/registry.test.ts';
import { imageId, prepareImage } from './prepare-image.ts';
import { registryCredentials } from './registry-credentials.ts';

describe('prepareImage', function () {
  this.timeout(90_000);

  let engine: TestEngine;
  let registry: TestRegistry;
  let docker: Docker;
  let image: string;
  let notes: string[];

  before(async function () {
    const openedEngine = await openTestEngine();
    if (typeof openedEngine === 'string') {
      console.log(`    skipped: ${openedEngine}`);
      return this.skip();
    }
    engine = openedEngine;
    docker = engine.docker;
    const openedRegistry = await openTestRegistry();
    if (typeof openedRegistry === 'string') {
      console.log(`    skipped: ${openedRegistry}`);
      return this.skip();
    }
    registry = openedRegistry;
    image = `${registry.address}/team/camera:1`;
    await publish();
  });

  after(async () => {
    await registry?.close();
    await engine?.close();
  });

  beforeEach(() => {
    notes = [];
  });

  afterEach(async () => {
    await docker
      .getImage(image)
      .remove()
      .catch(() => undefined);
  });

  async function publish(): Promise<void> {
    const dir = await mkdtemp(join(tmpdir(), 'image-'));
    try {
      await writeFile(join(dir, 'file'), 'camera');
      const { stdout } = await promisify(execFile)('tar', ['-C', dir, '-c', '.'], { encoding: 'buffer' });
      await followed(
        await docker.importImage(Readable.from([stdout]), { repo: `${registry.address}/team/camera`, tag: '1' }),
      );
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
    const authconfig = { ...registryUser, serveraddress: registry.address };
    await followed(await docker.getImage(image).push({ authconfig }));
    await docker.getImage(image).remove();
  }

  async function followed(stream: NodeJS.ReadableStream): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(stream, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  async function prepare(pull: boolean, change: { image?: string; password?: string; imagePullPolicy?: string } = {}) {
    const { password = registryUser.password, imagePullPolicy = 'on-create' } = change;
    const settings = { image: change.image ?? image };
    const [spec] = parseDeployment(manifestOf({ modules: { camera: { imagePullPolicy, settings } } })).modules;
    assert.ok(spec);
    const credentials = registryCredentials({
      settings: { registryCredentials: { plant: { address: registry.address, ...registryUser, password } } },
    });
    await prepareImage(docker, spec, { pull, credentials, onNote: (text) => notes.push(text) });
  }

  it("pulls with the manifest's credentials, when it is asked to", async () => {
    await assert.rejects(prepare(false), { code: 'EDGE_IMAGE_MISSING' });
    assert.equal(await imageId(docker, image), undefined);
    await prepare(true);
    assert.match((await imageId(docker, image)) ?? '', /^sha256:/);
    assert.deepEqual(notes, [`pulling ${image}`]);
    await prepare(false);
  });

  it('pulls nothing for a module that forbids it', async () => {
    await assert.rejects(prepare(true, { imagePullPolicy: 'never' }), { code: 'EDGE_IMAGE_MISSING' });
    assert.deepEqual(notes, []);
  });

  it('says what the registry says, and never the password', async () => {
    const wrong = await prepare(true, { password: 'wrong-password' }).then(
      () => undefined,
      (error: Error) => error,
    );
    assert.ok(wrong !== undefined && 'code' in wrong && wrong.code === 'EDGE_IMAGE_PULL_FAILED');
    assert.doesNotMatch(JSON.stringify([wrong, wrong.message, wrong.cause, notes]), /wrong-password/);
    await assert.rejects(prepare(true, { image: `${registry.address}/team/none:1` }), {
      code: 'EDGE_IMAGE_PULL_FAILED',
      message: /team\/none/,
    });
  });

  it('takes the image that is there when it cannot be pulled', async () => {
    await prepare(true);
    notes = [];
    await prepare(true, { password: 'wrong-password' });
    assert.equal(notes.length, 2);
    assert.match(notes[1] ?? '', /the image that is there is used/);
  });
});
