import type { JsonObject } from '../twins/json-object.ts';

/** A manifest with modules of ordinary settings. For tests. */
export function manifestOf(content: {
  readonly modules: Readonly<Record<string, JsonObject>>;
  readonly routes?: JsonObject;
  readonly twins?: Readonly<Record<string, JsonObject>>;
}): JsonObject {
  const modules = Object.fromEntries(
    Object.entries(content.modules).map(([name, settings]) => [
      name,
      {
        type: 'docker',
        status: 'running',
        restartPolicy: 'always',
        settings: { image: `local/${name}:1` },
        ...settings,
      },
    ]),
  );
  return {
    modulesContent: {
      $edgeAgent: { 'properties.desired': { schemaVersion: '1.1', modules } },
      $edgeHub: {
        'properties.desired': {
          schemaVersion: '1.1',
          routes: content.routes ?? {},
          storeAndForwardConfiguration: { timeToLiveSecs: 7200 },
        },
      },
      ...Object.fromEntries(
        Object.entries(content.twins ?? {}).map(([name, desired]) => [name, { 'properties.desired': desired }]),
      ),
    },
  };
}
