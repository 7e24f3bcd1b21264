import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import { loopbackAddresses } from './loopback-addresses.ts';
import { type MqttHandler, MqttServer } from './mqtt/mqtt-server.ts';
import type { CertificateAuthority } from './pki/certificate-authority.ts';
import { type ServerCertificate, serverCertificate } from './pki/server-certificate.ts';
import type { SubscriptionStore } from './store/subscription-store.ts';

// The Node SDK knows no other.
const mqttPort = 8883;

export interface ListenOptions {
  readonly stateDir: string;
  /** `undefined`: the one of the last start if it is free, else the first free one. */
  readonly address: string | undefined;
  /** Names that modules dial besides the address. */
  readonly dnsNames: readonly string[];
  readonly authority: CertificateAuthority;
  readonly subscriptions: SubscriptionStore;
  readonly handler: MqttHandler;
}

export interface MqttListener {
  readonly address: string;
  readonly server: MqttServer;
  /** What the listener presents; good for the hub's other listeners on this address. */
  readonly pem: ServerCertificate;
}

/**
 * Opens the hub's MQTT endpoint. Edges that run side by side differ by their loopback address, because the port is fixed.
 * @throws ConfigError EDGE_ADDRESS_IN_USE
 */
export async function listenMqtt(options: ListenOptions): Promise<MqttListener> {
  const kept = join(options.stateDir, 'address');
  const candidates =
    options.address === undefined
      ? [...new Set([(await readFile(kept, 'utf8').catch(() => '')).trim(), ...loopbackAddresses()])].filter(Boolean)
      : [options.address];
  for (const address of candidates) {
    const listener = await tryListen(address, options);
    if (listener === undefined) continue;
    await writeFile(kept, `${address}\n`);
    return listener;
  }
  throw new ConfigError(
    'EDGE_ADDRESS_IN_USE',
    options.address === undefined
      ? `port ${mqttPort} is in use on every loopback address`
      : `port ${mqttPort} of ${options.address} is in use, or the address is not this machine's`,
  );
}

async function tryListen(address: string, options: ListenOptions): Promise<MqttListener | undefined> {
  const { authority, dnsNames, subscriptions, handler } = options;
  const pem = await serverCertificate(join(options.stateDir, 'pki'), authority, { address, dnsNames });
  const server = new MqttServer({
    address,
    port: mqttPort,
    key: pem.key,
    cert: pem.certificate,
    subscriptions,
    handler,
  });
  try {
    await server.listen();
    return { address, server, pem };
  } catch (error) {
    if (error instanceof ConfigError && error.code === 'EDGE_ADDRESS_IN_USE') return undefined;
    throw error;
  }
}
