import assert from 'node:assert/strict';
import type { FrameDetections } from '@edgeveil/contracts';
import { PolicyGate, type Refusal } from './policy-gate.ts';
import { policyOf } from './test-scenes.ts';
import { type FrameOptions, makeFrame } from './test-site.ts';

const withLabels = { model: 'good', labels: ['face', 'plate'] };
const without = { model: 'bad', labels: ['vehicle'] };

async function result(minute: number, options: FrameOptions): Promise<FrameDetections> {
  const inferredAt = `2026-01-31T10:${String(minute).padStart(2, '0')}:00.000Z`;
  return (await makeFrame(minute, { ...options, inferredAt })).result;
}

function createGate(labels = ['face', 'plate']) {
  const changes: (readonly Refusal[])[] = [];
  const gate = new PolicyGate({ policy: policyOf({ labels }), onChange: (refusals) => changes.push(refusals) });
  return { gate, changes };
}

describe('PolicyGate', () => {
  it('admits what a model with all labels has looked at, with or without detections', async () => {
    const { gate, changes } = createGate();
    assert.equal(gate.admit(await result(1, { ...withLabels, detections: [] })), 'admitted');
    assert.deepEqual(changes, []);
  });

  it('refuses a source whose model lacks one label, and says so once', async () => {
    const { gate, changes } = createGate(['vehicle', 'face']);
    for (const minute of [1, 2, 3]) assert.equal(gate.admit(await result(minute, without)), 'waits');
    assert.deepEqual(changes, [[{ source: 'gate', missingLabels: ['face'], model: { name: 'bad', version: '1' } }]]);
  });

  it('calls what an older model looked at outdated as soon as a newer one has the labels', async () => {
    const { gate, changes } = createGate();
    assert.equal(gate.admit(await result(1, without)), 'waits');
    assert.equal(gate.admit(await result(5, withLabels)), 'admitted');
    assert.equal(gate.admit(await result(1, without)), 'outdated');
    assert.deepEqual(changes.at(-1), []);
    assert.equal(gate.admit(await result(6, without)), 'waits');
    assert.equal(gate.admit(await result(5, withLabels)), 'admitted');
    assert.equal(gate.refusals.length, 1);
  });

  it('goes by the reply where the clock of inference was set back', async () => {
    const { gate } = createGate();
    gate.admit(await result(30, without));
    assert.equal(gate.admit(await result(2, withLabels), { isReply: true }), 'admitted');
    assert.deepEqual(gate.refusals, []);
    assert.equal(gate.admit(await result(1, without)), 'outdated');
  });

  it('takes a reply for news only once, however often its frame is seen while it waits', async () => {
    const { gate, changes } = createGate();
    const [first, second] = [await result(1, without), await result(2, { ...without, model: 'worse' })];
    for (const reply of [first, second]) gate.admit(reply, { isReply: true });
    gate.admit(await result(3, withLabels));
    const { length } = changes;
    for (let round = 0; round < 3; round += 1) {
      for (const reply of [first, second]) assert.equal(gate.admit(reply, { isReply: true }), 'outdated');
    }
    assert.equal(changes.length, length);
  });

  it('judges each source by its own model', async () => {
    const { gate } = createGate();
    assert.equal(gate.admit(await result(1, { ...without, source: 'yard' })), 'waits');
    assert.equal(gate.admit(await result(2, { ...withLabels, source: 'gate' })), 'admitted');
    assert.equal(gate.admit(await result(1, { ...without, source: 'yard' })), 'waits');
    assert.deepEqual(
      gate.refusals.map(({ source }) => source),
      ['yard'],
    );
  });

  it('judges anew when the policy changes', async () => {
    const { gate, changes } = createGate();
    gate.admit(await result(1, without));
    gate.setPolicy(policyOf({ labels: ['vehicle'] }));
    assert.deepEqual(changes.at(-1), []);
    assert.equal(gate.admit(await result(1, without)), 'admitted');
    gate.setPolicy(policyOf({ labels: ['face'] }));
    assert.deepEqual(changes.at(-1)?.[0]?.missingLabels, ['face']);
    assert.equal(gate.admit(await result(1, without)), 'waits');
  });
});
