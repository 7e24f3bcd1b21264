export { blockingFiles } from './blocking-files.ts';
export type { ClaimOptions, Lease } from './claims.ts';
export { type FileOps, pooledFiles } from './file-ops.ts';
export {
  FileStore,
  type FileStoreOptions,
  type PendingOptions,
  type PutOptions,
  type StoreItem,
} from './file-store.ts';
export { freeBytes } from './free-bytes.ts';
export { Keyring } from './keyring.ts';
export type { ForeignContent, QuarantineReason } from './quarantine.ts';
export type { Usage } from './usage.ts';
