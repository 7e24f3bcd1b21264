import { RejectedError } from '@edgeveil/contracts';
// CommonJS whose exports cannot be told by name before it runs.
import turbo from '@julusian/jpeg-turbo';
import type { Pixels } from './pixels.ts';
import { ScratchBuffers } from './scratch-buffers.ts';
import { sharp } from './sharp-engine.ts';

/** Longest side that the JPEG format can hold. */
const MAX_JPEG_SIDE = 65_535;

const scratch = new ScratchBuffers({
  maxIdle: 4,
  maxBytesEach: 32 * 1024 * 1024,
  allocate: (length) => Buffer.allocUnsafeSlow(length),
});

/**
 * Encodes as baseline JPEG 4:2:0 with nothing in the file but the pixels: no EXIF, no profile, no comment.
 * `quality` is 1 to 100. Throws RejectedError PICTURE_TOO_LARGE where a side is longer than JPEG allows.
 */
export async function encodeJpeg(pixels: Pixels, { quality }: { readonly quality: number }): Promise<Buffer> {
  const { width, height } = pixels;
  if (Math.max(width, height) > MAX_JPEG_SIDE) {
    throw new RejectedError('PICTURE_TOO_LARGE', `${width}x${height} does not fit into a JPEG`, {
      details: { width, height },
    });
  }
  const out = scratch.take(turbo.bufferSize({ width, height, subsampling: turbo.SAMP_420 }));
  try {
    const options = { format: turbo.FORMAT_RGB, width, height, subsampling: turbo.SAMP_420, quality };
    return Buffer.from(await turbo.compress(pixels.data, out, options));
  } finally {
    scratch.give(out);
  }
}

/** Encodes as PNG, for pictures that people look at closely. */
export async function encodePng(pixels: Pixels): Promise<Buffer> {
  const { width, height, channels } = pixels;
  return sharp(pixels.data.subarray(0, width * height * channels), { raw: { width, height, channels } })
    .png({ compressionLevel: 6 })
    .toBuffer();
}
