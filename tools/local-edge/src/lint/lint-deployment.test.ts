import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checks, type Finding } from './finding.ts';
import { lintDeployment } from './lint-deployment.ts';

const root = join(import.meta.dirname, '../../../..');
const environment = {
  EDGEVEIL_SITE: 'dock',
  EDGEVEIL_STORAGE_CONNECTION_STRING: 'UseDevelopmentStorage=true',
  EDGEVEIL_SOURCES_PATH: '/srv',
};

interface Parts {
  readonly routes?: object;
  readonly modules?: object;
  readonly twins?: object;
  readonly agent?: object;
  readonly hub?: object;
}

const docker = (more: object = {}) => ({
  type: 'docker',
  status: 'running',
  restartPolicy: 'always',
  settings: { image: 'i:1', createOptions: '{}' },
  ...more,
});

function manifest({ routes, modules, twins, agent, hub }: Parts = {}): string {
  return JSON.stringify(
    {
      modulesContent: {
        $edgeAgent: {
          'properties.desired': {
            schemaVersion: '1.1',
            runtime: { type: 'docker', settings: {} },
            modules: modules ?? { a: docker(), b: docker() },
            ...agent,
          },
        },
        $edgeHub: {
          'properties.desired': {
            schemaVersion: '1.1',
            routes: routes ?? { up: 'FROM /messages/modules/a/* INTO $upstream' },
            storeAndForwardConfiguration: { timeToLiveSecs: 7200 },
            ...hub,
          },
        },
        ...twins,
      },
    },
    undefined,
    2,
  );
}

async function codesOf(text: string): Promise<string[]> {
  return (await lintDeployment(text)).map(({ code }) => code).sort();
}

const upstream = { up: 'FROM /messages/modules/a/outputs/up INTO $upstream' };
const intoB = 'INTO BrokeredEndpoint("/modules/b/inputs/i")';

/** Every check with a deployment that has that mistake and no other. */
const cases: Readonly<Record<keyof typeof checks, readonly string[]>> = {
  'json-invalid': ['{"a": }', '', '[1', '\u0000'],
  'json-key-repeated': [manifest().replace('"up"', '"up": "FROM /* INTO $upstream", "up"')],
  schema: [
    '[]',
    '{}',
    manifest({ modules: { a: docker({ restartPolicy: 'sometimes' }) } }),
    manifest({ modules: { a: docker({ status: 'paused' }) } }),
    manifest({ modules: { a: docker({ startupOrder: -1 }) } }),
    manifest({ modules: { a: docker({ startupOrder: 4_294_967_296 }) } }),
    manifest({ modules: { a: docker({ env: { 'A B': { value: 1 } } }) } }),
    manifest({ modules: { a: docker({ env: { A: { value: {} } } }) } }),
    manifest({ modules: { a: docker({ type: 'process' }) } }),
    manifest({ hub: { storeAndForwardConfiguration: undefined } }),
    manifest({ routes: { ...upstream, r: { priority: 1 } } }),
    manifest({ routes: { ...upstream, r: 7 } }),
  ],
  'schema-version': [manifest({ agent: { schemaVersion: '2.0' } }), manifest({ hub: { schemaVersion: '1' } })],
  'unknown-field': [manifest({ modules: { a: docker({ restart_policy: 'always' }) } })],
  'module-name': [manifest({ modules: { a: docker(), 'b.c': docker() } })],
  'create-options': [
    manifest({ modules: { a: docker({ settings: { image: 'i', createOptions: '{' } }) } }),
    manifest({ modules: { a: docker({ settings: { image: 'i', createOptions: '[]' } }) } }),
    manifest({ modules: { a: docker({ settings: { image: 'i', createOptions: '{', createOptions02: '}' } }) } }),
  ],
  'create-options-long': [
    manifest({ modules: { a: docker({ settings: { image: 'i', createOptions: { A: 'x'.repeat(4096) } } }) } }),
  ],
  'image-unresolved': [],
  'unset-variable': [manifest({ modules: { a: docker({ env: { A: { value: '$NOT_SET_ANYWHERE' } } }) } })],
  'twin-invalid': [
    manifest({ twins: { a: { 'properties.desired': { 'x.y': 1 } } } }),
    manifest({ twins: { a: { 'properties.desired': { $x: 1 } } } }),
    manifest({ twins: { a: { 'properties.desired': { 'x y': 1 } } } }),
    manifest({ twins: { a: { 'properties.desired': { x: 2 ** 53 } } } }),
    manifest({ twins: { a: { 'properties.desired': { x: [null] } } } }),
    manifest({ twins: { a: { 'properties.desired': { x: 'y'.repeat(4097) } } } }),
    manifest({
      twins: {
        a: {
          'properties.desired': Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`x${i}`, 'y'.repeat(4000)])),
        },
      },
    }),
    manifest({ agent: { padding: 'y'.repeat(33_000) } }),
    manifest({ twins: { a: { 'properties.desired': JSON.parse(`${'{"d":'.repeat(12)}1${'}'.repeat(12)}`) } } }),
  ],
  'twin-without-module': [manifest({ twins: { c: { 'properties.desired': {} } } })],
  'ttl-zero': [manifest({ hub: { storeAndForwardConfiguration: { timeToLiveSecs: 0 } } })],
  'upstream-missing': [manifest({ routes: { r: `FROM /messages/modules/a/outputs/o ${intoB}` } })],
  'route-name': [manifest({ routes: { 'u.p': upstream.up } })],
  'route-syntax': [
    manifest({ routes: { ...upstream, r: `FROM /messages WHERE a == 'x' ${intoB}` } }),
    manifest({ routes: { ...upstream, r: 'FROM /messages/ INTO $upstream' } }),
    manifest({ routes: { ...upstream, r: `FROM /messages/modules/a/outputs/1 ${intoB}` } }),
  ],
  'route-type': [
    manifest({ routes: { ...upstream, r: `FROM /messages/modules/a/outputs/o WHERE temp > 30 ${intoB}` } }),
    manifest({ routes: { ...upstream, r: `FROM /messages/modules/a/outputs/o WHERE NOT x = 'y' ${intoB}` } }),
    manifest({ routes: { ...upstream, r: `FROM /messages/modules/a/outputs/o WHERE (x = 'y')) ${intoB}` } }),
  ],
  'route-sink': [
    manifest({ routes: { ...upstream, r: 'FROM /messages INTO $cloud' } }),
    manifest({ routes: { ...upstream, r: 'FROM /messages INTO BrokeredEndpoint("/modules/b")' } }),
    manifest({ routes: { ...upstream, r: 'FROM /messages INTO Endpoint("/modules/b/inputs/i")' } }),
  ],
  'route-object-version': [
    manifest({ hub: { schemaVersion: '1.0' }, routes: { r: { route: upstream.up, priority: 1 } } }),
  ],
  'route-settings': [
    manifest({ routes: { r: { route: upstream.up, priority: 10 } } }),
    manifest({ routes: { r: { route: upstream.up, timeToLiveSecs: -1 } } }),
  ],
  'route-text-after-sink': [manifest({ routes: { r: "FROM /* INTO $upstream WHERE level = 'high'" } })],
  'route-comment': [manifest({ routes: { r: 'FROM /* why */ /messages INTO $upstream' } })],
  'route-source': [
    manifest({ routes: { ...upstream, r: `FROM /messages/modules/nobody/outputs/o ${intoB}` } }),
    manifest({ routes: { ...upstream, r: `FROM /messages/modules/a/output/o ${intoB}` } }),
    manifest({ routes: { ...upstream, r: `FROM /messages/*/outputs/o ${intoB}` } }),
    manifest({ routes: { ...upstream, r: `FROM /devices/* ${intoB}` } }),
  ],
  'route-never': [
    manifest({ routes: { ...upstream, r: `FROM /messages/modules/a/outputs/o WHERE 1 > 2 ${intoB}` } }),
    manifest({ routes: { ...upstream, r: `FROM /messages/modules/a/outputs/o WHERE alert ${intoB}` } }),
    manifest({ routes: { ...upstream, r: `FROM /messages/modules/a/outputs/o WHERE 0 / 0 = 0 ${intoB}` } }),
  ],
  'route-always': [manifest({ routes: { ...upstream, r: `FROM /messages/modules/a/outputs/o WHERE true ${intoB}` } })],
  'route-duplicate': [
    manifest({ routes: { r: 'FROM /messages/* INTO $upstream', s: 'FROM /MESSAGES INTO $upstream' } }),
  ],
  'route-loop': [
    manifest({ routes: { ...upstream, r: 'FROM /messages/* INTO BrokeredEndpoint("/modules/a/inputs/i")' } }),
    manifest({
      routes: {
        ...upstream,
        r: `FROM /messages/modules/a/* ${intoB}`,
        s: 'FROM /messages/modules/b/outputs/o INTO BrokeredEndpoint("/modules/a/inputs/i")',
      },
    }),
  ],
  'route-loop-possible': [
    manifest({ routes: { ...upstream, r: `FROM /messages/* ${intoB}` } }),
    manifest({
      routes: {
        ...upstream,
        r: `FROM /messages/modules/a/outputs/ask ${intoB}`,
        s: 'FROM /messages/modules/b/outputs/answer INTO BrokeredEndpoint("/modules/a/inputs/i")',
      },
    }),
  ],
  'endpoint-module-unknown': [
    manifest({
      routes: { ...upstream, r: 'FROM /messages/modules/a/outputs/o INTO BrokeredEndpoint("/modules/c/inputs/i")' },
    }),
    manifest({
      routes: { ...upstream, r: 'FROM /messages/modules/a/outputs/o INTO BrokeredEndpoint("/modules/B/inputs/i")' },
    }),
  ],
  'endpoint-module-stopped': [
    manifest({
      modules: { a: docker(), b: docker({ status: 'stopped' }) },
      routes: { ...upstream, r: `FROM /messages/modules/a/outputs/o ${intoB}` },
    }),
  ],
  'system-property': [
    manifest({ routes: { r: "FROM /messages WHERE $correlationId = 'x' INTO $upstream" } }),
    manifest({ routes: { r: "FROM /messages WHERE $twin.tags.x = 'x' INTO $upstream" } }),
  ],
  'body-content-type': [manifest({ routes: { r: "FROM /messages WHERE $body.x = 'x' INTO $upstream" } })],
  'body-twin-change': [manifest({ routes: { r: "FROM /twinChangeNotifications WHERE $body.x = 'x' INTO $upstream" } })],
  'body-missing': [],
  'body-is-null': [],
};

describe('lintDeployment', () => {
  for (const name of ['deployment.template.json', 'deployment.cpu.template.json']) {
    it(`finds nothing in ${name} of this repository`, async () => {
      const text = readFileSync(join(root, name), 'utf8');
      assert.deepEqual(await lintDeployment(text, { environment, repoDir: root }), []);
    });
  }

  it('finds nothing in a manifest that is as it should be', async () => {
    assert.deepEqual(await codesOf(manifest()), []);
    assert.deepEqual(await codesOf(manifest().replace('modulesContent', 'moduleContent')), []);
    assert.deepEqual(await codesOf(`{"content": ${manifest()}}`), []);
    assert.deepEqual(
      await codesOf(manifest({ hub: { schemaVersion: '1.0', storeAndForwardConfiguration: undefined } })),
      [],
    );
  });

  for (const [code, texts] of Object.entries(cases)) {
    if (texts.length === 0) continue;
    it(`finds ${code} and nothing else`, async () => {
      for (const text of texts) assert.deepEqual([...new Set(await codesOf(text))], [code], text);
    });
  }

  it('warns of what a body does when it lacks a path, unless its kind is asked for', async () => {
    const of = (where: string) => codesOf(manifest({ routes: { r: `FROM /messages WHERE ${where} INTO $upstream` } }));
    assert.deepEqual(await of('$body.t > 30'), ['body-content-type', 'body-missing']);
    assert.deepEqual(await of("'x' <> $body.t"), ['body-content-type', 'body-missing']);
    assert.deepEqual(await of('$body.t < 30'), ['body-content-type']);
    assert.deepEqual(await of('$body.t > 30 AND is_number($body.t)'), ['body-content-type']);
    assert.deepEqual(await of('is_null($body.t)'), ['body-content-type', 'body-is-null']);
  });

  it('asks for the folder of an image, its module.json and its platform', async () => {
    const of = async (image: string) => {
      const text = manifest({ modules: { a: docker({ settings: { image } }) } });
      return (await lintDeployment(text, { repoDir: root })).map(({ code }) => code);
    };
    for (const image of ['${MODULES.ingest}', '${MODULES.ingest.amd64}', '${MODULEDIR<modules/ingest>}', 'x:1']) {
      assert.deepEqual(await of(image), [], image);
    }
    for (const image of [
      '${MODULES.nobody}',
      '${MODULES.ingest.vax}',
      '${MODULEDIR<nowhere>}',
      'reg/${MODULES.ingest}',
    ]) {
      assert.deepEqual(await of(image), ['image-unresolved'], image);
    }
  });

  it('says where in the file and where in the route, escapes counted', async () => {
    const text = manifest({
      routes: { ...upstream, r: `FROM /messages/modules/a/outputs/o WHERE x = "\\u00e4" AND temp > 30 ${intoB}` },
    });
    const [finding] = await lintDeployment(text);
    assert.equal(finding?.code, 'route-type');
    const line = text.split('\n')[(finding?.line ?? 0) - 1] ?? '';
    assert.equal(line.slice((finding?.column ?? 0) - 1).startsWith('> 30'), true);
    assert.equal(finding?.excerpt?.text.slice(finding.excerpt.start, finding.excerpt.end), '>');
    assert.equal(finding?.path, '/modulesContent/$edgeHub/properties.desired/routes/r');
    assert.match(finding?.remedy ?? '', /as_number\(temp\)/);
  });

  it('names all mistakes of a file at once, in its order', async () => {
    const text = manifest({
      modules: { a: docker({ restartPolicy: 'x', status: 'y' }), b: docker() },
      routes: { r: 'FROM /nowhere INTO $upstream', s: 'FROM /* INTO', t: "FROM /* WHERE NOT x = 'y' INTO $upstream" },
    });
    const findings = await lintDeployment(text);
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['schema', 'schema', 'route-source', 'route-syntax', 'route-type'],
    );
    const places = findings.map(({ line, column }) => line * 1000 + column);
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
  });

  it('reads layers, which say only what they add', async () => {
    const layer = {
      content: {
        modulesContent: {
          $edgeAgent: { 'properties.desired.modules.extra': docker({ restartPolicy: 'maybe' }) },
          $edgeHub: { 'properties.desired.routes.r9': 'FROM /messages WHERE temp > 1 INTO $upstream' },
          sensor: { 'properties.desired.layer': { 'a.b': 1 } },
        },
      },
    };
    assert.deepEqual(await codesOf(JSON.stringify(layer)), ['route-type', 'schema', 'twin-invalid']);
  });

  it('fills in variables before it looks', async () => {
    const text = manifest({ routes: { r: '$ROUTE' } });
    const found = async (ROUTE: string) =>
      (await lintDeployment(text, { environment: { ROUTE } })).map(({ code }) => code);
    assert.deepEqual(await found('FROM /messages INTO $upstream'), []);
    assert.deepEqual(await found('FROM /messages WHERE a > 3 INTO $upstream'), ['route-type']);
  });

  it('survives whatever a file holds', async () => {
    const whole: unknown = JSON.parse(manifest({ twins: { a: { 'properties.desired': { x: [1, { y: null }] } } } }));
    const odd = [null, 0, -1, '', 'FROM', [], {}, [null], { value: [] }, true, '\ud800', { a: { b: {} } }];
    const variants: string[] = [];
    const replaceEach = (value: unknown, put: (changed: unknown) => unknown): void => {
      for (const other of odd) variants.push(JSON.stringify(put(other)));
      if (typeof value !== 'object' || value === null) return;
      for (const [key, inner] of Object.entries(value)) {
        replaceEach(inner, (changed) =>
          put(Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed }),
        );
      }
    };
    replaceEach(whole, (changed) => changed);
    for (const text of variants) {
      const findings: readonly Finding[] = await lintDeployment(text, { repoDir: root });
      for (const { line, column, remedy, message } of findings) {
        assert.ok(line >= 1 && column >= 1 && remedy !== '' && message !== '', text);
      }
    }
  });

  it('says of every mistake what to do, and has a case for every check', () => {
    const untested = Object.entries(cases).flatMap(([code, texts]) => (texts.length === 0 ? [code] : []));
    assert.deepEqual(untested, ['image-unresolved', 'body-missing', 'body-is-null']);
    assert.deepEqual(Object.keys(cases).sort(), Object.keys(checks).sort());
  });
});
