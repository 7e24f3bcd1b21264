import { cacheCompiled } from '@edgeveil/module-kit/cache-compiled';

cacheCompiled(process.env);
const { runModule } = await import('@edgeveil/module-kit');
const { redact } = await import('./redact.ts');

await runModule(process, redact);
