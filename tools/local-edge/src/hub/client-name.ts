import type { Identity } from '../mqtt/edge-message.ts';

const leaf = 'leaf:';

/**
 * How a client goes by where modules go by their name: in twins, in method calls, in the commands. A leaf device is `leaf:NAME`; no module's name
 * has a colon.
 */
export function clientName({ deviceId, moduleId }: Identity): string {
  return moduleId ?? `${leaf}${deviceId}`;
}

/** Who is meant by a name on an edge device. */
export function identityOfName(edgeDeviceId: string, name: string): Identity {
  return name.startsWith(leaf)
    ? { deviceId: name.slice(leaf.length), moduleId: undefined }
    : { deviceId: edgeDeviceId, moduleId: name };
}
