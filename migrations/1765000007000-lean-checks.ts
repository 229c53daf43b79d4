import type { MigrationInterface, QueryRunner } from 'typeorm';
import { IN_NO_RELEASE } from './1765000003000-release-plan.js';
import { ACT_AS, DAY_ONLY, OF_THE_SYSTEM, SESSION, VOUCH } from './1765000005000-audit-proof.js';

/**
 * What every transaction and every report ask of the database, asked with as few looks as answer it. No rule becomes weaker.
 * Two become stricter: a session needs the entry about itself, and a missing secret of the owner lets nothing through.
 *
 * - A case is found by its id. A policy on `cases` adds a look by institution, and a plan may follow that one instead: a plan
 *   that was made while the table was small stays when it has grown, and then every row of a report read all cases of the
 *   institution. Neither statistics nor the age of an index decide that for sure. So what must not become a way is written as
 *   `is not distinct from`, for which no index is asked.
 * - A statement inside of a function costs more than what it reads here: one statement brings all that a check needs.
 */
export class LeanChecks1765000007000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SCOPE);
    await runner.query(policies({ cases: 'cases_in_scope', same: 'is not distinct from' }));
    await runner.query(SEALED_ACTOR);
    await runner.query(VOUCH_BY_ID);
    await runner.query('drop function acting_seal(text, text, text)');
    await runner.query(SESSION_BY_ID);
    await runner.query(aboutIs('the account, session, key, rule, term or catalogue row that was changed'));
    await runner.query(NEW_CASE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(TWO_TRIGGERS);
    await runner.query(SESSION);
    await runner.query(aboutIs('the account, key, rule, term or catalogue row that was changed'));
    await runner.query(ACT_AS);
    await runner.query(VOUCH);
    await runner.query('drop function seal_of_actor(bytea, text, text, text)');
    await runner.query(policies({ cases: 'cases', same: '=' }));
    await runner.query('drop view cases_in_scope');
  }
}

/** Runs with the rights of its owner, whom no policy binds: it says itself what `of_own_areas` says of `cases`. */
const SCOPE = `
  create view cases_in_scope with (security_barrier) as
    select id, institution_id from cases
     where institution_id is not distinct from (select nullif(current_setting('app.institution', true), '')::uuid)
       and (
         (select current_setting('app.areas', true)) = '*'
         or area_id = any ((select string_to_array(nullif((select nullif(current_setting('app.areas', true), '*')), ''), ',')::uuid[])::uuid[])
         or id = (select nullif(current_setting('app.case', true), '')::uuid)
       );
  comment on view cases_in_scope is 'ids of the cases that the policy of cases shows, by conditions that no index answers: a look by id has one way';
  grant select on cases_in_scope to denuncia_app;
`;

/** Written rows are checked by a scalar subquery: for EXISTS the planner may choose to hash every case of the institution. */
function policies({ cases, same }: { cases: string; same: string }): string {
  const below = ['case_keys', 'case_reports', 'case_entries', 'information_requests'];
  return `
    ${below
      .map(
        (
          table,
        ) => `alter policy of_visible_cases on ${table} using (exists (select 1 from ${cases} c where c.id = case_id))
          with check ((select true from ${cases} c where c.id = case_id));`,
      )
      .join('\n    ')}
    alter policy of_visible_cases on sla_clocks using (exists (select 1 from ${cases} c where c.id = subject_id))
      with check ((select true from ${cases} c where c.id = subject_id and c.institution_id ${same} sla_clocks.institution_id));
    alter policy of_visible_cases on audit_entries using (
      institution_id = (select nullif(current_setting('app.institution', true), '')::uuid)
      and (case_id is null or exists (select 1 from ${cases} c where c.id = case_id))
    );`;
}

function aboutIs(what: string): string {
  return `comment on column audit_entries.about_id is '${what}; null for what concerns a case'`;
}

/** Simple expressions, which PL/pgSQL works out by itself; only the secret is looked up. */
const SEALED_ACTOR = `
  create function seal_of_actor(secret bytea, actor text, institution text, account text) returns text
    language sql stable
    return encode(sha256(secret || convert_to(concat_ws('|', pg_backend_pid(), extract(epoch from transaction_timestamp()),
                                                        actor, institution, account), 'UTF8')), 'hex');
  revoke all on function seal_of_actor(bytea, text, text, text) from public;

  create or replace function act_as(actor text, institution text, account text) returns void
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
  declare
    known bytea;
    ignored text;
  begin
    if pg_current_xact_id_if_assigned() is not null then
      raise exception 'the actor of a transaction is set before its first write' using errcode = '42501';
    end if;
    select s.secret into known from acting_secret s;
    ignored := set_config('app.actor', act_as.actor, true);
    ignored := set_config('app.institution', act_as.institution, true);
    ignored := set_config('app.account', act_as.account, true);
    ignored := set_config('app.seal', seal_of_actor(known, act_as.actor, act_as.institution, act_as.account), true);
  end $$;
`;

/** The rules of 1765000005000, with the case found by its id alone and by a scalar subquery, which cannot be hashed. */
const VOUCH_BY_ID = `
  create or replace function audit_entries_are_vouched_for() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
  declare
    actor text := coalesce(current_setting('app.actor', true), '');
    institution text := coalesce(current_setting('app.institution', true), '');
    account text := coalesce(current_setting('app.account', true), '');
    wrong text;
  begin
    -- Here the current user is the owner, whose rights this function has. What the owner writes is not bound.
    if not pg_has_role(session_user, current_user, 'member') then
      -- MATERIALIZED: worked out once and not for each entry, whatever the plan.
      with known as materialized (
        select seal_of_actor(s.secret, actor, institution, account) <> coalesce(current_setting('app.seal', true), '') as forged,
               not p.free as bound,
               ((clock_timestamp() - interval '2 minutes') at time zone coalesce(i.time_zone, 'UTC'))::date as first_day,
               ((clock_timestamp() + interval '2 minutes') at time zone coalesce(i.time_zone, 'UTC'))::date as last_day
          from acting_secret s cross join clock_policy p left join institutions i on i.id = nullif(institution, '')::uuid
      )
      select found.wrong into wrong
        from added a left join known on true, lateral (select case
               when known.forged is not false then 'actor of the transaction'
               when a.institution_id is distinct from nullif(institution, '')::uuid then 'institution'
               when not (a.actor_kind = split_part(actor, ':', 1) and a.account_id is not distinct from nullif(account, '')::uuid)
                and not (actor = 'system:intake' and a.event = 'CASE_OPENED' and a.actor_kind in ('staff', 'channel', 'nobody')) then 'actor'
               when a.at is null and a.actor_kind in ('staff', 'system') and (a.case_id is null or a.event not in (${DAY_ONLY})) then 'time'
               when a.event in (${OF_THE_SYSTEM}) and a.actor_kind <> 'system' then 'actor'
               when a.event in ('REPORTER_READ', 'ACCESS_CODE_EXCHANGED') and a.actor_kind <> 'reporter' then 'actor'
               when known.bound is not false and abs(extract(epoch from a.at - clock_timestamp())) > 120 then 'time'
               when known.bound is not false and a.day not between known.first_day and known.last_day then 'day'
               when a.case_id is null then case when a.case_seq is not null or a.reading then 'number' end
               when a.event = 'CASE_OPENED' then
                 case when a.reading or a.case_seq is distinct from 1 then 'number'
                      when (select true from cases c where c.id = a.case_id and c.institution_id is not distinct from a.institution_id
                               and c.xmin = pg_current_xact_id()::xid) is null then 'case' end
               when (select true from cases c where c.id = a.case_id and c.institution_id is not distinct from a.institution_id
                        and (not a.reading or a.case_seq is null or a.case_seq between 1 and c.last_seq)) is null then 'case'
               when a.case_seq is null and a.event not in ('REPORTER_READ', 'ACCESS_CODE_EXCHANGED', 'ACCESS_CODE_HARDENED') then 'number'
               -- A write has the number of what was written beside it, in this transaction.
               when not a.reading and a.case_seq is not null and (select true from case_entries e
                      where e.case_id = a.case_id and e.case_seq = a.case_seq and e.xmin = pg_current_xact_id()::xid) is null then 'number'
             end as wrong) found
       where found.wrong is not null limit 1;
      if wrong is not null then
        raise exception 'this entry is not true: %', wrong using errcode = '42501';
      end if;
    end if;
    insert into audit_pending (entry_id, commitment, not_before)
      select a.id, a.commitment, case when a.at is null then a.day + 1 else a.day end from added a;
    return null;
  end $$;
`;

/** The entry is found by the session it is about: the account has thousands of others. */
const SESSION_BY_ID = `
  create or replace function session_needs_its_entry() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
  begin
    if not exists (select from audit_entries e where e.about_id = new.id and e.account_id is not distinct from new.account_id
                     and e.event = 'SESSION_OPENED' and e.case_id is null and e.xmin = pg_current_xact_id()::xid)
       and not exists (select from staff_sessions s where s.family_id = new.family_id and s.id <> new.id and s.account_id = new.account_id
                     and s.rotated_at is not null)
       and written_by_the_application() then
      raise exception 'a session needs its entry in the audit trail' using errcode = '42501';
    end if;
    return null;
  end $$;
`;

/**
 * At the commit, both questions about a new case in one look: is it in the trail, and is its period still open?
 * `case_needs_its_entry` keeps the changes of cases; its part for new ones serves `down`.
 */
const NEW_CASE = `
  create function new_case_is_told_and_in_no_release() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
  declare
    told boolean;
    released boolean;
  begin
    select exists (select from audit_entries e
                    where e.case_id = new.id and e.case_seq = new.last_seq and not e.reading and e.xmin = pg_current_xact_id()::xid),
           exists (select from stat_releases r
                    where r.institution_id = new.institution_id and r.table_name = 'reports'
                      and r.last_day >= new.figures_on and r.first_day <= new.figures_on)
      into told, released;
    if not told and not pg_has_role(session_user, current_user, 'member') then
      raise exception 'a change of a case needs its entry in the audit trail' using errcode = '42501';
    end if;
    -- A release may have come out after the row was written. The intake then runs again.
    if released then
      raise exception 'the period of this report was published meanwhile'
        using errcode = '23514', table = 'cases', constraint = 'cases_in_no_release';
    end if;
    return null;
  end $$;
  revoke all on function new_case_is_told_and_in_no_release() from public;

  drop trigger cases_in_no_release on cases;
  drop trigger needs_its_entry on cases;
  drop function cases_are_in_no_release();
  create constraint trigger told_and_in_no_release after insert on cases deferrable initially deferred
    for each row execute function new_case_is_told_and_in_no_release();
  create constraint trigger needs_its_entry after update on cases deferrable initially deferred
    for each row execute function case_needs_its_entry();
`;

const TWO_TRIGGERS = `
  drop trigger told_and_in_no_release on cases;
  drop trigger needs_its_entry on cases;
  drop function new_case_is_told_and_in_no_release();
  ${IN_NO_RELEASE}
  create constraint trigger needs_its_entry after insert or update on cases deferrable initially deferred
    for each row execute function case_needs_its_entry();
`;
