import { Agent } from 'node:http';
import type pg from 'pg';
import { message, messagesWebhook } from '../test/support/whatsapp/envelope.js';
import type { Person } from '../test/support/whatsapp/people.js';
import { say } from '../test/support/whatsapp/say.js';
import { signed } from '../test/support/whatsapp/signing.js';
import type { WhatsAppStandin } from '../test/support/whatsapp/standin.js';
import { round, send, type Call } from './load.js';

/** Path of our webhook, and of the bare one that only verifies and stores. */
export const WEBHOOK = '/api/v1/channels/whatsapp/webhook';
export const BARE_WEBHOOK = '/webhooks';
/** Connections to the service. */
const AT_ONCE = 50;
/** Webhooks come in bursts of so many, so many milliseconds apart: 200 in a second. */
const BURST = 20;
const PAUSE = 100;
/** Every fifth webhook comes twice. */
const DUPLICATES = 5;

const SENDERS = 40;
const MESSAGES = 50;
const REPORTERS = 60;
/** Milliseconds until a part of the bench is given up. */
const PATIENCE = 120_000;

/** How long webhooks waited for their answer, in milliseconds. */
export interface Answers {
  webhooks: number;
  p50: number;
  p99: number;
  max: number;
  failures: number;
}

/** Variables with which a service talks to the stand-in. */
export function variablesOf(graph: WhatsAppStandin): NodeJS.ProcessEnv {
  return {
    WHATSAPP_APP_SECRET: graph.appSecret,
    WHATSAPP_VERIFY_TOKEN: 'bench-verify-token',
    WHATSAPP_ACCESS_TOKEN: graph.accessToken,
    WHATSAPP_PHONE_NUMBER_ID: graph.number.phoneNumberId,
    WHATSAPP_GRAPH_URL: graph.url,
  };
}

let people = 0;

function somebody(): Person {
  people += 1;
  const digits = `55${String(20_000_000 + people * 7919).padStart(8, '0')}`;
  return { phone: `521${digits}`, bsuid: `MX.${digits}918273645`, name: `Persona ${people}` };
}

/** A webhook in which a person writes something, ready to be sent. */
function written(graph: WhatsAppStandin, person: Person, text: string, path = WEBHOOK): Call {
  graph.heard(person);
  const body = messagesWebhook(graph.number, person, [message(person, say.text(text))]);
  const { rawBody, headers } = signed(body, graph.appSecret);
  return { method: 'POST', path, body: rawBody.toString('ascii'), headers };
}

/** Sends signed webhooks of many people in bursts, some of them twice. Nobody waits for an answer. */
export async function burst(
  graph: WhatsAppStandin,
  port: number,
  path: string,
  count: number,
): Promise<Answers> {
  const writers = Array.from({ length: 500 }, somebody);
  const calls = Array.from({ length: count }, (_none, at) =>
    written(graph, writers[at % writers.length]!, `gracias, ya quedó el número ${at}`, path),
  );
  const queue = calls.flatMap((call, at) => (at % DUPLICATES === 0 ? [call, call] : [call])).slice(0, count);
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const took: number[] = [];
  let failures = 0;
  const one = async (call: Call): Promise<void> => {
    const began = performance.now();
    const { status } = await send(agent, port, call).catch(() => ({ status: 0 }));
    if (status === 200) took.push(performance.now() - began);
    else failures += 1;
  };
  const under: Promise<void>[] = [];
  while (queue.length > 0) {
    for (const call of queue.splice(0, BURST)) under.push(one(call));
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  await Promise.all(under);
  agent.destroy();
  took.sort((one, other) => one - other);
  const at = (part: number): number => round(took[Math.floor((took.length - 1) * part)] ?? Number.NaN);
  return { webhooks: took.length, p50: at(0.5), p99: at(0.99), max: at(1), failures };
}

/**
 * Forty people send fifty messages each. Meanwhile strangers greet.
 * @returns seconds until each of them was answered
 */
export async function strangersBeside(graph: WhatsAppStandin, port: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const senders = Array.from({ length: SENDERS }, somebody);
  const flood = senders.map(async (person) => {
    for (let n = 0; n < MESSAGES; n++)
      await send(agent, port, written(graph, person, n === 0 ? 'denunciar' : `y además pasó lo número ${n}`));
  });
  const waited: number[] = [];
  for (let n = 0; n < 5; n++) {
    const stranger = somebody();
    const began = performance.now();
    await send(agent, port, written(graph, stranger, 'Hola'));
    await until(() => graph.sentTo(stranger).length > 0);
    waited.push(round((performance.now() - began) / 1000));
  }
  await Promise.all(flood);
  agent.destroy();
  return waited;
}

/** What came of reports that were sent at the same time, each webhook twice at once. */
export interface Filed {
  reports: number;
  folios: number;
  cases: number;
  seconds: number;
}

/** Sixty people report at the same time. Every webhook comes twice at once. */
export async function reportAll(graph: WhatsAppStandin, port: number, owner: pg.Client): Promise<Filed> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const before = await casesIn(owner);
  const began = performance.now();
  const reporters = Array.from({ length: REPORTERS }, somebody);
  await Promise.all(
    reporters.map(async (person, at) => {
      const account = `En la ventanilla ${at} me pidieron dinero para inscribirme.`;
      for (const text of ['denunciar', 'acepto', 'anónima', account, 'listo', 'resumen', 'enviar']) {
        const call = written(graph, person, text);
        await Promise.all([send(agent, port, call), send(agent, port, call)]);
      }
    }),
  );
  const folios = (): string[] =>
    reporters.flatMap((person) =>
      graph.sentTo(person).flatMap(({ text }) => /Folio: (\S+)/.exec(text)?.[1] ?? []),
    );
  await until(() => folios().length >= REPORTERS);
  const seconds = round((performance.now() - began) / 1000);
  agent.destroy();
  const cases = (await casesIn(owner)) - before;
  return { reports: REPORTERS, folios: new Set(folios()).size, cases, seconds };
}

async function casesIn(owner: pg.Client): Promise<number> {
  const { rows } = await owner.query<{ count: number }>(
    `select count(*)::int as count from cases where channel = 'whatsapp'`,
  );
  return rows[0]!.count;
}

async function until(isTrue: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error('what was waited for did not come');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
