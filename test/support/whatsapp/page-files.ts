import { createReadStream } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { answerJson } from './http.js';
import { PROJECT } from './project.js';

const FILES: Readonly<Record<string, { name: string; type: string }>> = {
  '/': { name: 'index.html', type: 'text/html; charset=utf-8' },
  '/page/chat.css': { name: 'chat.css', type: 'text/css; charset=utf-8' },
  '/page/icon.svg': { name: 'icon.svg', type: 'image/svg+xml' },
  '/page/chat.js': { name: 'chat.js', type: 'text/javascript; charset=utf-8' },
};

/** Nothing but its own files; pictures and voice notes that were chosen but not sent yet are blobs. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' blob:",
  "media-src 'self' blob:",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page to chat in: one HTML file, one style sheet, one module. */
export function servePage(path: string, response: ServerResponse): void {
  const file = Object.hasOwn(FILES, path) ? FILES[path] : undefined;
  if (!file) return answerJson(response, 404, { error: 'There is no such file.' });
  response.writeHead(200, {
    'content-type': file.type,
    'content-security-policy': POLICY,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
  createReadStream(join(PROJECT, 'test/support/whatsapp/page', file.name)).pipe(response);
}
