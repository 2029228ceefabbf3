import type { Random } from '#runtime';

/** Without those that look alike on a desk phone's display; 31 of them, close to five bits each. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const GROUPS = 4;
const GROUP_LENGTH = 4;

/** `abcd-efgh-jkmn-pqrs`: about 79 bits, to be typed once, perhaps on a keypad. */
export function makeDevicePassword(random: Random): string {
  const letter = (): string => LETTERS[Math.floor(random.fraction() * LETTERS.length)] as string;
  const group = (): string => Array.from({ length: GROUP_LENGTH }, letter).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}
