// Not a test of its own: the engine that the tests here use, if there is one.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import Docker from 'dockerode';

const run = promisify(execFile);
const startMs = 20_000;

/** An image with Node and nothing else, made from this machine's files. */
export const nodeImage = 'edgeveil-test/node:1';

export interface TestEngine {
  readonly docker: Docker;
  /** In the form of DOCKER_HOST. */
  readonly host: string;
  close(): Promise<void>;
}

/**
 * The engine of EDGEVEIL_TEST_DOCKER (an address as DOCKER_HOST has it), else one that answers at Docker's own socket, else one that is started here:
 * in a temporary folder, without a default bridge and without touching the machine's firewall, which takes root.
 * @returns why there is none, in words, otherwise
 */
export async function openTestEngine(): Promise<TestEngine | string> {
  const given = process.env.EDGEVEIL_TEST_DOCKER ?? 'unix:///var/run/docker.sock';
  const found = new Docker({ socketPath: given.replace(/^unix:\/\//, '') });
  const engine = (await answers(found))
    ? { docker: found, host: given, close: () => removeImage(found) }
    : await startEngine();
  if (typeof engine === 'string') return engine;
  try {
    await importNode(engine.docker);
    await seesThisMachine(engine.docker);
    return engine;
  } catch (error) {
    await engine.close();
    return `the Docker engine cannot be used: ${String(error)}`;
  }
}

async function answers(docker: Docker): Promise<boolean> {
  return docker.ping().then(
    () => true,
    () => false,
  );
}

async function startEngine(): Promise<TestEngine | string> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'no Docker engine answers, and only root can start one';
  const dir = await mkdtemp(join(tmpdir(), 'dockerd-'));
  const socketPath = join(dir, 'd.sock');
  const args = [
    '--iptables=false',
    '--ip-forward=false',
    '--bridge=none',
    '--data-root',
    join(dir, 'data'),
    '--exec-root',
    join(dir, 'exec'),
  ];
  const child = spawn('dockerd', [...args, '--pidfile', join(dir, 'pid'), '--host', `unix://${socketPath}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-2000);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      log += error.message;
      resolve();
    });
    child.once('exit', () => resolve());
  });
  const close = () => stopEngine(child, dir);
  const docker = new Docker({ socketPath });
  const deadline = Date.now() + startMs;
  while (Date.now() < deadline && child.exitCode === null && child.pid !== undefined) {
    if (await answers(docker)) return { docker, host: `unix://${socketPath}`, close };
    await Promise.race([ended, delay(100)]);
  }
  await close();
  return `no Docker engine answers, and one cannot be started: ${log.trim().split('\n').at(-1) ?? ''}`;
}

async function stopEngine(child: ChildProcess, dir: string): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), startMs);
    await exited;
    clearTimeout(timer);
  }
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const mount of mounts.filter((path) => path.startsWith(`${dir}/`)).reverse()) {
    await run('umount', ['-l', mount]).catch(() => undefined);
  }
  await rm(dir, { recursive: true, force: true });
}

/** Puts this Node and the libraries that it is linked with into an image. */
async function importNode(docker: Docker): Promise<void> {
  const exists = await docker
    .getImage(nodeImage)
    .inspect()
    .then(
      () => true,
      () => false,
    );
  if (exists) return;
  const root = await mkdtemp(join(tmpdir(), 'image-'));
  try {
    const node = await realpath(process.execPath);
    const { stdout } = await run('ldd', [node]);
    const libraries = [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((match) => match[1] ?? '');
    await mkdir(join(root, 'usr/bin'), { recursive: true });
    await mkdir(join(root, 'tmp'));
    // Not by mkdir's mode, of which the umask takes away.
    await chmod(join(root, 'tmp'), 0o1777);
    await cp(node, join(root, 'usr/bin/node'));
    for (const library of libraries) {
      await mkdir(dirname(join(root, library)), { recursive: true });
      await cp(await realpath(library), join(root, library));
    }
    const tar = spawn('tar', ['-C', root, '-c', '.'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [repo, tag] = nodeImage.split(':');
    const stream = await docker.importImage(tar.stdout, { repo, tag });
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(stream, (error) => (error === null ? resolve() : reject(error)));
    });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function removeImage(docker: Docker): Promise<void> {
  await docker
    .getImage(nodeImage)
    .remove({ force: true })
    .catch(() => undefined);
}

/** An engine that runs elsewhere, or beside the container that the tests run in, has other files. */
async function seesThisMachine(docker: Docker): Promise<void> {
  const package_ = createRequire(import.meta.url).resolve('dockerode/package.json');
  const container = await docker.createContainer({
    Image: nodeImage,
    Cmd: ['/usr/bin/node', '-e', 'require("fs").readFileSync("/package.json")'],
    HostConfig: { Mounts: [{ Type: 'bind', Source: package_, Target: '/package.json' }], NetworkMode: 'host' },
  });
  try {
    await container.start();
    const { StatusCode }: { StatusCode: number } = await container.wait();
    if (StatusCode !== 0) throw new RangeError(`it does not see the files of this machine (${StatusCode})`);
  } finally {
    await container.remove({ force: true });
  }
}
