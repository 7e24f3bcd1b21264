import { runModule } from '@edgeveil/module-kit';
import { redact } from './redact.ts';

await runModule(process, redact);
