import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { renderConfigurationDoc } from '../scripts/configuration-doc.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Literals that look like a code and are none: names of variables, and codes of libraries that are only looked for. */
const NO_CODES = /^(?:IOTEDGE_|EDGEVEIL_)|^(?:PARSE_ERROR)$/;

/** What is shipped: no tests, and nothing that only tests use. */
const isProduct = (file: string): boolean =>
  !file.endsWith('.test.ts') && !file.includes(`${sep}testing${sep}`) && !/[\\/]test-[^\\/]*\.ts$/.test(file);

const product = globSync('{packages,modules,tools}/*/src/**/*.ts', { cwd: root })
  .filter(isProduct)
  .map((file) => read(file).replace(/^\s*(?:\/?\*|\/\/).*$/gm, ''))
  .join('\n');

const matches = (pattern: RegExp): Set<string> => new Set([...product.matchAll(pattern)].map(([, code]) => code ?? ''));

/**
 * Every code that an operator can meet in a log, a quarantine, an answer or an event. A code may be thrown, handed to the
 * constructor of a subclass, or picked from a table, so every literal written like one counts: `'UPPER_CASE'` with an
 * underscore anywhere, and without one where it is the first argument of an error. Codes of InternalError are bugs and not
 * listed.
 */
function codesInProduct(): string[] {
  const thrown = matches(/(?:Config|Transient|Rejected)Error\(\s*'([A-Z][A-Z0-9]*)'/g);
  const written = matches(/'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g);
  const internalErrors = ['InternalError', ...matches(/class (\w+) extends InternalError\b/g)].join('|');
  const bugs = new Set([
    ...matches(new RegExp(`(?:${internalErrors})\\(\\s*'([A-Z][A-Z0-9_]*)'`, 'g')),
    ...matches(/extends InternalError \{[^}]*super\(\s*'([A-Z][A-Z0-9_]*)'/g),
    ...matches(/toTransferredError\([^)]*'([A-Z][A-Z0-9_]*)'\)/g),
  ]);
  return [...thrown.union(written)].filter((code) => !bugs.has(code) && !NO_CODES.test(code)).sort();
}

describe('documentation', () => {
  it('lists the settings as the schemas have them', () => {
    assert.equal(read('docs/configuration.md'), renderConfigurationDoc(), 'run: node scripts/configuration-doc.ts');
  });

  it('lists every error code with its cause and remedy, and no other', () => {
    const rows = read('docs/errors.md').matchAll(/^\| `([A-Z][A-Z0-9_]*)` \| [^|]+ \| [^|]+ \| [^|]+ \|$/gm);
    const documented = new Set([...rows].map(([, code]) => code));
    const codes = codesInProduct();
    assert.ok(codes.length > 100, `only ${codes.length} codes found`);
    assert.deepEqual([...documented].sort(), codes);
  });

  it('names only files that exist', () => {
    const missing: string[] = [];
    for (const page of ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: root })]) {
      for (const [, target] of read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)) {
        const path = join(root, page, '..', target ?? '');
        if (globSync(path).length === 0) missing.push(`${page}: ${target}`);
      }
    }
    assert.deepEqual(missing, []);
  });
});
