import { describe, expect, it } from '@jest/globals';
import { DomainError } from '../../../platform/errors.js';
import { invalidField, InvalidRequest } from '../../../platform/http/validation.js';
import { caseErrors } from '../../../work/cases/errors.js';
import { evidenceErrors } from '../../../work/evidence/errors.js';
import { tooManyExchanges, tooManyTries, trackingDenied } from '../../tracking/errors.js';
import { ivrErrors } from '../errors.js';
import { sayRefusal } from './refusals.js';

const OTHERWISE = ['En este momento no se puede. Llame otra vez en unos minutos.'];

describe('what a caller hears of a refusal', () => {
  it.each([
    trackingDenied(),
    tooManyTries(300),
    tooManyExchanges(3600),
    ivrErrors.sessionOver(),
    ivrErrors.folioForm(),
    ivrErrors.codeForm(),
    ivrErrors.language(),
    ivrErrors.mode(),
    ivrErrors.phoneOfAnonymous(),
    caseErrors.reportClosed(null),
    evidenceErrors.empty(),
    evidenceErrors.tooLarge(),
    evidenceErrors.noRecording(),
    evidenceErrors.executable(),
    evidenceErrors.caseFull({ files: 0, bytes: 0 }),
  ])('says what to do next, in both languages: %s', (refusal: DomainError) => {
    for (const language of ['es', 'en'] as const) {
      const said = sayRefusal(refusal, language);
      expect(said).not.toEqual(OTHERWISE);
      for (const sentence of said) expect(sentence).toMatch(/^[^\d<>&*#_]+\.$/);
    }
  });

  it('of what only the program can mend does not ask the caller to mend it', () => {
    const ofProgram = [
      ivrErrors.keyMissing(),
      ivrErrors.callerRefused(),
      new DomainError('UNAVAILABLE', 503),
      invalidField('constructor', 'UNKNOWN_FIELD', '', ''),
      new InvalidRequest([]),
    ];
    for (const refusal of ofProgram) expect(sayRefusal(refusal, 'es')).toEqual(OTHERWISE);
  });

  it('of two things that are wrong says both', () => {
    const both = new InvalidRequest([...ivrErrors.folioForm().errors, ...ivrErrors.codeForm().errors]);
    expect(sayRefusal(both, 'en')).toHaveLength(2);
  });
});
