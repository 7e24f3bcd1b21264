import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inferenceTwinSchema } from './inference.ts';
import { ingestTwinSchema } from './ingest.ts';
import { redactTwinSchema } from './redact.ts';
import { uploaderTwinSchema } from './uploader.ts';

const SCHEMAS = {
  ingest: ingestTwinSchema,
  inference: inferenceTwinSchema,
  redact: redactTwinSchema,
  uploader: uploaderTwinSchema,
} as const;

interface Template {
  readonly modulesContent: Readonly<
    Record<string, { readonly 'properties.desired': Readonly<Record<string, unknown>> }>
  >;
}

describe('twin schemas', () => {
  for (const [module, schema] of Object.entries(SCHEMAS)) {
    it(`fill an empty twin of ${module} with defaults`, () => {
      assert.equal(schema.parse({}).logLevel, 'info');
    });

    it(`refuse an unknown property of ${module} by name`, () => {
      const result = schema.safeParse({ colour: 'red' });
      assert.match(result.error?.issues[0]?.message ?? '', /colour/);
    });
  }

  for (const template of ['deployment.template.json', 'deployment.cpu.template.json']) {
    it(`accept the twins of ${template}`, () => {
      const path = join(import.meta.dirname, '..', '..', '..', '..', template);
      const { modulesContent } = JSON.parse(readFileSync(path, 'utf8')) as Template;
      for (const [module, schema] of Object.entries(SCHEMAS)) {
        const desired = { ...modulesContent[module]?.['properties.desired'] };
        // A template's $VARIABLE is not expanded here.
        if (module === 'uploader') desired.destination = { ...(desired.destination as object), site: 'site' };
        assert.deepEqual(schema.safeParse(desired).error?.issues ?? [], []);
      }
    });
  }

  it('refuse a source folder that leaves the sources volume', () => {
    for (const path of ['/etc', '../etc', 'a/../../etc']) {
      const result = ingestTwinSchema.safeParse({ sources: { gate: { type: 'folder', path } } });
      assert.deepEqual(result.error?.issues[0]?.path, ['sources', 'gate', 'path'], path);
    }
  });

  it('refuse a policy that hides nothing', () => {
    assert.equal(redactTwinSchema.safeParse({ policy: { labels: [] } }).success, false);
  });

  it('refuse a container name that Blob storage would refuse', () => {
    for (const container of ['ab', 'Evidence', 'a--b', '-ab', 'a'.repeat(64)]) {
      assert.equal(uploaderTwinSchema.safeParse({ destination: { container } }).success, false, container);
    }
  });
});
