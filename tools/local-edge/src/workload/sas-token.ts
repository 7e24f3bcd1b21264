import { createHmac, timingSafeEqual } from 'node:crypto';

/** encodeURIComponent plus `! ' ( ) *`, in lower-case hex, as the SDK writes resource names. */
export function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
}

/** The signature of some text: base64 of its HMAC-SHA256 under a base64 key. */
export function hmac(key: string, data: string | Buffer): string {
  return createHmac('sha256', Buffer.from(key, 'base64')).update(data).digest('base64');
}

export interface TokenParts {
  /** Still encoded, as it was signed. */
  readonly resource: string;
  readonly signature: string;
  /** Seconds since 1970. */
  readonly expiry: number;
}

/** Writes a token for a resource, the way the SDK does when it holds the key itself. A key's name is only written where one is given. */
export function createToken(key: string, resource: string, expiry: number, keyName?: string): string {
  const encoded = encodeStrictly(resource);
  return formatToken({ resource: encoded, signature: hmac(key, `${encoded}\n${expiry}`), expiry }, keyName);
}

/** Puts a token together from parts that are there already. */
export function formatToken({ resource, signature, expiry }: TokenParts, keyName?: string): string {
  const name = keyName === undefined ? '' : `&skn=${encodeStrictly(keyName)}`;
  return `SharedAccessSignature sr=${resource}&sig=${encodeStrictly(signature)}${name}&se=${expiry}`;
}

/** The parts of a token; `undefined` when it is none. */
export function parseToken(token: string): TokenParts | undefined {
  const prefix = 'SharedAccessSignature ';
  if (!token.startsWith(prefix)) return undefined;
  const parts = new Map<string, string>();
  for (const part of token.slice(prefix.length).split('&')) {
    const split = part.indexOf('=');
    if (split > 0) parts.set(part.slice(0, split), part.slice(split + 1));
  }
  const resource = parts.get('sr');
  const signature = decode(parts.get('sig'));
  const expiry = Number(parts.get('se'));
  if (!resource || !signature || !Number.isInteger(expiry)) return undefined;
  return { resource, signature, expiry };
}

export interface TokenAudience {
  /** The names that the hub goes by: the IoT hub's and the gateway's. */
  readonly hostNames: readonly string[];
  readonly deviceId: string;
  readonly moduleId: string | undefined;
}

/**
 * What is wrong with a token, or `undefined` when it proves the identity (DeviceScopeTokenAuthenticator.cs): form, audience, expiry, signature.
 * Names are compared ignoring case; a token of the device is good for its modules.
 */
export function tokenProblem(
  token: string,
  audience: TokenAudience,
  keys: { readonly own: string | undefined; readonly device: string | undefined },
  nowSecs: number,
): string | undefined {
  const parts = parseToken(token);
  if (parts === undefined) return 'the token has no valid form';
  const [host, devices, deviceId, modules, moduleId, ...rest] = (decode(parts.resource) ?? '').split('/');
  const isForModule = modules !== undefined;
  if (devices !== 'devices' || rest.length > 0 || (isForModule && (modules !== 'modules' || moduleId === undefined))) {
    return 'the token names no device or module';
  }
  if (!audience.hostNames.some((name) => equals(name, host))) return 'the token is for another host';
  if (!equals(audience.deviceId, deviceId)) return 'the token is for another device';
  if (isForModule && !equals(audience.moduleId, moduleId)) return 'the token is for another module';
  if (parts.expiry <= nowSecs) return 'the token has expired';
  const key = isForModule || audience.moduleId === undefined ? keys.own : keys.device;
  if (key === undefined) return 'the identity is not known';
  const expected = Buffer.from(hmac(key, `${parts.resource}\n${parts.expiry}`));
  const actual = Buffer.from(parts.signature);
  const isGenuine = expected.length === actual.length && timingSafeEqual(expected, actual);
  return isGenuine ? undefined : 'the signature of the token is wrong';
}

function equals(a: string | undefined, b: string | undefined): boolean {
  return a?.toLowerCase() === b?.toLowerCase();
}

function decode(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
