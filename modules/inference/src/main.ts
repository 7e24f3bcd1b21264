import { runModule } from '@edgeveil/module-kit';
import { inference } from './inference.ts';
import { threadsLeftBehind } from './session/session-host.ts';

process.once('exit', () => {
  // Node would wait for a thread that is stuck in a GPU's driver, maybe for ever, and edgeAgent for this process.
  if (threadsLeftBehind() > 0) {
    process.kill(process.pid, 'SIGKILL');
  }
});

await runModule(process, inference);
