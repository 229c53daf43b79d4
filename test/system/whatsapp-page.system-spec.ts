import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { Part } from '../support/whatsapp/envelope.js';
import type { Json } from '../support/whatsapp/http.js';
import { interactive, Stage, TEMPLATE, text } from '../support/whatsapp/stage.js';

/** Milliseconds for one step on a machine that is busy. */
const PATIENCE = 60_000;
const AXE = readFileSync(resolve('node_modules/axe-core/axe.min.js'), 'utf8');
const MEDIA = resolve('test/fixtures/whatsapp/media');

interface Finding {
  id: string;
  impact: string;
  nodes: { html: string }[];
}

const stage = new Stage();
let browser: Browser;
let page: Page;
let complaints: string[];
beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
  });
});
afterAll(() => browser.close());
beforeEach(async () => {
  await stage.open();
  stage.graph.number.callback = stage.receiver.url;
  [page, complaints] = await tab();
});
afterEach(async () => {
  expect(complaints).toEqual([]);
  for (const context of browser.contexts()) await context.close();
  await stage.close();
});

async function tab(width = 900): Promise<[Page, string[]]> {
  const context = await browser.newContext({ locale: 'es-MX', viewport: { width, height: 700 } });
  const opened = await context.newPage();
  opened.setDefaultTimeout(PATIENCE);
  const heard: string[] = [];
  opened.on('pageerror', (error) => heard.push(error.message));
  opened.on('console', (message) => {
    if (message.type() === 'error') heard.push(message.text());
  });
  opened.on('request', (request) => {
    if (!request.url().startsWith(stage.graph.url) && !request.url().startsWith('blob:'))
      heard.push(`asked ${request.url()}`);
  });
  await opened.goto(`${stage.graph.url}/`);
  await opened.locator('#presence', { hasText: 'Aún no le has escrito' }).waitFor();
  return [opened, heard];
}

/** What the page sent, as the institution gets it. */
async function arrived(count: number): Promise<Part[]> {
  const end = performance.now() + PATIENCE;
  while (stage.receiver.messages.length < count) {
    if (performance.now() > end) throw new Error(`${stage.receiver.messages.length} of ${count} came`);
    await new Promise((next) => setTimeout(next, 50));
  }
  return stage.receiver.messages;
}

/** The institution writes to the person of the page. */
async function write(more: Json): Promise<void> {
  const { person } = stage.graph.people.list.at(-1)!;
  const { status, body } = await stage.send({ ...more, to: `+${person.phone}` });
  expect([status, body.error]).toEqual([200, undefined]);
}

async function type(words: string): Promise<void> {
  await page.getByLabel('Mensaje', { exact: true }).fill(words);
  await page.keyboard.press('Enter');
}

const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).last().click();
const bubble = (words: string) => page.locator('.bubble', { hasText: words });

describe('the page of the demo', () => {
  it('writes, quotes, edits, deletes and reacts', async () => {
    await type('Hola');
    const [first] = await arrived(1);
    await write(text('¿Qué *necesitas*? https://example.gob.mx/aviso.'));
    await bubble('necesitas').waitFor();
    expect(await bubble('necesitas').locator('strong').innerText()).toBe('necesitas');
    expect(await bubble('necesitas').locator('a').getAttribute('href')).toBe('https://example.gob.mx/aviso');
    await press('Responder');
    await type('Una denuncia');
    const [, quoting] = await arrived(2);
    expect(quoting!.context).toEqual({ id: stage.graph.sent[0]!.id });
    await page.getByRole('button', { name: 'Editar', exact: true }).first().click();
    await page.locator('#form-text').fill('Buenas tardes');
    await page.locator('#form-done').click();
    const [, , edit] = await arrived(3);
    expect(edit).toMatchObject({
      type: 'edit',
      edit: { original_message_id: first!.id, message: { text: { body: 'Buenas tardes' } } },
    });
    await bubble('Buenas tardes').getByText('Editado').waitFor();
    await page.getByRole('button', { name: 'Eliminar', exact: true }).first().click();
    await bubble('Eliminaste este mensaje').waitFor();
    await press('Reaccionar con 👍');
    const last = (await arrived(5)).slice(3);
    expect(last).toMatchObject([
      { type: 'revoke', revoke: { original_message_id: first!.id } },
      { type: 'reaction', reaction: { message_id: stage.graph.sent[0]!.id, emoji: '👍' } },
    ]);
  });

  it('shows every kind of message, and answers those that ask for something', async () => {
    await type('Hola');
    await arrived(1);
    const reply = (id: string, title: string): Json => ({ type: 'reply', reply: { id, title } });
    await write(
      interactive({ type: 'button', action: { buttons: [reply('si', 'Acepto'), reply('no', 'No')] } }),
    );
    await press('Acepto');
    const rows = [{ id: 'r1', title: '1. Denunciar', description: 'Contar qué pasó' }];
    await write(interactive({ type: 'list', action: { button: 'Ver opciones', sections: [{ rows }] } }));
    await press('☰ Ver opciones');
    await page.locator('#choice-list button').click();
    await write(interactive({ type: 'location_request_message', action: { name: 'send_location' } }));
    await press('📍 Enviar ubicación');
    await page.locator('#place-preset').selectOption({ label: 'Macroplaza, Monterrey' });
    await page.locator('#send-place').click();
    await arrived(4);
    const parameters = { flow_message_version: '3', flow_id: '1', flow_cta: 'Llenar', flow_token: 't' };
    await write(interactive({ type: 'flow', action: { name: 'flow', parameters } }));
    await press('Llenar');
    await page.locator('#form-text').fill('{"flow_token":"t","hechos":"x"}');
    await page.locator('#form-done').click();
    await arrived(5);
    await write(interactive({ type: 'request_contact_info', action: { name: 'request_contact_info' } }));
    await press('Compartir mi número');
    const [, tap, pick, place, flow, contact] = await arrived(6);
    expect([tap, pick, place, flow, contact]).toMatchObject([
      { interactive: { button_reply: { id: 'si' } } },
      { interactive: { list_reply: { id: 'r1' } } },
      { location: { latitude: 25.669, name: 'Macroplaza, Monterrey' } },
      { interactive: { nfm_reply: { response_json: '{"flow_token":"t","hechos":"x"}' } } },
      { contacts: [{ origin: 'contact_request' }] },
    ]);
    const link = { display_text: 'Abrir', url: 'https://example.gob.mx/' };
    await write(interactive({ type: 'cta_url', action: { name: 'cta_url', parameters: link } }));
    await write(TEMPLATE);
    await write({ type: 'location', location: { latitude: 19.4, longitude: -99.1, name: 'Ventanilla 3' } });
    await bubble('actualizacion_folio').waitFor();
    await bubble('Ventanilla 3').waitFor();
    expect(await page.getByRole('link', { name: '↗ Abrir' }).getAttribute('href')).toBe(link.url);
    expect(await critical()).toEqual([]);
  });

  it('sends albums, documents and a voice note with their own bytes', async () => {
    const files = ['photo.jpg', 'film.mp4'].map((name) => `${MEDIA}/${name}`);
    await page.setInputFiles('#file-media', files);
    await page.locator('#file-caption').fill('El recibo');
    expect(await critical()).toEqual([]);
    await page.locator('#send-files').click();
    const album = await arrived(2);
    expect(album.map((one) => one.type).sort()).toEqual(['image', 'video']);
    expect(album.find((one) => one.type === 'image')).toMatchObject({ image: { caption: 'El recibo' } });
    expect(stage.receiver.arrivals).toHaveLength(2);
    await page.setInputFiles('#file-document', `${MEDIA}/document.pdf`);
    await page.locator('#send-files').click();
    const [, , document] = await arrived(3);
    expect(document).toMatchObject({
      document: { filename: 'document.pdf', mime_type: 'application/pdf' },
    });
    const { id } = document!.document as { id: string };
    const bytes = readFileSync(`${MEDIA}/document.pdf`);
    expect(stage.graph.media.find(id)!.file.content).toEqual(bytes);
    await press('Grabar nota de voz');
    await page.waitForTimeout(500);
    await press('Terminar y enviar la nota de voz');
    const [, , , voice] = await arrived(4);
    expect(voice).toMatchObject({ type: 'audio', audio: { voice: true } });
    await page.locator('.bubble audio').waitFor();
  });

  it('is a telephone of its own in each tab, which may hide its number and get another one', async () => {
    const [other] = await tab();
    const [mine, theirs] = [page, other].map((one) => one.locator('#own-number'));
    expect(await mine!.innerText()).toMatch(/^\+5215500\d{6}$/);
    expect(await theirs!.innerText()).not.toBe(await mine!.innerText());
    await page.locator('#show-phone').click();
    expect(await critical()).toEqual([]);
    await page.locator('#person-hides').check();
    await page.locator('#person-username').fill('ana');
    await page.locator('#save-person').click();
    await page.locator('#own-number', { hasText: '(oculto)' }).waitFor();
    await type('Hola');
    const [hidden] = await arrived(1);
    expect(hidden).not.toHaveProperty('from');
    await page.locator('#show-phone').click();
    await page.locator('#person-phone').fill('5215500111222');
    await page.locator('#move-number').click();
    expect((await arrived(3)).slice(1).map((one) => one.type)).toEqual(['system', 'system']);
    // A reload is the same telephone.
    await page.reload();
    await bubble('Hola').waitFor();
    await page.locator('#own-number', { hasText: '+5215500111222' }).waitFor();
  });

  it('pushes the clock, and shows webhooks and calls', async () => {
    await type('Hola');
    await arrived(1);
    await write(text('¿Qué necesitas?'));
    await page.locator('#show-clock').click();
    await page.getByRole('button', { name: '+25 h' }).click();
    await page.locator('#presence', { hasText: 'ya no puede escribirte' }).waitFor();
    await page.locator('#show-raw').click();
    const calls = page.locator('#raw-list summary');
    await calls.filter({ hasText: 'webhook text · 200' }).waitFor();
    await calls.filter({ hasText: 'POST /100000000000001/messages text · 200' }).click();
    await page.locator('#raw-list pre', { hasText: 'messaging_product' }).first().waitFor();
    expect(await critical()).toEqual([]);
  });

  it('has room at 360 pixels, and can be used by keys alone', async () => {
    await page.setViewportSize({ width: 360, height: 640 });
    await type('Palabra'.repeat(40));
    await arrived(1);
    const reply = { type: 'reply', reply: { id: 'si', title: 'Acepto' } };
    await write(interactive({ type: 'button', action: { buttons: [reply] } }));
    await page.getByRole('button', { name: 'Acepto', exact: true }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await page.locator('#messages').focus();
    for (let n = 0; n < 10; n++) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate('document.activeElement.textContent')) === 'Acepto') break;
    }
    await page.keyboard.press('Enter');
    expect((await arrived(2))[1]).toMatchObject({ interactive: { button_reply: { id: 'si' } } });
    await page.locator('#show-clock').focus();
    await page.keyboard.press('Enter');
    await page.locator('#clock[open]').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#clock:not([open])').waitFor({ state: 'attached' });
    expect(await critical()).toEqual([]);
  });
});

/** What axe calls critical or serious. */
async function critical(): Promise<string[]> {
  const devtools = await page.context().newCDPSession(page);
  // Past the policy of the page, which lets in no script from outside.
  await devtools.send('Runtime.evaluate', { expression: AXE });
  const findings = (await page.evaluate('axe.run().then((result) => result.violations)')) as Finding[];
  await devtools.detach();
  return findings
    .filter(({ impact }) => impact === 'critical' || impact === 'serious')
    .map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`);
}
