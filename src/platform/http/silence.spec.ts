import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, request, type ClientRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cutWhenSilent } from './silence.js';

const server = createServer((incoming, answer) => {
  cutWhenSilent(incoming, 200);
  incoming.resume().once('end', () => setTimeout(() => answer.end('kept'), 800));
});
let port: number;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

function send(write: (call: ClientRequest) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, method: 'POST' }, (answer) => {
      let text = '';
      answer.on('data', (piece: Buffer) => (text += piece.toString())).once('end', () => resolve(text));
    });
    call.on('error', reject);
    write(call);
  });
}

describe('a sender of a body', () => {
  it('gets its answer, also when that takes longer than the sender may be silent', async () => {
    expect(await send((call) => call.end('all'))).toBe('kept');
  });

  it('that is slow is not silent', async () => {
    const slow = async (call: ClientRequest): Promise<void> => {
      for (let n = 0; n < 8; n++) {
        call.write('x');
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      call.end();
    };
    expect(await send((call) => void slow(call))).toBe('kept');
  });

  it('that stops in the middle is cut off', async () => {
    await expect(send((call) => call.write('some'))).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});
