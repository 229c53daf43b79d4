import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What becomes of a request: a status with a code; an answer that never comes; an answer that ends within its
 * body; an object that is sent whole although a range was asked for; an answer that is lost.
 */
/** A promise: the answer waits for it. */
export type Fault = { status: number; code: string } | Promise<void> | 'hang' | 'break' | 'whole' | 'lost';

interface Stored {
  bytes: Buffer;
  at: Date;
}

interface Upload {
  key: string;
  at: Date;
  parts: Map<number, Buffer>;
}

/** What a request asks for. */
type Act = 'put' | 'get' | 'remove' | 'remove-all' | 'list' | 'begin' | 'part' | 'join' | 'abort' | 'uploads';

/**
 * A service with the interface of S3 on 127.0.0.1, in memory, as far as this service uses it. It does what
 * s3rver does not: it aborts and lists uploads, heeds `If-None-Match`, gives long lists in pages, and fails
 * on demand. It takes any signature: s3rver checks them.
 */
export class S3Standin {
  readonly objects = new Map<string, Stored>();
  readonly uploads = new Map<string, Upload>();
  /** What was asked, in order. */
  readonly acts: Act[] = [];
  /** Connections that ended. A client keeps them open, unless it does not want the rest of an answer. */
  ended = 0;
  private readonly faults = new Map<Act, Fault[]>();

  private constructor(
    private readonly server: Server,
    private readonly page: number,
  ) {}

  /** @param page objects in a page of a list */
  static async start(page = 1000): Promise<S3Standin> {
    const server = createServer();
    const standin = new S3Standin(server, page);
    server.on('connection', (socket) => socket.on('close', () => (standin.ended += 1)));
    server.on('request', (request, response) => {
      standin.handle(request, response).catch(() => response.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return standin;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  /** Lets the next requests of one kind fail, one fault each. */
  fail(act: Act, ...faults: Fault[]): void {
    this.faults.set(act, faults);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.url);
    const body = await read(request);
    const act = actOf(request.method ?? '', url);
    this.acts.push(act);
    const fault = this.faults.get(act)?.shift();
    if (fault === 'hang') return;
    if (fault instanceof Promise) await fault;
    else if (typeof fault === 'object') return refuse(response, fault.status, fault.code);
    const [, , ...key] = url.pathname.split('/').map(decodeURIComponent);
    const answer = this.answer(act, { key: key.join('/'), query: url.searchParams, body, request, fault });
    if (fault === 'lost') return void response.destroy();
    if ('code' in answer) return refuse(response, answer.status, answer.code);
    response.writeHead(answer.status ?? 200, answer.headers);
    if (fault === 'break')
      response.write(answer.body!.subarray(0, answer.body!.length / 2), () => response.destroy());
    else response.end(answer.body);
  }

  private answer(act: Act, { key, query, body, request, fault }: Asked): Answer {
    switch (act) {
      case 'put':
        if (request.headers['if-none-match'] === '*' && this.objects.has(key))
          return { status: 412, code: 'PreconditionFailed' };
        return this.keep(key, body);
      case 'get':
        return this.give(key, fault === 'whole' ? undefined : request.headers.range);
      case 'remove':
        this.objects.delete(key);
        return { status: 204 };
      case 'remove-all':
        for (const one of textsOf(body, 'Key')) this.objects.delete(one);
        return xml('DeleteResult', '');
      case 'list':
        return this.list(query.get('prefix') ?? '', query.get('continuation-token') ?? '');
      case 'begin': {
        const id = randomUUID();
        this.uploads.set(id, { key, at: new Date(), parts: new Map() });
        return xml('InitiateMultipartUploadResult', `<UploadId>${id}</UploadId>`);
      }
      case 'uploads':
        return xml('ListMultipartUploadsResult', this.uploadsAsXml());
      case 'part':
      case 'join':
      case 'abort':
        return this.answerAboutUpload(act, query, body);
    }
  }

  private answerAboutUpload(act: 'part' | 'join' | 'abort', query: URLSearchParams, body: Buffer): Answer {
    const id = query.get('uploadId')!;
    const upload = this.uploads.get(id);
    if (!upload) return { status: 404, code: 'NoSuchUpload' };
    if (act === 'part') {
      upload.parts.set(Number(query.get('partNumber')), body);
      return { headers: { etag: etagOf(body) } };
    }
    this.uploads.delete(id);
    if (act === 'abort') return { status: 204 };
    const parts = textsOf(body, 'PartNumber').map((number) => upload.parts.get(Number(number))!);
    if (parts.slice(0, -1).some(({ length }) => length < 5 * 1024 * 1024))
      return { status: 400, code: 'EntityTooSmall' };
    const etags = textsOf(body, 'ETag').map((text) => text.replaceAll('&quot;', '"'));
    if (parts.some((part, at) => etagOf(part) !== etags[at])) return { status: 400, code: 'InvalidPart' };
    this.keep(upload.key, Buffer.concat(parts));
    return xml('CompleteMultipartUploadResult', `<ETag>"x"</ETag>`);
  }

  private keep(key: string, bytes: Buffer): Answer {
    this.objects.set(key, { bytes, at: new Date() });
    return { headers: { etag: etagOf(bytes) } };
  }

  private give(key: string, range?: string): Answer {
    const found = this.objects.get(key)?.bytes;
    if (!found) return { status: 404, code: 'NoSuchKey' };
    const wanted = /^bytes=(\d+)-(\d+)$/.exec(range ?? '');
    if (!wanted) return { headers: { 'content-length': found.length }, body: found };
    const [from, to] = [Number(wanted[1]), Math.min(Number(wanted[2]), found.length - 1)];
    if (from >= found.length) return { status: 416, code: 'InvalidRange' };
    const headers = {
      'content-range': `bytes ${from}-${to}/${found.length}`,
      'content-length': to - from + 1,
    };
    return { status: 206, headers, body: found.subarray(from, to + 1) };
  }

  private list(prefix: string, after: string): Answer {
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    const page = keys.slice(0, this.page);
    const more = keys.length > page.length;
    return xml(
      'ListBucketResult',
      `<IsTruncated>${more}</IsTruncated>` +
        (more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '') +
        page.map((key) => entry('Contents', { Key: key, LastModified: this.objects.get(key)!.at })).join(''),
    );
  }

  private uploadsAsXml(): string {
    const all = [...this.uploads].map(([UploadId, { key, at }]) =>
      entry('Upload', { Key: key, UploadId, Initiated: at }),
    );
    return `<IsTruncated>false</IsTruncated>${all.join('')}`;
  }
}

interface Asked {
  key: string;
  query: URLSearchParams;
  body: Buffer;
  request: IncomingMessage;
  fault?: Fault;
}

type Answer =
  | { status: number; code: string }
  | { status?: number; headers?: Record<string, string | number>; body?: Buffer };

function actOf(method: string, { searchParams, pathname }: URL): Act {
  const ofBucket = pathname.split('/').filter(Boolean).length < 2;
  if (ofBucket) return method === 'POST' ? 'remove-all' : searchParams.has('uploads') ? 'uploads' : 'list';
  const ofUpload = searchParams.has('uploadId');
  switch (method) {
    case 'PUT':
      return ofUpload ? 'part' : 'put';
    case 'POST':
      return ofUpload ? 'join' : 'begin';
    case 'DELETE':
      return ofUpload ? 'abort' : 'remove';
    default:
      return 'get';
  }
}

function entry(tag: string, values: Record<string, string | Date>): string {
  const inside = Object.entries(values).map(
    ([name, value]) => `<${name}>${value instanceof Date ? value.toISOString() : value}</${name}>`,
  );
  return `<${tag}>${inside.join('')}</${tag}>`;
}

function xml(tag: string, inside: string): Answer {
  const text = `<?xml version="1.0" encoding="UTF-8"?><${tag}>${inside}</${tag}>`;
  return { headers: { 'content-type': 'application/xml' }, body: Buffer.from(text) };
}

function refuse(response: ServerResponse, status: number, code: string): void {
  const secret = '<Message>names the bucket</Message><Resource>/files/secret-name</Resource>';
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code>${secret}</Error>`);
}

function etagOf(bytes: Buffer): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}

function textsOf(body: Buffer, tag: string): string[] {
  return [...body.toString().matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map(([, text]) => text!);
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
