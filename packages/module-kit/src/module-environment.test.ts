import assert from 'node:assert/strict';
import { parseModuleEnvironment, parseRuntimeLogLevel } from './module-environment.ts';

const EDGE = {
  IOTEDGE_WORKLOADURI: 'unix:///var/run/iotedge/workload.sock',
  IOTEDGE_DEVICEID: 'dev1',
  IOTEDGE_MODULEID: 'ingest',
  IOTEDGE_IOTHUBHOSTNAME: 'hub.local',
  IOTEDGE_AUTHSCHEME: 'sasToken',
  IOTEDGE_MODULEGENERATIONID: '1',
  EDGEVEIL_STATE_DIR: '/state',
};

describe('parseModuleEnvironment', () => {
  it('takes what edgeAgent gives and fills in defaults', () => {
    assert.deepEqual(parseModuleEnvironment(EDGE), {
      deviceId: 'dev1',
      moduleId: 'ingest',
      stateDir: '/state',
      httpHost: '0.0.0.0',
      httpPort: 9600,
    });
  });

  it('finds the identity in a connection string, which comes first as in the SDK', () => {
    const { deviceId, moduleId } = parseModuleEnvironment({
      ...EDGE,
      EdgeHubConnectionString: 'HostName=h;GatewayHostName=g;DeviceId=d=1;ModuleId=m;SharedAccessKey=eA==',
    });
    assert.deepEqual({ deviceId, moduleId }, { deviceId: 'd=1', moduleId: 'm' });
  });

  it('names what is wrong', () => {
    assert.throws(() => parseModuleEnvironment({ ...EDGE, EDGEVEIL_STATE_DIR: '' }), {
      code: 'ENVIRONMENT_INVALID',
      message: /EDGEVEIL_STATE_DIR/,
    });
    assert.throws(() => parseModuleEnvironment({ ...EDGE, EDGEVEIL_HTTP_PORT: '99999' }), {
      code: 'ENVIRONMENT_INVALID',
      message: /EDGEVEIL_HTTP_PORT/,
    });
    assert.throws(() => parseModuleEnvironment({ ...EDGE, IOTEDGE_MODULEID: undefined }), {
      code: 'IDENTITY_MISSING',
      message: /IOTEDGE_MODULEID/,
    });
    assert.throws(() => parseModuleEnvironment({ EDGEVEIL_STATE_DIR: '/s', IotHubConnectionString: 'HostName=h' }), {
      code: 'IDENTITY_MISSING',
    });
  });
});

describe('parseRuntimeLogLevel', () => {
  it('takes edgeAgent words for levels, and info for what it does not know', () => {
    const levels = ['debug', 'Information', 'WARNING', 'fatal', 'loud', undefined].map((RuntimeLogLevel) =>
      parseRuntimeLogLevel({ RuntimeLogLevel }),
    );
    assert.deepEqual(levels, ['debug', 'info', 'warn', 'error', 'info', 'info']);
  });
});
