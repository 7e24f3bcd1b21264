import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Context } from 'mocha';
import { testData } from '../../../../test/test-data.ts';
import type { JsonObject } from '../twins/json-object.ts';
import { twinBody } from '../twins/twin-body.ts';
import { methodTopic } from './method-topic.ts';
import { buildTopic, compileTemplate, matchTemplate, topicProperties } from './topic-template.ts';

type Strings = Record<string, string>;

interface Vectors {
  readonly twinAndMethod: {
    build?: string;
    methodName?: string;
    correlationId?: string;
    expected: { topic?: string };
  }[];
  readonly addressParse: { templates: string[]; address: string; expected: { properties: Strings } | null }[];
  readonly addressBuild: {
    templates: Strings;
    use: string;
    systemProperties: Strings;
    messageProperties: Strings;
    expected: string | null;
  }[];
  readonly twinBodies: { desired: JsonObject | null; reported: JsonObject | null; expectedBody: JsonObject }[];
}

function vectorsOf(context: Context): Vectors {
  return JSON.parse(readFileSync(testData(context, 'vectors/topics.json'), 'utf8'));
}

const mapOf = (strings: Strings) => new Map(Object.entries(strings));

describe('edgeHub’s test cases of topics', () => {
  it('are all there, each kind with a test of its own', function () {
    const counts = Object.fromEntries(Object.entries(vectorsOf(this)).map(([kind, cases]) => [kind, cases.length]));
    assert.deepEqual(counts, {
      usernames: 17,
      twinAndMethod: 7,
      subscriptionFilters: 11,
      addressParse: 7,
      addressBuild: 5,
      toMessage: 2,
      fromMessage: 3,
      twinBodies: 2,
      nodeSdkPublish: 10,
    });
  });

  it('agree on what a template takes out of an address', function () {
    for (const { templates, address, expected } of vectorsOf(this).addressParse) {
      const variables = matchTemplate(templates.map(compileTemplate), address);
      const properties = variables && Object.fromEntries(topicProperties(variables));
      assert.deepEqual(properties, expected?.properties, address);
    }
  });

  it('agree on what address a template makes', function () {
    for (const { templates, use, systemProperties, messageProperties, expected } of vectorsOf(this).addressBuild) {
      const template = compileTemplate(templates[use] ?? '');
      const address = buildTopic(template, mapOf(systemProperties), mapOf(messageProperties));
      assert.equal(address, expected ?? undefined, use);
    }
  });

  it('agree on the topic of a method call', function () {
    const built = vectorsOf(this).twinAndMethod.filter(({ build }) => build !== undefined);
    assert.equal(built.length, 1);
    for (const { build, methodName = '', correlationId = '', expected } of built) {
      assert.equal(build, 'DirectMethodRequest');
      assert.equal(methodTopic(methodName, correlationId), expected.topic);
    }
  });

  it('agree on the body of a twin', function () {
    for (const { desired, reported, expectedBody } of vectorsOf(this).twinBodies) {
      assert.deepEqual(JSON.parse(twinBody(desired ?? undefined, reported ?? undefined)), expectedBody);
    }
  });
});
