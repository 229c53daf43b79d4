import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Harness } from './setup/harness.js';
import { fetched } from './support/calls.js';

let h: Harness;
beforeAll(async () => {
  h = await Harness.start();
});
afterAll(() => h.stop());

/** As Firefox sends it. */
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const get = (accept: string, method = 'GET') =>
  fetched(`${h.url}/`, { method, headers: { Accept: accept }, redirect: 'manual' });

describe('the bare address', () => {
  it('leads a browser to the page of the API, also below a path of a proxy', async () => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await get(BROWSER, method);
      expect([answer.status, answer.headers.get('vary')]).toEqual([302, expect.stringContaining('Accept')]);
      const location = answer.headers.get('location')!;
      expect(new URL(location, 'https://x.example/').pathname).toBe('/docs');
      expect(new URL(location, 'https://x.example/denuncias/').pathname).toBe('/denuncias/docs');
    }
  });

  it('tells a program where things are, and they are there', async () => {
    for (const accept of ['*/*', 'application/json']) {
      const answer = await get(accept);
      const body = (await answer.json()) as Record<string, string>;
      expect([answer.status, body]).toEqual([
        200,
        {
          name: 'Denuncia Abierta',
          documentation: 'docs',
          openapi: 'openapi.json',
          api: 'api/v1',
          ready: 'health/ready',
        },
      ]);
      for (const path of [body.openapi, body.ready])
        expect((await fetched(`${h.url}/${path}`)).status).toBe(200);
    }
    expect((await h.call('GET', '/')).status).toBe(404);
    expect((await h.call('POST', '//')).status).toBe(404);
  });
});
