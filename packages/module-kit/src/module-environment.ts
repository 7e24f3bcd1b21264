import { ConfigError, logLevelSchema } from '@edgeveil/contracts';
import { z } from 'zod';
import { parseEnvironment } from './parse-environment.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const environmentSchema = z.object({
  EDGEVEIL_STATE_DIR: z.string().min(1),
  EDGEVEIL_HTTP_HOST: z.string().min(1).default('0.0.0.0'),
  EDGEVEIL_HTTP_PORT: z.coerce.number().int().min(0).max(65_535).default(9600),
  RuntimeLogLevel: z.string().optional(),
});

const EDGE_VARIABLES = [
  'IOTEDGE_WORKLOADURI',
  'IOTEDGE_DEVICEID',
  'IOTEDGE_MODULEID',
  'IOTEDGE_IOTHUBHOSTNAME',
  'IOTEDGE_AUTHSCHEME',
  'IOTEDGE_MODULEGENERATIONID',
];

export interface ModuleEnvironment {
  readonly deviceId: string;
  readonly moduleId: string;
  readonly stateDir: string;
  readonly httpHost: string;
  readonly httpPort: number;
}

/**
 * What the kit itself reads from the environment; the identity is found where the IoT SDK finds it.
 * @throws ConfigError `ENVIRONMENT_INVALID` naming each variable, `IDENTITY_MISSING`
 */
export function parseModuleEnvironment(environment: Environment): ModuleEnvironment {
  const parsed = parseEnvironment(environmentSchema, environment);
  return {
    ...parseIdentity(environment),
    stateDir: parsed.EDGEVEIL_STATE_DIR,
    httpHost: parsed.EDGEVEIL_HTTP_HOST,
    httpPort: parsed.EDGEVEIL_HTTP_PORT,
  };
}

/** edgeAgent's RuntimeLogLevel, which other modules write as `trace`, `information` or `warning` too. */
export function parseRuntimeLogLevel(environment: Environment): z.infer<typeof logLevelSchema> {
  const text = (environment.RuntimeLogLevel ?? 'info').toLowerCase();
  const synonyms: Readonly<Record<string, string>> = {
    trace: 'debug',
    verbose: 'debug',
    information: 'info',
    warning: 'warn',
    fatal: 'error',
  };
  return logLevelSchema.catch('info').parse(synonyms[text] ?? text);
}

function parseIdentity(environment: Environment): { deviceId: string; moduleId: string } {
  const connectionString = environment.EdgeHubConnectionString || environment.IotHubConnectionString;
  if (connectionString) {
    const deviceId = /(?:^|;)DeviceId=([^;]+)/.exec(connectionString)?.[1];
    const moduleId = /(?:^|;)ModuleId=([^;]+)/.exec(connectionString)?.[1];
    if (deviceId && moduleId) return { deviceId, moduleId };
    throw new ConfigError('IDENTITY_MISSING', 'the connection string names no DeviceId or no ModuleId');
  }
  const missing = EDGE_VARIABLES.filter((name) => !environment[name]);
  const { IOTEDGE_DEVICEID: deviceId, IOTEDGE_MODULEID: moduleId } = environment;
  if (missing.length === 0 && deviceId && moduleId) return { deviceId, moduleId };
  throw new ConfigError('IDENTITY_MISSING', `not run by IoT Edge: ${missing.join(', ')} missing from the environment`, {
    details: { missing },
  });
}
