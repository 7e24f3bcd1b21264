import type { Random } from './random.ts';

export interface PersonLook {
  /** In centimetres. */
  readonly height: number;
  readonly girth: number;
  readonly skin: string;
  readonly hair: string;
  readonly hairStyle: 'short' | 'long' | 'bun' | 'curly' | 'bald';
  readonly headgear: 'none' | 'hard-hat' | 'cap' | 'beanie';
  readonly headgearColour: string;
  readonly beard: 'none' | 'full' | 'moustache' | 'stubble';
  readonly glasses: boolean;
  readonly eyes: string;
  readonly mouth: 'smile' | 'flat' | 'open';
  readonly top: string;
  readonly shortSleeves: boolean;
  readonly vest: string | undefined;
  readonly trousers: string;
  readonly shoes: string;
}

export interface Dress {
  /** The chance of a high-visibility vest and of a hard hat. */
  readonly vest: number;
  readonly hardHat: number;
}

const SKIN = ['#f3cfb3', '#e8b894', '#d69d74', '#b97a4f', '#8f5a38', '#6b4128', '#f7dcc6', '#c98d62'] as const;
const HAIR = ['#241c17', '#3d2a1d', '#5e4029', '#6b4a26', '#4a4038', '#5f6062', '#1b1a1c', '#6a2f1a'] as const;
const TOPS = [
  '#2f5d8c',
  '#8c2f39',
  '#3f6b4a',
  '#51535b',
  '#c9cdd3',
  '#d8b24a',
  '#6a4c86',
  '#1f2b3d',
  '#b5653a',
  '#4d8fa6',
  '#e6e1d5',
  '#a8485f',
] as const;
const TROUSERS = ['#27364d', '#3a3d43', '#5d5344', '#1e2126', '#6f7680', '#3d5573', '#4b3f35'] as const;

export function choosePerson(random: Random, dress: Dress): PersonLook {
  const hat = random.chance(dress.hardHat);
  const hairStyle = random.pick<PersonLook['hairStyle']>(['short', 'short', 'long', 'bun', 'curly', 'bald']);
  return {
    height: random.range(160, 190),
    girth: random.range(0.88, 1.18),
    skin: random.pick(SKIN),
    hair: random.pick(HAIR),
    hairStyle,
    headgear: hat ? 'hard-hat' : random.pick(['none', 'none', 'none', 'cap', 'beanie']),
    headgearColour: hat
      ? random.pick(['#f4c20d', '#f2f2ee', '#2f74c0', '#e4572e', '#3b9a57'])
      : random.pick(['#7a2e2e', '#26354a', '#3c5b45', '#444444']),
    beard:
      hairStyle === 'long' || hairStyle === 'bun'
        ? 'none'
        : random.pick(['none', 'none', 'full', 'moustache', 'stubble']),
    glasses: random.chance(0.22),
    eyes: random.pick(['#3a2a1c', '#35506b', '#3a5230', '#2a1f18']),
    mouth: random.pick(['smile', 'flat', 'flat', 'open']),
    top: random.pick(TOPS),
    shortSleeves: random.chance(0.3),
    vest: random.chance(dress.vest) ? random.pick(['#d3f03a', '#ff7f1f', '#ff6a2b', '#c8ee2e']) : undefined,
    trousers: random.pick(TROUSERS),
    shoes: random.pick(['#1d1b1a', '#4a3423', '#e8e6e1', '#2b2f38']),
  };
}
