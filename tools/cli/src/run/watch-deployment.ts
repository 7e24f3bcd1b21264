import { dirname, join, relative, sep } from 'node:path';
import { EdgeveilError } from '@edgeveil/contracts/errors';
import { commandMapName, type LocalEdge } from '@edgeveil/local-edge';
import { type FSWatcher, watch } from 'chokidar';
import type { CliContext } from '../cli-context.ts';

// An editor writes a file in several steps, a build several files.
const quietMs = 300;
// A file that changes so many times in a row, each time so soon after the restart, is written by the module.
const changesInARow = 5;
const soonMs = 3000;
const ignoredFolders = new Set(['node_modules', '__pycache__', 'coverage']);
// What a module itself writes while it runs, and what editors do: a restart for that would never end.
const ignoredFile = /^\.|~$|\.(?:log|out|err|pid|tmp|swp|lock|sqlite|db)(?:-\w+)?$/;

/**
 * Restarts a module when a file of its folder changes, and deploys anew when a manifest, a layer or the side file does. What is wrong is said, and the
 * old goes on.
 */
export function watchDeployment(
  edge: LocalEdge,
  manifest: string,
  layers: readonly string[],
  { errors }: CliContext,
): { close(): Promise<void> } {
  const files = [manifest, ...layers, join(dirname(manifest), commandMapName)];
  const folders = new Map<string, string>();
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<void> = Promise.resolve();
  const rows = new Map<string, { restarts: number; at: number }>();

  const note = (path: string) => {
    changed.add(path);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const paths = [...changed];
      changed.clear();
      turn = turn.then(() => settle(paths));
    }, quietMs);
  };
  const watcher: FSWatcher = watch(files, { ignoreInitial: true, ignored: isIgnored, atomic: true });
  watcher.on('all', (_event, path) => note(path));
  watcher.once('ready', () => errors.write('watching for changes\n'));
  watcher.on('error', (error) => errors.write(`warning: changes may go unseen: ${String(error)}\n`));
  follow();

  // Modules come and go with the deployments.
  function follow(): void {
    const current = edge.modules().flatMap(({ module }) => {
      const folder = edge.moduleFolder(module);
      return folder === undefined ? [] : [[module, folder] as const];
    });
    const wanted = new Set(current.map(([, folder]) => folder));
    const known = new Set(folders.values());
    for (const folder of wanted) if (!known.has(folder)) watcher.add(folder);
    for (const folder of known) if (!wanted.has(folder)) watcher.unwatch(folder);
    folders.clear();
    for (const [module, folder] of current) folders.set(module, folder);
  }

  async function settle(paths: readonly string[]): Promise<void> {
    if (paths.some((path) => files.includes(path))) {
      errors.write('the deployment has changed, deploying anew\n');
      await attempt(() => edge.applyDeployment(manifest, layers));
      follow();
    }
    for (const [module, folder] of folders) {
      const file = paths.find(
        (path) => !files.includes(path) && path.startsWith(`${folder}${sep}`) && !isWrittenByModule(path, folder),
      );
      if (file === undefined) continue;
      errors.write(`${relative(folder, file)} has changed, restarting ${module}\n`);
      await attempt(() => edge.restartModule(module));
      const row = rows.get(file);
      rows.set(file, { restarts: (row?.restarts ?? 0) + 1, at: performance.now() });
    }
  }

  // Else a module that writes in its own folder would be restarted for ever.
  function isWrittenByModule(path: string, folder: string): boolean {
    const row = rows.get(path);
    if (row === undefined) return false;
    if (row.restarts >= changesInARow) return true;
    if (performance.now() - row.at > soonMs) rows.delete(path);
    else if (row.restarts === changesInARow - 1) {
      rows.set(path, { restarts: changesInARow, at: row.at });
      errors.write(`${relative(folder, path)} changes with every restart and is no longer watched\n`);
      return true;
    }
    return false;
  }

  async function attempt(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      const code = error instanceof EdgeveilError ? ` [${error.code}]` : '';
      errors.write(`error: ${error instanceof Error ? error.message : String(error)}${code}; the old goes on\n`);
    }
  }

  function isIgnored(path: string): boolean {
    const folder = [...folders.values()].find((each) => path.startsWith(`${each}${sep}`));
    const inside = folder === undefined ? '' : relative(folder, path);
    return inside.split(sep).some((part) => ignoredFolders.has(part) || ignoredFile.test(part));
  }

  return {
    async close() {
      clearTimeout(timer);
      await watcher.close();
      await turn;
    },
  };
}
