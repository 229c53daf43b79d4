import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Calls that an operator takes, and follow-ups for callers. Neither row tells of a case, a person or a time. */
export class PhoneCalls1765000029000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
    await runner.query(kept('as long as a repeat may come: 24 to 48 hours, of a call three days'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(kept('24 to 48 hours'));
    await runner.query('drop table phone_follow_ups, phone_calls');
  }
}

/** The comment of a table of 1764000001000. */
function kept(howLong: string): string {
  return `comment on table idempotency_answers is
    'Answers kept ${howLong} under a key that only the holder of the Idempotency-Key can make'`;
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
  comment on column phone_calls.day is 'local day of the last change or of the first filing, after which the draft lives three days';
  comment on column phone_calls.filing_on is 'local day on which its report was last sent to intake, while the answer is not known; on that day the draft does not change';
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
