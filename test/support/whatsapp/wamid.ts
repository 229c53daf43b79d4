import { Dice } from './dice.js';

/**
 * A message id in Meta's layout: the phone in clear, a direction mark and hexadecimal digits, in base64. So a
 * search for leaked numbers in tests is honest.
 */
export function wamid(phone: string, direction: 'in' | 'out' = 'in', dice = new Dice()): string {
  const [mark, digits] = direction === 'in' ? ([0x12, 20] as const) : ([0x11, 18] as const);
  const bytes = Buffer.concat([
    Buffer.from([0x1c, 0x18, phone.length]),
    Buffer.from(phone, 'ascii'),
    Buffer.from([0x15, 0x02, 0x00, mark, 0x18, digits]),
    Buffer.from(dice.hex(digits), 'ascii'),
    Buffer.from([0x00]),
  ]);
  return `wamid.${bytes.toString('base64')}`;
}
