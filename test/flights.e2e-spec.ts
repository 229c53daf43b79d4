import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Harness } from './setup/harness.js';
import { Flights } from './support/flights.js';

/**
 * What an act costs is told by its round trips to the database: each wakes two processes. One finds the
 * session; one locks the case and reads what hangs on it; one writes everything and commits. Whoever adds one
 * here says why.
 */
let h: Harness;
let flights: Flights;
beforeAll(async () => {
  h = await Harness.start();
  flights = new Flights(h.database.pools);
});
afterAll(() => h.stop());

const DESK = 'mesa@conavi.demo';
const INVESTIGATOR = 'investigador@conavi.demo';
const TEXT = 'Medición de viajes.';

async function act(email: string, method: string, path: string, body?: object): Promise<number> {
  // The first of each kind prepares its statements and reads the catalogues.
  let status = 0;
  const trips = await flights.of(async () => {
    ({ status } = await h.as(email, method, path, body));
  });
  expect([path, status < 300]).toEqual([path, true]);
  return trips;
}

async function life(): Promise<Record<string, number>> {
  const { folio } = await h.file();
  const at = `/cases/${folio}`;
  return {
    triage: await act(DESK, 'POST', `${at}/triage`, { area: 'OIC', category: 'BRIBERY', reason: TEXT }),
    assignment: await act(DESK, 'POST', `${at}/assignment`, { assignee: INVESTIGATOR }),
    investigation: await act(INVESTIGATOR, 'POST', `${at}/investigation`, {}),
    message: await act(INVESTIGATOR, 'POST', `${at}/messages`, { text: TEXT }),
    note: await act(INVESTIGATOR, 'POST', `${at}/notes`, { text: TEXT }),
    question: await act(INVESTIGATOR, 'POST', `${at}/information-requests`, {
      question: TEXT,
      businessDays: 3,
    }),
    detail: await act(DESK, 'GET', at),
    deadlines: await act(DESK, 'GET', `${at}/deadlines`),
  };
}

describe('round trips to the database', () => {
  it('of an act are three: its session, what it reads, what it writes', async () => {
    await life();
    expect(await life()).toEqual({
      triage: 3,
      // And one: whom the address names.
      assignment: 4,
      // And two: the next file number, and the case that takes it.
      investigation: 5,
      message: 3,
      note: 3,
      question: 3,
      // And one: what hangs on the case needs its keys.
      detail: 4,
      deadlines: 4,
    });
  });

  it('of a report are two: what it needs, and its rows with the commit', async () => {
    await h.file();
    expect(await flights.of(() => h.file())).toBe(2);
  });
});
