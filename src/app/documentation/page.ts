import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { compressible, KeptBytes, sendKept } from '../../platform/http/kept-bytes.js';
import { OF_REPORTERS } from '../../platform/http/route-owner.js';

/** Allow scripts, styles, images and calls of this service only. Nothing inline in the page runs. */
const POLICY =
  "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const OURS = join(import.meta.dirname, 'page');
const SWAGGER = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

interface File {
  type: string;
  bytes: KeptBytes;
}

/**
 * Serve Swagger UI at `/docs` from separate files. The page that @nestjs/swagger makes has inline scripts and
 * styles, which no strict policy allows. All addresses are relative, so the page works under any path of a
 * proxy.
 */
export function servePage(server: FastifyInstance): void {
  const load = once(filesOf);
  const template = once(() => readFileSync(join(OURS, 'index.html'), 'utf8'));
  server.get('/docs', OF_REPORTERS, (request: FastifyRequest, reply: FastifyReply) => {
    // The browser treats the text after the last slash as a file name.
    const base = request.url.split('?')[0]!.endsWith('/') ? './' : 'docs/';
    return protect(reply).type('text/html; charset=utf-8').send(template().replaceAll('{base}', base));
  });
  server.get('/docs/:file', OF_REPORTERS, async (request: FastifyRequest, reply: FastifyReply) => {
    const file = load().get((request.params as { file: string }).file);
    if (!file) return reply.callNotFound();
    void protect(reply).header('Cache-Control', 'no-cache').type(file.type);
    return reply.send(await sendKept(file.bytes, request, reply));
  });
}

function protect(reply: FastifyReply): FastifyReply {
  return reply.header('Content-Security-Policy', POLICY);
}

/** The files by name. They are read at the first request and kept: a megabyte and a half. */
function filesOf(): ReadonlyMap<string, File> {
  const { css, images } = withoutInlineImages(readFileSync(join(SWAGGER, 'swagger-ui.css'), 'utf8'));
  const javascript = 'text/javascript; charset=utf-8';
  const style = 'text/css; charset=utf-8';
  const files: [string, string, Buffer][] = [
    ['page.js', javascript, readFileSync(join(OURS, 'page.js'))],
    ['page.css', style, readFileSync(join(OURS, 'page.css'))],
    ['swagger-ui-bundle.js', javascript, readFileSync(join(SWAGGER, 'swagger-ui-bundle.js'))],
    ['swagger-ui.css', style, Buffer.from(css)],
    ['favicon-32x32.png', 'image/png', readFileSync(join(SWAGGER, 'favicon-32x32.png'))],
    ...images.map(({ name, type, body }): [string, string, Buffer] => [name, type, body]),
  ];
  return new Map(
    files.map(([name, type, body]) => [name, { type, bytes: new KeptBytes(body, compressible(type)) }]),
  );
}

interface Image {
  name: string;
  type: string;
  body: Buffer;
}

/**
 * Move inline images of a style sheet into files. Inline images would need `img-src data:` in the policy;
 * files need nothing.
 */
export function withoutInlineImages(sheet: string): { css: string; images: Image[] } {
  const images: Image[] = [];
  const css = sheet.replace(
    /url\((["']?)data:(image\/([a-z]+)[a-z+]*)(?:;charset=[\w-]+)?(;base64)?,(.*?)\1\)/g,
    (_, _quote: string, type: string, kind: string, base64: string | undefined, data: string) => {
      const name = `image-${images.length + 1}.${kind}`;
      // The style sheet escapes a quote inside the text.
      const text = (): string => decodeURIComponent(data.replace(/\\(["'\\])/g, '$1'));
      images.push({ name, type, body: base64 ? Buffer.from(data, 'base64') : Buffer.from(text()) });
      return `url(${name})`;
    },
  );
  return { css, images };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
