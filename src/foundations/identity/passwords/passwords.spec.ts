import { parseOptions } from '@node-rs/argon2';
import { describe, expect, it } from '@jest/globals';
import { hashPassword, inTurn, NOBODY, verifyPassword } from './passwords.js';

const PASSWORD = 'una frase que solo yo conozco';

describe('passwords', () => {
  it('are stored as salted argon2id and found again', async () => {
    const [one, other] = await Promise.all([hashPassword(PASSWORD), hashPassword(PASSWORD)]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
    expect(await verifyPassword(one, PASSWORD)).toBe(true);
    expect(await verifyPassword(one, `${PASSWORD}.`)).toBe(false);
  });

  it('match however the keyboard composes an accent', async () => {
    const stored = await hashPassword('canción de sábado'.normalize('NFD'));
    expect(await verifyPassword(stored, 'canción de sábado'.normalize('NFC'))).toBe(true);
  });

  it('are checked at the same cost for an account that does not exist', async () => {
    const stored = await hashPassword(PASSWORD);
    expect(parseOptions(NOBODY)).toEqual(parseOptions(stored));
    expect(await verifyPassword(null, PASSWORD)).toBe(false);
  });

  it('are checked one at a time, and a failed check gives its place back', async () => {
    let now = 0;
    let most = 0;
    const work = Array.from({ length: 20 }, (_, index) =>
      inTurn('staff', async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
        if (index % 3 === 0) throw new Error('refused');
      }),
    );
    await Promise.allSettled(work);
    expect(most).toBe(1);
    expect(await inTurn('staff', () => Promise.resolve('free'))).toBe('free');
  });

  it('are refused with 503 when 250 of their line wait already; the other lines go on', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const waiting = Array.from({ length: 250 }, () => inTurn('reporters', () => gate));
    await expect(inTurn('reporters', () => gate)).rejects.toMatchObject({ code: 'UNAVAILABLE', status: 503 });
    expect(await inTurn('staff', () => Promise.resolve('free'))).toBe('free');
    open();
    await Promise.all(waiting);
  });
});
