/** Smaller ones may share their memory with others. */
const MIN_BYTES = 64 * 1024;

/**
 * Gives the memory of bytes back at once that nobody reads any more, in place of when the thread next collects its garbage: a
 * thread that only runs a model hardly ever does.
 */
export function freeBytes({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && byteLength >= MIN_BYTES && byteLength === buffer.byteLength) {
    buffer.transfer(0);
  }
}
