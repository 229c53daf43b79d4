import { random } from '../crypto/random.js';

/** Random hexadecimal digits of a name. The first two are the folder. */
const DIGITS = 40;
const NAME = new RegExp(`^[0-9a-f]{${DIGITS}}$`);

/** Makes the name of a new object. It tells nothing, and it comes once. */
export function objectName(): string {
  return random(DIGITS / 2).toString('hex');
}

export function isObjectName(text: string): boolean {
  return NAME.test(text);
}
