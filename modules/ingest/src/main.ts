import { cacheCompiled } from '@edgeveil/module-kit/cache-compiled';

cacheCompiled(process.env);
const { runModule } = await import('@edgeveil/module-kit');
const { ingest } = await import('./ingest.ts');

await runModule(process, ingest);
