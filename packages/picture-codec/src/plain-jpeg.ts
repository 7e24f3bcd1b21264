import { isSrgbProfile } from './icc-profile.ts';

/** A JPEG that libjpeg-turbo turns into upright sRGB by itself: its size is that of the picture as displayed. */
export interface PlainJpeg {
  readonly width: number;
  readonly height: number;
}

interface FrameHeader extends PlainJpeg {
  readonly components: number;
}

const SEGMENT = {
  frameBaseline: 0xc0,
  frameExtended: 0xc1,
  huffmanTables: 0xc4,
  scan: 0xda,
  quantizationTables: 0xdb,
  restartInterval: 0xdd,
  firstApplication: 0xe0,
  exif: 0xe1,
  colourProfile: 0xe2,
  lastApplication: 0xef,
  comment: 0xfe,
} as const;

const EXIF = Buffer.from('Exif\0\0', 'latin1');
const ICC = Buffer.from('ICC_PROFILE\0', 'latin1');
const ORIENTATION_TAG = 0x0112;

/** Colour in full, half or a quarter of the resolution: horizontal and vertical sampling of the first component, in a half byte each. */
const LUMA_SAMPLING = [0x11, 0x12, 0x21, 0x22, 0x41];
const CHROMA_SAMPLING = 0x11;

/**
 * Reads the header of a JPEG as far as to its first scan. Answers nothing for one with several scans (libjpeg-turbo has no bound on
 * them, and a few MB can hold minutes of work; libvips has), turned, not of 8 bits, neither grey nor of three components, of unusual
 * sampling, of another colour profile, or odd in any way; libvips can judge those. Segments: ITU-T T.81, annex B.
 */
export function plainJpeg(bytes: Buffer): PlainJpeg | undefined {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) {
    return undefined;
  }
  let frame: FrameHeader | undefined;
  for (let at = 2; at + 4 <= bytes.length; ) {
    const [prefix, type = 0] = bytes.subarray(at, at + 2);
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    if (prefix !== 0xff || end > bytes.length) {
      return undefined;
    }
    const content = bytes.subarray(at + 4, end);
    if (type === SEGMENT.scan) {
      // With all components in the first scan there is nothing left for a second one: libjpeg-turbo refuses it at once.
      return frame !== undefined && content[0] === frame.components
        ? { width: frame.width, height: frame.height }
        : undefined;
    }
    if (type === SEGMENT.frameBaseline || type === SEGMENT.frameExtended) {
      frame = frame === undefined ? readFrame(content) : undefined;
      if (frame === undefined) {
        return undefined;
      }
    } else if (!isHarmless(type, content)) {
      return undefined;
    }
    at = end;
  }
  return undefined;
}

function readFrame(content: Buffer): FrameHeader | undefined {
  const [precision, , , , , components = 0] = content;
  if (precision !== 8 || content.length !== 6 + components * 3 || !isUsualSampling(content, components)) {
    return undefined;
  }
  const [height, width] = [content.readUInt16BE(1), content.readUInt16BE(3)];
  return width > 0 && height > 0 ? { width, height, components } : undefined;
}

/** Grey, or colour of a sampling that the binding of libjpeg-turbo has a name for. */
function isUsualSampling(frame: Buffer, components: number): boolean {
  const [first = 0, ...others] = Array.from({ length: components }, (_, index) => frame[6 + index * 3 + 1]);
  return (
    components === 1 ||
    (components === 3 && LUMA_SAMPLING.includes(first) && others.every((each) => each === CHROMA_SAMPLING))
  );
}

/** Whether a segment changes nothing about how the pixels are shown. */
function isHarmless(type: number, content: Buffer): boolean {
  switch (type) {
    case SEGMENT.exif:
      return !startsWith(content, EXIF) || isUpright(content.subarray(EXIF.length));
    case SEGMENT.colourProfile:
      return !startsWith(content, ICC) || isSrgbProfile(content);
    case SEGMENT.huffmanTables:
    case SEGMENT.quantizationTables:
    case SEGMENT.restartInterval:
    case SEGMENT.comment:
      return true;
    default:
      return type >= SEGMENT.firstApplication && type <= SEGMENT.lastApplication;
  }
}

function startsWith(content: Buffer, start: Buffer): boolean {
  return content.subarray(0, start.length).equals(start);
}

/** Whether the EXIF data, a TIFF file, says that the picture is shown as it is stored, or says nothing of it. */
function isUpright(tiff: Buffer): boolean {
  const order = tiff.toString('latin1', 0, 2);
  if (tiff.length < 8 || !(order === 'II' || order === 'MM')) {
    return false;
  }
  const isLittle = order === 'II';
  const read16 = (at: number): number => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (directory + 2 > tiff.length) {
    return false;
  }
  const count = read16(directory);
  if (directory + 2 + count * 12 > tiff.length) {
    return false;
  }
  const entries = Array.from({ length: count }, (_, index) => directory + 2 + index * 12);
  return entries.every((entry) => read16(entry) !== ORIENTATION_TAG || read16(entry + 8) === 1);
}
