import { isJsonObject, type JsonObject } from '../../twins/json-object.ts';

interface Inspected {
  readonly Env: readonly string[];
  readonly ExposedPorts?: unknown;
  readonly HostConfig: JsonObject;
}

const variable = 'NODE_OPTIONS=';

/**
 * The parts of a container's create options that open Node's inspector in it, on a port of this machine's loopback interface. It is
 * the same port inside, so that the address that Node prints holds for this machine too.
 */
export function inspectable({ Env, ExposedPorts, HostConfig }: Inspected, port: number): JsonObject {
  const isOnHost = HostConfig.NetworkMode === 'host';
  const given = Env.find((entry) => entry.startsWith(variable))?.slice(variable.length) ?? '';
  const flag = `--inspect=${isOnHost ? `127.0.0.1:${port}` : `0.0.0.0:${port}`}`;
  const env = [...Env.filter((entry) => !entry.startsWith(variable)), `${variable}${`${given} ${flag}`.trim()}`];
  if (isOnHost) return { Env: env };
  const key = `${port}/tcp`;
  const binding = { HostIp: '127.0.0.1', HostPort: String(port) };
  return {
    Env: env,
    ExposedPorts: { ...object(ExposedPorts), [key]: {} },
    HostConfig: { ...HostConfig, PortBindings: { ...object(HostConfig.PortBindings), [key]: [binding] } },
  };
}

function object(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
