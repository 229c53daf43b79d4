import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { liveDocument } from '../src/app/documentation/live.js';
import { operationsOf } from '../src/app/documentation/walk.js';
import { Harness } from './setup/harness.js';
import { fetched } from './support/calls.js';
import { underPath } from './support/sub-path.js';

let h: Harness;
beforeAll(async () => {
  h = await Harness.start({ config: { trustProxy: '127.0.0.1, 10.0.0.0/8' } });
});
afterAll(() => h.stop());

/** A request whose answer is read to its end, so that it holds no connection. */
async function get(url: string | URL, headers: Record<string, string> = {}, method = 'GET') {
  const response = await fetched(url, { headers, method });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const documentAt = async (url: string, headers: Record<string, string> = {}) =>
  JSON.parse((await get(`${url}/openapi.json`, headers)).text) as OpenAPIObject;
/** What the page loads, in the order of the page. */
const assetsOf = (html: string): string[] =>
  [...html.matchAll(/<(?:script|link)[^>]*(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);

describe('the page of the API', () => {
  it.each(['/docs', '/docs/', '/docs?x=1', '/docs/?x=1/'])(
    '%s loads all its files, and from here only',
    async (path) => {
      const page = await get(h.url + path);
      const html = page.text;
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(html).toMatch(/<html lang="es">/);
      const assets = assetsOf(html);
      expect(assets.length).toBe(5);
      for (const asset of assets) {
        const target = new URL(asset, h.url + path);
        const { status, headers } = await get(target);
        expect([asset, target.origin, status]).toEqual([asset, h.url, 200]);
        expect(headers.get('content-type')).toMatch(asset.endsWith('.js') ? /javascript/ : /css|png/);
      }
    },
  );

  it('allows itself nothing but its own files', async () => {
    const page = await get(`${h.url}/docs`);
    const policy = page.headers.get('content-security-policy')!;
    expect(policy).toMatch(/^default-src 'self';/);
    expect(policy).not.toMatch(/unsafe|data:|blob:|https?:|\*|nonce|sha256/);
    const sources = policy.split(';').flatMap((directive) => directive.trim().split(' ').slice(1));
    expect([...new Set(sources)].sort()).toEqual(["'none'", "'self'"]);
    const html = page.text;
    expect(html).not.toMatch(/<style|style=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:|https?:\/\//);
    for (const name of ['swagger-ui.css', 'page.css', 'page.js', 'image-5.svg']) {
      const file = await get(`${h.url}/docs/${name}`);
      expect([name, file.status, file.headers.get('content-security-policy')]).toEqual([name, 200, policy]);
    }
  });

  it('has style sheets without images inside, and serves each of those images', async () => {
    const css = (await get(`${h.url}/docs/swagger-ui.css`)).text;
    expect(css).not.toMatch(/url\(["']?(data:|https?:)/);
    const names = [...css.matchAll(/url\(([^)]+)\)/g)].map(([, name]) => name!);
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) {
      const image = await get(`${h.url}/docs/${name}`);
      const { text } = image;
      expect([name, image.status]).toEqual([name, 200]);
      if (name.endsWith('.svg'))
        expect(text).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"[^\\]*<\/svg>$/);
    }
  });

  it('sends a file again only when it changed, and no other file', async () => {
    const first = await get(`${h.url}/docs/swagger-ui-bundle.js`);
    const etag = first.headers.get('etag')!;
    const again = await get(`${h.url}/docs/swagger-ui-bundle.js`, { 'If-None-Match': etag });
    expect([again.status, again.text]).toEqual([304, '']);
    for (const path of [
      'nothing.js',
      'index.html',
      'package.json',
      '..%2f..%2fpackage.json',
      'toString',
      '__proto__',
    ])
      expect([path, (await get(`${h.url}/docs/${path}`)).status]).toEqual([path, 404]);
  });
});

describe('under a path of a proxy', () => {
  it('page, files, document, sign-in and calls all stand below it', async () => {
    const proxy = await underPath(h.url, '/denuncias');
    try {
      for (const path of ['/docs', '/docs/']) {
        const html = (await get(proxy.url + path)).text;
        for (const asset of assetsOf(html))
          expect((await get(new URL(asset, proxy.url + path))).status).toBe(200);
      }
      const document = await documentAt(proxy.url);
      expect(document.servers).toEqual([{ url: '/denuncias' }]);
      const scheme = document.components!.securitySchemes!.staffSignIn as {
        flows: { password: { tokenUrl: string } };
      };
      expect(scheme.flows.password.tokenUrl).toBe('/denuncias/api/v1/auth/token');
      const call = new URL(document.servers![0]!.url + '/api/v1/public/institutions', proxy.url);
      expect((await get(call)).status).toBe(200);
      expect((await get(new URL(scheme.flows.password.tokenUrl, proxy.url), {}, 'POST')).status).toBe(400);
    } finally {
      proxy.close();
    }
  });

  const servers = async (prefix: string, harness = h) =>
    (await documentAt(harness.url, { 'X-Forwarded-Prefix': prefix })).servers![0]!.url;

  it.each([
    ['/denuncias', '/denuncias'],
    ['/denuncias/', '/denuncias'],
    ['/gob/tramites-2027/v1.0', '/gob/tramites-2027/v1.0'],
    ['/', '/'],
  ])('%s is shown as %s', async (given, shown) => {
    expect(await servers(given)).toBe(shown);
  });

  it.each([
    '//evil.example',
    '///evil.example',
    'https://evil.example',
    '/\\evil.example',
    '/a//evil.example',
    '/a/../..',
    '/..',
    '/.well-known',
    '/a%2f%2fevil.example',
    '/a?x=1',
    '/a#x',
    '/a b',
    '/a"onload="x',
    '/<script>',
    '/a, /b',
    '/a;b',
    '/@evil.example',
    'evil.example',
    '/a:80',
    '/' + 'a'.repeat(65),
    '/a'.repeat(9),
  ])('%s is not believed', async (prefix) => {
    expect(await servers(prefix)).toBe('/');
  });

  it('nobody is believed whom TRUST_PROXY does not name', async () => {
    for (const trustProxy of [false, '10.0.0.0/8', '192.0.2.1'] as const) {
      const other = await Harness.start({ config: { trustProxy } });
      try {
        expect([trustProxy, await servers('/denuncias', other)]).toEqual([trustProxy, '/']);
      } finally {
        await other.stop();
      }
    }
    const all = await Harness.start({ config: { trustProxy: true } });
    try {
      expect(await servers('/denuncias', all)).toBe('/denuncias');
    } finally {
      await all.stop();
    }
  });

  it('the YAML document says the same', async () => {
    const yaml = await get(`${h.url}/openapi.yaml`, { 'X-Forwarded-Prefix': '/denuncias' });
    expect(yaml.text).toMatch(/servers:\n\s+- url: \/denuncias\n/);
  });
});

describe('the dates of examples', () => {
  const sent = (today: string) => {
    const live = liveDocument(committed, { today, prefix: '', values: {} });
    return JSON.stringify(operationsOf(live).map(({ operation }) => operation.requestBody));
  };
  let committed: OpenAPIObject;
  beforeAll(async () => {
    h.clock.set(new Date('2026-11-20T16:00:00Z'));
    committed = await documentAt(h.url);
  });

  it.each(['2026-11-20', '2026-12-31', '2027-01-01', '2028-02-29', '2031-07-15'])(
    'of what happened lie before %s and not long before',
    (today) => {
      const live = liveDocument(committed, { today, prefix: '', values: {} });
      const { operation } = operationsOf(live).find((one) => one.operation.operationId === 'createReport')!;
      const text = JSON.stringify(operation.requestBody!.content['application/json']!.examples);
      const days = [...text.matchAll(/\d{4}-\d{2}-\d{2}(?=["T])/g)].map(([day]) => day);
      expect(days.length).toBe(3);
      for (const day of days) {
        const age = (Date.parse(today) - Date.parse(day)) / 86_400_000;
        expect([day, age >= 1 && age <= 30]).toEqual([day, true]);
      }
    },
  );

  it('keep their distances, months too, and nothing else moves', () => {
    expect(sent('2026-11-20')).toBe(
      JSON.stringify(operationsOf(committed).map(({ operation }) => operation.requestBody)),
    );
    const year = sent('2027-01-31');
    expect(year).toContain('"period":"2026-12"');
    expect(year).toContain('"startedAt":"2027-01-29T10:00:00-06:00"');
    expect(year).toContain('"version":"2026-1"');
    expect(
      JSON.stringify(liveDocument(committed, { today: '2027-01-31', prefix: '', values: {} })),
    ).toContain('CNV-2026-7K3M-Q9TZ-4');
  });

  it('move where a description tells them too', () => {
    const live = liveDocument(committed, { today: '2027-01-31', prefix: '', values: {} });
    const { operation } = operationsOf(live).find((one) => one.operation.operationId === 'listCases')!;
    const from = operation.parameters!.find(({ name }) => name === 'receivedFrom')!;
    expect(from.description).toBe('Ejemplo: `2027-01-12`.');
  });
});
