import { readFile } from 'node:fs/promises';
import { ConfigError } from '@edgeveil/contracts';
import type { Deployment } from './deployment.ts';
import { expandDocument } from './expand-variables.ts';
import { parseDeployment } from './parse-deployment.ts';

/**
 * Reads a deployment manifest or template, from a file or as a document, and checks it.
 * @throws ConfigError EDGE_MANIFEST_UNREADABLE, EDGE_MANIFEST_INVALID
 */
export async function loadDeployment(
  manifest: string | object,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Deployment> {
  const document: unknown = typeof manifest === 'string' ? await readJson(manifest) : manifest;
  return parseDeployment(expandDocument(document, environment));
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError('EDGE_MANIFEST_UNREADABLE', `the manifest ${path} cannot be read: ${reason}`, { cause });
  }
}
