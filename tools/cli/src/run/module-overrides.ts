import type { ModuleOverride } from '@edgeveil/local-edge';
import { ownPorts } from '../own-ports.ts';
import { UsageError } from '../usage-error.ts';

// Node's own.
const defaultInspectPort = 9229;

/** Reads `MODULE` or `MODULE=PORT` of --inspect; every module without a port after the first takes a free one. @throws UsageError */
export function parseInspect(values: readonly string[]): ReadonlyMap<string, number> {
  const ports = new Map<string, number>();
  for (const value of values) {
    const [module = '', port] = value.split('=');
    const number = port === undefined ? (ports.size === 0 ? defaultInspectPort : 0) : Number(port);
    if (module === '' || port === '' || !Number.isInteger(number) || number < 0 || number > 65_535) {
      throw new UsageError(`--inspect ${value}: MODULE or MODULE=PORT is expected`);
    }
    ports.set(module, number);
  }
  return ports;
}

/** What the modules of a run get besides their manifest. */
export function moduleOverrides(inspected: ReadonlyMap<string, number>): Record<string, ModuleOverride> {
  return {
    ...ownPorts,
    ...Object.fromEntries([...inspected].map(([module, inspectPort]) => [module, { inspectPort }])),
  };
}
