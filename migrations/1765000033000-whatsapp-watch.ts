import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How many messages of a number were delivered in a month, for the free tier of Meta; and notices to administrators
 * when a number does not work or comes near the end of that tier.
 */
export class WhatsAppWatch1765000033000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(DELIVERIES);
    await runner.query(`alter table wa_numbers add column free_messages integer default 1000 check (free_messages > 0);
      comment on column wa_numbers.free_messages is 'delivered messages a month that Meta does not charge; null: nobody is told';
      grant update (free_messages) on wa_numbers to denuncia_app;
      grant delete on wa_number_states to denuncia_app`);
    await runner.query(known('free_messages integer, ', 'n.free_messages, '));
    await runner.query(DOWN_NOW);
    await runner.query(kinds([...KINDS, ...NEW_KINDS]));
    await runner.query(subject([...WITHOUT_CASE, ...NEW_KINDS]));
    await runner.query(`create unique index notices_whatsapp on notices (account_id, kind)
      where kind in (${list(NEW_KINDS)}) and read_at is null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index notices_whatsapp');
    await runner.query(`delete from notices where kind in (${list(NEW_KINDS)})`);
    await runner.query(subject(WITHOUT_CASE));
    await runner.query(kinds(KINDS));
    await runner.query('drop function whatsapp_is_down()');
    await runner.query(known('', ''));
    await runner.query('revoke delete on wa_number_states from denuncia_app');
    await runner.query('alter table wa_numbers drop column free_messages');
    await runner.query('drop table wa_deliveries');
  }
}

const DELIVERIES = `
  create table wa_deliveries (
    number text not null,
    month date not null check (extract(day from month) = 1),
    institution_id uuid not null references institutions,
    day date not null,
    before integer not null default 0,
    on_day integer not null default 0,
    told boolean not null default false,
    primary key (number, month)
  );
  comment on table wa_deliveries is 'Messages of a number that Meta delivered in a month; written together, in a transaction without a row of any person';
  comment on column wa_deliveries.number is 'id of the number; env: that of the environment';
  comment on column wa_deliveries.day is 'UTC day of the last one';
  comment on column wa_deliveries.before is 'those before that day: only they are shown, and only roughly';
  comment on column wa_deliveries.told is 'whether administrators heard in this month that the free ones come to an end';
  create index wa_deliveries_institution on wa_deliveries (institution_id, month);
  alter table wa_deliveries enable row level security;
  create policy of_institution on wa_deliveries to denuncia_app
    using (institution_id = (select nullif(current_setting('app.institution', true), '')::uuid)
           and split_part((select current_setting('app.actor', true)), ':', 1) in ('staff', 'system'));
  grant select, insert, delete, update (day, before, on_day, told) on wa_deliveries to denuncia_app;
`;

/** `auth_whatsapp_numbers` of 1765000030000, with more columns. */
function known(columns: string, values: string): string {
  return `
  drop function auth_whatsapp_numbers(bigint);
  create function auth_whatsapp_numbers(known bigint)
    returns table (version bigint, id uuid, institution_id uuid, label text, purpose text, phone_number_id text, display_phone text,
                   active boolean, ${columns}sealed bytea)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select v.version, n.id, n.institution_id, n.label, n.purpose, n.phone_number_id, n.display_phone, n.active, ${values}n.sealed
      from wa_number_version v left join wa_numbers n on v.version is distinct from auth_whatsapp_numbers.known
     order by n.id
  $$;
  comment on function auth_whatsapp_numbers(bigint) is 'the version, with all numbers when it is another than the known one';
  revoke all on function auth_whatsapp_numbers(bigint) from public;
  grant execute on function auth_whatsapp_numbers(bigint) to denuncia_app;
`;
}

const DOWN_NOW = `
  create function whatsapp_is_down() returns boolean
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select from wa_number_states s where s.state <> 'connected')
  $$;
  comment on function whatsapp_is_down() is 'whether any number of any institution does not work; not which';
  revoke all on function whatsapp_is_down() from public;
  grant execute on function whatsapp_is_down() to denuncia_app;
`;

const NEW_KINDS = ['whatsapp_number_down', 'whatsapp_free_messages'];
/** As in 1765000025000. */
const KINDS = [
  'deadline_warning',
  'deadline_breached',
  'reporter_wrote',
  'case_assigned',
  'assignee_left',
  'approval_requested',
  'access_changed',
  'routing_changed',
  'trail_broken',
  'evidence_quarantined',
  'approval_answered',
];
/** As in 1765000006000. */
const WITHOUT_CASE = ['approval_requested', 'access_changed', 'routing_changed', 'trail_broken'];

function kinds(all: readonly string[]): string {
  return `alter table notices drop constraint notices_kind_check, add constraint notices_kind_check check (kind in (${list(all)}))`;
}

function subject(all: readonly string[]): string {
  return `alter table notices drop constraint notices_subject,
    add constraint notices_subject check (case_id is not null or kind in (${list(all)}))`;
}

function list(all: readonly string[]): string {
  return all.map((kind) => `'${kind}'`).join(', ');
}
