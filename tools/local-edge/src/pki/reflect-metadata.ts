/**
 * The two functions of the reflect-metadata polyfill without which tsyringe, a dependency of @peculiar/x509, refuses to load. Nothing that
 * is used of it here relies on decorator metadata. Import this file before @peculiar/x509.
 */
const metadata = new WeakMap<object, Map<unknown, unknown>>();

function getMetadata(key: unknown, target: object): unknown {
  return metadata.get(target)?.get(key);
}

function defineMetadata(key: unknown, value: unknown, target: object): void {
  const entries = metadata.get(target) ?? new Map<unknown, unknown>();
  metadata.set(target, entries.set(key, value));
}

for (const [name, value] of Object.entries({ getMetadata, getOwnMetadata: getMetadata, defineMetadata })) {
  if (!(name in Reflect)) Object.defineProperty(Reflect, name, { value, configurable: true, writable: true });
}
