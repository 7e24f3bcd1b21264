import type { FileStore } from '@edgeveil/frame-store';

/** What redact needs of a store. */
export type ItemStore = Pick<
  FileStore,
  'put' | 'has' | 'read' | 'claim' | 'settle' | 'quarantine' | 'pending' | 'usage' | 'quarantined'
>;

/** A frame that this process works on. */
export type Lease = NonNullable<Awaited<ReturnType<ItemStore['claim']>>>;
