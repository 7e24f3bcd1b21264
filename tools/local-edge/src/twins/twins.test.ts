import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { RejectedError } from '@edgeveil/contracts';
import type { Context } from 'mocha';
import { testData } from '../../../../test/test-data.ts';
import { openDatabase } from '../store/database.ts';
import { diffTwin, stripMetadata } from './diff.ts';
import type { JsonObject } from './json-object.ts';
import { mergeTwin } from './merge.ts';
import { TwinStore } from './twin-store.ts';
import { type DesiredPatch, type TwinDocument, Twins } from './twins.ts';
import { reportedProblem } from './validate-reported.ts';

interface Vectors {
  readonly merge: {
    note: string;
    baseline: JsonObject;
    patch: JsonObject;
    treatNullAsDelete: boolean;
    expected: JsonObject;
  }[];
  readonly diff: { note: string; base: JsonObject; to: JsonObject; expected: JsonObject }[];
  readonly stripMetadata: { input: JsonObject; expected: JsonObject }[];
  readonly twinStoreSequences: {
    kind: string;
    start: JsonObject;
    steps: { patch: JsonObject; expected: JsonObject; twin: TwinDocument }[];
  }[];
}

function vectorsOf(context: Context): Vectors {
  return JSON.parse(readFileSync(testData(context, 'vectors/twin-merge.json'), 'utf8'));
}

function versionOf({ $version }: JsonObject): number {
  return Number($version ?? 0);
}

describe('twin documents', () => {
  it('merge, differ and are stripped as in edgeHub’s own test cases', function () {
    const vectors = vectorsOf(this);
    const counts = Object.fromEntries(Object.entries(vectors).map(([kind, cases]) => [kind, cases.length]));
    assert.deepEqual(counts, { merge: 4, diff: 3, stripMetadata: 2, twinStoreSequences: 3 });
    for (const { note, baseline, patch, treatNullAsDelete, expected } of vectors.merge) {
      assert.deepEqual(mergeTwin(baseline, patch, { keepNulls: !treatNullAsDelete }), expected, note);
    }
    for (const { note, base, to, expected } of vectors.diff) assert.deepEqual(diffTwin(base, to), expected, note);
    for (const { input, expected } of vectors.stripMetadata) assert.deepEqual(stripMetadata(input), expected);
  });

  it('take __proto__ for a name like any other', () => {
    const patch: JsonObject = JSON.parse('{"__proto__":{"polluted":true}}');
    const merged = mergeTwin({}, patch);
    assert.ok(Object.hasOwn(merged, '__proto__'));
    assert.equal('polluted' in {}, false);
    assert.deepEqual(Object.keys(diffTwin({}, patch)), ['__proto__']);
  });
});

describe('reportedProblem', () => {
  it('refuses with edgeHub’s words in its own test cases', function () {
    const vectors: { reported: JsonObject; expected: 'ok' | { message: string } }[] = JSON.parse(
      readFileSync(testData(this, 'vectors/reported-validation.json'), 'utf8'),
    );
    assert.equal(vectors.length, 9);
    for (const { reported, expected } of vectors) {
      assert.equal(reportedProblem(reported), expected === 'ok' ? undefined : expected.message);
    }
  });

  it('refuses what is no object, and a patch that is too big as a whole', () => {
    for (const patch of [null, [], 'text', 3]) assert.notEqual(reportedProblem(patch), undefined);
    const big = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`p${index}`, 'x'.repeat(2000)]));
    assert.match(reportedProblem(big) ?? '', /size/);
  });
});

describe('Twins', () => {
  let database: DatabaseSync;
  let ignored: { moduleId: string; version: number }[];
  let told: { moduleId: string; patch: DesiredPatch }[];
  let twins: Twins;

  beforeEach(() => {
    database = openDatabase(':memory:');
    told = [];
    ignored = [];
    twins = new Twins({
      store: new TwinStore(database),
      onDesired: (moduleId, patch) => told.push({ moduleId, patch }),
      onReported: () => undefined,
      onIgnored: (moduleId, version) => ignored.push({ moduleId, version }),
    });
  });

  afterEach(() => database.close());

  /** A twin as edgeHub's test cases have it at their start. */
  function given(moduleId: string, desired: JsonObject, reported: JsonObject): void {
    new TwinStore(database).put(moduleId, {
      desired: stripMetadata(desired),
      desiredVersion: versionOf(desired),
      reported: stripMetadata(reported),
      reportedVersion: versionOf(reported),
      manifestDesired: undefined,
      told: undefined,
    });
  }

  it('change as in edgeHub’s own test cases, an older $version being ignored', function () {
    const [reported, desired, whole, ...rest] = vectorsOf(this).twinStoreSequences;
    assert.ok(reported !== undefined && desired !== undefined && whole !== undefined && rest.length === 0);

    given('r', {}, reported.start);
    for (const { patch, expected } of reported.steps) {
      twins.patchReported('r', patch);
      assert.deepEqual(stripMetadata(twins.get('r').reported), expected, reported.kind);
    }

    given('d', desired.start, {});
    for (const { patch, expected } of desired.steps) {
      assert.equal(twins.patchDesired('d', patch), expected.$version);
      assert.deepEqual(twins.get('d').desired, expected, desired.kind);
    }
    assert.deepEqual(ignored, [{ moduleId: 'd', version: 3 }]);
    assert.deepEqual(
      told.map(({ patch }) => patch.$version),
      [1, 2, 3],
    );

    const start = whole.start as unknown as TwinDocument;
    given('w', start.desired, start.reported);
    for (const { twin } of whole.steps) {
      assert.equal(twins.replaceDesired('w', twin.desired), twin.desired.$version);
      twins.replaceReported('w', twin.reported);
      assert.deepEqual(twins.get('w'), twin, whole.kind);
    }
  });

  it('are replaced by a document that was read before, whatever its number', () => {
    twins.applyManifest('m', { a: 1, b: { c: 1 } });
    twins.patchDesired('m', { d: 1 });
    assert.equal(twins.replaceDesired('m', { a: 2, b: { c: 1 }, $version: 1 }), 3);
    assert.deepEqual(twins.get('m').desired, { a: 2, b: { c: 1 }, $version: 3 });
    assert.deepEqual(told.at(-1)?.patch, { d: null, a: 2, $version: 3 });
    assert.equal(twins.replaceDesired('m', { $version: 10 }), 10);
    assert.deepEqual(twins.get('m').desired, { $version: 10 });
  });

  it('start with the manifest’s desired half at version 1, and stay with the same manifest', () => {
    twins.applyManifest('m', { a: 1, nested: { b: 2 } });
    twins.applyManifest('m', { nested: { b: 2 }, a: 1 });
    assert.deepEqual(twins.get('m').desired, { a: 1, nested: { b: 2 }, $version: 1 });
    assert.deepEqual(told, []);
  });

  it('keep a patch over a start with the same manifest, and lose it to another one', () => {
    twins.applyManifest('m', { a: 1 });
    twins.patchDesired('m', { b: 2 });
    twins.applyManifest('m', { a: 1 });
    assert.deepEqual(twins.get('m').desired, { a: 1, b: 2, $version: 2 });
    twins.applyManifest('m', { a: 3 });
    assert.deepEqual(twins.get('m').desired, { a: 3, $version: 3 });
    assert.deepEqual(told.at(-1)?.patch, { b: null, a: 3, $version: 3 });
  });

  it('count a version for every patch and hand it on with the number', () => {
    assert.equal(twins.patchDesired('m', { a: { b: 1 } }), 2);
    assert.equal(twins.patchDesired('m', { a: { b: null } }), 3);
    assert.deepEqual(twins.get('m').desired, { a: {}, $version: 3 });
    assert.deepEqual(
      told.map(({ patch }) => patch),
      [
        { a: { b: 1 }, $version: 2 },
        { a: { b: null }, $version: 3 },
      ],
    );
  });

  it('know what a module missed while it was away', () => {
    twins.applyManifest('m', { a: 1, b: 1 });
    assert.equal(twins.missed('m'), undefined, 'a module that never asked for its twin misses nothing');
    twins.tell('m');
    assert.equal(twins.missed('m'), undefined);
    twins.patchDesired('m', { a: 2 });
    twins.patchDesired('m', { b: null });
    assert.deepEqual(twins.missed('m'), { a: 2, b: null, $version: 3 });
    twins.noteTold('m');
    assert.equal(twins.missed('m'), undefined);
  });

  it('leave the reported half alone when a patch is refused', () => {
    twins.patchReported('m', { fine: 1 });
    assert.throws(
      () => twins.patchReported('m', { 'not.fine': 1 }),
      (error) => error instanceof RejectedError && error.code === 'EDGE_REPORTED_INVALID',
    );
    assert.deepEqual(twins.get('m').reported, { fine: 1, $version: 2 });
  });
});
