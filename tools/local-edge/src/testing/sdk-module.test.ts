// Not a test of its own: what the tests here share. Only test files may import the IoT SDK outside its owner, module-kit; these test
// the runtime against the very client that modules use.
import device, { type Message, type ModuleClient } from 'azure-iot-device';
import mqtt from 'azure-iot-device-mqtt';
import type { LocalEdge } from '../local-edge.ts';

let turn: Promise<unknown> = Promise.resolve();

/** A client as a module makes it: from the environment that the agent would give it. Not opened yet. */
export function sdkModule(edge: LocalEdge, module: string): Promise<ModuleClient> {
  // The SDK reads process.env, so clients are made one after the other.
  const client = turn.then(async () => {
    const environment = edge.environment(module);
    const before = Object.keys(environment).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, environment);
    try {
      return await device.ModuleClient.fromEnvironment(mqtt.Mqtt);
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });
  turn = client.catch(() => undefined);
  return client;
}

/** An open client that collects what comes to its inputs: `input:body`. */
export async function sdkConsumer(edge: LocalEdge, module: string, received: string[]): Promise<ModuleClient> {
  const client = await sdkModule(edge, module);
  // Before it opens: what comes between log-in and the first listener is acknowledged by mqtt.js and lost.
  client.on('inputMessage', (input: string, message: Message) => received.push(`${input}:${message.data.toString()}`));
  await client.open();
  return client;
}

export function messageOf(body: string, properties: Readonly<Record<string, string>> = {}): Message {
  const message = new device.Message(body);
  for (const [key, value] of Object.entries(properties)) message.properties.add(key, value);
  return message;
}

/** A client from the environment as it is. */
export function sdkModuleFromProcess(): Promise<ModuleClient> {
  return device.ModuleClient.fromEnvironment(mqtt.Mqtt);
}
