import assert from 'node:assert/strict';
import { RecentWarnings } from './recent-warnings.ts';

describe('RecentWarnings', () => {
  it('shows time, module and message of warnings and errors, and passes over the rest', () => {
    const warnings = new RecentWarnings();
    warnings.add('<4> 2026-01-31 10:00:00.123 +00:00 [uploader] cloud away {"waiting":3}');
    warnings.add('<6> 2026-01-31 10:00:00.123 +00:00 [uploader] cloud reachable');
    warnings.add('no log line');
    assert.deepEqual(warnings.list(), ['10:00:00 [uploader] cloud away']);
  });

  it('keeps the last four', () => {
    const warnings = new RecentWarnings();
    for (const line of ['a', 'b', 'c', 'd', 'e']) warnings.note(line);
    assert.deepEqual(warnings.list(), ['b', 'c', 'd', 'e']);
  });
});
