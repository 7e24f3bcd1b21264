import { pointerStep, type SourceObject } from '../manifest/build/json-source.ts';
import { isJsonObject, type JsonObject } from '../twins/json-object.ts';
import type { LintContext, LintModule, LintRoute } from './lint-context.ts';

const desiredKey = 'properties.desired';

interface Section {
  readonly path: string;
  readonly value: JsonObject;
}

/** Takes a document apart for the checks, whatever is missing in it. `undefined` when it has no modules' content at all. */
export function readContext(
  document: JsonObject,
  source: SourceObject,
  options: Pick<LintContext, 'environment' | 'repoDir'>,
): LintContext | undefined {
  const outer = isJsonObject(document.content) ? '/content' : '';
  const holder = isJsonObject(document.content) ? document.content : document;
  const key = 'modulesContent' in holder ? 'modulesContent' : 'moduleContent';
  const content = holder[key];
  if (!isJsonObject(content)) return undefined;
  const contentPath = `${outer}/${key}`;
  const desiredOf = (name: string): Section | undefined => {
    const value = content[name];
    if (!isJsonObject(value) || !isJsonObject(value[desiredKey])) return undefined;
    return { path: `${contentPath}${pointerStep(name)}/${desiredKey}`, value: value[desiredKey] };
  };
  const agent = desiredOf('$edgeAgent');
  const hub = desiredOf('$edgeHub');
  return {
    ...options,
    document,
    source,
    contentPath,
    content,
    isLayer: [content.$edgeAgent, content.$edgeHub].some(isLayered),
    agentPath: agent?.path ?? contentPath,
    agent: agent?.value,
    hubPath: hub?.path ?? contentPath,
    hub: hub?.value,
    modules: [
      ...entriesOf(content, contentPath, '$edgeAgent', 'systemModules').map((entry) => moduleOf(entry, true)),
      ...entriesOf(content, contentPath, '$edgeAgent', 'modules').map((entry) => moduleOf(entry, false)),
    ],
    routes: entriesOf(content, contentPath, '$edgeHub', 'routes').map(routeOf),
  };
}

function isLayered(module: unknown): boolean {
  return isJsonObject(module) && Object.keys(module).some((key) => key.startsWith(`${desiredKey}.`));
}

type Entry = readonly [name: string, path: string, value: unknown];

// A layer names single entries: "properties.desired.modules.extra".
function entriesOf(content: JsonObject, contentPath: string, owner: string, section: string): readonly Entry[] {
  const module = content[owner];
  if (!isJsonObject(module)) return [];
  const ownerPath = `${contentPath}${pointerStep(owner)}`;
  const desired = module[desiredKey];
  const whole = isJsonObject(desired) ? desired[section] : undefined;
  const plain = isJsonObject(whole) ? Object.entries(whole) : [];
  const prefix = `${desiredKey}.${section}.`;
  return [
    ...plain.map(([name, value]): Entry => [name, `${ownerPath}/${desiredKey}/${section}${pointerStep(name)}`, value]),
    ...Object.entries(module)
      .filter(([key]) => key.startsWith(prefix) && !key.slice(prefix.length).includes('.'))
      .map(([key, value]): Entry => [key.slice(prefix.length), `${ownerPath}${pointerStep(key)}`, value]),
  ].filter(([, , value]) => value !== null);
}

function moduleOf([name, path, value]: Entry, isSystem: boolean): LintModule {
  return { name, path, value, isSystem };
}

function routeOf([name, path, value]: Entry): LintRoute {
  if (typeof value === 'string') return { name, path, textPath: path, text: value, value };
  const text = isJsonObject(value) && typeof value.route === 'string' ? value.route : undefined;
  return { name, path, textPath: `${path}/route`, text, value };
}
