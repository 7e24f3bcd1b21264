import { runModule } from '@edgeveil/module-kit';
import { inference } from './inference.ts';

await runModule(process, inference);
