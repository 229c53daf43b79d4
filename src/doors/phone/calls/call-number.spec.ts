import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseAccessCode } from '../../../work/cases/folio.js';
import { newCallNumber, parseCallNumber } from './call-number.js';

it('a call number is understood in whatever form it is typed', () => {
  const separators = fc.constantFrom('-', ' ', '', '.', ' - ', '–');
  fc.assert(
    fc.property(separators, (separator) => {
      const number = newCallNumber();
      expect(parseCallNumber(` ${number.replaceAll('-', separator)} `)).toBe(number);
    }),
  );
});

it.each(['', '4821-0937-556', '4821-0937-55661', '4821-0937-556X', 'CNV-2026-7K3M-Q9TZ-4', '1'.repeat(500)])(
  '"%s" is none',
  (typed) => expect(parseCallNumber(typed)).toBeNull(),
);

it('no call number is an access code, and no access code a call number', () => {
  expect(parseAccessCode(newCallNumber())).toBeNull();
  expect(parseCallNumber('4821-0937-5566-1204')).toBeNull();
});
