import { runModule } from '@edgeveil/module-kit';
import { uploader } from './uploader.ts';

await runModule(process, uploader);
