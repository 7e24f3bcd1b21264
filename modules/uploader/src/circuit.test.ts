import assert from 'node:assert/strict';
import { ConfigError, RejectedError, TransientError } from '@edgeveil/contracts';
import { Circuit, type CircuitChange } from './circuit.ts';

describe('Circuit', () => {
  const network = new TransientError('UPLOAD_NETWORK', 'no line');
  const forbidden = new ConfigError('UPLOAD_FORBIDDEN', 'wrong key');
  const refused = new RejectedError('UPLOAD_REFUSED', 'bad blob');
  let now: number;
  let changes: CircuitChange[];
  let circuit: Circuit;

  beforeEach(() => {
    now = 1_000_000;
    changes = [];
    circuit = new Circuit({
      retry: { firstDelayMs: 1000, maxDelayMs: 60_000 },
      now: () => now,
      random: () => 1,
      onChange: (change) => changes.push(change),
    });
  });

  function becomeReachable(): void {
    circuit.checked({ hasItems: true });
    circuit.delivered();
    changes = [];
  }

  it('checks before it lets anything through', () => {
    assert.ok(circuit.isCheckDue());
    assert.equal(circuit.slots(4), 0);
  });

  it('lets one delivery try after a check, and all after it arrived', () => {
    circuit.checked({ hasItems: true });
    assert.equal(circuit.slots(4), 1);
    circuit.delivered();
    assert.equal(circuit.slots(4), 4);
  });

  it('takes a check for proof when there is nothing to deliver', () => {
    circuit.checked({ hasItems: false });
    assert.equal(circuit.state, 'reachable');
  });

  it('stays closed while single deliveries fail', () => {
    becomeReachable();
    for (let item = 0; item < 10; item += 1) {
      circuit.failed(network);
      circuit.failed(network);
      circuit.delivered();
    }
    assert.equal(circuit.state, 'reachable');
    assert.deepEqual(changes, []);
  });

  it('opens after three failures in a row, and tells once', () => {
    becomeReachable();
    for (let failure = 0; failure < 10; failure += 1) circuit.failed(network);
    assert.equal(circuit.state, 'away');
    assert.equal(circuit.slots(4), 0);
    assert.deepEqual(
      changes.map(({ state, error }) => [state, error?.code]),
      [['away', 'UPLOAD_NETWORK']],
    );
  });

  it('is not driven further away by deliveries that were under way', () => {
    becomeReachable();
    for (let failure = 0; failure < 3; failure += 1) circuit.failed(network);
    const { retryAt } = circuit;
    for (let failure = 0; failure < 60; failure += 1) circuit.failed(network);
    assert.equal(circuit.retryAt, retryAt);
  });

  it('waits longer after each failed check, up to the longest delay', () => {
    const waits: number[] = [];
    for (let check = 0; check < 9; check += 1) {
      assert.ok(circuit.isCheckDue());
      circuit.failed(network);
      assert.ok(!circuit.isCheckDue());
      waits.push((circuit.retryAt ?? 0) - now);
      now = circuit.retryAt ?? 0;
    }
    assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    assert.equal(changes.length, 1);
  });

  it('waits as long as the service asks', () => {
    becomeReachable();
    circuit.failed(new TransientError('UPLOAD_BUSY', 'busy', { retryAfterMs: 90_000 }));
    assert.equal(circuit.state, 'away');
    assert.equal(circuit.retryAt, now + 90_000);
  });

  it('tells that it is back, and how long it was away', () => {
    circuit.failed(network);
    now += 5000;
    circuit.checked({ hasItems: true });
    assert.equal(changes.length, 1, 'not yet: nothing has arrived');
    circuit.delivered();
    assert.deepEqual(changes.at(-1), { state: 'reachable', error: undefined, downMs: 5000 });
  });

  it('goes on waiting when the check works and the delivery does not', () => {
    circuit.failed(network);
    now += 1000;
    circuit.checked({ hasItems: true });
    circuit.failed(network);
    assert.equal(circuit.state, 'away');
    assert.equal(circuit.retryAt, now + 2000);
    assert.equal(changes.length, 1);
  });

  it('needs an operator when the credentials are refused, and tries again slowly', () => {
    circuit.failed(forbidden);
    assert.equal(circuit.state, 'refused');
    assert.equal(circuit.retryAt, now + 60_000);
    assert.deepEqual(
      changes.map(({ state }) => state),
      ['refused'],
    );
  });

  it('lets the others through when one blob is forbidden', () => {
    becomeReachable();
    for (let attempt = 0; attempt < 10; attempt += 1) {
      circuit.failed(forbidden);
      circuit.delivered();
    }
    assert.equal(circuit.state, 'reachable');
    for (let attempt = 0; attempt < 3; attempt += 1) circuit.failed(forbidden);
    assert.equal(circuit.state, 'refused');
  });

  it('tells when the reason changes', () => {
    circuit.failed(network);
    now += 1000;
    circuit.failed(forbidden);
    assert.deepEqual(
      changes.map(({ error }) => error?.code),
      ['UPLOAD_NETWORK', 'UPLOAD_FORBIDDEN'],
    );
  });

  it('does not blame the destination for one refused item', () => {
    circuit.checked({ hasItems: true });
    circuit.failed(refused);
    assert.equal(circuit.state, 'trial');
    circuit.delivered();
    assert.equal(circuit.state, 'reachable');
  });

  it('blames the destination when it refuses item after item', () => {
    becomeReachable();
    for (let item = 0; item < 3; item += 1) circuit.failed(refused);
    assert.equal(circuit.state, 'refused');
  });

  it('checks at once when asked to', () => {
    circuit.failed(forbidden);
    circuit.retryNow();
    assert.ok(circuit.isCheckDue());
  });
});
