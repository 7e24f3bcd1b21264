import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filterLog } from './filter-log.ts';
import type { LogRecord } from './log-record.ts';
import { ModuleLog } from './module-log.ts';
import { parseLogText } from './parse-log-text.ts';
import { parseLogTime } from './parse-log-time.ts';

const record = (text: string, second = 0, stream: LogRecord['stream'] = 'stdout'): LogRecord => ({
  at: new Date(Date.UTC(2026, 0, 1, 0, 0, second)),
  stream,
  text,
});

describe('parseLogText', () => {
  it('reads level, time and text, each of which may be missing', () => {
    const time = (text: string) => parseLogText(text).time?.toISOString();
    assert.deepEqual(parseLogText('<4> 2026-01-01 00:00:00.000 +00:00 a text'), {
      level: 4,
      time: new Date('2026-01-01T00:00:00.000Z'),
      text: 'a text',
    });
    assert.equal(time('<6> 2019-02-14 16:15:35.243 -08:00 [INF] x'), '2019-02-15T00:15:35.243Z');
    assert.deepEqual(parseLogText('<3> only a level'), { level: 3, time: undefined, text: 'only a level' });
    assert.deepEqual(parseLogText('2026-01-01 00:00:00.000 +00:00 only a time').text, 'only a time');
    assert.deepEqual(parseLogText('plain <6> text'), { level: 6, time: undefined, text: 'plain <6> text' });
    assert.deepEqual(parseLogText(''), { level: 6, time: undefined, text: '' });
    assert.equal(time('<6> 2026-99-99 00:00:00.000 +00:00 x'), undefined);
    assert.equal(parseLogText('<12> two digits are none').text, '<12> two digits are none');
  });
});

describe('parseLogTime', () => {
  const now = new Date('2026-06-15T12:00:00.000Z');
  const parsed = (value: string | number) => parseLogTime(value, now)?.toISOString();

  it('takes RFC 3339, Unix seconds and durations', () => {
    assert.equal(parsed('2026-01-01T10:00:00+02:00'), '2026-01-01T08:00:00.000Z');
    assert.equal(parsed('2026-01-01T10:00:00.5Z'), '2026-01-01T10:00:00.500Z');
    assert.equal(parsed(1_767_225_600), '2026-01-01T00:00:00.000Z');
    assert.equal(parsed('1767225600'), '2026-01-01T00:00:00.000Z');
    assert.equal(parsed('1d'), '2026-06-14T12:00:00.000Z');
    assert.equal(parsed('2 hours'), '2026-06-15T10:00:00.000Z');
    assert.equal(parsed('10 minutes'), '2026-06-15T11:50:00.000Z');
    assert.equal(parsed('1h 30m'), '2026-06-15T10:30:00.000Z');
    assert.equal(parsed('90sec'), '2026-06-15T11:58:30.000Z');
    assert.equal(parsed('1 Day'), '2026-06-14T12:00:00.000Z');
    assert.ok(Date.parse(parsed('1M') ?? '') < Date.parse('2026-05-20T00:00:00Z'), 'M is a month, m a minute');
  });

  it('takes nothing else', () => {
    for (const value of ['', 'yesterday', '1 fortnight', 'd', '-1d', '2026', '2026-13-01T00:00:00Z', 'NaN']) {
      assert.equal(value === '2026' ? undefined : parsed(value), undefined, value);
    }
  });
});

describe('filterLog', () => {
  const records = [
    record('<6> 2026-01-01 00:00:00.000 +00:00 one', 1),
    record('<3> 2026-01-01 00:00:00.000 +00:00 two', 2),
    record('three', 3),
    record('<3> four', 4, 'stderr'),
  ];
  const texts = (filter: Parameters<typeof filterLog>[1]) =>
    filterLog(records, filter).map(({ text }) => text.split(' ').at(-1));

  it('counts the tail after everything else', () => {
    assert.deepEqual(texts({}), ['one', 'two', 'three', 'four']);
    assert.deepEqual(texts({ tail: 2 }), ['three', 'four']);
    assert.deepEqual(texts({ tail: 1, logLevel: 6 }), ['three']);
    assert.deepEqual(texts({ logLevel: 3 }), ['two', 'four']);
    assert.deepEqual(texts({ regex: /^t/ }), ['two', 'three']);
    // One with a memory of its last match must not skip lines.
    assert.deepEqual(texts({ regex: /o/g }), ['one', 'two', 'four']);
    assert.deepEqual(texts({ since: records[1]?.at ?? new Date(), until: records[2]?.at ?? new Date() }), [
      'two',
      'three',
    ]);
  });
});

describe('ModuleLog', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'module-log-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('gives back what it was given, at once and in another run, whatever is in a line', async () => {
    const log = new ModuleLog(dir, 'm');
    const records = [record('one'), record('two  <6> ü€ \t ', 1, 'stderr'), record('', 2)];
    for (const each of records) log.write(each);
    assert.deepEqual(await log.read(), records);
    await log.close();
    const next = new ModuleLog(dir, 'm');
    next.write(record('three', 3));
    assert.deepEqual(await next.read(), [...records, record('three', 3)]);
    await next.close();
    assert.equal((await stat(join(dir, 'm.log'))).mode & 0o777, 0o600);
  });

  it('keeps the newest in two files of a bounded size', async () => {
    const log = new ModuleLog(dir, 'm', 2000);
    for (let n = 0; n < 500; n += 1) log.write(record(`line ${n}`));
    const kept = (await log.read()).map(({ text }) => text);
    await log.close();
    assert.deepEqual((await readdir(dir)).sort(), ['m.1.log', 'm.log']);
    for (const name of await readdir(dir)) assert.ok((await stat(join(dir, name))).size < 2100, name);
    assert.equal(kept.at(-1), 'line 499');
    assert.deepEqual(
      kept,
      Array.from({ length: kept.length }, (_, n) => `line ${500 - kept.length + n}`),
    );
  });

  it('leaves out a line that was torn, and lines from before they had times', async () => {
    await writeFile(join(dir, 'm.log'), 'an old line\n2026-01-01T00:00:00.000Z stdout whole\n2026-01-01T00:00:0');
    const log = new ModuleLog(dir, 'm');
    assert.deepEqual(await log.read(), [record('whole')]);
    await appendFile(join(dir, 'm.log'), '\n');
    log.write(record('next'));
    assert.deepEqual(await log.read(), [record('whole'), record('next')]);
    await log.close();
  });

  it('is empty when there is none, and survives a folder that cannot be made', async () => {
    assert.deepEqual(await new ModuleLog(join(dir, 'none'), 'm').read(), []);
    await writeFile(join(dir, 'file'), '');
    const log = new ModuleLog(join(dir, 'file'), 'm');
    log.write(record('lost'));
    assert.deepEqual(await log.read(), []);
    await log.close();
  });
});
