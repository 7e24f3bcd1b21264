import assert from 'node:assert/strict';
import { inferenceTwinSchema } from './inference.ts';

const FACES = { labels: ['person'], yields: 'detections', model: { package: 'faces' } } as const;

function problem(desired: object): string {
  const issue = inferenceTwinSchema.safeParse(desired).error?.issues[0];
  return `${issue?.path.join('.')}: ${issue?.message}`;
}

describe('cascade of a twin', () => {
  it('needs a label, what it yields and a model', () => {
    const { cascade } = inferenceTwinSchema.parse({ cascade: { faces: FACES } });
    assert.deepEqual([cascade.faces?.required, cascade.faces?.margin, cascade.faces?.after], [true, 0.1, undefined]);
    assert.match(problem({ cascade: { faces: { ...FACES, labels: [] } } }), /cascade\.faces\.labels/);
    assert.match(problem({ cascade: { faces: { ...FACES, model: {} } } }), /cascade\.faces\.model\.package/);
    const model = { url: 'https://example.com/faces.onnx' };
    assert.match(problem({ cascade: { faces: { ...FACES, model } } }), /cascade\.faces\.model\.sha256/);
  });

  it('does not let frames pass without what a stage would find', () => {
    assert.match(problem({ cascade: { faces: { ...FACES, required: false } } }), /cascade\.faces\.required/);
    const age = { ...FACES, yields: 'classification', required: false };
    assert.equal(inferenceTwinSchema.safeParse({ cascade: { age } }).success, true);
  });

  it('leads from the first model to each stage', () => {
    const after = (name: string) => ({ ...FACES, after: name });
    assert.match(problem({ cascade: { faces: after('nowhere') } }), /cascade\.faces\.after/);
    assert.match(problem({ cascade: { a: after('b'), b: after('a') } }), /cascade\.a\.after/);
    const features = { ...FACES, yields: 'embedding' };
    assert.match(problem({ cascade: { a: features, b: after('a') } }), /cascade\.b\.after/);
    assert.equal(inferenceTwinSchema.safeParse({ cascade: { a: FACES, b: after('a') } }).success, true);
  });

  it('is bounded', () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`stage${index}`, FACES]));
    assert.match(problem({ cascade: many }), /more than 8/);
  });
});

describe('tiling of a twin', () => {
  it('is by rows and columns, or by the size of a tile', () => {
    for (const tiles of [{}, { rows: 2, columns: 3 }, { tileSize: 640 }])
      assert.equal(inferenceTwinSchema.safeParse({ tiling: { '*': tiles } }).success, true);
    assert.match(problem({ tiling: { gate: { rows: 2 } } }), /tiling\.gate\.columns/);
    assert.match(problem({ tiling: { gate: { rows: 2, columns: 2, tileSize: 64 } } }), /tiling\.gate\.tileSize/);
    assert.match(problem({ tiling: { 'No Source': {} } }), /tiling/);
  });
});
