import { join } from 'node:path';
import { uploaderTwinSchema } from '@edgeveil/contracts';
import { createFakeContext } from '@edgeveil/module-kit/testing';
import { z } from 'zod';
import { uploader } from '../uploader.ts';

/** The uploader without a hub, in a process that can be killed; writes a line for each upload. */
const { dir, twin, connectionString } = z
  .object({ dir: z.string(), twin: uploaderTwinSchema, connectionString: z.string() })
  .parse(JSON.parse(process.argv[2] ?? ''));

const fake = createFakeContext({
  twin,
  moduleId: 'uploader',
  stateDir: join(dir, 'state'),
  environment: {
    EDGEVEIL_EVIDENCE_DIR: join(dir, 'evidence'),
    EDGEVEIL_KEY_FILE: join(dir, 'store.key'),
    EDGEVEIL_STORAGE_CONNECTION_STRING: connectionString,
  },
  onSend: (name) => {
    if (name === 'uploads') console.log('uploaded');
  },
});
await uploader.start(fake.context);
