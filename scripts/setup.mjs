// Installs what `npm start` and, with --tests, `npm test` need. Runs before them, on the machine's own Node (20 or later), hence
// plain JavaScript without dependencies. Does nothing, in a few milliseconds, when nothing has changed since the last time.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installSystemPackages } from './system-packages.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stampFile = join(root, 'node_modules', '.edgeveil-setup');
const say = (text) => console.log(`setup: ${text}`);

function fail(text) {
  console.error(`setup: ${text}`);
  process.exit(1);
}

/** What the installed packages depend on: the lock file, and the platform whose binaries they hold. */
function wantedStamp() {
  const hash = createHash('sha256');
  hash.update(readFileSync(join(root, 'package-lock.json')));
  hash.update(`${process.platform} ${process.arch}`);
  return hash.digest('hex');
}

function isInstalled(stamp) {
  return (
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === stamp &&
    existsSync(join(root, 'node_modules', '.bin', 'node'))
  );
}

const major = Number(process.versions.node.split('.')[0]);
if (major < 20) fail(`Node 20 or later is needed, this is ${process.versions.node}`);

const stamp = wantedStamp();
if (!isInstalled(stamp)) {
  say('installing npm packages into node_modules (about a minute, only when package-lock.json has changed)');
  const npm = process.env.npm_execpath;
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const started = Date.now();
  const result = spawnSync(command, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // An npm that does not know allowScripts would otherwise run onnxruntime-node's download of the CUDA libraries.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  });
  if (result.error) fail(`npm could not be started: ${result.error.message}`);
  if (result.status !== 0) fail(`npm ci failed with exit code ${result.status}; the lines above say why`);
  writeFileSync(stampFile, stamp);
  say(`done in ${Math.round((Date.now() - started) / 1000)} s`);
}

if (process.argv.includes('--tests')) installSystemPackages(say);
