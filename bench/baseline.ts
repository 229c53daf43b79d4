import Fastify from 'fastify';
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

/**
 * The bare endpoint to compare intake with: Fastify and pg, one durable row of the same bytes, the same pool
 * size. The bench starts it as a separate process: node baseline.js <database url> <pool size>
 */
const [, , url, size] = process.argv;
const pool = new pg.Pool({ connectionString: url, max: Number(size) });
await pool.query(
  'create table if not exists bench_rows (id uuid primary key default gen_random_uuid(), body bytea not null)',
);
const server = Fastify({ bodyLimit: 4 * 1024 * 1024 });
server.post('/reports', async (request, reply) => {
  const { rows } = await pool.query('insert into bench_rows (body) values ($1) returning id', [
    JSON.stringify(request.body),
  ]);
  return reply.status(201).send(rows[0]);
});
// The bare endpoint to compare uploads with: the same bytes, written and synced as they come.
const folder = mkdtempSync(join(tmpdir(), 'denuncia-bench-files-'));
server.addContentTypeParser('multipart/form-data', (_request, payload, done) => done(null, payload));
server.post('/files', { bodyLimit: 2 ** 30 }, async (request, reply) => {
  const path = join(folder, randomUUID());
  const file = await open(path, 'wx');
  for await (const piece of request.body as AsyncIterable<Buffer>) await file.write(piece);
  await file.sync();
  await file.close();
  await rm(path);
  return reply.status(201).send({});
});
// The bare endpoint to compare webhooks with: it verifies the signature of the bytes and stores them.
await server.register(async (scope) => {
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  scope.post('/webhooks', async (request, reply) => {
    const body = request.body as Buffer;
    const given = Buffer.from(String(request.headers['x-hub-signature-256']).slice('sha256='.length), 'hex');
    const own = createHmac('sha256', process.env.WHATSAPP_APP_SECRET ?? '')
      .update(body)
      .digest();
    if (given.length !== own.length || !timingSafeEqual(given, own)) return reply.status(401).send({});
    await pool.query('insert into bench_rows (body) values ($1)', [body]);
    return reply.status(200).send();
  });
});
await server.listen({ port: 0, host: '127.0.0.1' });
const address = server.server.address() as { port: number };
console.log(`listening ${address.port}`);
process.on('SIGTERM', () => {
  rmSync(folder, { recursive: true, force: true });
  void server.close().then(() => pool.end());
});
