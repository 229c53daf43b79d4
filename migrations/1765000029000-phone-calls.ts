import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Calls that an operator takes, and follow-ups for callers. Neither row tells of a case, a person or a time. The trail tells
 * by the day that an operator opened a follow-up: its time would be that of the reporter's call.
 */
export class PhoneCalls1765000029000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
    for (const { of, before, after } of BY_THE_DAY) await runner.query(changed(of, before, after));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { of, before, after } of BY_THE_DAY) await runner.query(changed(of, after, before));
    await runner.query('drop table phone_follow_ups, phone_calls');
  }
}

const OF_STAFF = `
    using (institution_id = (select nullif(current_setting('app.institution', true), '')::uuid)
           and split_part((select current_setting('app.actor', true)), ':', 1) in ('staff', 'system'))`;

const UP = `
  create table phone_calls (
    number_hash bytea primary key,
    institution_id uuid not null references institutions,
    day date not null,
    filing_on date,
    sealed bytea not null
  );
  comment on table phone_calls is 'Calls with a draft, until the draft is filed or the call ends; nothing here leads to the case';
  comment on column phone_calls.number_hash is 'keyed hash of institution and call number: the number stands nowhere';
  comment on column phone_calls.day is 'local day of the last change, after which the draft lives three days';
  comment on column phone_calls.filing_on is 'local day on which its report was sent to intake, whose answer is not known; the draft does not change any more';
  comment on column phone_calls.sealed is 'start, language and draft, padded, under a key that needs the call number';
  create index phone_calls_over on phone_calls (institution_id, day);
  alter table phone_calls enable row level security;
  create policy of_staff on phone_calls to denuncia_app ${OF_STAFF};
  grant select, insert, delete, update (day, filing_on, sealed) on phone_calls to denuncia_app;

  create table phone_follow_ups (
    token_hash bytea primary key,
    institution_id uuid not null references institutions,
    day date not null
  );
  comment on table phone_follow_ups is 'Follow-ups that have not ended: the token carries all else, sealed';
  create index phone_follow_ups_over on phone_follow_ups (institution_id, day);
  alter table phone_follow_ups enable row level security;
  create policy of_staff on phone_follow_ups to denuncia_app ${OF_STAFF};
  grant select, insert, delete on phone_follow_ups to denuncia_app;
`;

const WITHOUT_TIME = `when a.at is null and a.actor_kind in ('staff', 'system') and `;
const OPENED = `a.event = 'FOLLOW_UP_OPENED'`;

/** Conditions in functions of 1764000000000 and 1765000007000: the one entry of an institution by staff that has no time. */
const BY_THE_DAY = [
  {
    of: 'audit_entries_are_vouched_for',
    before: WITHOUT_TIME,
    after: `${WITHOUT_TIME}not (${OPENED} and a.case_id is null) and `,
  },
  {
    of: 'audit_hides_the_time_of_reporters',
    before: `or new.event = 'CASE_OPENED') then`,
    after: `or new.event = 'CASE_OPENED') or new.event = 'FOLLOW_UP_OPENED' then`,
  },
];

/** Changes one condition in the body of a function, which stands there once. */
function changed(name: string, before: string, after: string): string {
  return `
    do $do$
    declare
      known text := pg_get_functiondef('${name}()'::regprocedure);
      before text := $t$${before}$t$;
    begin
      if length(known) - length(replace(known, before, '')) <> length(before) then
        raise exception '${name} does not have this condition once: %', before;
      end if;
      execute replace(known, before, $t$${after}$t$);
    end $do$`;
}
