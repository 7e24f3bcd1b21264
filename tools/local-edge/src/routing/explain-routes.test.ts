import assert from 'node:assert/strict';
import { explainRoutes } from './explain-routes.ts';

describe('explainRoutes', () => {
  it('says of every route why it takes a message or leaves it', () => {
    const into = 'INTO BrokeredEndpoint("/modules/b/inputs/i")';
    const texts = {
      low: [`FROM /messages/modules/a/* ${into}`, 5],
      high: [`FROM /messages/modules/a/outputs/o WHERE level = 'high' ${into}`, 0],
      other: [`FROM /messages/modules/c/* ${into}`, 1],
      no: ["FROM /* WHERE level = 'low' INTO $upstream", 1],
      missing: ["FROM /* WHERE absent = 'x' INTO $upstream", 1],
      broken: ['FROM /* WHERE level > 3 INTO $upstream', 1],
      sink: ['FROM /* INTO $cloud', 1],
    } as const;
    const specs = Object.entries(texts).map(([name, [text, priority]]) => ({
      name,
      text,
      priority,
      timeToLiveSecs: 0,
    }));
    const message = {
      properties: new Map([['level', 'high']]),
      systemProperties: new Map([
        ['connectionModuleId', 'a'],
        ['outputName', 'o'],
      ]),
      body: Buffer.alloc(0),
    };
    const explained = explainRoutes(specs, message, 'edge');
    assert.deepEqual(Object.fromEntries(explained.map(({ name, reason }) => [name, reason])), {
      low: 'outranked',
      high: 'taken',
      other: 'other-source',
      no: 'condition-false',
      missing: 'condition-undefined',
      broken: 'compile-error',
      sink: 'compile-error',
    });
    assert.deepEqual(explained.at(-1)?.problems?.[0]?.start, { line: 1, column: 14 });
  });
});
