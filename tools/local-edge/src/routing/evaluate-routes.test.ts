import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { testData } from '../../../../test/test-data.ts';
import { compileCondition } from './compile/compile-condition.ts';
import { type Endpoint, endpointOf, queueId } from './endpoint.ts';
import { evaluateRoutes } from './evaluate-routes.ts';
import { parseCondition } from './parse/parse-route.ts';
import { compileRoute, type Route } from './route.ts';
import { sourcePrefix } from './source.ts';

interface Vectors {
  readonly evaluate: {
    from: string;
    routes: { source: string; condition: string; endpoint: string; priority: number; timeToLiveSecs: number }[];
    message: { source: string; properties: Record<string, string> };
    expected: { endpoint: string; priority: number; timeToLiveSecs: number }[];
  }[];
  readonly queueId: { endpointId: string; priority: number; queueId: string }[];
}

function conditionOf(text: string): Route['matches'] {
  const parsed = parseCondition(text);
  assert.ok(parsed.ok, text);
  const compiled = compileCondition(parsed.value, text);
  assert.ok(compiled.ok, text);
  return compiled.matches;
}

function routeOf(text: string, priority: number, timeToLiveSecs: number): Route {
  const result = compileRoute({ name: 'r', text, priority, timeToLiveSecs }, 'D');
  assert.ok(result.ok, text);
  return result.route;
}

describe('evaluateRoutes', () => {
  it('agrees with edgeHub on its own test cases', function () {
    const vectors: Vectors = JSON.parse(readFileSync(testData(this, 'vectors/evaluation.json'), 'utf8'));
    assert.deepEqual([vectors.evaluate.length, vectors.queueId.length], [6, 2]);
    for (const { from, routes, message, expected } of vectors.evaluate) {
      const compiled = routes.map(({ source, condition, endpoint, ...rest }, index) => ({
        ...rest,
        name: `r${index}`,
        endpoint: { kind: 'module', id: endpoint, module: endpoint, input: 'i' } satisfies Endpoint,
        sourcePrefix: sourcePrefix(source),
        matches: conditionOf(condition),
      }));
      const results = evaluateRoutes(
        compiled,
        {
          properties: new Map(Object.entries(message.properties)),
          systemProperties: new Map(),
          body: Buffer.alloc(0),
        },
        message.source,
      ).map(({ endpoint, priority, timeToLiveSecs }) => ({ endpoint: endpoint.id, priority, timeToLiveSecs }));
      const byEndpoint = (a: { endpoint: string }, b: { endpoint: string }) => a.endpoint.localeCompare(b.endpoint);
      assert.deepEqual(results.sort(byEndpoint), expected.sort(byEndpoint), from);
    }
    for (const vector of vectors.queueId) {
      assert.equal(queueId(vector.endpointId, vector.priority), vector.queueId);
    }
  });

  it('sends one copy to each endpoint, by the matching route with the lowest number', () => {
    const x = 'INTO BrokeredEndpoint("/modules/b/inputs/x")';
    const routes = [
      routeOf(`FROM /messages/modules/a/* ${x}`, 5, 60),
      routeOf(`FROM /messages/modules/a/outputs/o WHERE as_number(t) > 30 ${x}`, 0, 0),
      routeOf('FROM /messages/* INTO BrokeredEndpoint("/modules/b/inputs/y")', 2_000_000_000, 0),
      routeOf('FROM /* INTO $upstream', 2_000_000_000, 0),
    ];
    const results = (t: string | undefined, output: string | undefined) =>
      evaluateRoutes(routes, {
        body: Buffer.alloc(0),
        properties: new Map(t === undefined ? [] : [['t', t]]),
        systemProperties: new Map([
          ['connectionModuleId', 'a'],
          ...(output === undefined ? [] : [['outputName', output] as const]),
        ]),
      }).map(({ endpoint, priority, timeToLiveSecs }) => `${endpoint.id} ${priority} ${timeToLiveSecs}`);
    const rest = ['D/b/y 2000000000 0', '$upstream 2000000000 0'];
    assert.deepEqual(results('31', 'o'), ['D/b/x 0 0', ...rest]);
    assert.deepEqual(results('9', 'o'), ['D/b/x 5 60', ...rest]);
    assert.deepEqual(results(undefined, 'o'), ['D/b/x 5 60', ...rest]);
    assert.deepEqual(results('99', undefined), ['D/b/x 5 60', ...rest]);
  });

  it('names every route that took the message to an endpoint, first the one that counts', () => {
    const sink = 'INTO BrokeredEndpoint("/modules/b/inputs/x")';
    const routes = [
      { ...routeOf(`FROM /messages/* ${sink}`, 5, 0), name: 'wide' },
      { ...routeOf(`FROM /messages/* WHERE t = '1' ${sink}`, 7, 0), name: 'never' },
      { ...routeOf(`FROM /messages/modules/a/* ${sink}`, 0, 0), name: 'narrow' },
      { ...routeOf(`FROM /* ${sink}`, 9, 0), name: 'all' },
    ];
    const message = {
      body: Buffer.alloc(0),
      properties: new Map<string, string>(),
      systemProperties: new Map([['connectionModuleId', 'a']]),
    };
    const [result, ...others] = evaluateRoutes(routes, message);
    assert.deepEqual(result?.routes, ['narrow', 'wide', 'all']);
    assert.deepEqual(others, []);
  });
});

describe('endpointOf', () => {
  it('agrees with edgeHub on its own test cases', function () {
    const vectors: { kind: string; name?: string; function?: string | null; address?: string; expected: object }[] =
      JSON.parse(readFileSync(testData(this, 'vectors/endpoints.json'), 'utf8'));
    assert.equal(vectors.length, 8);
    for (const { kind, name = '', function: called, address = '', expected } of vectors) {
      const sink =
        kind === 'system'
          ? ({ kind: 'system', name } as const)
          : ({ kind: 'function', name: called ?? '', address } as const);
      const endpoint = endpointOf(sink, 'Device1');
      if ('error' in expected) assert.ok('error' in endpoint, JSON.stringify(sink));
      else if ('id' in expected) assert.equal('id' in endpoint ? endpoint.id : undefined, expected.id);
      else assert.deepEqual(endpoint, { kind: 'upstream', id: '$upstream' });
    }
  });
});
