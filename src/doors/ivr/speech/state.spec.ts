import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { STATUS_LABELS } from '../../../foundations/catalogs/labels.js';
import { METRICS } from '../../../foundations/sla/deadline.js';
import { OUTCOMES } from '../../../work/cases/lifecycle.js';
import type { ReporterCase } from '../../../work/cases/views.js';
import { newMessages, nextDeadline, openQuestion, sayState } from './state.js';

const TODAY = '2026-11-20';
const days = fc
  .date({ min: new Date('2026-01-01'), max: new Date('2029-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const later = days.filter((day) => day >= TODAY);
const text = fc.constantFrom('Recibimos su denuncia.', '¿Qué día ocurrió?', 'Gracias.');
const EMPTY = { received: 0, waiting: 0, sealed: 0, limits: { fileBytes: 1, filesLeft: 1, bytesLeft: 1 } };

const cases: fc.Arbitrary<ReporterCase> = fc
  .record({
    folio: fc.constant('CNV-2026-7K3M-Q9TZ-4'),
    folioDigits: fc.constant('2884-8343-9839-674'),
    status: fc.constantFrom(...Object.keys(STATUS_LABELS)),
    receivedOn: days,
    area: fc.constant({
      code: 'OIC',
      label: { es: 'Órgano Interno de Control', en: 'Internal control body' },
    }),
    deadlines: fc.array(
      fc.record({
        metric: fc.constantFrom(...METRICS),
        dueOn: days,
        source: fc.constant('propuesta'),
        met: fc.constantFrom(true, false, null),
      }),
      { maxLength: 4 },
    ),
    timeline: fc.constant([]),
    messages: fc.array(
      fc.record({
        from: fc.constantFrom('staff', 'reporter'),
        text,
        day: days,
        byPhone: fc.boolean(),
      }),
      { maxLength: 30 },
    ),
    informationRequests: fc.array(
      fc.record({
        id: fc.uuid(),
        question: text,
        answer: fc.constant(null),
        answeredByPhone: fc.boolean(),
        answeredByVoiceMenu: fc.boolean(),
        // Background work ends a question some time behind its day.
        dueOn: days,
        state: fc.constantFrom('open', 'answered', 'expired', 'withdrawn'),
      }),
      { maxLength: 3 },
    ),
    evidence: fc.constant(EMPTY),
    awaitsVoice: fc.boolean(),
    outcome: fc.option(fc.record({ outcome: fc.constantFrom(...OUTCOMES), text, day: days }), {
      nil: undefined,
    }),
    writing: fc.record({
      allowed: fc.boolean(),
      until: fc.option(later, { nil: null }),
      text: fc.constant({ es: '', en: '' }),
    }),
  })
  // What staff wrote behind the last message of the reporter.
  .map((own) => ({
    ...own,
    newMessages: own.messages.length - 1 - own.messages.findLastIndex(({ from }) => from === 'reporter'),
  })) as unknown as fc.Arbitrary<ReporterCase>;

describe('how a report is doing, for a voice', () => {
  it('is sentences without a digit or a sign, whatever its state', () => {
    fc.assert(
      fc.property(
        cases,
        fc.constantFrom('es' as const, 'en' as const),
        fc.constantFrom('new' as const, 'all' as const),
        (own, language, messages) => {
          const said = sayState(own, { language, today: TODAY, messages });
          expect(said.length).toBeGreaterThan(2);
          for (const sentence of said) expect(sentence).toMatch(/^[^\d<>&*#_{}]+[.?]$/);
          expect(said.join(' ')).not.toMatch(/undefined|null|NaN/);
        },
      ),
    );
  });

  it('tells the deadline that runs and ends first, and no past one as if it came', () => {
    fc.assert(
      fc.property(cases, (own) => {
        const next = nextDeadline(own, TODAY);
        const running = own.deadlines.filter(({ met, dueOn }) => met === null && dueOn >= TODAY);
        if (next === null) expect(running).toEqual([]);
        else {
          expect(running).toContain(next);
          for (const { dueOn } of running) expect(dueOn >= next.dueOn).toBe(true);
        }
      }),
    );
  });

  it('reads as new what staff wrote since the reporter last wrote', () => {
    fc.assert(
      fc.property(cases, (own) => {
        const fresh = newMessages(own);
        expect(own.messages.slice(own.messages.length - fresh.length)).toEqual(fresh);
        expect(fresh.every(({ from }) => from === 'staff')).toBe(true);
        expect(fresh).toHaveLength(own.newMessages);
      }),
    );
  });

  it('asks a question only while it is open', () => {
    fc.assert(
      fc.property(cases, (own) => {
        expect(openQuestion(own)?.state ?? 'none').toBe(
          own.informationRequests.some(({ state }) => state === 'open') ? 'open' : 'none',
        );
      }),
    );
  });
});
