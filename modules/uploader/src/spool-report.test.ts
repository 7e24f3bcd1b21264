import assert from 'node:assert/strict';
import { SpoolReport, type SpoolStatus } from './spool-report.ts';

describe('SpoolReport', () => {
  let now = 0;
  let status: SpoolStatus;
  let isReachable: boolean;
  let reports: SpoolStatus[];
  let report: SpoolReport;

  beforeEach(() => {
    now = 0;
    status = { items: 0, bytes: 0, oldest: null };
    isReachable = true;
    reports = [];
    report = new SpoolReport({
      status: () => status,
      isReachable: () => isReachable,
      report: (current) => reports.push(current),
      now: () => now,
    });
  });

  function passSeconds(seconds: number): void {
    for (let second = 0; second < seconds; second += 1) {
      now += 1000;
      status = { ...status, items: status.items + 1, bytes: status.bytes + 1000 };
      report.reportIfDue();
    }
  }

  it('reports at first', () => {
    report.reportIfDue();
    assert.equal(reports.length, 1);
  });

  it('reports every 30 s while the spool grows and nothing gets through', () => {
    isReachable = false;
    passSeconds(91);
    assert.equal(reports.length, 4);
  });

  it('keeps quiet about a few items while all is well', () => {
    report.reportIfDue();
    passSeconds(90);
    assert.equal(reports.length, 1);
  });

  it('does not repeat itself', () => {
    isReachable = false;
    report.reportIfDue();
    now += 3_600_000;
    report.reportIfDue();
    assert.equal(reports.length, 1);
  });
});
