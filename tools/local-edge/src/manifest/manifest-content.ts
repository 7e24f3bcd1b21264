import { ConfigError } from '@edgeveil/contracts';
import { isJsonObject, type JsonObject } from '../twins/json-object.ts';

/**
 * The modules' part of a manifest, in all the wrappings that there are: bare, as a portal exports it (`content`), and as the oldest files have it
 * (`moduleContent`).
 * @throws ConfigError EDGE_MANIFEST_INVALID
 */
export function manifestContent(document: unknown): JsonObject {
  if (!isJsonObject(document)) throw invalid('it is not a JSON object');
  const content = isJsonObject(document.content) ? document.content : document;
  const modules = content.modulesContent ?? content.moduleContent;
  if (!isJsonObject(modules)) throw invalid('modulesContent is missing');
  return modules;
}

function invalid(message: string): ConfigError {
  return new ConfigError('EDGE_MANIFEST_INVALID', `the deployment manifest is invalid: ${message}`);
}
