import { PLATE_LETTERS } from './glyphs.ts';
import type { Random } from './random.ts';

export type VehicleModel = 'car' | 'suv' | 'van' | 'truck';

export interface PlateLook {
  readonly text: string;
  readonly ground: string;
  readonly ink: string;
  readonly edge: string;
  readonly band: string | undefined;
}

export interface VehicleLook {
  readonly model: VehicleModel;
  readonly paint: string;
  /** A lorry's box and a van's side may carry a stripe. */
  readonly stripe: string;
  readonly lightsOn: boolean;
  readonly plate: PlateLook;
}

const PAINTS = [
  '#b3262e',
  '#1f4f8f',
  '#e8e9ea',
  '#2c2f33',
  '#8f969c',
  '#2f6b4f',
  '#d9a21b',
  '#5c3a6e',
  '#c7c2b4',
  '#3d7ea6',
  '#7d1f2a',
  '#f4f4f2',
] as const;

export function chooseVehicle(random: Random, model: VehicleModel): VehicleLook {
  return {
    model,
    paint: random.pick(model === 'truck' ? ['#e8e9ea', '#1f4f8f', '#b3262e', '#d9a21b', '#2f6b4f', '#c9ccd0'] : PAINTS),
    stripe: random.pick(['#2f74c0', '#c0392b', '#2e8b57', '#e08e0b', '#555b66']),
    lightsOn: random.chance(0.3),
    plate: choosePlate(random),
  };
}

function choosePlate(random: Random): PlateLook {
  const letters = (count: number): string =>
    Array.from({ length: count }, () => PLATE_LETTERS[random.int(0, PLATE_LETTERS.length - 1)]).join('');
  const digits = (count: number): string => Array.from({ length: count }, () => String(random.int(0, 9))).join('');
  const style = random.pick(['white', 'white', 'yellow', 'blue-band', 'blue-band', 'dark']);
  return {
    text: random.pick([
      `${letters(2)} ${digits(3)} ${letters(2)}`,
      `${letters(1)} ${letters(2)} ${digits(4)}`,
      `${digits(4)} ${letters(3)}`,
      `${letters(3)} ${digits(3)}`,
    ]),
    ground: style === 'yellow' ? '#f2c531' : style === 'dark' ? '#23303d' : '#f7f7f3',
    ink: style === 'dark' ? '#f4f4ef' : '#15171a',
    edge: style === 'dark' ? '#dcdcd4' : '#2a2c2f',
    band: style === 'blue-band' ? '#1c4fa0' : undefined,
  };
}
