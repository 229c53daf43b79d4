import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Access codes get a generation, so that an exchanged code and every token opened with it are dead at once. E-mail
 * addresses are unique per institution, so that creating an account tells nothing about other institutions.
 */
export class AccessCodes1765000004000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(GENERATIONS);
    await runner.query(EMAILS);
  }

  /** Refused by the database while one address has accounts at two institutions: one of them must go first. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}

const GENERATIONS = `
  alter table case_access_codes add column generation integer not null default 1;
  comment on column case_access_codes.generation is 'counts the codes of a case: a tracking token holds that of its code and dies with it';
  grant update (generation) on case_access_codes to denuncia_app;

  drop function auth_tracking(bytea);
  create function auth_tracking(folio_hash bytea)
    returns table (case_id uuid, institution_id uuid, digest text, hardened boolean, generation integer)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select c.case_id, c.institution_id, c.digest, c.hardened, c.generation from case_access_codes c
       where c.folio_hash = auth_tracking.folio_hash $$;

  -- A row only while the code of that generation is the one that works.
  create function auth_tracking_token(case_id uuid, generation integer)
    returns table (institution_id uuid)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select c.institution_id from case_access_codes c
       where c.case_id = auth_tracking_token.case_id and c.generation = auth_tracking_token.generation $$;
  revoke all on function auth_tracking(bytea), auth_tracking_token(uuid, integer) from public;
  grant execute on function auth_tracking(bytea), auth_tracking_token(uuid, integer) to denuncia_app;
`;

const EMAILS = `
  alter table accounts drop constraint accounts_email_key, add constraint accounts_email_key unique (institution_id, email);
  create index accounts_email on accounts (email);

  drop function auth_account(text);
  -- The oldest first: the program looks at the first few only, and an account made later must not push one of them out.
  create function auth_account(email text)
    returns table (id uuid, institution_id uuid, institution_code text, institution_name text, password_hash text,
                   one_time_until timestamptz, active boolean)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select a.id, a.institution_id, i.code, i.name, a.password_hash, a.one_time_until, a.active
        from accounts a join institutions i on i.id = a.institution_id
       where a.email = lower(auth_account.email) order by a.created_at, a.id $$;
  revoke all on function auth_account(text) from public;
  grant execute on function auth_account(text) to denuncia_app;
`;

/** The functions to the letter as the earlier migrations made them. */
const DOWN = `
  drop function auth_account(text);
  drop index accounts_email;
  alter table accounts drop constraint accounts_email_key, add constraint accounts_email_key unique (email);
  create function auth_account(email text)
    returns table (id uuid, institution_id uuid, password_hash text, one_time_until timestamptz, active boolean)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select a.id, a.institution_id, a.password_hash, a.one_time_until, a.active from accounts a where a.email = lower(auth_account.email) $$;
  revoke all on function auth_account(text) from public;
  grant execute on function auth_account(text) to denuncia_app;

  drop function auth_tracking_token(uuid, integer);
  drop function auth_tracking(bytea);
  -- PostgreSQL 15 would keep the right on the dropped column.
  revoke update (generation) on case_access_codes from denuncia_app;
  alter table case_access_codes drop column generation;
  create function auth_tracking(folio_hash bytea)
    returns table (case_id uuid, institution_id uuid, digest text, hardened boolean)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select c.case_id, c.institution_id, c.digest, c.hardened from case_access_codes c where c.folio_hash = auth_tracking.folio_hash $$;
  revoke all on function auth_tracking(bytea) from public;
  grant execute on function auth_tracking(bytea) to denuncia_app;
`;
