import { parsePropertyBag } from './property-bag.ts';

/** What the user name of a CONNECT says. */
export interface Username {
  readonly hostName: string;
  readonly deviceId: string;
  /** Empty for a device. */
  readonly moduleId: string;
  readonly deviceClientType: string;
  readonly modelId: string | undefined;
}

/** Parses `host/D[/M]/[?]api-version=…&DeviceClientType=…` and the legacy form with `/` between the two. `undefined` when it is neither. */
export function parseUsername(text: string): Username | undefined {
  const parts = text.split('/');
  const [hostName, deviceId, third, fourth] = parts;
  if (hostName === undefined || !deviceId || third === undefined) return undefined;
  const isDevice = isQuery(third);
  const moduleId = isDevice ? '' : third;
  const query = isDevice ? parts.slice(2) : parts.slice(3);
  if (!isDevice && (fourth === undefined || moduleId === '' || moduleId.includes('?'))) return undefined;
  // Legacy: `api-version=X/DeviceClientType=a/b`, where the client type holds slashes itself and no percent signs.
  const properties =
    query.length > 1 ? parseLegacy(query) : new Map(parsePropertyBag((query[0] ?? '').replace(/^\?/, '')));
  if (!properties?.get('api-version')) return undefined;
  const modelId = properties.get('model-id');
  return { hostName, deviceId, moduleId, deviceClientType: properties.get('DeviceClientType') ?? '', modelId };
}

function isQuery(part: string): boolean {
  return part.startsWith('?') || part.startsWith('api-version=');
}

function parseLegacy(parts: readonly string[]): Map<string, string> | undefined {
  const [version, ...rest] = parts;
  const clientType = rest.join('/');
  if (rest.length !== 2 || !version?.startsWith('api-version=') || !clientType.startsWith('DeviceClientType=')) {
    return undefined;
  }
  return new Map([
    ['api-version', version.slice('api-version='.length)],
    ['DeviceClientType', clientType.slice('DeviceClientType='.length)],
  ]);
}
