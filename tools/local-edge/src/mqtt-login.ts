import { join } from 'node:path';
import type { MqttLogin } from './local-edge.ts';
import { clientIdOf, type Identity } from './mqtt/edge-message.ts';
import { createToken } from './workload/sas-token.ts';

const daySecs = 86_400;

/** What an MQTT client logs in with in the place of the SDK. */
export function mqttLogin(options: {
  readonly identity: Identity;
  /** The identity's own, base64. */
  readonly key: string;
  readonly hubName: string;
  readonly hostName: string;
  readonly stateDir: string;
  readonly lifetimeSecs?: number | undefined;
}): MqttLogin {
  const { identity, key, hubName, hostName, stateDir, lifetimeSecs = daySecs } = options;
  const { deviceId, moduleId } = identity;
  const resource = `${hubName}/devices/${deviceId}${moduleId === undefined ? '' : `/modules/${moduleId}`}`;
  const clientId = clientIdOf(identity);
  return {
    host: hostName,
    port: 8883,
    clientId,
    username: `${hubName}/${clientId}/?api-version=2021-04-12`,
    password: createToken(key, resource, Math.floor(Date.now() / 1000) + lifetimeSecs),
    caFile: join(stateDir, 'pki', 'root-ca.pem'),
  };
}
