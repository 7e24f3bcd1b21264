import assert from 'node:assert/strict';
import type { JsonObject } from '../../twins/json-object.ts';
import { type ContainerFrame, containerOptions } from './container-options.ts';

const frame: ContainerFrame = {
  module: 'camera',
  image: 'local/camera:1',
  env: { IOTEDGE_MODULEID: 'camera', RATE: '7' },
  labels: { 'io.edgeveil.edge': 'e1' },
  socketPath: '/state/workload/camera.sock',
  network: { kind: 'bridge', name: 'edgeveil-e1', gateway: '172.18.0.1' },
  gatewayHostName: 'edgehub',
  hubAddress: '127.0.0.9',
  sharedVolumes: new Map(),
  inspectPort: undefined,
};

const plan = (options: JsonObject, change: Partial<ContainerFrame> = {}) =>
  containerOptions(options, { ...frame, ...change });
const networkOf = (options: JsonObject, change: Partial<ContainerFrame> = {}) => {
  const { create, connect } = plan(options, change);
  return {
    mode: create.HostConfig?.NetworkMode,
    endpoints: create.NetworkingConfig?.EndpointsConfig,
    hosts: create.HostConfig?.ExtraHosts,
    connect,
  };
};

describe('containerOptions', () => {
  it('adds what IoT Edge adds and gives the engine the rest as it stands', () => {
    const given = {
      Image: 'other',
      Entrypoint: ['/bin/x'],
      Cmd: ['a', 'b'],
      User: '1000',
      WorkingDir: '/w',
      ExposedPorts: { '80/tcp': {} },
      Healthcheck: { Test: ['CMD', 'true'], Interval: 1_000_000_000 },
      HostConfig: {
        Binds: ['data:/var/data:ro'],
        PortBindings: { '80/tcp': [{ HostPort: '8080' }] },
        Devices: [{ PathOnHost: '/dev/video0', PathInContainer: '/dev/video0', CgroupPermissions: 'mrw' }],
        DeviceRequests: [{ Driver: 'nvidia', Count: -1, Capabilities: [['gpu']] }],
        LogConfig: { Type: 'local', Config: { 'max-size': '1m' } },
        Privileged: true,
        UnknownToUs: { x: 1 },
      },
    };
    const { create } = plan(given);
    assert.deepEqual(create, {
      ...given,
      Image: 'local/camera:1',
      Env: ['IOTEDGE_MODULEID=camera', 'RATE=7'],
      Labels: { 'io.edgeveil.edge': 'e1', 'io.edgeveil.module': 'camera' },
      HostConfig: {
        ...given.HostConfig,
        Mounts: [{ Type: 'bind', Source: '/state/workload/camera.sock', Target: '/var/run/iotedge/workload.sock' }],
        ExtraHosts: ['edgehub:172.18.0.1'],
        NetworkMode: 'edgeveil-e1',
        RestartPolicy: { Name: '' },
        AutoRemove: false,
      },
      NetworkingConfig: { EndpointsConfig: { 'edgeveil-e1': { Aliases: ['camera'] } } },
    });
  });

  it("lets edgeAgent's variables and labels win, and keeps the module's own", () => {
    const { create } = plan({
      Env: ['RATE=1', 'OTHER=a=b', 'UNSET', 'IOTEDGE_MODULEID=forged'],
      Labels: { mine: '1', 'io.edgeveil.edge': 'forged' },
    });
    assert.deepEqual(create.Env, ['OTHER=a=b', 'UNSET', 'IOTEDGE_MODULEID=camera', 'RATE=7']);
    assert.deepEqual(create.Labels, { mine: '1', 'io.edgeveil.edge': 'e1', 'io.edgeveil.module': 'camera' });
  });

  it('reads names in any case, as the engine does', () => {
    const { create } = plan({
      env: ['RATE=1', 'X=2'],
      hostConfig: { binds: ['a:/a'], networkmode: 'host', restartPolicy: { Name: 'always' } },
    });
    assert.deepEqual(create.Env, ['X=2', 'IOTEDGE_MODULEID=camera', 'RATE=7']);
    assert.deepEqual(create.HostConfig?.Binds, ['a:/a']);
    assert.equal(create.HostConfig?.NetworkMode, 'host');
    assert.deepEqual(create.HostConfig?.RestartPolicy, { Name: '' });
    assert.deepEqual(
      Object.keys(create).filter((key) => /^(env|hostConfig)$/.test(key)),
      [],
    );
  });

  it("puts a module on the edge's network under the names that the manifest gives it on a device's", () => {
    const aliases = { NetworkingConfig: { EndpointsConfig: { 'azure-iot-edge': { Aliases: ['cam', 'camera'] } } } };
    assert.deepEqual(networkOf(aliases).endpoints, { 'edgeveil-e1': { Aliases: ['camera', 'cam'] } });
    for (const mode of ['azure-iot-edge', 'bridge', 'default', '']) {
      assert.equal(networkOf({ HostConfig: { NetworkMode: mode } }).mode, 'edgeveil-e1');
    }
  });

  it('keeps other networks beside it', () => {
    const { mode, endpoints, connect } = networkOf({
      HostConfig: { NetworkMode: 'plant' },
      NetworkingConfig: { EndpointsConfig: { cameras: { IPAMConfig: { IPv4Address: '10.1.0.9' } }, plant: null } },
    });
    assert.equal(mode, 'edgeveil-e1');
    assert.deepEqual(endpoints, { 'edgeveil-e1': { Aliases: ['camera'] } });
    assert.deepEqual(connect, [
      { network: 'cameras', endpoint: { IPAMConfig: { IPv4Address: '10.1.0.9' } } },
      { network: 'plant', endpoint: {} },
    ]);
  });

  it("gives the machine's network, none, or another container's, where that is wanted", () => {
    const onHost = { mode: 'host', endpoints: {}, hosts: ['edgehub:127.0.0.9'], connect: [] };
    assert.deepEqual(networkOf({ HostConfig: { NetworkMode: 'host' } }), onHost);
    assert.deepEqual(networkOf({ NetworkingConfig: { EndpointsConfig: { host: {} } } }), onHost);
    for (const mode of ['none', 'container:other']) {
      assert.deepEqual(networkOf({ HostConfig: { NetworkMode: mode } }), {
        mode,
        endpoints: {},
        hosts: [],
        connect: [],
      });
    }
    const network = { kind: 'host', reason: 'no bridge' } as const;
    assert.deepEqual(networkOf({}, { network }), onHost);
    assert.equal(networkOf({ HostConfig: { NetworkMode: 'plant' } }, { network }).mode, 'plant');
  });

  it('puts a folder in place of a volume that a process shares', () => {
    const sharedVolumes = new Map([['frames', '/state/volumes/frames']]);
    const { create } = plan(
      {
        HostConfig: {
          Binds: ['frames:/frames:ro', 'other:/other', '/frames:/x'],
          Mounts: [
            { Type: 'volume', Source: 'frames', Target: '/m', VolumeOptions: { NoCopy: true } },
            { Type: 'tmpfs', Target: '/t' },
          ],
        },
      },
      { sharedVolumes },
    );
    assert.deepEqual(create.HostConfig?.Binds, ['/state/volumes/frames:/frames:ro', 'other:/other', '/frames:/x']);
    assert.deepEqual(create.HostConfig?.Mounts?.slice(0, 2), [
      { Type: 'bind', Source: '/state/volumes/frames', Target: '/m' },
      { Type: 'tmpfs', Target: '/t' },
    ]);
  });

  it("opens Node's inspector to this machine alone", () => {
    const given = {
      Env: ['NODE_OPTIONS=--enable-source-maps'],
      HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '8080' }] } },
    };
    const bridged = plan(given, { inspectPort: 9230 }).create;
    assert.ok(bridged.Env?.includes('NODE_OPTIONS=--enable-source-maps --inspect=0.0.0.0:9230'));
    assert.equal(bridged.Env?.filter((entry) => entry.startsWith('NODE_OPTIONS=')).length, 1);
    assert.deepEqual(bridged.ExposedPorts, { '9230/tcp': {} });
    assert.deepEqual(bridged.HostConfig?.PortBindings, {
      '80/tcp': [{ HostPort: '8080' }],
      '9230/tcp': [{ HostIp: '127.0.0.1', HostPort: '9230' }],
    });
    const onHost = plan({ HostConfig: { NetworkMode: 'host' } }, { inspectPort: 9230 }).create;
    assert.ok(onHost.Env?.includes('NODE_OPTIONS=--inspect=127.0.0.1:9230'));
    assert.equal(onHost.ExposedPorts, undefined);
  });

  it('takes null for nothing, as .NET writes it, and refuses what no engine takes', () => {
    assert.doesNotThrow(() => plan({ Env: null, Labels: null, HostConfig: null, NetworkingConfig: null }));
    assert.doesNotThrow(() => plan({ HostConfig: { Binds: null, Mounts: null, ExtraHosts: null, NetworkMode: null } }));
    for (const wrong of [{ Env: { A: 1 } }, { HostConfig: 'x' }, { HostConfig: { Binds: 'a:/a' } }]) {
      assert.throws(() => plan(wrong), { name: 'ZodError' });
    }
  });
});
