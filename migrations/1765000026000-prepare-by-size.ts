import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Large files are prepared under a name of their own, so that they hold up no small one. Jobs of one name may have
 * turns, so that the many files of one case do not stand before the single file of another one.
 */
export class PrepareBySize1765000026000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await asJobs(
      runner,
      `drop function public.add_job(text, uuid);
       ${ADD_JOB_WITH_TURN}
       insert into job_queue.job_names (name) values ('prepare-large-evidence')`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await asJobs(
      runner,
      `delete from job_queue._private_jobs j using job_queue._private_tasks t
        where t.id = j.task_id and t.identifier = 'prepare-large-evidence';
       delete from job_queue._private_tasks where identifier = 'prepare-large-evidence';
       delete from job_queue.job_names where name = 'prepare-large-evidence';
       drop function public.add_job(text, uuid, integer);
       ${ADD_JOB}`,
    );
  }
}

/** The function in the schema public belongs to `denuncia_jobs`, as in 1765000021000. */
async function asJobs(runner: QueryRunner, sql: string): Promise<void> {
  await runner.query('grant create on schema public to denuncia_jobs');
  await runner.query('set local role denuncia_jobs');
  await runner.query(sql);
  await runner.query('reset role');
  await runner.query('revoke create on schema public from denuncia_jobs');
}

/** The library takes jobs by their priority. A job that failed gets another one from `without_times`. */
const ADD_JOB_WITH_TURN = `
  create function public.add_job(name text, subject uuid, turn integer default 0) returns void language plpgsql
    security definer set search_path = pg_catalog, public, pg_temp as $$
  declare
    of_key constant text := name || '|' || subject;
    place constant smallint := least(greatest(coalesce(turn, 0), 0), 1000);
  begin
    if not exists (select 1 from job_queue.job_names n where n.name = add_job.name) then
      raise exception 'no job has this name' using errcode = '22023';
    end if;
    -- Only a random uuid says nothing outside of its own table.
    if subject is null or subject::text !~ '^.{14}4.{4}[89ab]' then
      raise exception 'the subject of a job is a random uuid' using errcode = '22023';
    end if;
    -- Asked first: a sequence would count what "on conflict" leaves out.
    if not exists (select from job_queue._private_tasks t where t.identifier = name) then
      insert into job_queue._private_tasks (identifier) values (name) on conflict do nothing;
    end if;
    loop
      update job_queue._private_jobs set key = null, attempts = max_attempts where key = of_key and locked_at is not null;
      insert into job_queue._private_jobs as jobs (task_id, payload, key, priority)
        select t.id, json_build_object('subject', subject), of_key, place from job_queue._private_tasks t where t.identifier = name
        on conflict (key) do update set attempts = 0, last_error = null, flags = null, priority = place, revision = jobs.revision + 1
         where jobs.locked_at is null;
      -- Not found: a worker has taken the job in between.
      exit when found;
    end loop;
  end $$;
  revoke all on function public.add_job(text, uuid, integer) from public;
  grant execute on function public.add_job(text, uuid, integer) to denuncia_app;`;

/** As in 1765000021000, to the letter. */
const ADD_JOB = `
  create function public.add_job(name text, subject uuid) returns void language plpgsql
    security definer set search_path = pg_catalog, public, pg_temp as $$
  declare
    of_key constant text := name || '|' || subject;
  begin
    if not exists (select 1 from job_queue.job_names n where n.name = add_job.name) then
      raise exception 'no job has this name' using errcode = '22023';
    end if;
    -- Only a random uuid says nothing outside of its own table.
    if subject is null or subject::text !~ '^.{14}4.{4}[89ab]' then
      raise exception 'the subject of a job is a random uuid' using errcode = '22023';
    end if;
    -- Asked first: a sequence would count what "on conflict" leaves out.
    if not exists (select from job_queue._private_tasks t where t.identifier = name) then
      insert into job_queue._private_tasks (identifier) values (name) on conflict do nothing;
    end if;
    loop
      update job_queue._private_jobs set key = null, attempts = max_attempts where key = of_key and locked_at is not null;
      insert into job_queue._private_jobs as jobs (task_id, payload, key)
        select t.id, json_build_object('subject', subject), of_key from job_queue._private_tasks t where t.identifier = name
        on conflict (key) do update set attempts = 0, last_error = null, flags = null, priority = 0, revision = jobs.revision + 1
         where jobs.locked_at is null;
      -- Not found: a worker has taken the job in between.
      exit when found;
    end loop;
  end $$;
  revoke all on function public.add_job(text, uuid) from public;
  grant execute on function public.add_job(text, uuid) to denuncia_app;`;
