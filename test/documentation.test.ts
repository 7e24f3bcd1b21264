import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderConfigurationDoc } from '../scripts/configuration-doc.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Every error code that the product can give: the first argument of the four kinds of error. */
function codesInSources(): Set<string> {
  const codes = new Set<string>();
  for (const file of globSync('{packages,modules,tools}/*/src/**/*.ts', { cwd: root })) {
    if (file.endsWith('.test.ts')) continue;
    const pattern = /new (?:Config|Transient|Rejected|Internal)Error\(\s*'([A-Z][A-Z0-9_]*)'/g;
    for (const [, code] of read(file).matchAll(pattern)) if (code !== undefined) codes.add(code);
  }
  return codes;
}

describe('documentation', () => {
  it('lists the settings as the schemas have them', () => {
    assert.equal(read('docs/configuration.md'), renderConfigurationDoc(), 'run: node scripts/configuration-doc.ts');
  });

  it('lists every error code with its cause and remedy, and no other', () => {
    const documented = new Set(
      [...read('docs/errors.md').matchAll(/^\| `([A-Z][A-Z0-9_]*)` \|/gm)].map(([, code]) => code),
    );
    assert.deepEqual([...documented].sort(), [...codesInSources()].sort());
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
