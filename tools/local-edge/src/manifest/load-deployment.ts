import { readFile } from 'node:fs/promises';
import { ConfigError } from '@edgeveil/contracts';
import type { Deployment } from './deployment.ts';
import { expandDocument } from './expand-variables.ts';
import { mergeLayers } from './merge-layers.ts';
import { parseDeployment } from './parse-deployment.ts';

/**
 * Reads a deployment manifest or template, from a file or as a document, puts layered deployments onto it, and checks the whole.
 * @throws ConfigError EDGE_MANIFEST_UNREADABLE, EDGE_MANIFEST_INVALID, EDGE_LAYER_INVALID
 */
export async function loadDeployment(
  manifest: string | object,
  environment: Readonly<Record<string, string | undefined>>,
  layers: readonly (string | object)[] = [],
): Promise<Deployment> {
  const [base, ...others] = await Promise.all([manifest, ...layers].map(readDocument));
  return parseDeployment(expandDocument(mergeLayers(base, others), environment));
}

/** Deeper documents are refused: no deployment is, and what walks through it has to end somewhere. */
const maxDepth = 200;

async function readDocument(document: string | object): Promise<unknown> {
  const value = typeof document === 'string' ? await readJson(document) : document;
  if (!isDeeper(value, maxDepth)) return value;
  const name = typeof document === 'string' ? ` ${document}` : '';
  throw new ConfigError('EDGE_MANIFEST_UNREADABLE', `the manifest${name} is nested deeper than ${maxDepth}`);
}

function isDeeper(document: unknown, depth: number): boolean {
  let level = [document];
  for (let at = 0; at <= depth && level.length > 0; at += 1) {
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
  return level.length > 0;
}

async function readJson(document: string): Promise<unknown> {
  try {
    // Editors on Windows put a byte order mark before it.
    return JSON.parse((await readFile(document, 'utf8')).replace(/^\uFEFF/, ''));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError('EDGE_MANIFEST_UNREADABLE', `the manifest ${document} cannot be read: ${reason}`, { cause });
  }
}
