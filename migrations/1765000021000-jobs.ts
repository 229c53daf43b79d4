import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const SCHEMA = 'job_queue';
/** The last step of graphile-worker 0.16 for its own schema. A later version brings a migration of ours. */
const LAST = 18;

/**
 * The steps of graphile-worker for its own schema, from its package, without their notifications: every login
 * of the database could hear them (ADR 0014). They run here and not through the library, which notifies too
 * and knows nothing of our lock.
 */
export function librarySql(from: number, to: number): { id: number; breaking: boolean; sql: string }[] {
  const folder = join(dirname(createRequire(import.meta.url).resolve('graphile-worker/package.json')), 'sql');
  return Array.from({ length: to - from + 1 }, (_, at) => {
    const id = from + at;
    const text = readFileSync(join(folder, `${String(id).padStart(6, '0')}.sql`), 'utf8');
    const sql = text.replaceAll(/:GRAPHILE_WORKER_SCHEMA\b/g, SCHEMA).replaceAll(/perform pg_notify\([^;]*;/g, 'null;');
    return { id, breaking: text.startsWith('--! breaking'), sql };
  });
}

/**
 * A row of the queue says nothing finer than a day. `locked_at` lies at the end of the day and not at its
 * begin: four hours after it the library takes a job from its worker. A job that failed waits under a flag:
 * a time in `run_at` would tell when it was added. `JobLane` knows the same flags.
 */
const WITHOUT_TIMES = `
  create function ${SCHEMA}.without_times() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
  declare
    today constant timestamptz := date_trunc('day', now(), 'UTC');
  begin
    new.created_at := least(date_trunc('day', new.created_at, 'UTC'), today);
    new.run_at := least(date_trunc('day', new.run_at, 'UTC'), today);
    new.updated_at := today;
    if new.locked_at is not null then
      new.locked_at := today + interval '1 day';
    elsif new.attempts > 0 and new.last_error is not null then
      new.flags := jsonb_build_object(
        case when new.attempts <= 3 then 'minute' when new.attempts <= 9 then 'ten-minutes' else 'hour' end, true);
      -- A job that fails often goes behind the others.
      new.priority := new.attempts;
    end if;
    -- A code and nothing of what failed.
    if new.last_error !~ '^([A-Z]+(_[A-Z]+)*|[0-9A-Z]{5})$' or length(new.last_error) > 40 then
      new.last_error := 'FAILED';
    end if;
    return new;
  end $$;
  create trigger without_times before insert or update on ${SCHEMA}._private_jobs
    for each row execute function ${SCHEMA}.without_times();`;

/**
 * Adds a job, once for each name and subject. A job that runs may have read what was there before: it keeps
 * its row without the key, and a new one waits.
 */
const ADD_JOB = `
  create function public.add_job(name text, subject uuid) returns void language plpgsql
    security definer set search_path = pg_catalog, public, pg_temp as $$
  declare
    of_key constant text := name || '|' || subject;
  begin
    if not exists (select 1 from ${SCHEMA}.job_names n where n.name = add_job.name) then
      raise exception 'no job has this name' using errcode = '22023';
    end if;
    -- Only a random uuid says nothing outside of its own table.
    if subject is null or subject::text !~ '^.{14}4.{4}[89ab]' then
      raise exception 'the subject of a job is a random uuid' using errcode = '22023';
    end if;
    -- Asked first: a sequence would count what "on conflict" leaves out.
    if not exists (select from ${SCHEMA}._private_tasks t where t.identifier = name) then
      insert into ${SCHEMA}._private_tasks (identifier) values (name) on conflict do nothing;
    end if;
    loop
      update ${SCHEMA}._private_jobs set key = null, attempts = max_attempts where key = of_key and locked_at is not null;
      insert into ${SCHEMA}._private_jobs as jobs (task_id, payload, key)
        select t.id, json_build_object('subject', subject), of_key from ${SCHEMA}._private_tasks t where t.identifier = name
        on conflict (key) do update set attempts = 0, last_error = null, flags = null, priority = 0, revision = jobs.revision + 1
         where jobs.locked_at is null;
      -- Not found: a worker has taken the job in between.
      exit when found;
    end loop;
  end $$;
  revoke all on function public.add_job(text, uuid) from public;
  grant execute on function public.add_job(text, uuid) to denuncia_app;`;

/** The job queue: the schema of graphile-worker, of `denuncia_jobs`, and the one function that adds a job. */
export class Jobs1765000021000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create schema ${SCHEMA} authorization denuncia_jobs`);
    await runner.query('grant create on schema public to denuncia_jobs');
    await runner.query('set local role denuncia_jobs');
    await runner.query(
      `create table ${SCHEMA}.migrations (id int primary key, ts timestamptz default now() not null, breaking boolean not null default false)`,
    );
    for (const { id, breaking, sql } of librarySql(1, LAST)) {
      await runner.query(sql);
      await runner.query(`insert into ${SCHEMA}.migrations (id, breaking) values ($1, $2)`, [id, breaking]);
    }
    await runner.query(`
      -- The jobs that may be added. A migration adds names.
      create table ${SCHEMA}.job_names (name text primary key check (name ~ '^[a-z][a-z-]{1,59}$'));
      -- Processes that work jobs, and when each was last seen. The jobs of the others are free again.
      create table ${SCHEMA}.runners (id text primary key, seen_at timestamptz not null);
      -- Random ids: numbers would count the jobs, and tell their order.
      alter table ${SCHEMA}._private_jobs alter column id drop identity;
      alter table ${SCHEMA}._private_jobs alter column id
        set default ('x' || left(replace(gen_random_uuid()::text, '-', ''), 12))::bit(48)::bigint;
      ${WITHOUT_TIMES}
      ${ADD_JOB}`);
    await runner.query('reset role');
    await runner.query('revoke create on schema public from denuncia_jobs');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('set local role denuncia_jobs');
    await runner.query(`drop function public.add_job(text, uuid); drop schema ${SCHEMA} cascade`);
    await runner.query('reset role');
  }
}
