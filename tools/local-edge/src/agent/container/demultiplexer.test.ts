import assert from 'node:assert/strict';
import { Demultiplexer } from './demultiplexer.ts';

function frame(type: number, text: string): Buffer {
  const body = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = type;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

describe('Demultiplexer', () => {
  const stream = Buffer.concat([frame(1, 'a\n'), frame(2, 'größe\n'), frame(1, ''), frame(1, 'b\n'.repeat(400))]);

  it('gives each output its bytes, in whatever pieces the stream comes', () => {
    for (const size of [1, 2, 3, 7, 8, 9, 64, stream.length]) {
      const outputs = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
      const demultiplexer = new Demultiplexer((name, bytes) => outputs[name].push(bytes));
      for (let at = 0; at < stream.length; at += size) demultiplexer.write(stream.subarray(at, at + size));
      assert.equal(Buffer.concat(outputs.stdout).toString(), `a\n${'b\n'.repeat(400)}`, `pieces of ${size}`);
      assert.equal(Buffer.concat(outputs.stderr).toString(), 'größe\n');
    }
  });
});
