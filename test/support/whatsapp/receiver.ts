import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Part } from './envelope.js';
import { readBody } from './http.js';

export interface Arrival {
  raw: Buffer;
  body: Part;
  signature: string;
}

/** Takes webhooks in place of the service, and answers as it is told. */
export class Receiver {
  readonly arrivals: Arrival[] = [];
  /** Statuses of the next answers; 200 when none is left. */
  readonly answers: number[] = [];
  /** Milliseconds before an answer. */
  pauseMs = 0;
  /** Requests that wait for their answer now, and the most that ever did. */
  open = 0;
  most = 0;

  private constructor(private readonly server: Server) {}

  /** @param verifyToken of the verification by GET */
  static async start(verifyToken = 'receiver-token'): Promise<Receiver> {
    const server = createServer((request, response) => {
      void (async () => {
        const url = new URL(request.url ?? '/', 'http://receiver');
        if (request.method === 'GET') {
          const right = url.searchParams.get('hub.verify_token') === verifyToken;
          response.writeHead(right ? 200 : 403).end(right ? url.searchParams.get('hub.challenge') : '');
          return;
        }
        receiver.open += 1;
        receiver.most = Math.max(receiver.most, receiver.open);
        const raw = await readBody(request, 2 ** 26);
        const signature = String(request.headers['x-hub-signature-256']);
        const body = JSON.parse(raw.toString('utf8')) as Part;
        receiver.arrivals.push({ raw, body, signature });
        await new Promise((resolve) => setTimeout(resolve, receiver.pauseMs));
        receiver.open -= 1;
        response.writeHead(receiver.answers.shift() ?? 200).end();
      })().catch(() => response.destroy());
    });
    const receiver = new Receiver(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/webhook`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  /** The values of all changes, in the order in which they came. */
  get values(): Part[] {
    return this.arrivals.flatMap(({ body }) =>
      ((body.entry ?? []) as { changes: { value: Part }[] }[]).flatMap(({ changes }) =>
        changes.map(({ value }) => value),
      ),
    );
  }

  /** All messages of people, in the order in which they came. */
  get messages(): Part[] {
    return this.values.flatMap(({ messages }) => (messages ?? []) as Part[]);
  }

  get statuses(): Part[] {
    return this.values.flatMap(({ statuses }) => (statuses ?? []) as Part[]);
  }
}
