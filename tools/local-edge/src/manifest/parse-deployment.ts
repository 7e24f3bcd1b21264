import { ConfigError } from '@edgeveil/contracts';
import { isJsonObject, type JsonObject } from '../twins/json-object.ts';
import { parseAgentConfig } from './agent-config.ts';
import type { Deployment } from './deployment.ts';
import { parseHubConfig } from './hub-config.ts';
import { manifestContent } from './manifest-content.ts';

/**
 * Checks a deployment manifest whose variables have been expanded.
 * @throws ConfigError EDGE_MANIFEST_INVALID
 */
export function parseDeployment(document: unknown): Deployment {
  const desired = new Map<string, JsonObject>();
  for (const [name, value] of Object.entries(manifestContent(document))) {
    const half = isJsonObject(value) ? (value['properties.desired'] ?? {}) : value;
    if (!isJsonObject(half)) throw invalid(`the desired properties of '${name}' are no object`);
    desired.set(name, half);
  }
  const agent = desired.get('$edgeAgent');
  if (agent === undefined) throw invalid('$edgeAgent is missing');
  const hub = desired.get('$edgeHub');
  if (hub === undefined) throw invalid('$edgeHub is missing');
  return { ...parseAgentConfig(agent), hub: parseHubConfig(hub), desired };
}

function invalid(message: string): ConfigError {
  return new ConfigError('EDGE_MANIFEST_INVALID', `the deployment manifest is invalid: ${message}`);
}
