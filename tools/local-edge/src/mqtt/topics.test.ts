import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Context } from 'mocha';
import { testData } from '../../../../test/test-data.ts';
import type { EdgeMessage } from './edge-message.ts';
import { parseInboundTopic, parseTopicQuery } from './inbound-topic.ts';
import { inputBag, inputTopic } from './input-topic.ts';
import { parsePropertyBag } from './property-bag.ts';
import { readTelemetry } from './read-telemetry.ts';
import { featureOf } from './subscription-feature.ts';
import { parseUsername } from './username.ts';

type Strings = Record<string, string>;

interface Vectors {
  readonly usernames: { username: string; expected: Strings & { error?: string } }[];
  readonly twinAndMethod: {
    topic?: string;
    expected: { operation?: string; statusCode?: string | null; properties: Strings };
  }[];
  readonly subscriptionFilters: { filter: string; kind: string }[];
  readonly toMessage: { topic: string; expected: { systemProperties: Strings; properties: Strings } }[];
  readonly fromMessage: { systemProperties: Strings; properties: Strings; expectedTopic: string }[];
  readonly nodeSdkPublish: { output: string | null; properties: Strings; message: Strings; expectedTopic: string }[];
}

function vectorsOf(context: Context): Vectors {
  return JSON.parse(readFileSync(testData(context, 'vectors/topics.json'), 'utf8'));
}

const packet = { payload: Buffer.from('x'), retain: false, dup: false };

function read(topic: string): EdgeMessage {
  const parsed = parseInboundTopic(topic);
  assert.equal(parsed.kind, 'telemetry', topic);
  assert.ok(parsed.kind === 'telemetry');
  return readTelemetry(parsed, parsed.bag, packet);
}

describe('parseUsername', () => {
  it('agrees with edgeHub on its own test cases', function () {
    for (const { username, expected } of vectorsOf(this).usernames) {
      const parsed = parseUsername(username);
      if (expected.error !== undefined) assert.equal(parsed, undefined, username);
      else {
        const { deviceId, moduleId, deviceClientType, modelId } = parsed ?? {};
        assert.deepEqual({ deviceId, moduleId, deviceClientType, modelId: modelId ?? null }, expected, username);
      }
    }
  });

  it('reads what the Node SDK sends', () => {
    const username = 'h.net/D/M/?api-version=2021-04-12&DeviceClientType=azure-iot-device%2F1.18.4%20(node%20v24)';
    assert.equal(parseUsername(username)?.deviceClientType, 'azure-iot-device/1.18.4 (node v24)');
  });

  it('refuses an empty device', () => {
    assert.equal(parseUsername('h//M/?api-version=2018-06-30'), undefined);
  });
});

describe('topics', () => {
  it('of twins and methods are told apart as in edgeHub’s own test cases', function () {
    const kinds: Strings = {
      TwinGetState: 'twin-get',
      TwinPatchReportedState: 'twin-patch',
      DirectMethodResponse: 'method-response',
    };
    for (const { topic, expected } of vectorsOf(this).twinAndMethod) {
      if (topic === undefined || expected.operation === undefined) continue;
      const parsed = parseInboundTopic(topic);
      assert.equal(parsed.kind, kinds[expected.operation], topic);
      assert.equal('requestId' in parsed ? parsed.requestId : undefined, expected.properties.$rid, topic);
      if (parsed.kind === 'method-response') assert.equal(parsed.status, expected.statusCode, topic);
      assert.deepEqual(Object.fromEntries(parseTopicQuery(topic.slice(topic.indexOf('?') + 1))), expected.properties);
    }
  });

  it('of messages are read as in edgeHub’s own test cases', function () {
    for (const { topic, expected } of vectorsOf(this).toMessage) {
      const message = read(topic);
      assert.deepEqual(Object.fromEntries(message.properties), expected.properties, topic);
      for (const [name, value] of Object.entries(expected.systemProperties)) {
        assert.equal(message.systemProperties.get(name), value, `${topic} ${name}`);
      }
    }
  });

  it('that the Node SDK sends are read', function () {
    for (const { output, properties, message, expectedTopic } of vectorsOf(this).nodeSdkPublish) {
      const { systemProperties, ...rest } = read(expectedTopic);
      assert.equal(systemProperties.get('outputName'), output ?? undefined, expectedTopic);
      assert.deepEqual(Object.fromEntries(rest.properties), properties, expectedTopic);
      const names: Strings = {
        correlationId: 'cid',
        interfaceId: 'iothub-interface-id',
        expiryTimeUtc: 'absolute-expiry-time',
      };
      for (const [field, value] of Object.entries(message)) {
        assert.equal(systemProperties.get(names[field] ?? field), value, `${expectedTopic} ${field}`);
      }
    }
  });

  it('of inputs are written as in edgeHub’s own test cases', function () {
    for (const { systemProperties, properties, expectedTopic } of vectorsOf(this).fromMessage) {
      const {
        'deviceId(target)': device = '',
        'moduleId(target)': module = '',
        inputName = '',
        'rpConnectionDeviceId(internal)': rpDevice,
        'rpConnectionModuleId(internal)': rpModule,
        ...system
      } = systemProperties;
      const message: EdgeMessage = {
        body: Buffer.alloc(0),
        properties: new Map(Object.entries(properties)),
        systemProperties: new Map([
          ...Object.entries(system),
          ...(rpDevice === undefined ? [] : [['rpSenderDeviceId', rpDevice] as const]),
          ...(rpModule === undefined ? [] : [['rpSenderModuleId', rpModule] as const]),
        ]),
      };
      const split = (topic: string) => {
        const at = topic.lastIndexOf('/');
        return [topic.slice(0, at), new Map(parsePropertyBag(topic.slice(at + 1)))];
      };
      assert.deepEqual(split(inputTopic(device, module, inputName) + inputBag(device, message)), split(expectedTopic));
    }
  });

  it('of inputs always have something behind the name, or the SDK would drop the message', () => {
    const message = {
      body: Buffer.alloc(0),
      properties: new Map(),
      systemProperties: new Map([['connectionModuleId', 'a']]),
    };
    assert.equal(inputTopic('D', 'M', 'i'), 'devices/D/modules/M/inputs/i/');
    assert.equal(inputBag('D', message), '%24.cdid=D&%24.cmid=a');
  });

  it('keep what is special in a topic out of values', () => {
    const properties = new Map([['a/b', 'x=y&z#+%']]);
    const bag = inputBag('D', { body: Buffer.alloc(0), properties, systemProperties: new Map() });
    assert.equal(bag.split('/').length, 1);
    assert.deepEqual(parsePropertyBag(bag)[0], ['a/b', 'x=y&z#+%']);
  });

  it('survive text that is no percent-encoding', () => {
    assert.deepEqual(parsePropertyBag('a=%E0%A4%A&b'), [
      ['a', '%E0%A4%A'],
      ['b', ''],
    ]);
  });
});

describe('featureOf', () => {
  it('agrees with edgeHub on its own test cases', function () {
    const kinds: Strings = {
      methods: 'Methods',
      desired: 'DesiredPropertyUpdates',
      devicebound: 'C2D',
      inputs: 'ModuleMessages',
    };
    for (const { filter, kind } of vectorsOf(this).subscriptionFilters) {
      const feature = featureOf(filter);
      assert.equal(feature === undefined ? 'Unknown' : kinds[feature], kind, filter);
    }
  });
});
