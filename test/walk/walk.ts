import { removeEmbeddedServer } from '@denuncia-abierta/embedded-postgres';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import sharp from 'sharp';
import { readArguments } from '../../src/app/commands/arguments.js';
import { businessDaysBetween } from '../../src/foundations/catalogs/business-calendar.js';
import { run } from '../../src/platform/run.js';
import { WhatsAppStandin } from '../support/whatsapp/standin.js';
import { removeFolder } from '../support/remove-folder.js';
import type { Person } from '../support/whatsapp/people.js';
import { say } from '../support/whatsapp/say.js';

const COMMAND = {
  usage: 'npm run demo:walk',
  does: 'Starts a server that it throws away, and goes through the whole job over plain HTTP.',
  example: 'npm run demo:walk',
  variables: 'No .env is read.',
};

/**
 * The main job on real input, step by step over plain HTTP: `npm run demo:walk`. Starts a throw-away server
 * with its own data folder and a stand-in of WhatsApp's Graph API, files reports on all three channels, works
 * them, and starts a second server whose clock stands past the month to see them published. Nothing outside
 * 127.0.0.1 is touched.
 */
await run(async () => void readArguments(COMMAND, {}));
const PASSWORD = 'recorrido de demostración';
const KEY = 'walk-key-0000000000000000';
const root = resolve(import.meta.dirname, '../../..');
const dataDir = mkdtempSync(join(tmpdir(), 'denuncia-walk-'));
const graph = await WhatsAppStandin.start();
const started: ChildProcess[] = [];
let base = '';
let step = 0;

type Json = Record<string, unknown>;
interface Answer {
  status: number;
  body: Json;
}

try {
  await walk();
  console.log('\nThe walk ended as it should.');
} catch (error) {
  console.error(`\nThe walk broke: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  for (const child of started) await stop(child);
  await graph.stop();
  await removeEmbeddedServer(dataDir).catch(() => false);
  removeFolder(dataDir);
}

async function walk(): Promise<void> {
  title('A server on a fresh data folder');
  const first = await serve({});

  title('Reports by web, phone and WhatsApp');
  const web = await expectCall(201, 'POST', '/reports', {
    key: `${KEY}-cnv-web`,
    headers: { 'Idempotency-Key': randomUUID() },
    body: {
      mode: 'anonymous',
      category: 'FRAUD',
      municipality: '15002',
      narrative: 'En la ventanilla tres me pidieron dinero para inscribirme en el programa.',
    },
  });
  const operator = await signIn('operador@conavi.demo');
  const startedAt = businessDaysAgo(20);
  const phone = await expectCall(201, 'POST', '/reports', {
    token: operator,
    body: {
      mode: 'identified',
      narrative: 'Llamó para decir que la obra entregada tiene grietas en todos los muros.',
      category: 'WORKS_QUALITY',
      reporter: { name: 'Persona de prueba', phone: '55 5555 0100' },
      privacyNotice: { version: '2026-1', accepted: true },
      call: { startedAt, reason: 'La caseta estuvo sin sistema.' },
    },
  });
  const whatsapp = await reportByWhatsApp({
    phone: '5215555550123',
    bsuid: 'MX.90000000000000000001',
    name: 'Persona de prueba',
  });

  title('The desk triages; its list shows the call of 20 business days ago first, already breached');
  const desk = await signIn('mesa@conavi.demo');
  const list = await until('the breach', async () => {
    const page = await expectCall(200, 'GET', '/cases?sla=breached&receivedFrom=' + day(startedAt, -1), {
      token: desk,
      quiet: true,
    });
    return (page.items as Json[]).some((item) => item.folio === phone.folio) ? page : undefined;
  });
  print('GET', '/cases?sla=breached', 200, { items: (list.items as Json[]).slice(0, 2) });
  const photos = await until('the photos from WhatsApp', async () => {
    const path = `/cases/${whatsapp.folio}/evidence`;
    const files = await expectCall(200, 'GET', path, { token: desk, quiet: true });
    return (files as unknown as Json[]).length === 2 ? files : undefined;
  });
  print('GET', `/cases/${whatsapp.folio}/evidence`, 200, photos);
  for (const folio of [web.folio, whatsapp.folio]) {
    await expectCall(200, 'POST', `/cases/${String(folio)}/triage`, {
      token: desk,
      body: {
        area: 'OIC',
        category: 'FRAUD',
        priority: 'high',
        reason: 'Confirmado: piden dinero por un apoyo gratuito.',
      },
    });
  }

  title('The investigator works the web report; the anonymous reporter answers');
  const head = await signIn('titular@conavi.demo');
  const investigator = await signIn('investigador@conavi.demo');
  const path = `/cases/${String(web.folio)}`;
  await expectCall(200, 'POST', `${path}/assignment`, {
    token: head,
    body: { assignee: 'investigador@conavi.demo' },
  });
  await expectCall(200, 'POST', `${path}/investigation`, { token: investigator, body: {} });
  await expectCall(201, 'POST', `${path}/messages`, {
    token: investigator,
    body: { text: 'Recibimos tu denuncia y ya la investigamos.' },
  });
  await expectCall(201, 'POST', `${path}/notes`, {
    token: investigator,
    body: { text: 'Pedir los videos de la ventanilla.' },
  });
  const asked = await expectCall(201, 'POST', `${path}/information-requests`, {
    token: investigator,
    body: { question: '¿Qué día y a qué hora ocurrió?', businessDays: 5 },
  });
  const tracking = await expectCall(201, 'POST', '/tracking/sessions', {
    body: { folio: web.folio, accessCode: web.accessCode },
  });
  await expectCall(204, 'POST', `/tracking/information-requests/${String(asked.id)}/answer`, {
    token: String(tracking.token),
    body: { text: 'El lunes, como a las diez de la mañana.' },
  });
  await expectCall(200, 'POST', `${path}/closure`, {
    token: investigator,
    body: {
      outcome: 'measures_taken',
      grounds: 'Los videos lo acreditan.',
      publicText: 'Comprobamos los hechos y se tomaron medidas. Gracias.',
    },
  });
  const own = await expectCall(200, 'GET', '/tracking/case', { token: String(tracking.token), quiet: true });
  print('GET', '/tracking/case', 200, {
    status: own.status,
    messages: own.messages,
    informationRequests: own.informationRequests,
    outcome: own.outcome,
  });

  title('A photo with a place goes in; what the investigator opens has none');
  await evidence(String(tracking.token), path, { investigator, head });

  title('WhatsApp: the code that came by message opens the case');
  const other = await expectCall(201, 'POST', '/tracking/sessions', {
    body: { folio: whatsapp.folio, accessCode: whatsapp.accessCode },
  });
  const theirs = await expectCall(200, 'GET', '/tracking/case', { token: String(other.token), quiet: true });
  print('GET', '/tracking/case', 200, {
    status: theirs.status,
    area: theirs.area,
    timeline: theirs.timeline,
  });

  title('Another area, another institution: the folio does not exist for them');
  await expectCall(404, 'GET', path, { token: await signIn('investigador2@conavi.demo') });
  await expectCall(404, 'GET', path, { token: await signIn('investigador@acolman.demo') });

  title('Audit trail');
  const trail = await expectCall(200, 'GET', `${path}/audit?limit=100`, { token: head, quiet: true });
  print('GET', `${path}/audit`, 200, { events: (trail.items as Json[]).map((item) => item.event) });
  const today = new Date().toISOString().slice(0, 10);

  title('The public sees them only in the release of the month: a second server, its clock past the month');
  await stop(first);
  const month = today.slice(0, 7);
  await serve({ CLOCK_START: pastMonth(today) });
  const released = await until('the release', async () => {
    const answer = await expectCall(200, 'GET', '/public/stats/releases?institution=CONAVI-DEMO', {
      quiet: true,
    });
    return JSON.stringify(answer).includes(`"${month}"`) ? answer : undefined;
  });
  print('GET', '/public/stats/releases?institution=CONAVI-DEMO', 200, released);
  await expectCall(
    200,
    'GET',
    `/public/stats/reports?institution=CONAVI-DEMO&from=${month}&to=${month}&by=period`,
    {},
  );

  title('Exact figures for staff, which end yesterday');
  const figures = await expectCall(
    200,
    'GET',
    `/stats/cases?from=${day(startedAt, -1)}&to=${day(today, 1)}&by=channel`,
    { token: await signIn('auditor@conavi.demo') },
  );
  if (Number(figures.total) < 3) throw new Error('the figures of staff lack the reports of the day before');
}

/** A first conversation over signed webhooks, tapping what the bot offers, until folio and code arrive. */
async function reportByWhatsApp(person: Person): Promise<{ folio: string; accessCode: string }> {
  const url = `${base}/api/v1/channels/whatsapp/webhook`;
  const turn = async (...parts: Json[]): Promise<void> => {
    const before = graph.sent.length;
    const { status } = await graph.say(url, person, ...parts);
    for (const part of parts)
      console.log(`  ${person.phone} → ${shorten(JSON.stringify(part), 110)}  (webhook ${status})`);
    await graph.waitForSent(before + 1, 20_000);
    for (const sent of graph.sent.slice(before))
      console.log(
        `  bot → ${shorten(sent.text.replaceAll('\n', ' '), 150)} ${sent.options.map(({ title: t }) => `[${t}]`).join(' ')}`,
      );
  };
  const tap = (title: RegExp): Json => {
    const option = [...graph.sent]
      .reverse()
      .flatMap(({ options }) => options)
      .find((candidate) => title.test(candidate.title));
    if (!option) throw new Error(`the bot did not offer ${String(title)}`);
    return say.tap(option.id, option.title);
  };
  await turn(say.text('Hola'));
  await turn(tap(/denuncia/i));
  await turn(tap(/^acepto/i));
  await turn(tap(/an[oó]nima/i));
  // Whoever tells is not answered at once: they may go on.
  await graph.say(url, person, say.text('En la ventanilla tres me pidieron dinero para darme el apoyo.'));
  await graph.say(url, person, ...say.album(2));
  await turn(tap(/listo/i));
  await turn(tap(/resumen/i));
  await turn(tap(/enviar/i));
  const text = await until('folio and code by WhatsApp', async () => {
    const last = graph.sent.map((sent) => sent.text).join('\n');
    return /[A-Z]{2,6}-\d{4}-\w{4}-\w{4}-\w/.test(last) && /\d{4}[- ]\d{4}[- ]\d{4}[- ]\d{4}/.test(last)
      ? last
      : undefined;
  });
  const folio = /[A-Z]{2,6}-\d{4}-\w{4}-\w{4}-\w/.exec(text)![0];
  const accessCode = /\d{4}[- ]\d{4}[- ]\d{4}[- ]\d{4}/.exec(text)![0];
  console.log(`  → folio ${folio}, code ${accessCode}`);
  return { folio, accessCode };
}

async function serve(extra: Record<string, string>): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(root, 'scripts/run.mjs'), 'main'], {
    cwd: root,
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      PORT: '0',
      DEMO_PASSWORD: PASSWORD,
      DEMO_CHANNEL_KEY: KEY,
      LOG_LEVEL: 'error',
      WHATSAPP_APP_SECRET: graph.appSecret,
      WHATSAPP_VERIFY_TOKEN: 'walk-verify-token',
      WHATSAPP_ACCESS_TOKEN: graph.accessToken,
      WHATSAPP_PHONE_NUMBER_ID: graph.number.phoneNumberId,
      WHATSAPP_GRAPH_URL: graph.url,
      ...extra,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  const problems: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => problems.push(line));
  base = await new Promise<string>((resolveUrl, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${problems.join(' ')}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const url = /Denuncia Abierta\s+(http:\S+)/.exec(line)?.[1];
      if (url) resolveUrl(url);
    });
  });
  console.log(`  ${base}${extra.CLOCK_START ? ` at ${extra.CLOCK_START}` : ''}`);
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolveExit) => child.once('exit', resolveExit));
  child.kill('SIGTERM');
  await ended;
}

/** The reporter sends a photo; the investigator opens its safe copy; the head prints its custody. */
async function evidence(
  reporter: string,
  path: string,
  { investigator, head }: { investigator: string; head: string },
): Promise<void> {
  const place = 'Artist: canary of the walk';
  const photo = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#7a5' } })
    .withExif({ IFD0: { Artist: place }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '19/1 38/1 35/1' } })
    .jpeg()
    .toBuffer();
  const form = new FormData();
  form.set('caption', 'La ventanilla, ese día.');
  form.set('file', new Blob([new Uint8Array(photo)]), 'ventanilla.jpg');
  const sent = await fetch(`${base}/api/v1/tracking/evidence`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${reporter}` },
    body: form,
  });
  const receipt = (await sent.json()) as Json;
  print('POST', '/tracking/evidence', sent.status, receipt);
  const file = `${path}/evidence/${String(receipt.id)}`;
  await until('the safe copy', async () => {
    const { body } = await send('GET', path, { token: investigator });
    return (body.evidence as Json[])[0]?.state === 'ready' ? body : undefined;
  });
  const opened = await fetch(`${base}/api/v1${file}`, {
    headers: { Authorization: `Bearer ${investigator}` },
  });
  const copy = Buffer.from(await opened.arrayBuffer());
  const { exif, format, width } = await sharp(copy).metadata();
  print('GET', file, opened.status, { bytes: copy.length, format, width, metadata: exif ? 'some' : 'none' });
  if (!photo.includes(place) || copy.includes(place) || exif) throw new Error('the copy tells something');
  const custody = await expectCall(200, 'GET', `${file}/custody`, { token: head, quiet: true });
  const { original, derivative, entries } = custody as { original: Json; derivative: Json; entries: Json[] };
  print('GET', `${file}/custody`, 200, {
    original: original.stored,
    copy: derivative.stored,
    entries: entries.map(({ summary }) => summary),
  });
}

async function signIn(email: string): Promise<string> {
  const body = await expectCall(201, 'POST', '/auth/sessions', {
    body: { email, password: PASSWORD },
    quiet: true,
  });
  return String(body.accessToken);
}

interface Options {
  token?: string;
  key?: string;
  body?: Json;
  headers?: Record<string, string>;
  quiet?: boolean;
}

async function expectCall(status: number, method: string, path: string, options: Options): Promise<Json> {
  const answer = await send(method, path, options);
  if (!options.quiet) print(method, path, answer.status, answer.body);
  if (answer.status !== status)
    throw new Error(
      `${method} ${path} answered ${answer.status} instead of ${status}: ${JSON.stringify(answer.body)}`,
    );
  return answer.body;
}

async function send(method: string, path: string, { token, key, body, headers }: Options): Promise<Answer> {
  const response = await fetch(`${base}/api/v1${path}`, {
    method,
    headers: {
      ...(body ? { 'Content-Type': 'application/json' } : {}),
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...(key ? { 'X-Api-Key': key } : {}),
      ...headers,
    },
    body: body ? JSON.stringify(body) : undefined,
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Json) };
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let n = 0; n < 200; n++) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolveWait) => setTimeout(resolveWait, 200));
  }
  throw new Error(`${what} did not come`);
}

function title(text: string): void {
  console.log(`\n${++step}. ${text}`);
}

function print(method: string, path: string, status: number, body: Json): void {
  console.log(`  ${method} ${path} → ${status} ${shorten(JSON.stringify(body), 320)}`);
}

function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

function day(instant: string, offset: number): string {
  return new Date(Date.parse(instant) + offset * 24 * 3600_000).toISOString().slice(0, 10);
}

/** An instant so many business days back (LFPA 28), at most the 30 days in which a call may be registered. */
function businessDaysAgo(count: number): string {
  const calendar = { rule: 'LFPA28' as const, closures: new Set<string>() };
  const today = new Date().toISOString().slice(0, 10);
  let back = 1;
  while (back < 29 && businessDaysBetween(calendar, day(today, -back), today) < count) back += 1;
  return new Date(Date.now() - back * 24 * 3600_000).toISOString();
}

/** Noon of the 6th of the month after `today`. */
function pastMonth(today: string): string {
  const [year, month] = today.split('-').map(Number);
  return new Date(Date.UTC(year!, month!, 6, 18)).toISOString();
}
