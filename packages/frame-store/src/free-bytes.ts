/** Smaller ones may share their memory with others. */
const MIN_BYTES = 64 * 1024;

/**
 * Gives the memory of bytes back at once that nobody reads any more. Left to the garbage collector, pictures of a megabyte each make
 * it go through the whole heap five times a second, with all cores. The bytes are empty afterwards. Nothing is done with those that
 * are a part of something larger.
 */
export function freeBytes({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && byteLength >= MIN_BYTES && byteLength === buffer.byteLength) {
    buffer.transfer(0);
  }
}
