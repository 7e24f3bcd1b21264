import assert from 'node:assert/strict';
import { createEdgeEmitter } from '../events.ts';
import type { Route } from '../routing/route.ts';
import { LiveConfig } from './live-config.ts';

const up = 'FROM /messages/* INTO $upstream';
const desired = (routes: Record<string, unknown>, timeToLiveSecs = 7200) => ({
  schemaVersion: '1.1',
  routes,
  storeAndForwardConfiguration: { timeToLiveSecs },
  $version: 3,
});

describe('LiveConfig', () => {
  let set: { routes: readonly Route[]; timeToLiveSecs: number }[];
  let warnings: string[];
  let config: LiveConfig;

  beforeEach(() => {
    set = [];
    warnings = [];
    const events = createEdgeEmitter();
    events.on('warning', ({ message }) => warnings.push(message));
    config = new LiveConfig({
      deviceId: 'D',
      setRoutes: (routes, timeToLiveSecs) => set.push({ routes, timeToLiveSecs }),
      events,
    });
  });

  it('takes routes and the time to live', () => {
    assert.equal(config.update(desired({ up, gone: null }, 60)), true);
    assert.deepEqual(
      set.map(({ routes, timeToLiveSecs }) => [routes.map(({ name }) => name), timeToLiveSecs]),
      [[['up'], 60]],
    );
    assert.deepEqual(config.status, { code: 200, description: '' });
  });

  it('refuses all for one bad route, of syntax or of type, and names it', () => {
    for (const bad of ['FROM /messages/* INTO', 'FROM /messages/* WHERE t > 3 INTO $upstream', '']) {
      assert.equal(config.update(desired({ up, bad })), false);
      assert.equal(config.status.code, 400);
      assert.match(config.status.description, /^Error while parsing desired properties - .*(bad|route)/s);
    }
    assert.deepEqual(set, []);
    assert.equal(config.update(desired({ up })), true);
    assert.equal(config.status.code, 200);
  });

  it('refuses what is no configuration at all', () => {
    for (const document of [{}, { schemaVersion: '2.0', routes: {} }, desired({ r: { route: up, priority: 10 } })]) {
      assert.equal(config.update(document), false);
    }
    assert.deepEqual(set, []);
  });

  it('warns of text after a sink', () => {
    config.update(desired({ r: `${up} WHERE a = 'b'` }));
    assert.deepEqual(warnings, ['text after the sink of a route is ignored']);
  });
});
