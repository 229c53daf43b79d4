import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fastify from 'fastify';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DomainError } from '../errors.js';
import { acceptFiles, takeFile } from './file-form.js';

const server = fastify();
let port: number;
beforeAll(async () => {
  acceptFiles(server);
  server.post('/form', async (incoming, reply) => {
    try {
      return await takeFile(incoming, async ({ file, name, fields }) => {
        let size = 0;
        for await (const piece of file) size += piece.length;
        return { size, name, fields: await fields() };
      });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return reply.status(error.status).send({ code: error.code });
    }
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  ({ port } = server.server.address() as AddressInfo);
});
afterAll(() => server.close());

/** Sends a body in two pieces. @returns the status */
function send(body: Buffer, cut: number, boundary = 'x'): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      'Content-Type': `multipart/form-data; boundary=${boundary}`,
      'Content-Length': body.length,
    };
    const call = request({ host: '127.0.0.1', port, path: '/form', method: 'POST', headers }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode!));
    });
    call.on('error', reject);
    call.write(body.subarray(0, cut));
    call.end(body.subarray(cut));
  });
}

const part = (header: string, content = 'una'): string => `--x\r\n${header}\r\n\r\n${content}\r\n`;
const FILE = part(
  'Content-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain',
);
const WHOLE = part('Content-Disposition: form-data; name="caption"') + FILE + '--x--\r\n';

/** Numbers that look random and are the same in each run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A form with some faults: bytes that are missing, come twice, are others, or are signs of the format. */
function damaged(pick: (below: number) => number): Buffer {
  const signs = ['\r\n', '"', ';', '--x', '--', '=', '*', '\0', '%', "utf-8''", ':', '\\', 'name', '\xff'];
  let text = WHOLE;
  for (let faults = 1 + pick(4); faults > 0; faults--) {
    const at = pick(text.length);
    const length = pick(30);
    const [before, cut, after] = [text.slice(0, at), text.slice(at, at + length), text.slice(at + length)];
    const sign = signs[pick(signs.length)]!;
    text = before + [cut + cut, '', sign, sign + cut][pick(4)]! + after;
  }
  return Buffer.from(text, 'latin1');
}

describe('a form with a file', () => {
  it('is read', async () => {
    expect(await send(Buffer.from(WHOLE), 40)).toBe(200);
  });

  it.each([
    ['a field without a name', part('Content-Disposition: form-data; x="y"')],
    ['a field with an empty name', part('Content-Disposition: form-data; name=""')],
    ['a field without a disposition', part('Content-Type: text/plain')],
    ['a part without headers', '--x\r\n\r\nuna\r\n'],
    [
      'a field of an unknown charset',
      part('Content-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=nada'),
    ],
    [
      'a field of an unknown encoding',
      part('Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: nada'),
    ],
    ['a name in pieces', part("Content-Disposition: form-data; name*0*=nada''%ff; name*1=b")],
    ['a prototype', part('Content-Disposition: form-data; name="__proto__"')],
  ])('with %s alone is refused, and the next one is read', async (_, text) => {
    expect(await send(Buffer.from(`${text}--x--\r\n`), 7)).toBe(400);
    expect(await send(Buffer.from(WHOLE), 40)).toBe(200);
  });

  it('with faults of any kind is read or refused, and ends nothing', async () => {
    const pick = numbers(20_261_129);
    const answers = new Map<number, number>();
    for (let n = 0; n < 3_000; n++) {
      const body = damaged(pick);
      const status = await send(body, pick(body.length));
      answers.set(status, (answers.get(status) ?? 0) + 1);
    }
    expect([...answers.keys()].sort()).toEqual([200, 400]);
    expect(await send(Buffer.from(WHOLE), 40)).toBe(200);
  });
});
