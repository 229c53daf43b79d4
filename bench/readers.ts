import { connect } from 'node:net';
import { load } from './load.js';

/** Read at 127.0.0.1 for `seconds`. @returns answers per second */
type Reader = (port: number, seconds: number) => Promise<number>;

const FIGURES = '/api/v1/public/stats/reports?institution=CONAVI-DEMO&by=category,territory,period';

export const READERS: Readonly<Record<string, Reader>> = {
  // 1,500 requests at once over each of two connections.
  'catalogue, piped': (port, seconds) => piped(port, seconds, 2, 1500, () => '/api/v1/public/institutions'),
  'a year of figures': (port, seconds) => asked(port, seconds, () => `${FIGURES}&from=2020-01&to=2020-12`),
  // Each request has another span, so that no answer is kept.
  'any figures': (port, seconds) => asked(port, seconds, anySpan()),
};

function anySpan(): () => string {
  let n = 0;
  const month = (count: number): string =>
    `${2019 + Math.floor(count / 12)}-${String(1 + (count % 12)).padStart(2, '0')}`;
  return () => {
    n += 1;
    const from = n % 37;
    return `${FIGURES}&from=${month(from)}&to=${month(from + 12 + (n % 11))}`;
  };
}

async function asked(port: number, seconds: number, path: () => string): Promise<number> {
  return Math.round((await load(port, 10, seconds, () => ({ method: 'GET', path: path() }), 200)).perSecond);
}

async function piped(
  port: number,
  seconds: number,
  connections: number,
  depth: number,
  path: () => string,
): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let answers = 0;
  const reader = async (): Promise<void> => {
    while (performance.now() < end) answers += await once(port, depth, path());
  };
  await Promise.all(Array.from({ length: connections }, reader));
  return Math.round(answers / seconds);
}

async function once(port: number, depth: number, path: string): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  const ask = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n`;
  socket.write(`${ask}\r\n`.repeat(depth - 1) + `${ask}Connection: close\r\n\r\n`);
  for await (const _ of socket);
  return depth;
}
