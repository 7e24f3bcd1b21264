import { InternalError } from '@edgeveil/contracts';
import { type LetterboxPlan, visibleContent } from './letterbox.ts';
import { channelCount } from './model-io.ts';
import { resizeBilinear } from './resize-bilinear.ts';

/** Interleaved RGB, 8 bits a channel, rows without padding. */
export interface RgbPixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** What a model wants its pixels to look like. A value is `(pixel * scale - mean) / std`, with mean and std in the order of `channels`. */
export interface TensorFormat {
  readonly layout: 'nchw' | 'nhwc';
  readonly channels: 'rgb' | 'bgr' | 'grey';
  readonly scale: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** Grey level, 0 to 255, of the padding of a letterbox. */
  readonly pad: number;
}

/** Memory of a tensor that pixels are written to. Bytes take pixels as they are: scale 1, mean 0, deviation 1. */
export type TensorValues = Float32Array | Uint8Array;

/**
 * Writes one picture into a tensor of `plan.input.width * plan.input.height` values a channel, all of them: a tensor can be
 * used again. Pixels that have not the size of `plan.content` are resized (bilinear), so a decoder that could not shrink
 * to the exact size does no harm.
 */
export function fillTensor(target: TensorValues, pixels: RgbPixels, plan: LetterboxPlan, format: TensorFormat): void {
  const { input, content } = plan;
  const count = channelCount(format);
  if (target.length !== count * input.width * input.height || pixels.data.length < 3 * pixels.width * pixels.height) {
    throw new InternalError('TENSOR_SIZE_WRONG', 'tensor or pixels have not the planned size', {
      details: { target: target.length, pixels: pixels.data.length, input, width: pixels.width, height: pixels.height },
    });
  }
  const placed =
    pixels.width === content.width && pixels.height === content.height ? pixels : resizeBilinear(pixels, content);
  // Per tensor channel: value = pixel * gain + bias.
  const gain = format.std.map((std) => format.scale / std);
  const bias = format.mean.map((mean, channel) => -mean / (format.std[channel] ?? 1));
  if (format.channels === 'grey') {
    const grey = { channel: 0, byte: 0, gain: gain[0] ?? 1, bias: bias[0] ?? 0, planar: true };
    fillPadding(target, plan, grey, format.pad * grey.gain + grey.bias);
    fillGrey(target, placed.data, plan, grey);
    return;
  }
  const channels: readonly ChannelPlan[] = [0, 1, 2].map((channel) => ({
    // Which byte of an RGB triple goes to this channel of the tensor.
    byte: format.channels === 'rgb' ? channel : 2 - channel,
    gain: gain[channel] ?? 1,
    bias: bias[channel] ?? 0,
    planar: format.layout === 'nchw',
    channel,
  }));
  for (const channel of channels) {
    fillPadding(target, plan, channel, format.pad * channel.gain + channel.bias);
    fillChannel(target, placed.data, plan, channel);
  }
}

interface ChannelPlan {
  readonly channel: number;
  readonly byte: number;
  readonly gain: number;
  readonly bias: number;
  readonly planar: boolean;
}

function fillChannel(target: TensorValues, data: Uint8Array, plan: LetterboxPlan, channel: ChannelPlan): void {
  const { width, height } = plan.input;
  const { content } = plan;
  const { gain, bias } = channel;
  const step = channel.planar ? 1 : 3;
  const start = channel.planar ? channel.channel * width * height : channel.channel;
  const visible = visibleContent(plan);
  for (let row = visible.top; row < visible.top + visible.height; row += 1) {
    let to = start + ((content.y + row) * width + content.x + visible.left) * step;
    let from = (row * content.width + visible.left) * 3 + channel.byte;
    const end = from + visible.width * 3;
    for (; from < end; from += 3) {
      // The bounds are checked once in fillTensor; a check per pixel would double the cost.
      target[to] = (data[from] as number) * gain + bias;
      to += step;
    }
  }
}

/** Weights of red, green and blue in the luma of JPEG (ITU-R BT.601). */
const LUMA = [0.299, 0.587, 0.114] as const;

function fillGrey(target: TensorValues, data: Uint8Array, plan: LetterboxPlan, { gain, bias }: ChannelPlan): void {
  const { input, content } = plan;
  const { left, top, width, height } = visibleContent(plan);
  for (let row = top; row < top + height; row += 1) {
    for (let column = left; column < left + width; column += 1) {
      const from = (row * content.width + column) * 3;
      const luma =
        LUMA[0] * (data[from] as number) + LUMA[1] * (data[from + 1] as number) + LUMA[2] * (data[from + 2] as number);
      target[(content.y + row) * input.width + content.x + column] = luma * gain + bias;
    }
  }
}

function fillPadding(target: TensorValues, plan: LetterboxPlan, channel: ChannelPlan, value: number): void {
  const { width, height } = plan.input;
  const { content } = plan;
  const step = channel.planar ? 1 : 3;
  const start = channel.planar ? channel.channel * width * height : channel.channel;
  const fill = (row: number, fromColumn: number, toColumn: number): void => {
    const first = start + (row * width + fromColumn) * step;
    const last = start + (row * width + toColumn) * step;
    if (channel.planar) {
      target.fill(value, first, last);
    } else {
      for (let index = first; index < last; index += step) {
        target[index] = value;
      }
    }
  };
  for (let row = 0; row < height; row += 1) {
    if (row < content.y || row >= content.y + content.height) {
      fill(row, 0, width);
    } else {
      fill(row, 0, Math.max(content.x, 0));
      fill(row, Math.min(content.x + content.width, width), width);
    }
  }
}
