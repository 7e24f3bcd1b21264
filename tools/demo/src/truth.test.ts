import assert from 'node:assert/strict';
import type { Drawing } from './pen.ts';
import { Pen } from './pen.ts';
import type { Label } from './scene-truth.ts';
import { seenObjects } from './truth.ts';

function block(label: Label, x: number, y: number, width: number, height: number): Drawing {
  const pen = new Pen({ x: 0, y: 0, scale: 1 });
  pen.within([pen.add(label)], () => pen.rect(x, y, width, height, { fill: '#000000' }));
  return pen.finish();
}

describe('seenObjects', () => {
  it('gives the exact box of what nothing hides', () => {
    const [object] = seenObjects([block('parcel', 100.3, 50.7, 41.5, 33.2)], 640, 360);
    assert.deepEqual(object, { label: 'parcel', box: [100.3, 50.7, 41.5, 33.2], visible: 1, drawing: 0, open: 1 });
  });

  it('clips a box to the frame and counts what lies beyond as hidden', () => {
    const [object] = seenObjects([block('vehicle', -60, 100, 100, 80)], 640, 360);
    assert.deepEqual(object?.box, [0, 100, 40, 80]);
    assert.ok(Math.abs((object?.visible ?? 0) - 0.4) < 0.02);
  });

  it('shrinks the box of what something nearer covers to the part that is left', () => {
    const [far] = seenObjects([block('person', 100, 100, 100, 200), block('vehicle', 80, 200, 200, 120)], 640, 360);
    assert.deepEqual(far?.box, [100, 100, 100, 100]);
    assert.ok(Math.abs((far?.visible ?? 0) - 0.5) < 0.02);
  });

  it('tells what others hide from what its own drawing hides', () => {
    const pen = new Pen({ x: 0, y: 0, scale: 1 });
    pen.within([pen.add('face')], () => pen.rect(100, 100, 40, 40, { fill: '#000000' }));
    pen.within([], () => pen.rect(100, 100, 40, 20, { fill: '#000000' }));
    const hatted = pen.finish();
    assert.deepEqual(
      seenObjects([hatted], 640, 360).map(({ visible, open }) => [visible, open]),
      [[0.5, 1]],
    );
    const behind = seenObjects([hatted, block('parcel', 100, 120, 20, 20)], 640, 360);
    assert.deepEqual([behind[0]?.visible, behind[0]?.open], [0.25, 0.5]);
  });

  it('leaves out what is wholly covered or wholly outside', () => {
    const found = seenObjects(
      [block('parcel', 100, 100, 40, 40), block('vehicle', 90, 90, 80, 80), block('parcel', 700, 10, 30, 30)],
      640,
      360,
    );
    assert.deepEqual(
      found.map(({ label }) => label),
      ['vehicle'],
    );
  });

  it('counts a part as seen through its own whole, but not through its holder’s burden', () => {
    const pen = new Pen({ x: 0, y: 0, scale: 1 });
    const person = pen.add('person');
    pen.within([person], () => pen.rect(100, 100, 60, 160, { fill: '#000000' }));
    const face = pen.add('face');
    pen.within([person, face], () => pen.rect(110, 110, 40, 40, { fill: '#000000' }));
    pen.within([pen.add('parcel')], () => pen.rect(110, 130, 40, 60, { fill: '#000000' }));
    const found = seenObjects([pen.finish()], 640, 360);
    const visible = Object.fromEntries(found.map((object) => [object.label, object.visible]));
    assert.equal(visible.face, 0.5);
    assert.equal(visible.parcel, 1);
    assert.ok(Math.abs((visible.person ?? 0) - 0.75) < 0.01);
  });
});
