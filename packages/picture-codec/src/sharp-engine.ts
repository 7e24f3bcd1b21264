import sharp from 'sharp';

// Every picture is seen once, so libvips' cache of operations only costs memory. Modules work on several pictures at a
// time: a picture that spreads over all cores by itself would only get in the way of the others.
sharp.cache(false);
sharp.concurrency(1);

/**
 * Last defence against a decompression bomb, 2^28 pixels: 805 MB as RGB. Callers set lower limits from what
 * `probePicture` says; this one holds where a caller forgets.
 */
export const MAX_DECODED_PIXELS = 2 ** 28;

export { sharp };
