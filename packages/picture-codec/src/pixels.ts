/** Decoded picture: 8 bits a channel, sRGB, rows from the top without padding, as it is displayed. */
export interface Pixels {
  /** `width * height * 3` bytes: R, G, B, R, … May be part of a larger buffer that its owner reuses. */
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
}
