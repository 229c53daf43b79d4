import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The WhatsApp numbers of institutions. Administrators keep them. The webhook and the sweeps work before anybody is
 * signed in, so a function with the rights of the owner gives them the rows, and only when they have changed.
 *
 * The state of a connection lies in a table of its own: it follows from messages that were sent, so it has a day and
 * no entry in the trail, which would keep the time.
 */
export class WhatsAppNumbers1765000030000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(NUMBERS);
    await runner.query(VERSION);
    await runner.query(STATES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table wa_number_states;
      drop function auth_whatsapp_numbers(bigint);
      drop table wa_numbers, wa_number_version;
      drop function wa_numbers_changed()`);
  }
}

const OF_INSTITUTION = `institution_id = (select nullif(current_setting('app.institution', true), '')::uuid)`;
const KIND = `split_part((select current_setting('app.actor', true)), ':', 1)`;

const NUMBERS = `
  create table wa_numbers (
    id uuid primary key,
    institution_id uuid not null references institutions,
    label text not null,
    purpose text not null check (purpose in ('attention', 'reports', 'both')),
    phone_number_id text collate "C" not null unique check (phone_number_id ~ '^[0-9]{5,20}$'),
    display_phone text check (display_phone ~ '^[+][0-9]{8,15}$'),
    active boolean not null default true,
    version integer not null default 1,
    sealed bytea not null,
    access_token_on date not null,
    app_secret_on date not null,
    previous_app_secret_on date,
    verify_token_on date not null
  );
  comment on table wa_numbers is 'Numbers by which people write to an institution over WhatsApp; never deleted, because messages on their way name them';
  comment on column wa_numbers.phone_number_id is 'of Meta: one institution has it, and no other can take it';
  comment on column wa_numbers.display_phone is 'for people; nothing is sent by it';
  comment on column wa_numbers.active is 'false: what comes for it is kept, and nobody works it';
  comment on column wa_numbers.sealed is 'access token, app secrets and verify token, under the key-encryption key, padded';
  comment on column wa_numbers.access_token_on is 'local day on which it was set, as of the three behind it';
  comment on column wa_numbers.previous_app_secret_on is 'of the secret before the last change, while it is still valid';
  create index wa_numbers_institution on wa_numbers (institution_id);
  alter table wa_numbers enable row level security;
  create policy of_staff on wa_numbers to denuncia_app using (${OF_INSTITUTION} and ${KIND} = 'staff');
  grant select, insert, update (label, purpose, display_phone, active, version, sealed, access_token_on, app_secret_on, previous_app_secret_on,
    verify_token_on) on wa_numbers to denuncia_app;
  create constraint trigger needs_its_entry after insert or update or delete on wa_numbers deferrable initially deferred
    for each row execute function row_needs_its_entry('id', 'WHATSAPP_NUMBER_(CREATED|CHANGED)');
`;

const VERSION = `
  create table wa_number_version (
    only_row boolean primary key default true check (only_row),
    version bigint not null
  );
  comment on table wa_number_version is 'grows with every change of a number, so that processes keep the numbers in memory';
  insert into wa_number_version (version) values (1);
  alter table wa_number_version enable row level security;

  create function wa_numbers_changed() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
  begin
    -- One change after the other: a version that is seen holds all that came before it.
    update wa_number_version set version = version + 1;
    return null;
  end $$;
  revoke all on function wa_numbers_changed() from public;
  create trigger changed after insert or update or delete on wa_numbers for each statement execute function wa_numbers_changed();

  create function auth_whatsapp_numbers(known bigint)
    returns table (version bigint, id uuid, institution_id uuid, label text, purpose text, phone_number_id text, display_phone text,
                   active boolean, sealed bytea)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select v.version, n.id, n.institution_id, n.label, n.purpose, n.phone_number_id, n.display_phone, n.active, n.sealed
      from wa_number_version v left join wa_numbers n on v.version is distinct from auth_whatsapp_numbers.known
     order by n.id
  $$;
  comment on function auth_whatsapp_numbers(bigint) is 'the version, with all numbers when it is another than the known one';
  revoke all on function auth_whatsapp_numbers(bigint) from public;
  grant execute on function auth_whatsapp_numbers(bigint) to denuncia_app;
`;

const STATES = `
  create table wa_number_states (
    number text primary key,
    institution_id uuid not null references institutions,
    state text not null check (state in ('connected', 'token_refused', 'permission_missing', 'unknown_to_meta', 'payment_due', 'locked',
      'unregistered', 'unreachable')),
    day date not null
  );
  comment on table wa_number_states is 'What the last check or the last message said about the connection of a number';
  comment on column wa_number_states.number is 'id of the number; env: that of the environment';
  comment on column wa_number_states.day is 'local day since when: a time would tell when somebody was written to';
  create index wa_number_states_institution on wa_number_states (institution_id);
  alter table wa_number_states enable row level security;
  create policy of_institution on wa_number_states to denuncia_app using (${OF_INSTITUTION} and ${KIND} in ('staff', 'system'));
  grant select, insert, update (state, day) on wa_number_states to denuncia_app;
`;
