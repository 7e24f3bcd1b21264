import { cacheCompiled } from '@edgeveil/module-kit/cache-compiled';

cacheCompiled(process.env);
const { runModule } = await import('@edgeveil/module-kit');
const { inference } = await import('./inference.ts');
const { threadsLeftBehind } = await import('./session/session-host.ts');

process.once('exit', () => {
  // Node would wait for a thread that is stuck in a GPU's driver, maybe for ever, and edgeAgent for this process.
  if (threadsLeftBehind() > 0) {
    process.kill(process.pid, 'SIGKILL');
  }
});

await runModule(process, inference);
