import type { Detection } from '@edgeveil/contracts';
import { decodePicture, encodeJpeg, renderSvg } from '@edgeveil/picture-codec';

const COLOURS = ['#ffb000', '#3ec1ff', '#ff5c8a', '#7ee081', '#c792ff', '#ff8a3d'];

/**
 * A JPEG copy of a picture with a box and a caption for each detection. Captions need a font on the machine; boxes and their
 * colours, one for each label, do not.
 *
 * @throws RejectedError when the picture cannot be decoded.
 */
export async function drawDetections(bytes: Buffer, detections: readonly Detection[]): Promise<Buffer> {
  const pixels = await decodePicture(bytes);
  const { width, height } = pixels;
  const background = (await encodeJpeg(pixels, { quality: 92 })).toString('base64');
  const stroke = Math.max(2, Math.round(Math.min(width, height) / 250));
  const fontSize = stroke * 6;
  const labels = [...new Set(detections.map(({ label }) => label))].sort();
  const shapes = detections.map(({ label, score, box: [x, y, w, h] }) => {
    const colour = COLOURS[labels.indexOf(label) % COLOURS.length] ?? '#ffffff';
    return (
      `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="none" stroke="${colour}" stroke-width="${stroke}"/>` +
      `<text x="${x}" y="${Math.max(fontSize, y - stroke * 1.5)}" fill="${colour}" font-family="sans-serif" ` +
      `font-size="${fontSize}" stroke="#000000" stroke-width="${stroke / 3}" paint-order="stroke">` +
      `${escapeXml(label)} ${score.toFixed(2)}</text>`
    );
  });
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">` +
    `<image href="data:image/jpeg;base64,${background}" width="${width}" height="${height}"/>${shapes.join('')}</svg>`;
  return encodeJpeg(await renderSvg(svg, { width, height }), { quality: 88 });
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
