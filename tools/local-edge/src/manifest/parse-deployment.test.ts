import assert from 'node:assert/strict';
import { join } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import { compileRoutes } from '../hub/compile-routes.ts';
import { manifestOf } from '../testing/manifest.ts';
import { parseAgentConfig } from './agent-config.ts';
import { expandVariables } from './expand-variables.ts';
import { loadDeployment } from './load-deployment.ts';
import { parseDeployment } from './parse-deployment.ts';

const root = join(import.meta.dirname, '../../../..');

describe('parseDeployment', () => {
  for (const name of ['deployment.template.json', 'deployment.cpu.template.json']) {
    it(`takes ${name} of this repository, whose routes all compile`, async () => {
      const deployment = await loadDeployment(join(root, name), { EDGEVEIL_SITE: 'dock' });
      assert.deepEqual(deployment.modules.map((module) => module.name).sort(), [
        'inference',
        'ingest',
        'redact',
        'uploader',
      ]);
      assert.ok(compileRoutes(deployment.hub.routes, 'edge').length >= 4);
      const ingest = deployment.modules.find((module) => module.name === 'ingest');
      assert.ok(ingest?.createOptions.binds.some(({ target }) => target === '/edgeveil/frames'));
    });
  }

  it('fills in what edgeAgent takes for granted', () => {
    const [module] = parseDeployment(
      manifestOf({ modules: { m: { restartPolicy: undefined, status: undefined } } }),
    ).modules;
    assert.equal(module?.status, 'running');
    assert.equal(module?.restartPolicy, 'on-unhealthy');
    assert.equal(module?.startupOrder, 4_294_967_295);
  });

  it('reads create options in pieces, as text and as an object, and names what it cannot use', () => {
    const binds = '{"HostConfig":{"Binds":["v:/data:ro"],"Privileged":true},"Cmd":["x"]}';
    for (const settings of [
      { createOptions: binds },
      { createOptions: binds.slice(0, 20), createOptions01: binds.slice(20, 30), createOptions02: binds.slice(30) },
      { createOptions: JSON.parse(binds) },
    ]) {
      const [module] = parseDeployment(
        manifestOf({ modules: { m: { settings: { image: 'i', ...settings } } } }),
      ).modules;
      assert.deepEqual(module?.createOptions, {
        env: {},
        binds: [{ source: 'v', target: '/data' }],
        ignored: ['Cmd', 'HostConfig.Privileged'],
      });
    }
  });

  it('refuses what is wrong and names it', () => {
    const one = (module: object) => manifestOf({ modules: { m: { ...module } } });
    const cases: [unknown, RegExp][] = [
      [undefined, /not a JSON object/],
      [{}, /modulesContent is missing/],
      [{ modulesContent: { $edgeHub: {} } }, /\$edgeAgent/],
      [manifestOf({ modules: { 'a.b': {} } }), /modules\["a\.b"\]/],
      [one({ type: 'wasm' }), /module 'm'.*docker/s],
      [one({ restartPolicy: 'sometimes' }), /module 'm'.*restartPolicy/s],
      [one({ settings: {} }), /module 'm'.*image/s],
      [one({ env: { 'A B': { value: 1 } } }), /module 'm'/],
      [one({ settings: { image: 'i', createOptions: '{' } }), /create options of module 'm'.*not JSON/],
      [one({ settings: { image: 'i', createOptions: { HostConfig: { Binds: ['x'] } } } }), /'x' is not source/],
    ];
    for (const [document, message] of cases) {
      assert.throws(
        () => parseDeployment(document),
        (error) => {
          assert.ok(error instanceof ConfigError && error.code === 'EDGE_MANIFEST_INVALID');
          assert.match(error.message, message);
          return true;
        },
      );
    }
  });

  it('takes the oldest files, and the document that a portal exports', () => {
    const manifest = manifestOf({ modules: { m: {} } });
    assert.equal(parseDeployment({ moduleContent: manifest.modulesContent }).modules.length, 1);
    assert.equal(parseDeployment({ content: manifest }).modules.length, 1);
  });

  it('takes schema versions 1.0 to 1.3, and what the later ones add', () => {
    for (const schemaVersion of ['1.0', '1.1', '1.1.0', '1.2', '1.3']) {
      const { modulesContent } = manifestOf({ modules: { m: {} }, routes: { up: 'FROM /* INTO $upstream' } }) as {
        modulesContent: Record<string, { 'properties.desired': object }>;
      };
      const desired = (name: string) => ({ ...modulesContent[name]?.['properties.desired'], schemaVersion });
      const more = {
        mqttBroker: { bridges: [], authorizations: [{ identities: ['a'] }] },
        integrity: { header: { cacert1: 'x' }, signature: { bytes: 'x', algorithm: 'ES256' } },
      };
      const deployment = parseDeployment({
        modulesContent: {
          $edgeAgent: { 'properties.desired': { ...desired('$edgeAgent'), integrity: more.integrity } },
          $edgeHub: { 'properties.desired': { ...desired('$edgeHub'), ...more } },
        },
      });
      assert.equal(deployment.modules.length, 1, schemaVersion);
      assert.equal(deployment.hub.routes.length, 1, schemaVersion);
    }
  });

  it('says what edgeAgent would report of a version that it does not take, and of nothing at all', () => {
    const statusOf = (agent: object) => {
      try {
        parseAgentConfig({ ...agent });
      } catch (error) {
        return error instanceof ConfigError ? error.details.deploymentStatus : undefined;
      }
    };
    assert.equal(statusOf({ $version: 3 }), 417);
    for (const schemaVersion of ['2.0', '1', 'one', 1, undefined])
      assert.equal(statusOf({ schemaVersion, modules: {} }), 412);
    assert.equal(statusOf({ schemaVersion: '1.1', modules: [] }), 400);
    assert.equal(statusOf({ schemaVersion: '1.1', modules: { m: 1 } }), 400);
  });

  it('says of a file that cannot be read which one it is', async () => {
    await assert.rejects(loadDeployment(join(root, 'no-such.json'), {}), /EDGE_MANIFEST_UNREADABLE|no-such\.json/);
    await assert.rejects(
      loadDeployment(join(root, 'LICENSE'), {}),
      (error) => error instanceof ConfigError && error.code === 'EDGE_MANIFEST_UNREADABLE',
    );
  });
});

describe('expandVariables', () => {
  it('leaves names alone that are not defined', () => {
    const environment = { NAME: 'x', EMPTY: '' };
    assert.equal(expandVariables('FROM /* INTO $upstream', environment), 'FROM /* INTO $upstream');
    const [text, expected] = ['$NAME ${NAME} $NAMES [$EMPTY] ${MODULES.a} $', 'x x $NAMES [] ${MODULES.a} $'];
    assert.equal(expandVariables(text, environment), expected);
  });
});
