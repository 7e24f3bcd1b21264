// Writes docs/configuration.md from the twins' schemas: `node scripts/configuration-doc.ts`. A test holds the two together.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inferenceTwinSchema, ingestTwinSchema, redactTwinSchema, uploaderTwinSchema } from '@edgeveil/contracts';
import { z } from 'zod';

interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly pattern?: string;
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly oneOf?: readonly Node[];
}

const MODULES = {
  ingest: ingestTwinSchema,
  inference: inferenceTwinSchema,
  redact: redactTwinSchema,
  uploader: uploaderTwinSchema,
} as const;

const HEADER = `# Configuration

Each module is configured by the desired properties of its twin. The whole document is validated before anything changes: a
wrong one changes nothing, and the reported property \`twin\` says which path is wrong and why. All settings apply at once,
without a restart. What is left out has the default. Paths in code style are joined with dots; \`<name>\` is a name of your choice.

This file is generated from the schemas in \`packages/contracts\`: \`node scripts/configuration-doc.ts\`.
`;

function typeOf(node: Node): string {
  if (node.const !== undefined) return `\`${node.const}\``;
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (node.type === 'array') return `list of ${node.items === undefined ? 'values' : typeOf(node.items)}`;
  const name = node.type === 'boolean' ? '`true`, `false`' : (node.type ?? 'value');
  const least = node.minimum ?? node.exclusiveMinimum;
  const most = node.maximum === Number.MAX_SAFE_INTEGER ? undefined : node.maximum;
  const above = node.exclusiveMinimum === undefined ? 'from' : 'above';
  if (least !== undefined && least > Number.MIN_SAFE_INTEGER) {
    return `${name}, ${above} ${least}${most === undefined ? '' : ` to ${most}`}`;
  }
  return name;
}

function row(path: string, node: Node): string {
  const fallback = node.default === undefined ? '' : `\`${JSON.stringify(node.default)}\``;
  return `| \`${path}\` | ${typeOf(node)} | ${fallback} | ${node.description ?? ''} |`;
}

function rows(path: string, node: Node): string[] {
  const below = (name: string): string => (path === '' ? name : `${path}.${name}`);
  if (node.oneOf !== undefined) {
    return node.oneOf.flatMap((variant) => {
      const kind = variant.properties?.type?.const ?? '';
      return [`| \`${path}\` | of type \`${kind}\` | | ${variant.description ?? ''} |`, ...rows(path, variant)];
    });
  }
  if (node.properties !== undefined)
    return Object.entries(node.properties).flatMap(([name, child]) => rows(below(name), child));
  const values = node.additionalProperties;
  if (typeof values === 'object' && (values.oneOf !== undefined || values.properties !== undefined)) {
    return [row(path, node), ...rows(below('<name>'), values)];
  }
  return [row(path, node)];
}

/** The text of docs/configuration.md. */
export function renderConfigurationDoc(): string {
  const sections = Object.entries(MODULES).map(([module, schema]) => {
    const table = rows('', z.toJSONSchema(schema, { io: 'input' }) as Node);
    return `## ${module}\n\n| setting | values | default | meaning |\n|---|---|---|---|\n${table.join('\n')}\n`;
  });
  return [HEADER, ...sections].join('\n');
}

if (import.meta.main)
  writeFileSync(join(import.meta.dirname, '..', 'docs', 'configuration.md'), renderConfigurationDoc());
