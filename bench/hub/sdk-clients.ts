import device, { type Message } from 'azure-iot-device';
import mqtt from 'azure-iot-device-mqtt';
import type { HubClients, Target } from './hub-clients.ts';

/** The SDK on both ends, by way of the connection string. */
export async function sdkClients({ address, caFile }: Target): Promise<HubClients> {
  process.env.EdgeModuleCACertificateFile = caFile;

  // The SDK reads process.env while it makes a client.
  async function clientOf(module: string) {
    process.env.EdgeHubConnectionString = [
      'HostName=local.azure-devices.net',
      `GatewayHostName=${address}`,
      'DeviceId=edge',
      `ModuleId=${module}`,
      'SharedAccessKey=YW55',
    ].join(';');
    return device.ModuleClient.fromEnvironment(mqtt.Mqtt);
  }

  return {
    async consume(onMessage) {
      const client = await clientOf('c');
      client.on('inputMessage', (_input: string, message: Message) => onMessage(Buffer.from(message.data)));
      await client.open();
    },
    async sender(index) {
      const client = await clientOf(`s${index}`);
      await client.open();
      return async (body) => {
        await client.sendOutputEvent('o', new device.Message(body));
      };
    },
  };
}
