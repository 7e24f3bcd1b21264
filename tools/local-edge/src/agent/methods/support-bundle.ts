import { release } from 'node:os';
import { strToU8, type Zippable, zipSync } from 'fflate';
import { formatLogRecord } from '../logs/log-record.ts';
import { runtimeVersion } from '../runtime-version.ts';
import type { AgentMethodsContext } from './agent-methods.ts';
import { logNames, readLog, systemModuleNames } from './log-methods.ts';
import { redactDocument, redactText } from './redact-secrets.ts';

export interface BundleSelection {
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** Leave out the logs and twins of the modules. */
  readonly isRuntimeOnly: boolean;
}

/**
 * A zip file for whoever is to find out what is wrong: logs, twins with their reported halves, the state of the modules, versions. Keys, SAS tokens,
 * passwords and what looks like them are taken out of all of it.
 */
export async function supportBundle(
  context: AgentMethodsContext,
  { since, until, isRuntimeOnly }: BundleSelection,
): Promise<Uint8Array<ArrayBuffer>> {
  const { logs, twins, agent, deployer, deviceId, hubName } = context;
  const files: Zippable = {};
  const addJson = (path: string, document: unknown) => {
    files[path] = strToU8(`${JSON.stringify(redactDocument(document), undefined, 2)}\n`);
  };
  const isWanted = (name: string) => !isRuntimeOnly || systemModuleNames.includes(name);
  for (const name of logNames(context).filter(isWanted)) {
    const records = await readLog(logs, name, {
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
    });
    files[`logs/${name}.log`] = strToU8(redactText(records.map((record) => `${formatLogRecord(record)}\n`).join('')));
  }
  const modules = isRuntimeOnly ? [] : deployer.config.modules.map(({ name }) => name);
  for (const name of ['$edgeAgent', '$edgeHub', ...modules]) addJson(`twins/${name}.json`, twins.get(name));
  addJson('modules.json', agent.statuses);
  addJson('versions.json', {
    runtime: runtimeVersion.version,
    node: process.version,
    platform: `${process.platform} ${process.arch} ${release()}`,
    deviceId,
    hubName,
  });
  return new Uint8Array(zipSync(files));
}
