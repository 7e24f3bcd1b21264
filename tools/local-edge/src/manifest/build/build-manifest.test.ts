import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import { loadDeployment } from '../load-deployment.ts';
import { buildManifest } from './build-manifest.ts';
import { minifiedJson } from './dump-json.ts';
import { parseJsonSource, plainValue } from './json-source.ts';
import { builtManifestPath } from './manifest-path.ts';
import { pythonNumber } from './python-number.ts';

const root = join(import.meta.dirname, '../../../../..');
const amd64 = { platform: 'amd64', isDebug: false };

describe('buildManifest', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-build-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  async function moduleFolder(path: string, repository: string): Promise<void> {
    await mkdir(join(dir, path), { recursive: true });
    const platforms = { amd64: './Dockerfile', 'amd64.debug': './Dockerfile.debug', arm64v8: './Dockerfile.arm' };
    await writeFile(
      join(dir, path, 'module.json'),
      JSON.stringify({ image: { repository, tag: { version: '1.2', platforms } } }),
    );
  }

  async function template(settings: Record<string, string>): Promise<string> {
    const modules = Object.entries(settings).map(
      ([name, text]) => `"${name}": {"type": "docker", "settings": ${text}}`,
    );
    const path = join(dir, 'deployment.template.json');
    await writeFile(
      path,
      `{"$schema-template": "4.0.0", "modulesContent": {
        "$edgeAgent": {"properties.desired": {"schemaVersion": "1.1", "modules": {${modules.join(',')}}}},
        "$edgeHub": {"properties.desired": {"schemaVersion": "1.1", "routes": {"r": "FROM /* INTO $upstream"},
          "storeAndForwardConfiguration": {"timeToLiveSecs": 7200}}}}}`,
    );
    return path;
  }

  const settingsOf = (text: string, module: string): Record<string, string> =>
    JSON.parse(text).modulesContent.$edgeAgent['properties.desired'].modules[module].settings;

  for (const name of ['deployment.template.json', 'deployment.cpu.template.json']) {
    for (const platform of ['amd64', 'arm64v8']) {
      it(`turns ${name} into a manifest of the same deployment on ${platform}`, async function () {
        if (name === 'deployment.template.json' && platform !== 'amd64') return this.skip();
        const environment = { EDGEVEIL_SITE: 'dock', EDGEVEIL_SOURCES_PATH: '/srv/sources' };
        const { text, unset } = await buildManifest(join(root, name), { platform, isDebug: false, environment });
        assert.deepEqual(unset, ['EDGEVEIL_STORAGE_CONNECTION_STRING']);
        const path = join(dir, 'built.json');
        await writeFile(path, text);
        const [built, source] = await Promise.all(
          [path, join(root, name)].map((file) => loadDeployment(file, environment)),
        );
        assert.ok(built !== undefined && source !== undefined);
        assert.deepEqual(built.hub, source.hub);
        for (const [index, module] of built.modules.entries()) {
          const { image: _image, source: _source, ...rest } = source.modules[index] ?? {};
          const { image, source: _built, ...builtRest } = module;
          assert.deepEqual(builtRest, rest);
          assert.match(image, /^edgeveil\/[a-z]+:0\.1\.0-(?:amd64|arm64v8)/);
        }
        assert.ok(!text.includes('$schema-template'));
        return undefined;
      });
    }
  }

  it('finds images by platform, debug and folder, with the registry and tag of the environment', async () => {
    await moduleFolder('modules/a', '$REGISTRY/Team/A');
    await moduleFolder('elsewhere/b', 'b');
    const path = await template({
      plain: '{"image": "${MODULES.a}"}',
      debug: '{"image": "${MODULES.a.debug}"}',
      arm: '{"image": "${MODULES.a.arm64v8}"}',
      both: '{"image": "${MODULES.a.amd64.debug}"}',
      outside: '{"image": "${MODULEDIR<elsewhere/b>}"}',
      fixed: '{"image": "mcr.microsoft.com/x:1"}',
    });
    const images = async (options: { platform: string; isDebug: boolean }) => {
      const environment = { REGISTRY: 'Reg.io', CONTAINER_TAG: 'ci' };
      const { text } = await buildManifest(path, { ...options, environment });
      return ['plain', 'debug', 'arm', 'both', 'outside', 'fixed'].map((name) => settingsOf(text, name).image);
    };
    const a = 'reg.io/team/a:1.2-ci-';
    assert.deepEqual(await images(amd64), [
      `${a}amd64`,
      `${a}amd64.debug`,
      `${a}arm64v8`,
      `${a}amd64.debug`,
      'b:1.2-ci-amd64',
      'mcr.microsoft.com/x:1',
    ]);
    assert.equal((await images({ platform: 'amd64', isDebug: true }))[0], `${a}amd64.debug`);
    await assert.rejects(images({ platform: 'arm64', isDebug: false }), /no platform 'arm64.debug'/);
  });

  it('refuses images that it cannot find, all at once', async () => {
    const path = await template({ x: '{"image": "${MODULES.x}"}', y: '{"image": "${MODULEDIR<y>}"}' });
    await assert.rejects(
      buildManifest(path, { ...amd64, environment: {} }),
      (error) =>
        error instanceof ConfigError && error.code === 'EDGE_IMAGE_UNRESOLVED' && /'x'[\s\S]*'y'/.test(error.message),
    );
  });

  it('cuts create options after every 512 characters and keeps their keys in order', async () => {
    const long = 'x'.repeat(1100);
    const source = `{"Z": 1.0, "10": {"9": 1.5, "1": 1}, "Env": ["B=2"], "Long": "${long}", "Umlaut": "ä\\"\\\\"}`;
    const path = await template({
      m: `{"image": "i", "createOptions": ${source}}`,
      empty: '{"image": "i", "createOptions": ""}',
    });
    const { text } = await buildManifest(path, { ...amd64, environment: {} });
    const { image: _image, ...parts } = settingsOf(text, 'm');
    assert.deepEqual(Object.keys(parts), ['createOptions', 'createOptions01', 'createOptions02']);
    const joined = Object.values(parts).join('');
    assert.equal(joined, `{"Z":1.0,"10":{"9":1.5,"1":1},"Env":["B=2"],"Long":"${long}","Umlaut":"\\u00e4\\"\\\\"}`);
    assert.deepEqual(
      Object.values(parts).map((part) => part.length),
      [512, 512, joined.length - 1024],
    );
    assert.deepEqual(settingsOf(text, 'empty'), { image: 'i', createOptions: '' });
  });

  it('takes 4096 characters of create options and no more', async () => {
    const of = async (length: number) => {
      const path = await template({ m: `{"image": "i", "createOptions": {"a":"${'x'.repeat(length - 8)}"}}` });
      return buildManifest(path, { ...amd64, environment: {} });
    };
    assert.equal(Object.keys(settingsOf((await of(4096)).text, 'm')).length, 9);
    await assert.rejects(
      of(4097),
      (error) => error instanceof ConfigError && error.code === 'EDGE_CREATE_OPTIONS_TOO_LONG',
    );
  });

  it('leaves create options that are cut already, and lets a variable stand for a number', async () => {
    const path = await template({
      m: '{"image": "i", "createOptions": "{\\"a\\"", "createOptions01": ":1}"}',
      n: '{"image": "i", "size": $SIZE}',
    });
    const { text } = await buildManifest(path, { ...amd64, environment: { SIZE: '7' } });
    assert.deepEqual(settingsOf(text, 'm'), { image: 'i', createOptions: '{"a"', createOptions01: ':1}' });
    assert.equal(settingsOf(text, 'n').size, 7);
  });

  it('tells the place where a template is no JSON', async () => {
    const path = join(dir, 'broken.template.json');
    await writeFile(path, '{\n  "a": 1,\n  b\n}');
    await assert.rejects(
      buildManifest(path, { ...amd64, environment: {} }),
      (error) => error instanceof ConfigError && error.message.includes(`${path}:3:3: `),
    );
  });
});

describe('builtManifestPath', () => {
  it('follows the names of the tools', () => {
    assert.equal(builtManifestPath('/r/deployment.template.json', amd64), '/r/config/deployment.amd64.json');
    assert.equal(
      builtManifestPath('/r/deployment.debug.template.json', { platform: 'arm32v7', isDebug: true }),
      '/r/config/deployment.debug.arm32v7.json',
    );
    assert.equal(
      builtManifestPath('/r/deployment.template.json', { platform: 'amd64', isDebug: true }),
      '/r/config/deployment.debug.amd64.json',
    );
    assert.equal(builtManifestPath('/r/site.json', amd64), '/r/config/site.amd64.json');
  });
});

describe('JSON with its source', () => {
  it('reads what JSON.parse reads and refuses what it refuses', () => {
    const texts = ['{}', '[]', ' [1, -2.5e3, "\\u00e4\\n", true, null] ', '{"a":{"b":[{}]},"":0}', '"x"', '0'];
    for (const text of texts) assert.deepEqual(plainValue(parseJsonSource(text).value), JSON.parse(text), text);
    for (const text of [
      '',
      '{',
      '[1,]',
      '{"a":1,}',
      '01',
      '1.',
      '"\\x"',
      '"\n"',
      'nul',
      '{a:1}',
      '[1]]',
      '+1',
      '[1 2]',
    ]) {
      assert.throws(() => parseJsonSource(text), { name: 'JsonSourceError' }, text);
      assert.throws(() => JSON.parse(text), text);
    }
    assert.throws(() => parseJsonSource('['.repeat(100_000)), { name: 'JsonSourceError' });
  });

  it('writes numbers as Python does', () => {
    const pairs = {
      '1': '1',
      '-0': '0',
      '1.0': '1.0',
      '1.50': '1.5',
      '1e5': '100000.0',
      '1e16': '1e+16',
      '0.0001': '0.0001',
      '0.00001': '1e-05',
      '-2.5e-7': '-2.5e-07',
      '123456789012345678901234567890': '123456789012345678901234567890',
      '1E2': '100.0',
      '0.0': '0.0',
    };
    for (const [source, expected] of Object.entries(pairs)) assert.equal(pythonNumber(source), expected, source);
    assert.equal(
      minifiedJson(parseJsonSource('{"b": [1.0, "é\u007f"], "a": {}}').value),
      '{"b":[1.0,"\\u00e9\\u007f"],"a":{}}',
    );
  });
});
