import { expect, it } from '@jest/globals';
import { DomainError } from '../../../platform/errors.js';
import { noRoom, NotTaken, unavailable } from '../../../work/intake/collector.js';
import { inProgress } from '../../../work/intake/once-per-key.js';
import { storedNothing } from './stored-nothing.js';

const withCode = (code: string): Error => Object.assign(new Error('failed'), { code });

it.each([
  ['a refusal of intake', new DomainError('INVALID_REQUEST', 400)],
  ['a report that was not taken', new NotTaken()],
  ['a full disk', noRoom()],
  ['a statement that the server refused', withCode('42501')],
  ['a check at the commit that failed', withCode('23514')],
])('nothing is stored after %s', (_, error) => expect(storedNothing(error)).toBe(true));

it.each([
  ['the connection was lost', unavailable()],
  ['another request still files it', inProgress()],
  ['a connection broke', withCode('ECONNRESET')],
  ['a pipe broke', withCode('EPIPE')],
  ['the server is going down', withCode('57P01')],
  ['nobody knows how a statement ended', withCode('40003')],
  ['something unknown happened', new TypeError('x is not a function')],
])('it is not known whether it is stored when %s', (_, error) => expect(storedNothing(error)).toBe(false));
