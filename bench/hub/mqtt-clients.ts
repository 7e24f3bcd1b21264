import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { HubClients, Target } from './hub-clients.ts';

interface MqttClient {
  publish(topic: string, body: Buffer, options: { qos: 1 }, done: (error?: Error) => void): void;
  subscribe(filter: string, options: { qos: 1 }, done: (error?: Error) => void): void;
  on(event: 'message', listener: (topic: string, body: Buffer) => void): void;
  once(event: 'connect', listener: () => void): void;
  once(event: 'error', listener: (error: Error) => void): void;
}

// The very version of mqtt.js that the SDK uses, for both brokers.
const require = createRequire(createRequire(import.meta.url).resolve('azure-iot-device-mqtt'));
const mqtt: { connect(url: string, options: object): MqttClient } = require('mqtt');

/** mqtt.js without the SDK around it. */
export async function mqttClients({ address, port, caFile, filter }: Target): Promise<HubClients> {
  const ca = await readFile(caFile);

  async function connect(module: string): Promise<MqttClient> {
    const client = mqtt.connect(`mqtts://${address}:${port}`, {
      ca,
      clientId: `edge/${module}`,
      username: `local.azure-devices.net/edge/${module}/?api-version=2021-04-12`,
      password: 'any',
      clean: false,
      reconnectPeriod: 0,
    });
    await new Promise<void>((resolve, reject) => {
      client.once('connect', resolve);
      client.once('error', reject);
    });
    return client;
  }

  return {
    async consume(onMessage) {
      const client = await connect('c');
      client.on('message', (_topic, body) => onMessage(body));
      await new Promise<void>((resolve, reject) =>
        client.subscribe(filter, { qos: 1 }, (error) => (error ? reject(error) : resolve())),
      );
    },
    async sender(index) {
      const client = await connect(`s${index}`);
      const topic = `devices/edge/modules/s${index}/messages/events/%24.on=o&%24.ct=application%2Fjson/`;
      return (body) =>
        new Promise((resolve, reject) =>
          client.publish(topic, body, { qos: 1 }, (error) => (error ? reject(error) : resolve())),
        );
    },
  };
}
