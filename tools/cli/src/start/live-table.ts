import Table from 'cli-table3';
import type { SuiteFigures } from './suite-figures.ts';

const BORDERLESS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
} as const;

/** What `npm start` shows, as text: one line of figures of the suite, one line a module, and where to look. */
export function renderLiveTable(figures: SuiteFigures, links: readonly string[], notes: readonly string[]): string {
  const flow = new Table({
    chars: BORDERLESS,
    style: { head: ['cyan'], 'padding-left': 0, 'padding-right': 0 },
    colAligns: Array(7).fill('right'),
  });
  flow.push(
    ['frames in', 'inferred/s', 'redacted', 'uploaded', 'queue', 'dropped', 'quarantined'].map((title) =>
      title.padStart(11),
    ),
    [
      figures.framesIn,
      figures.inferredPerSecond.toFixed(1),
      figures.redacted,
      figures.uploaded,
      figures.queue,
      figures.dropped,
      figures.quarantined,
    ],
  );
  const modules = new Table({
    chars: BORDERLESS,
    style: { head: ['cyan'], 'padding-left': 0, 'padding-right': 0 },
    colAligns: ['left', 'left', 'right', 'right', 'right'],
  });
  modules.push(['module'.padEnd(10), 'status'.padEnd(9), 'restarts', 'CPU %'.padStart(7), 'memory MB'.padStart(10)]);
  for (const module of figures.modules) {
    modules.push([
      module.name,
      module.status,
      module.restarts,
      module.cpuPercent.toFixed(0),
      (module.memoryBytes / 1e6).toFixed(0),
    ]);
  }
  return [flow.toString(), '', modules.toString(), '', ...links, ...(notes.length > 0 ? ['', ...notes] : [])].join(
    '\n',
  );
}

/** The same in one line, for logs and pipes. */
export function renderFiguresLine(figures: SuiteFigures): string {
  return (
    `frames in ${figures.framesIn}, inferred/s ${figures.inferredPerSecond.toFixed(1)}, redacted ${figures.redacted}, ` +
    `uploaded ${figures.uploaded}, queue ${figures.queue}, dropped ${figures.dropped}, quarantined ${figures.quarantined}`
  );
}
