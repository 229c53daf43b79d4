import type { ServerResponse } from 'node:http';
import { sizeOf, streamOf, type Content } from './files.js';
import { numberOf, type Call, type Reply, type Route } from './graph-server.js';
import { uploadFault, type Media } from './media.js';
import { readForm } from './upload-form.js';
import type { World } from './world.js';

/** Beyond what WhatsApp lets through. */
const ENDLESS = 101 * 2 ** 20;

/** `POST /{phone-number-id}/media` */
const upload: Route = async (call, world) => {
  if (call.path[1] !== 'media' || call.method !== 'POST') return undefined;
  const account = numberOf(call, world);
  if (!account) return undefined;
  const form = await readForm(call.request, call.bytes).catch(() => undefined);
  if (form?.fields.messaging_product !== 'whatsapp')
    return { error: { code: 100, details: 'The parameter messaging_product is required' } };
  if (!form.file) return { error: { code: 100, details: 'The parameter file is required' } };
  const file = { ...form.file, mimeType: form.fields.type ?? form.file.mimeType };
  const details = uploadFault(file);
  if (details !== undefined) return { error: { code: 131053, details } };
  return { body: { id: world.media.upload(account, file).id } };
};

/** `GET` and `DELETE /{media-id}` */
const ofMedia: Route = (call, world) => {
  const [id = '', ...more] = call.path;
  if (more.length > 0 || !/^\d+$/.test(id) || world.accounts.byNumber(id)) return undefined;
  const media = world.media.find(id);
  const asked = call.query.get('phone_number_id') ?? call.account.phoneNumberId;
  if (!media || media.phoneNumberId !== asked || asked !== call.account.phoneNumberId) return undefined;
  if (call.method === 'DELETE') {
    world.media.remove(id);
    return { body: { success: true } };
  }
  return call.method === 'GET' ? describe(media, world) : undefined;
};

export const mediaRoutes: readonly Route[] = [upload, ofMedia];

function describe(media: Media, world: World): Reply {
  const fault = world.mediaFaults.next(({ at }) => at === 'describe')?.what;
  if (fault === 'hang') return { status: 0, instead: () => undefined };
  if (typeof fault === 'object') return bare(fault.status);
  const size = sizeOf(media.file.content) + (fault === 'wrong_size' ? 1 : 0);
  const sha256 = fault === 'wrong_hash' ? '0'.repeat(64) : media.sha256.toString('hex');
  return {
    body: {
      messaging_product: 'whatsapp',
      url: world.url + world.media.addressOf(media),
      mime_type: media.file.mimeType,
      // Hexadecimal here, base64 in webhooks. Meta's examples give the size as text, its answers as a number.
      sha256,
      file_size: fault === 'text_size' ? String(size) : size,
      id: media.id,
    },
  };
}

/** `GET` of an address that a description gave. Needs the token as well. */
export function download({ method, query }: Call, world: World): Reply {
  const media = method === 'GET' ? world.media.behind(query) : undefined;
  if (!media) return bare(404);
  const fault = world.mediaFaults.next(({ at }) => at === 'download')?.what;
  if (typeof fault === 'object') return bare(fault.status);
  switch (fault) {
    case 'hang':
      return { status: 0, instead: () => undefined };
    case 'redirect':
      return {
        status: 302,
        instead: (response) => void response.writeHead(302, { location: world.url }).end(),
      };
    case 'login_page':
      return {
        instead: (response) => {
          response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Log in</html>');
        },
      };
    case 'truncated':
      return { instead: (response) => cut(response, media) };
    case 'wrong_bytes':
      return { instead: (response) => give(response, media, damaged(media.file.content)) };
    case 'endless':
      return { instead: (response) => give(response, media, { zeros: ENDLESS }, false) };
    default:
      return { instead: (response) => give(response, media, media.file.content) };
  }
}

function give(response: ServerResponse, media: Media, content: Content, tellsSize = true): void {
  response.writeHead(200, {
    'content-type': media.file.mimeType,
    ...(tellsSize ? { 'content-length': String(sizeOf(content)) } : {}),
  });
  streamOf(content).pipe(response);
}

/** Promises all bytes, gives half of them and hangs up. */
function cut(response: ServerResponse, media: Media): void {
  const { content } = media.file;
  const half = Buffer.isBuffer(content) ? content.subarray(0, content.length / 2) : Buffer.alloc(1000);
  response.writeHead(200, {
    'content-type': media.file.mimeType,
    'content-length': String(sizeOf(content)),
  });
  response.write(half, () => response.destroy());
}

function damaged(content: Content): Content {
  if (!Buffer.isBuffer(content)) return { zeros: content.zeros - 1 };
  const copy = Buffer.from(content);
  const middle = copy.length >> 1;
  copy[middle] = copy[middle]! ^ 0xff;
  return copy;
}

function bare(status: number): Reply {
  return { status, instead: (response) => void response.writeHead(status).end() };
}
