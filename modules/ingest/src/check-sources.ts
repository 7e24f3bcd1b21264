import { ConfigError, type SourceConfig } from '@edgeveil/contracts';

/**
 * Refuses two folder sources that would take each other's files: which of them got a file would be left to chance.
 * Throws ConfigError SOURCES_OVERLAP with the path in the twin.
 */
export function checkSources(sources: Readonly<Record<string, SourceConfig>>): void {
  const folders = Object.entries(sources).flatMap(([name, config]) =>
    config.type === 'folder' ? [{ name, path: normalize(config.path), recursive: config.recursive }] : [],
  );
  for (const outer of folders) {
    for (const inner of folders) {
      const isInside = outer.recursive && (outer.path === '' || inner.path.startsWith(`${outer.path}/`));
      if (outer !== inner && (isInside || outer.path === inner.path)) {
        const path = `sources.${inner.name}.path`;
        throw new ConfigError('SOURCES_OVERLAP', `${path}: lies in the folder of source ${outer.name}`, {
          details: { path, other: outer.name },
        });
      }
    }
  }
}

function normalize(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}
