import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Heavy dependencies and the one workspace that may import each. */
const OWNERS: ReadonlyArray<{ readonly dependency: RegExp; readonly owner: string }> = [
  { dependency: /^azure-iot-device(-mqtt)?$/, owner: 'packages/module-kit' },
  { dependency: /^onnxruntime-node$/, owner: 'modules/inference' },
  { dependency: /^@azure\/storage-/, owner: 'modules/uploader' },
  { dependency: /^protobufjs/, owner: 'packages/onnx-graph' },
  { dependency: /^aedes/, owner: 'tools/local-edge' },
  { dependency: /^(sharp|@julusian\/jpeg-turbo)$/, owner: 'packages/picture-codec' },
];

interface Import {
  readonly file: string;
  readonly specifier: string;
}

const sources = globSync(['{packages,modules,tools}/*/src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'], { cwd: root });
const isTest = (file: string): boolean => file.endsWith('.test.ts') || file.startsWith(`test${sep}`);
const workspaceOf = (file: string): string => file.split(sep).slice(0, 2).join('/');
const areaOf = (file: string): string => file.split(sep)[0] ?? '';

/** Folder (`packages/contracts`) of each workspace name (`@edgeveil/contracts`). */
const workspaces = new Map(
  globSync('{packages,modules,tools}/*/package.json', { cwd: root }).map((file) => {
    const manifest = JSON.parse(readFileSync(join(root, file), 'utf8')) as { name: string };
    return [manifest.name, dirname(file).split(sep).join('/')] as const;
  }),
);

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s*'([^']+)'|(?:^|\n)\s*import\s*'([^']+)'|import\(\s*'([^']+)'\s*\)/g;
  return [...text.matchAll(pattern)].map((match) => ({ file, specifier: match[1] ?? match[2] ?? match[3] ?? '' }));
}

/** The workspace that an import reaches into, if any: by name, or by a relative path that leaves its own. */
function targetOf({ file, specifier }: Import): string | undefined {
  if (specifier.startsWith('.')) {
    const target = relative(root, resolve(root, dirname(file), specifier));
    return workspaceOf(target);
  }
  const [scope, name] = specifier.split('/');
  return workspaces.get(`${scope}/${name}`);
}

const imports = sources.flatMap(importsOf);
const product = imports.filter(({ file }) => !isTest(file) && !file.startsWith('bench'));
const describeImport = ({ file, specifier }: Import): string => `${file} imports ${specifier}`;

function assertNone(offenders: readonly Import[]): void {
  assert.deepEqual(offenders.map(describeImport), []);
}

describe('architecture', () => {
  it('is read from the sources', () => {
    assert.ok(sources.length > 50, `only ${sources.length} source files found`);
    assert.ok(imports.length > 100, `only ${imports.length} imports found`);
  });

  it('lets modules import packages, never each other or tools', () => {
    assertNone(
      imports.filter((each) => {
        if (areaOf(each.file) !== 'modules') return false;
        const target = targetOf(each);
        if (target === undefined || target === workspaceOf(each.file) || target.startsWith('packages/')) return false;
        return !isTest(each.file) || target.startsWith('modules/');
      }),
    );
  });

  it('keeps packages free of modules and tools', () => {
    assertNone(
      imports.filter((each) => {
        const target = targetOf(each);
        return areaOf(each.file) === 'packages' && target !== undefined && /^(modules|tools)\//.test(target);
      }),
    );
  });

  it('lets nothing but tools and tests import tools', () => {
    assertNone(
      product.filter((each) => areaOf(each.file) !== 'tools' && (targetOf(each)?.startsWith('tools/') ?? false)),
    );
  });

  it('reaches another workspace only by its name', () => {
    assertNone(product.filter((each) => each.specifier.startsWith('.') && targetOf(each) !== workspaceOf(each.file)));
  });

  it('gives each heavy dependency one owner', () => {
    assertNone(
      product.filter((each) => {
        const rule = OWNERS.find(({ dependency }) => dependency.test(each.specifier));
        return rule !== undefined && workspaceOf(each.file) !== rule.owner;
      }),
    );
  });

  it('declares what it imports', () => {
    const missing = product.filter(({ file, specifier }) => {
      if (specifier.startsWith('.') || specifier.startsWith('node:')) return false;
      const parts = specifier.split('/');
      const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
      const manifest = JSON.parse(readFileSync(join(root, workspaceOf(file), 'package.json'), 'utf8')) as {
        name: string;
        dependencies?: Record<string, string>;
      };
      return name !== undefined && name !== manifest.name && !(name in (manifest.dependencies ?? {}));
    });
    assertNone(missing);
  });

  it('touches process.env, process.exit and signals only in a main.ts', () => {
    const offenders = sources
      .filter((file) => !isTest(file) && !file.startsWith('bench') && !file.endsWith(`${sep}main.ts`))
      .filter((file) => {
        const code = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
        return /\bprocess\.(env|exit|exitCode)\b|\bprocess\.on(ce)?\(/.test(code);
      });
    assert.deepEqual(offenders, []);
  });
});
