import Fastify from 'fastify';
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
await server.listen({ port: 0, host: '127.0.0.1' });
const address = server.server.address() as { port: number };
console.log(`listening ${address.port}`);
process.on('SIGTERM', () => {
  void server.close().then(() => pool.end());
});
