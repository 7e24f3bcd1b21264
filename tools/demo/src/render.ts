import { encodeJpeg, type Pixels, renderSvg } from '@edgeveil/picture-codec';
import type { Random } from './random.ts';
import { exposePixels, type Sensor } from './sensor.ts';
import { soften } from './soften.ts';
import { SHARED_DEFS } from './svg.ts';
import type { View } from './view.ts';

/** Draws SVG pieces of the canvas to pixels of the wanted size. */
export function rasterise(
  view: View,
  pieces: string,
  size: { readonly width: number; readonly height: number },
): Promise<Pixels> {
  const box = `viewBox="0 0 ${view.width} ${view.height}" preserveAspectRatio="none"`;
  const open = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" ${box}>`;
  return renderSvg(`${open}<defs>${SHARED_DEFS}</defs>${pieces}</svg>`, size);
}

/** What the camera makes of it: blurred, exposed, noisy, as a baseline JPEG. Changes the pixels. */
export function photograph(pixels: Pixels, sensor: Sensor, random: Random): Promise<Buffer> {
  const sigma = (sensor.blur * pixels.width) / 1280;
  if (sigma >= 0.3) soften(pixels.data, pixels, sigma);
  exposePixels(pixels.data, pixels, sensor, random);
  return encodeJpeg(pixels, { quality: sensor.quality });
}
