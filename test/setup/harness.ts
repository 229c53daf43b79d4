import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import { createApi } from '../../src/app/boot.js';
import type { AppConfig } from '../../src/app/config.js';
import { ENTITIES } from '../../src/app/entities.js';
import type { ExampleSource } from '../../src/app/openapi-document.js';
import { ManualClock } from '../../src/platform/clock.js';
import { KeyRing } from '../../src/platform/crypto/keyring.js';
import { connectSql } from '../../src/platform/database/database-rights.js';
import { Database } from '../../src/platform/database/database.js';
import { ROLES } from '../../src/platform/database/roles.js';
import { JobRunner } from '../../src/platform/jobs/job-runner.js';
import { Sweeper } from '../../src/platform/jobs/sweeper.js';
import { Log } from '../../src/platform/logging.js';
import { SECRET_NAMES } from '../../src/platform/secrets.js';
import { openStore } from '../../src/platform/storage/open-store.js';
import { Waits } from '../../src/platform/waits.js';
import {
  OWNER,
  PASSWORD,
  ROLE_PASSWORDS,
  SECRETS,
  START_TIME,
  TEMPLATE,
  testConfig,
  urlFor,
} from './constants.js';

export interface Answer<T = Record<string, never>> {
  status: number;
  headers: Headers;
  body: T;
}

export interface CallOptions {
  token?: string;
  key?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Part of the time for which answers are held back on purpose: most tests ask for something else. */
const WAITED = 0.1;

/** A running API on its own clone of the template database, with a clock that moves only when told to. */
export class Harness {
  private readonly tokens = new Map<string, string>();

  private constructor(
    readonly app: NestFastifyApplication,
    readonly database: Database,
    readonly clock: ManualClock,
    readonly url: string,
    readonly databaseName: string,
    readonly config: AppConfig,
    private readonly ownsDatabase: boolean,
  ) {}

  /**
   * @param options.share another harness whose database this one uses as a second process would
   * @param options.copy another harness of whose database this one gets a copy, as a restored backup is one
   * @param options.examples what the API document's examples take from the database
   */
  static async start(
    options: {
      config?: Partial<AppConfig>;
      at?: Date;
      share?: Harness;
      copy?: Harness;
      poolSize?: number;
      log?: Log;
      examples?: ExampleSource;
    } = {},
  ): Promise<Harness> {
    const name = options.share?.databaseName ?? `t_${randomUUID().replaceAll('-', '')}`;
    if (!options.share) await cloneDatabase(options.copy?.databaseName ?? TEMPLATE, name);
    const database = await Database.connect(
      { app: databaseUrl(name, 'app'), public: databaseUrl(name, 'public') },
      ENTITIES,
      { size: options.poolSize ?? 10, connectTimeout: 5000 },
    );
    const clock = options.share?.clock ?? new ManualClock(options.at ?? START_TIME);
    const config = testConfig({
      ...(options.share ? { storage: options.share.config.storage } : {}),
      ...options.config,
    });
    const log = options.log ?? new Log('silent');
    const app = await createApi(
      { config, clock, keys: new KeyRing(SECRETS), log, database, store: await openStore(config.storage) },
      { examples: options.examples },
    );
    app.get(Waits).scale = WAITED;
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as { port: number };
    return new Harness(app, database, clock, `http://127.0.0.1:${port}`, name, config, !options.share);
  }

  /** The folder with the sealed files. */
  get files(): string {
    const { storage } = this.config;
    if (storage.kind !== 'folder') throw new Error('the files of this harness lie in a bucket');
    return storage.folder;
  }

  /** The variables of a process that works on this database and its files. */
  env(): Record<string, string> {
    const { storage } = this.config;
    return {
      DATABASE_URL: databaseUrl(this.databaseName, 'app'),
      DATABASE_PUBLIC_URL: databaseUrl(this.databaseName, 'public'),
      CLOCK_START: this.clock.now().toISOString(),
      LOG_LEVEL: 'silent',
      ...(storage.kind === 'folder' ? { STORAGE_DIR: storage.folder } : {}),
      ...Object.fromEntries(
        Object.entries(SECRET_NAMES).map(([key, name]) => [
          name,
          SECRETS[key as keyof typeof SECRETS].toString('base64'),
        ]),
      ),
    };
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.database.close();
    const { storage } = this.config;
    if (this.ownsDatabase && storage.kind === 'folder')
      await rm(storage.folder, { recursive: true, force: true });
    if (this.ownsDatabase)
      await asSuperuser((client) => client.query(`drop database ${this.databaseName} with (force)`));
  }

  /** Lets answers be held back as long as in production while `work` runs. */
  async atFullLength<T>(work: () => Promise<T>): Promise<T> {
    const waits = this.app.get(Waits);
    waits.scale = 1;
    try {
      return await work();
    } finally {
      waits.scale = WAITED;
    }
  }

  /** Runs every sweep until none has work. */
  async sweep(): Promise<void> {
    await this.app.get(Sweeper).drain();
  }

  /** Works every job that waits. @returns how many attempts there were */
  workJobs(): Promise<number> {
    return this.app.get(JobRunner).drain(databaseUrl(this.databaseName, 'jobs'));
  }

  /** Runs one sweep once. @returns what it worked */
  run(sweep: string): Promise<number> {
    return this.app.get(Sweeper).run(sweep);
  }

  /** A request to `/api/v1<path>`; a path that begins with `//` is taken without the prefix. */
  async call<T = Record<string, never>>(
    method: string,
    path: string,
    options: CallOptions = {},
  ): Promise<Answer<T>> {
    const target = path.startsWith('//') ? path.slice(1) : `/api/v1${path}`;
    const response = await fetch(this.url + target, {
      method,
      headers: {
        ...(options.body === undefined || options.body instanceof FormData
          ? {}
          : { 'Content-Type': 'application/json' }),
        ...(options.token ? { Authorization: `Bearer ${options.token}` } : {}),
        ...(options.key ? { 'X-Api-Key': options.key } : {}),
        ...options.headers,
      },
      body:
        options.body === undefined
          ? undefined
          : typeof options.body === 'string' || options.body instanceof FormData
            ? options.body
            : JSON.stringify(options.body),
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      // The answer to HEAD has the headers of a body and none.
      body: (json && text !== '' ? JSON.parse(text) : text) as T,
    };
  }

  /** Access token of a demo account such as `mesa@conavi.demo`; signs in once per harness. */
  async token(email: string): Promise<string> {
    const known = this.tokens.get(email);
    if (known) return known;
    const { status, body } = await this.call<{ accessToken: string }>('POST', '/auth/sessions', {
      body: { email, password: PASSWORD },
    });
    if (status !== 201) throw new Error(`sign-in of ${email} answered ${status}`);
    this.tokens.set(email, body.accessToken);
    return body.accessToken;
  }

  /** Tokens live 15 minutes: call after moving the clock further. */
  forgetTokens(): void {
    this.tokens.clear();
  }

  /** A request as a demo account. */
  async as<T = Record<string, never>>(
    email: string,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<T>> {
    return this.call<T>(method, path, { token: await this.token(email), body, headers });
  }

  /** Files a report over the public web and gives the receipt. */
  async file(report: Record<string, unknown> = {}): Promise<Receipt> {
    const { status, body } = await this.call<Receipt>('POST', '/reports', {
      body: {
        institution: 'CONAVI-DEMO',
        mode: 'anonymous',
        narrative: 'Me pidieron dinero en la ventanilla para inscribirme.',
        ...(report.mode === undefined || report.mode === 'anonymous' ? {} : NOTICE),
        ...report,
      },
    });
    if (status !== 201) throw new Error(`report answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  /** Token of the reporter's side. */
  async trackingToken(receipt: Pick<Receipt, 'folio' | 'accessCode'>): Promise<string> {
    const { status, body } = await this.call<{ token: string }>('POST', '/tracking/sessions', {
      body: { folio: receipt.folio, accessCode: receipt.accessCode },
    });
    if (status !== 201) throw new Error(`tracking answered ${status}`);
    return body.token;
  }

  /** SQL as the owner or a run-time login, for looking behind the API. */
  async sql<Row extends pg.QueryResultRow>(
    login: 'owner' | 'app' | 'public' | 'jobs',
    sql: string,
    parameters: unknown[] = [],
  ): Promise<Row[]> {
    const client = new pg.Client({ connectionString: databaseUrl(this.databaseName, login) });
    await client.connect();
    try {
      return (await client.query<Row>(sql, parameters)).rows;
    } finally {
      await client.end();
    }
  }
}

/** What a form sends with a report that gives data: the notice of the demo. */
export const NOTICE = { privacyNotice: { version: '2026-1', accepted: true } };

export interface Receipt {
  folio: string;
  /** By phone. */
  folioDigits?: string;
  accessCode: string;
  mode: string;
  channel: string;
  status: string;
  receivedOn: string;
  area: { code: string; label: string };
  category: { code: string; label: string } | null;
  priority: string;
  deadlines: { metric: string; dueOn: string }[];
  acknowledgement: string;
}

export function databaseUrl(name: string, login: 'owner' | 'app' | 'public' | 'jobs'): string {
  const superuser = superuserUrl();
  if (login === 'owner') return urlFor(superuser, name, OWNER.user, OWNER.password);
  return urlFor(superuser, name, ROLES[login], ROLE_PASSWORDS[login]);
}

export function superuserUrl(): string {
  const url = process.env.TEST_SUPERUSER_URL;
  if (!url) throw new Error('TEST_SUPERUSER_URL is missing: run through Jest');
  return url;
}

/** A database can be copied while nobody is connected to it; pools connect again by themselves. */
async function cloneDatabase(from: string, to: string): Promise<void> {
  await asSuperuser(async (client) => {
    await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [from]);
    await client.query(`create database ${to} template ${from}`);
    // Rights on a database are not copied with it.
    for (const statement of connectSql(to, [OWNER.user])) await client.query(statement);
  });
}

export async function asSuperuser<T>(
  work: (client: pg.Client) => Promise<T>,
  database = 'postgres',
): Promise<T> {
  const url = new URL(superuserUrl());
  url.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: url.toString() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
