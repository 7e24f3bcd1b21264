import { ConfigError } from '@edgeveil/contracts';
import { isJsonObject, type JsonObject, setKey, toMutable } from '../twins/json-object.ts';
import { manifestContent } from './manifest-content.ts';

const desiredPrefix = 'properties.desired';

/** A deployment that may name its place among others, as an IoT Hub configuration does. */
interface Layer {
  readonly content: JsonObject;
  readonly priority: number;
}

/**
 * Puts layered deployments onto a base. They are applied in ascending order of their `priority`, those without one as they come; where two speak of the
 * same module, route or twin path the later one wins. A layer's keys are paths (`properties.desired.modules.extra`) and put one entry in place; its
 * whole `properties.desired` replaces what was there. `null` takes an entry away.
 * @returns a manifest
 * @throws ConfigError EDGE_LAYER_INVALID, EDGE_MANIFEST_INVALID
 */
export function mergeLayers(base: unknown, layers: readonly unknown[]): JsonObject {
  const merged = toMutable(manifestContent(base));
  for (const [name, value] of Object.entries(merged)) {
    if (isJsonObject(value)) setKey(merged, name, withDottedKeys(name, value));
  }
  const sorted = layers.map(readLayer).sort((a, b) => a.priority - b.priority);
  for (const { content } of sorted) {
    for (const [name, value] of Object.entries(content)) {
      if (!isJsonObject(value)) throw invalid(`'${name}' is no object`);
      setKey(merged, name, applyLayer(name, isJsonObject(merged[name]) ? merged[name] : {}, value));
    }
  }
  return { modulesContent: merged };
}

function readLayer(document: unknown): Layer {
  const priority = isJsonObject(document) ? document.priority : undefined;
  // Sorting keeps the order of equals.
  return { content: manifestContent(document), priority: typeof priority === 'number' ? priority : 0 };
}

// A base may have dotted keys too, beside its `properties.desired`.
function withDottedKeys(name: string, module: JsonObject): JsonObject {
  const isDotted = Object.keys(module).some((key) => key.startsWith(`${desiredPrefix}.`));
  return isDotted ? applyLayer(name, {}, module) : module;
}

function applyLayer(name: string, module: JsonObject, layer: JsonObject): JsonObject {
  let desired = isJsonObject(module[desiredPrefix]) ? module[desiredPrefix] : {};
  // The whole section first: the paths beside it are more precise.
  const entries = Object.entries(layer).sort(([a], [b]) => a.length - b.length);
  for (const [key, value] of entries) {
    if (key === desiredPrefix) {
      if (!isJsonObject(value)) throw invalid(`'${desiredPrefix}' of '${name}' is no object`);
      desired = value;
    } else if (key.startsWith(`${desiredPrefix}.`)) {
      const path = key.slice(desiredPrefix.length + 1).split('.');
      if (path.includes('')) throw invalid(`'${key}' of '${name}' has an empty part`);
      desired = setPath(desired, path, value);
    } else {
      throw invalid(`'${key}' of '${name}' is neither '${desiredPrefix}' nor a path below it`);
    }
  }
  return { ...module, [desiredPrefix]: desired };
}

function setPath(object: JsonObject, path: readonly string[], value: unknown): JsonObject {
  const [first = '', ...rest] = path;
  const copy = toMutable(object);
  if (rest.length === 0) {
    if (value === null) delete copy[first];
    else setKey(copy, first, value);
    return copy;
  }
  const inner = Object.hasOwn(copy, first) ? copy[first] : undefined;
  setKey(copy, first, setPath(isJsonObject(inner) ? inner : {}, rest, value));
  return copy;
}

function invalid(message: string): ConfigError {
  return new ConfigError('EDGE_LAYER_INVALID', `the layered deployment is invalid: ${message}`);
}
