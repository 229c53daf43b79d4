import { removeEmbeddedServer } from '@denuncia-abierta/embedded-postgres';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { fetched } from '../support/calls.js';
import { endAll, Running } from '../support/process.js';
import { removeFolder } from '../support/remove-folder.js';
import { underPath } from '../support/sub-path.js';

/** Milliseconds for one step on a machine that is busy. */
const PATIENCE = 90_000;
const PASSWORD = 'una frase de la demostración';
const AXE = readFileSync(resolve('node_modules/axe-core/axe.min.js'), 'utf8');
/** An operation in the page. */
const LIST = 'operations-Casos-listCases';
const OPEN = 'operations-Casos-getCase';
const WRITE = 'operations-Casos-writeMessage';
const FILE = 'operations-Denunciar-createReport';

interface Finding {
  id: string;
  impact: string;
  nodes: { html: string }[];
}

let dataDir: string;
let browser: Browser;
let service: string;
let proxy: Awaited<ReturnType<typeof underPath>>;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'denuncia-docs-'));
  const running = Running.start('main', {
    DATA_DIR: join(dataDir, 'data'),
    DEMO_PASSWORD: PASSWORD,
    TRUST_PROXY: 'loopback',
  });
  ({ url: service } = await running.listens());
  proxy = await underPath(service, '/gob/denuncias');
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
});
afterAll(async () => {
  await browser.close();
  proxy.close();
  await endAll();
  await removeEmbeddedServer(join(dataDir, 'data'));
  removeFolder(dataDir);
});

/**
 * A tab at the page, as a head of unit has it; `complaints` fills with what the browser refuses or reports as
 * an error.
 */
async function tab(base: string): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ locale: 'es-MX' });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A refusal by the service is told as an error, too; it is none of the page.
    if (message.type() === 'error' && !/the server responded with a status of 40/.test(message.text()))
      complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(base).origin) complaints.push(`asked ${request.url()}`);
  });
  await page.goto(`${base}/docs`);
  await page.locator('.opblock').first().waitFor();
  return { page, complaints };
}

const signInForm = (page: Page): Locator =>
  page.locator('.auth-container').filter({ hasText: 'staffSignIn' });

async function authorize(page: Page, password = PASSWORD): Promise<void> {
  if ((await page.locator('.modal-ux').count()) === 0) await page.locator('.btn.authorize').first().click();
  const form = signInForm(page);
  await form.locator('#oauth_username').fill('titular@conavi.demo');
  await form.locator('#oauth_password').fill(password);
  await form.locator('button.authorize').click();
}

async function signIn(page: Page): Promise<void> {
  await authorize(page);
  await signInForm(page).getByText('Logout').waitFor();
  await page.locator('.close-modal').click();
}

/** Opens an operation and presses "Try it out" where that was not done. */
async function open(page: Page, id: string): Promise<Locator> {
  const operation = page.locator(`#${id}`);
  if ((await operation.locator('.opblock-body').count()) === 0)
    await operation.locator('.opblock-summary-control').click();
  await operation.locator('.opblock-body').waitFor();
  const tryIt = operation.locator('.try-out__btn:not(.cancel)');
  if ((await tryIt.count()) > 0) await tryIt.click();
  return operation;
}

/** Sends an operation as the page has filled it in. */
async function send(
  page: Page,
  id: string,
): Promise<{ status: number; url: string; sent: Record<string, string> }> {
  const operation = await open(page, id);
  const answered = page.waitForResponse((response) => /\/api\/v1\/(?!auth)/.test(response.url()));
  await operation.locator('button.execute').click();
  const response = await answered;
  await operation.locator('.live-responses-table').first().waitFor();
  return { status: response.status(), url: response.url(), sent: await response.request().allHeaders() };
}

async function critical(page: Page): Promise<string[]> {
  const devtools = await page.context().newCDPSession(page);
  // Past the policy of the page, which lets in no script from outside.
  await devtools.send('Runtime.evaluate', { expression: AXE });
  const findings = (await page.evaluate('axe.run().then((result) => result.violations)')) as Finding[];
  await devtools.detach();
  return findings
    .filter(({ impact }) => impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`);
}

describe.each(['at the root', 'under a path of a proxy'])('the API page in chromium, %s', (where) => {
  const base = (): string => (where === 'at the root' ? service : proxy.url);

  it('lets the head of a unit sign in, list cases, open one and send a message; nothing breaks its policy', async () => {
    const { page, complaints } = await tab(base());
    expect(await page.locator('html').getAttribute('lang')).toBe('es');
    await authorize(page, 'no es esta');
    await expect(signInForm(page).locator('.errors').first().innerText()).resolves.toContain(
      'El correo (username) y el password no coinciden',
    );
    await signIn(page);
    for (const [id, status] of [
      [LIST, 200],
      [OPEN, 200],
      [WRITE, 201],
      [FILE, 201],
    ] as const) {
      const answer = await send(page, id);
      expect([id, answer.status, answer.url.startsWith(`${base()}/api/v1/`)]).toEqual([id, status, true]);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe('the API page', () => {
  it('has no critical finding of axe, in the dialog and in an opened and answered operation neither', async () => {
    const { page } = await tab(service);
    expect(await critical(page)).toEqual([]);
    await page.locator('.btn.authorize').first().click();
    await page.locator('.modal-ux').waitFor();
    expect(await critical(page)).toEqual([]);
    await signIn(page);
    for (const id of [FILE, LIST, 'operations-Estadísticas-countCases', 'operations-Sesión-issueToken']) {
      await open(page, id);
    }
    await send(page, FILE);
    expect(await critical(page)).toEqual([]);
    await page.context().close();
  });
});

describe('the session of the page', () => {
  it('stays over a reload until its token ends; neither password nor refresh token is kept', async () => {
    const { page } = await tab(service);
    await signIn(page);
    const kept = await page.evaluate(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])',
    );
    expect(kept).toContain('das_');
    expect(kept).not.toMatch(/dar_|frase/);
    await page.reload();
    await page.locator('.opblock').first().waitFor();
    expect((await send(page, LIST)).status).toBe(200);
    await page.clock.install();
    await page.clock.fastForward('15:01');
    const late = await send(page, LIST);
    expect([late.status, late.sent.authorization]).toEqual([401, undefined]);
    await page.context().close();
  });

  it('renews its token by itself while the page stays open', async () => {
    const { page } = await tab(service);
    await page.clock.install();
    await signIn(page);
    const first = await send(page, LIST);
    await page.clock.fastForward('14:30');
    const second = await send(page, LIST);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.sent.authorization).not.toBe(first.sent.authorization);
    expect((await send(page, LIST)).sent.authorization).toBe(second.sent.authorization);
    await page.context().close();
  });

  it('ends on the server when somebody signs out', async () => {
    const { page } = await tab(service);
    await signIn(page);
    const { authorization } = (await send(page, LIST)).sent;
    await page.locator('.btn.authorize').first().click();
    const ended = page.waitForResponse((response) => response.url().endsWith('/auth/sessions/current'));
    await signInForm(page).getByText('Logout').click();
    expect((await ended).status()).toBe(204);
    const answer = await fetched(`${service}/api/v1/auth/me`, { headers: { Authorization: authorization! } });
    expect(answer.status).toBe(401);
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    await page.context().close();
  });

  it('shows a padlock where a credential is needed, and none where a report is filed', async () => {
    const { page } = await tab(service);
    const padlocks = (id: string): Promise<number> => page.locator(`#${id} .authorization__btn`).count();
    expect([await padlocks(FILE), await padlocks(LIST)]).toEqual([0, 1]);
    await page.context().close();
  });
});
