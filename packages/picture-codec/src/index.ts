export { cutPixels, type PixelArea } from './cut-pixels.ts';
export { type DecodeOptions, decodePicture } from './decode-picture.ts';
export { decodeShrunk, fitInside, type ShrunkPixels, type ShrunkSize } from './decode-shrunk.ts';
export { encodeJpeg, encodePng } from './encode-picture.ts';
export type { Pixels } from './pixels.ts';
export { type PictureProbe, probePicture } from './probe-picture.ts';
export { renderSvg } from './render-svg.ts';
export { ScratchBuffers, type ScratchBuffersOptions } from './scratch-buffers.ts';
export { sniffFormat } from './sniff-format.ts';
