import assert from 'node:assert/strict';
import { ConfigError } from '@edgeveil/contracts';
import { manifestOf } from '../testing/manifest.ts';
import type { JsonObject } from '../twins/json-object.ts';
import { loadDeployment } from './load-deployment.ts';
import { mergeLayers } from './merge-layers.ts';

const base = manifestOf({
  modules: { sensor: {}, filter: {} },
  routes: { up: 'FROM /messages/* INTO $upstream' },
  twins: { sensor: { rate: 1, keep: true, nested: { a: 1, b: 2 } } },
});
const module = (image: string) => ({ type: 'docker', restartPolicy: 'always', settings: { image } });
const layer = (modulesContent: JsonObject, priority?: number) => ({
  ...(priority === undefined ? {} : { priority }),
  content: { modulesContent },
});

describe('layered deployments', () => {
  const merged = async (...layers: object[]) => {
    const deployment = await loadDeployment(base, {}, layers);
    return {
      images: Object.fromEntries(deployment.modules.map(({ name, image }) => [name, image])),
      routes: deployment.hub.routes.map(({ name, text }) => `${name}: ${text}`),
      twin: deployment.desired.get('sensor'),
    };
  };

  it('add modules, routes and twin paths to the base', async () => {
    const { images, routes, twin } = await merged(
      layer({
        $edgeAgent: { 'properties.desired.modules.extra': module('x:1') },
        $edgeHub: { 'properties.desired.routes.r9': 'FROM /messages/modules/extra/* INTO $upstream' },
        sensor: { 'properties.desired.layer': { on: true }, 'properties.desired.nested.b': 3 },
      }),
    );
    assert.deepEqual(Object.keys(images), ['sensor', 'filter', 'extra']);
    assert.deepEqual(routes, [
      'up: FROM /messages/* INTO $upstream',
      'r9: FROM /messages/modules/extra/* INTO $upstream',
    ]);
    assert.deepEqual(twin, { rate: 1, keep: true, nested: { a: 1, b: 3 }, layer: { on: true } });
  });

  it('win by their priority, whatever the order in which they are given, and by the order where it is the same', async () => {
    const replace = (image: string, priority?: number) =>
      layer({ $edgeAgent: { 'properties.desired.modules.sensor': module(image) } }, priority);
    assert.equal((await merged(replace('high', 10), replace('low', 5))).images.sensor, 'high');
    assert.equal((await merged(replace('low', 5), replace('high', 10))).images.sensor, 'high');
    assert.equal((await merged(replace('first', 5), replace('second', 5))).images.sensor, 'second');
    assert.equal((await merged(replace('first'), replace('second'))).images.sensor, 'second');
  });

  it('replace a whole module, so that nothing of the one before shows through', async () => {
    const deployment = await loadDeployment(
      manifestOf({ modules: { m: { env: { OLD: { value: 1 } }, startupOrder: 3 } } }),
      {},
      [layer({ $edgeAgent: { 'properties.desired.modules.m': module('n:2') } })],
    );
    assert.deepEqual(deployment.modules[0]?.env, {});
    assert.equal(deployment.modules[0]?.startupOrder, 4_294_967_295);
  });

  it('replace what they give whole, and take away what they give as null', async () => {
    const { routes, twin } = await merged(
      layer({
        $edgeHub: { 'properties.desired.routes.up': null },
        sensor: { 'properties.desired': { rate: 9 }, 'properties.desired.more': 1 },
      }),
    );
    assert.deepEqual(routes, []);
    assert.deepEqual(twin, { rate: 9, more: 1 });
  });

  it('may be templates', async () => {
    const deployment = await loadDeployment(base, { IMAGE: 'from-env' }, [
      layer({ $edgeAgent: { 'properties.desired.modules.sensor': module('$IMAGE') } }),
    ]);
    assert.equal(deployment.modules[0]?.image, 'from-env');
  });

  it('are refused when they are none, with the name of what is wrong', () => {
    for (const [content, message] of [
      [{ $edgeAgent: { 'properties.reported.x': 1 } }, /properties\.reported\.x.*\$edgeAgent|neither/],
      [{ $edgeAgent: { 'properties.desired..x': 1 } }, /empty part/],
      [{ sensor: 1 }, /'sensor' is no object/],
    ] as const) {
      assert.throws(
        () => mergeLayers(base, [layer(content)]),
        (error) => error instanceof ConfigError && error.code === 'EDGE_LAYER_INVALID' && message.test(error.message),
      );
    }
  });

  it('take a base with paths beside its sections, and names that are like those of prototypes', () => {
    const { modulesContent } = mergeLayers(
      { modulesContent: { m: { 'properties.desired': { a: 1 }, 'properties.desired.b.c': 2 } } },
      [JSON.parse('{"modulesContent":{"m":{"properties.desired.__proto__.polluted":true}}}')],
    ) as { modulesContent: Record<string, Record<string, JsonObject>> };
    assert.deepEqual(Object.keys(modulesContent.m?.['properties.desired'] ?? {}), ['a', 'b', '__proto__']);
    assert.equal('polluted' in {}, false);
  });
});
