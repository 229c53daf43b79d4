import { joinEmbeddedServer, removeEmbeddedServer } from '@denuncia-abierta/embedded-postgres';
import pg from 'pg';

export interface BenchServer {
  /** A superuser's URL of the database that the service uses. */
  superuserUrl: string;
  /** Variables that tell the service where the database is. */
  env: NodeJS.ProcessEnv;
  version: string;
  close(): Promise<void>;
}

/** Take part in the embedded server that the service made in `dataDir`. */
export async function openEmbedded(dataDir: string): Promise<BenchServer> {
  const server = await joinEmbeddedServer({ dataDir, purpose: 'command' });
  return {
    superuserUrl: server.superuserUrl('denuncia'),
    env: {},
    version: await ask(server.superuserUrl('postgres'), (client) => versionOf(client)),
    close: async () => {
      await server.leave();
      await removeEmbeddedServer(dataDir).catch(() => false);
    },
  };
}

/** @param url a superuser of a running PostgreSQL, in which a database is made for the run */
export async function openExternal(url: string): Promise<BenchServer> {
  const name = `bench_${Date.now().toString(36)}`;
  const own = Object.assign(new URL(url), { pathname: name }).toString();
  const version = await ask(url, async (client) => {
    await client.query(`create database ${name}`);
    return versionOf(client);
  });
  return {
    superuserUrl: own,
    env: { DATABASE_URL: own },
    version,
    close: async () => {
      await ask(url, (client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}

async function versionOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ tell: string }>(
    `select current_setting('server_version') || ', jit ' || current_setting('jit') as tell`,
  );
  return rows[0]!.tell;
}

async function ask<T>(url: string, question: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await question(client);
  } finally {
    await client.end();
  }
}
