import assert from 'node:assert/strict';
import { parseDeployment } from '../manifest/parse-deployment.ts';
import { isJsonObject, type JsonObject } from '../twins/json-object.ts';
import { agentReported } from './agent-reported.ts';
import type { ModuleStatus } from './module-status.ts';

const long = JSON.stringify({ Labels: { text: 'x'.repeat(600) } });
const manifest = {
  modulesContent: {
    $edgeAgent: {
      'properties.desired': {
        schemaVersion: '1.1',
        runtime: {
          type: 'docker',
          settings: {
            minDockerVersion: 'v1.25',
            loggingOptions: '',
            registryCredentials: { r: { address: 'a', username: 'u', password: 'p' } },
          },
        },
        systemModules: {
          edgeAgent: { type: 'docker', settings: { image: 'agent:1.5', createOptions: '' } },
          edgeHub: {
            type: 'docker',
            status: 'running',
            restartPolicy: 'always',
            startupOrder: 0,
            settings: { image: 'hub:1.5', createOptions: '{"HostConfig":{}}' },
            env: { OptimizeForPerformance: { value: 'false' } },
          },
        },
        modules: {
          sensor: {
            version: '1.0',
            type: 'docker',
            status: 'running',
            restartPolicy: 'always',
            imagePullPolicy: 'on-create',
            startupOrder: 1,
            env: { RATE: { value: 5 } },
            settings: { image: 'local/sensor:1', createOptions: '{}' },
          },
          bare: {
            type: 'docker',
            settings: { image: 'b', createOptions: long.slice(0, 512), createOptions01: long.slice(512) },
          },
        },
      },
    },
    $edgeHub: {
      'properties.desired': { schemaVersion: '1.1', routes: {}, storeAndForwardConfiguration: { timeToLiveSecs: 1 } },
    },
  },
};
const startedAt = new Date('2026-01-01T00:00:00.000Z');
const sensor: ModuleStatus = {
  module: 'sensor',
  runtimeStatus: 'backoff',
  pid: undefined,
  exitCode: 3,
  restartCount: 2,
  lastStartTime: new Date('2026-01-01T00:00:01.000Z'),
  lastExitTime: new Date('2026-01-01T00:00:02.000Z'),
  lastRestartTime: undefined,
  statusDescription: 'exited with code 3',
};

describe('agentReported', () => {
  const report = (lastDesired = { version: 4, status: { code: 200, description: '' } }) =>
    agentReported({ config: parseDeployment(manifest), statuses: [sensor], lastDesired, startedAt });
  const part = (document: JsonObject, ...path: string[]) =>
    path.reduce<JsonObject>((inner, key) => {
      const value = inner[key];
      return isJsonObject(value) ? value : {};
    }, document);

  it('has everything that edgeAgent reports of a module', () => {
    assert.deepEqual(part(report(), 'modules', 'sensor'), {
      type: 'docker',
      version: '1.0',
      status: 'running',
      restartPolicy: 'always',
      imagePullPolicy: 'on-create',
      startupOrder: 1,
      runtimeStatus: 'backoff',
      exitCode: 3,
      statusDescription: 'exited with code 3',
      lastStartTimeUtc: '2026-01-01T00:00:01.000Z',
      lastExitTimeUtc: '2026-01-01T00:00:02.000Z',
      restartCount: 2,
      lastRestartTimeUtc: '0001-01-01T00:00:00',
      env: { RATE: { value: 5 } },
      settings: { image: 'local/sensor:1', createOptions: '{}' },
    });
  });

  it('fills in what the manifest leaves out, and joins create options', () => {
    const bare = part(report(), 'modules', 'bare');
    assert.equal(bare.runtimeStatus, 'unknown');
    assert.equal(bare.startupOrder, 4_294_967_295);
    assert.deepEqual(bare.env, {});
    assert.deepEqual(bare.settings, { image: 'b', createOptions: long });
  });

  it('has the system modules, the runtime without credentials, and the outcome of the last deployment', () => {
    const document = report({ version: 5, status: { code: 400, description: 'wrong' } });
    assert.equal(document.schemaVersion, '1.0');
    assert.equal(document.lastDesiredVersion, 5);
    assert.deepEqual(document.lastDesiredStatus, { code: 400, description: 'wrong' });
    assert.deepEqual(Object.keys(part(document, 'version')), ['version', 'build', 'commit']);
    const runtime = part(document, 'runtime');
    assert.deepEqual([runtime.type, runtime.settings], ['docker', { minDockerVersion: 'v1.25', loggingOptions: '' }]);
    assert.deepEqual(Object.keys(part(runtime, 'platform')), ['os', 'architecture', 'version']);
    assert.deepEqual(part(document, 'systemModules', 'edgeHub'), {
      type: 'docker',
      status: 'running',
      restartPolicy: 'always',
      imagePullPolicy: 'on-create',
      startupOrder: 0,
      env: { OptimizeForPerformance: { value: 'false' } },
      settings: { image: 'hub:1.5', createOptions: '{"HostConfig":{}}' },
      runtimeStatus: 'running',
      exitCode: 0,
      statusDescription: 'running',
      lastStartTimeUtc: '2026-01-01T00:00:00.000Z',
      lastExitTimeUtc: '0001-01-01T00:00:00',
      restartCount: 0,
      lastRestartTimeUtc: '0001-01-01T00:00:00',
    });
    assert.deepEqual(part(document, 'systemModules', 'edgeAgent').settings, {
      image: 'agent:1.5',
      createOptions: '{}',
    });
  });
});
