import assert from 'node:assert/strict';
import { formatLogLine } from './log-line.ts';

const at = new Date('2026-01-31T10:00:00.123Z');

describe('formatLogLine', () => {
  it('writes the shape that edgeAgent parses', () => {
    assert.equal(
      formatLogLine({ level: 'info', at, scope: 'uploader', message: 'message', data: { key: 'value' } }),
      '<6> 2026-01-31 10:00:00.123 +00:00 [uploader] message {"key":"value"}\n',
    );
  });

  it('gives each level its syslog digit and leaves out empty data', () => {
    const digits = (['debug', 'info', 'warn', 'error'] as const).map((level) =>
      formatLogLine({ level, at, scope: 's', message: 'm', data: {} }),
    );
    assert.deepEqual(
      digits,
      [7, 6, 4, 3].map((digit) => `<${digit}> 2026-01-31 10:00:00.123 +00:00 [s] m\n`),
    );
  });

  it('keeps to one line whatever the message and the data hold', () => {
    const line = formatLogLine({ level: 'warn', at, scope: 's', message: 'a\r\nb', data: { text: 'c\nd\u2028' } });
    assert.equal(line.indexOf('\n'), line.length - 1);
    assert.ok(line.includes('a\\r\\nb'));
  });
});
