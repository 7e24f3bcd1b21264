import assert from 'node:assert/strict';
import { cocoIdLabels, distinct, readLabelLines, readNames } from './label-sources.ts';

describe('readNames', () => {
  it('reads the dictionary of Ultralytics, with either quote, escapes and gaps', () => {
    const names = `{0: 'person', 1: "driver's seat", 2: 'it\\'s', 4: 'last, one'}`;
    assert.deepEqual(readNames({ names }), ['person', "driver's seat", "it's", 'class3', 'last, one']);
  });

  it('reads lists as JSON, by commas and by lines', () => {
    assert.deepEqual(readNames({ names: '["a", "b c"]' }), ['a', 'b c']);
    assert.deepEqual(readNames({ classes: 'a, b ,c' }), ['a', 'b', 'c']);
    assert.deepEqual(readNames({ labels: 'a\nb\n' }), ['a', 'b']);
    assert.deepEqual(readNames({ id2label: '{"0": "a", "1": "b"}' }), ['a', 'b']);
  });

  it('finds none where there are none', () => {
    assert.equal(readNames({ names: '', author: 'somebody' }), undefined);
  });
});

describe('readLabelLines', () => {
  it('takes a name a line, and leaves comments and empty lines out', () => {
    assert.deepEqual(readLabelLines('# mine\r\ncat\r\n\r\ndog\n'), ['cat', 'dog']);
  });

  it('takes numbers off only where every line has one', () => {
    assert.deepEqual(readLabelLines('0 cat\n1 dog'), ['cat', 'dog']);
    assert.deepEqual(readLabelLines('n01440764 tench\nn01443537 goldfish'), ['tench', 'goldfish']);
    assert.deepEqual(readLabelLines('18 wheeler\ncar'), ['18 wheeler', 'car']);
  });
});

describe('distinct', () => {
  it('numbers labels that repeat, around those that are there', () => {
    assert.deepEqual(distinct(['crane', 'crane', 'crane 2', 'crane']), ['crane', 'crane 3', 'crane 2', 'crane 4']);
  });
});

describe('cocoIdLabels', () => {
  it('has the names where the annotations have them', () => {
    const labels = cocoIdLabels();
    assert.deepEqual(
      [labels.length, labels[0], labels[11], labels[16], labels[89]],
      [90, 'person', 'class12', 'cat', 'toothbrush'],
    );
  });
});
