import { cacheCompiled } from '@edgeveil/module-kit/cache-compiled';

cacheCompiled(process.env);
const { runModule } = await import('@edgeveil/module-kit');
const { uploader } = await import('./uploader.ts');

await runModule(process, uploader);
