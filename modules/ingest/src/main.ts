import process from 'node:process';
import { runModule } from '@edgeveil/module-kit';
import { ingest } from './ingest.ts';

await runModule(process, ingest);
