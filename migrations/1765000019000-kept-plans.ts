import type { MigrationInterface, QueryRunner } from 'typeorm';

const HEAD = 'stable security definer set search_path = pg_catalog, public, pg_temp';
/** A plan made while a table was small would read all of it when it has grown. */
const BY_INDEX = 'set enable_seqscan = off';

/** Name with parameters, columns of the answer, and the query. */
const FUNCTIONS: [name: string, columns: string, query: string][] = [
  [
    'auth_staff_session(token_hash bytea)',
    'session_id uuid, account_id uuid, name text, email text, institution_id uuid, roles text[], must_change boolean, expires_at timestamptz, areas uuid[]',
    `
      select s.id, a.id, a.name, a.email, a.institution_id, a.roles, a.one_time_until is not null, s.access_expires_at,
             array(select aa.area_id from account_areas aa where aa.account_id = a.id)
        from staff_sessions s join accounts a on a.id = s.account_id
       where s.access_hash = token_hash and s.revoked_at is null and s.rotated_at is null and a.active`,
  ],
  [
    'auth_channel_key(key_hash bytea)',
    'id uuid, institution_id uuid, channel text',
    `
      select k.id, k.institution_id, k.channel from channel_keys k where k.key_hash = auth_channel_key.key_hash and k.revoked_at is null`,
  ],
  [
    'auth_tracking(folio_hash bytea)',
    'case_id uuid, institution_id uuid, digest text, hardened boolean, generation integer',
    `
      select c.case_id, c.institution_id, c.digest, c.hardened, c.generation from case_access_codes c
       where c.folio_hash = auth_tracking.folio_hash`,
  ],
  [
    'auth_tracking_token(case_id uuid, generation integer)',
    'institution_id uuid',
    `
      select c.institution_id from case_access_codes c
       where c.case_id = auth_tracking_token.case_id and c.generation = auth_tracking_token.generation`,
  ],
];

/**
 * The functions by which each request is authenticated keep their plan for the connection. PostgreSQL before 18 plans a
 * function in the language SQL anew with every call, which cost more than its work.
 */
export class KeptPlans1765000019000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [name, columns, query] of FUNCTIONS)
      await runner.query(
        `create or replace function ${name} returns table (${columns}) language plpgsql ${HEAD} ${BY_INDEX} as $$ begin return query${query}; end $$`,
      );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [name, columns, query] of FUNCTIONS)
      await runner.query(
        `create or replace function ${name} returns table (${columns}) language sql ${HEAD} as $$${query} $$`,
      );
  }
}
