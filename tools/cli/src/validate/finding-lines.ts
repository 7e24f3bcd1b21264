import type { Finding } from '@edgeveil/local-edge/manifest-tools';
import type { Colour, Paint } from '../terminal/paint.ts';
import { plainText } from '../terminal/plain-text.ts';

const COLOURS: Readonly<Record<Finding['severity'], Colour>> = { error: 'red', warning: 'yellow', note: 'cyan' };

/** The longest stretch of a route that is shown around the place. */
const WIDTH = 100;

/** A finding as a person reads it: place, message, the route with a mark under the place, and what to do. */
export function findingLines(file: string, finding: Finding, paint: Paint): string {
  const { severity, code, message, remedy, line, column, excerpt } = finding;
  const colour = COLOURS[severity];
  const lines = [
    `${paint('bold', `${file}:${line}:${column}`)} ${paint(colour, severity)} ${plainText(message)} ${paint('dim', `[${code}]`)}`,
    ...(excerpt === undefined ? [] : excerptLines(excerpt, (text) => paint(colour, text))),
    `    ${paint('dim', plainText(remedy))}`,
  ];
  return `${lines.join('\n')}\n`;
}

// The line of the route that the place is on, shortened around it.
function excerptLines(
  { text, start, end }: NonNullable<Finding['excerpt']>,
  paint: (text: string) => string,
): string[] {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = text.indexOf('\n', start) < 0 ? text.length : text.indexOf('\n', start);
  const from = Math.max(lineStart, Math.min(start - WIDTH / 2, lineEnd - WIDTH));
  const shown = visible(text.slice(from, Math.min(lineEnd, from + WIDTH)));
  const width = Math.max(1, Math.min(end, lineEnd, from + WIDTH) - start);
  return [`    ${shown}`, `    ${' '.repeat(start - from)}${paint('^'.repeat(width))}`];
}

// One column for each character, so that the mark is under its place; control characters would move the cursor.
function visible(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}

/** How many files and findings there were. */
export function summaryLine(files: number, findings: readonly Finding[], paint: Paint): string {
  const count = (severity: Finding['severity']) => findings.filter((finding) => finding.severity === severity).length;
  const parts = (['error', 'warning', 'note'] as const)
    .map((severity) => ({ severity, number: count(severity) }))
    .filter(({ number }) => number > 0)
    .map(({ severity, number }) => paint(COLOURS[severity], `${number} ${severity}${number === 1 ? '' : 's'}`));
  return `${files} file${files === 1 ? '' : 's'}: ${parts.length === 0 ? paint('green', 'nothing found') : parts.join(', ')}\n`;
}
