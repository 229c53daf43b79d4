import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The WhatsApp channel: what came in, whom the bot talks with, what it has to say. No row here holds an id of a case,
 * and no case holds one of these: a sender and a report meet only inside sealed columns, for the seconds between
 * "enviar" and the folio.
 *
 * There is no row-level security on these tables. A message arrives before anything says to which institution it
 * belongs, and every content is sealed by the application; what protects the rows is that only its login may touch them.
 *
 * Days, never instants: with an instant a message could be paired with the case that was opened then. What needs an
 * instant (a retry, the end of a draft) has it inside the sealed column.
 */
export class WhatsApp1764000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(RECEIVING);
    await runner.query(TALKING);
    await runner.query(REPORTING);
    await runner.query(CLEANING);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table wa_outbox, wa_handovers, wa_aliases, wa_sessions, wa_events, wa_seen, wa_inbox, wa_inbox_keys`);
  }
}

const RECEIVING = `
  create table wa_inbox_keys (
    day date primary key,
    wrapped bytea not null
  );
  comment on table wa_inbox_keys is 'One key per day of arrival, wrapped by INBOX_KEY; deleting it shreds what came that day';
  grant select, insert, delete on wa_inbox_keys to denuncia_app;

  create table wa_inbox (
    id uuid primary key,
    day date not null references wa_inbox_keys,
    state text not null check (state in ('new', 'done', 'unrouted', 'failed')),
    attempts integer not null default 0,
    settled_on date,
    arrival bytea not null,
    body bytea not null,
    check ((state = 'new') = (settled_on is null))
  );
  comment on table wa_inbox is 'Webhooks as they came, sealed under the key of their day: stored before Meta gets its 200';
  comment on column wa_inbox.arrival is 'the instant, sealed like the body: deliveries are worked in this order';
  comment on column wa_inbox.state is 'unrouted: holds events for a number that is not ours, which nobody processes; failed: could not be taken apart';
  create index wa_inbox_new on wa_inbox (id) where state = 'new';
  create index wa_inbox_settled on wa_inbox (settled_on) where state <> 'new';
  create index wa_inbox_day on wa_inbox (day);
  grant select, insert, update, delete on wa_inbox to denuncia_app;

  create table wa_seen (
    hash bytea primary key,
    day date not null
  );
  comment on table wa_seen is 'Keyed hashes of message ids already taken: Meta delivers at least once, for seven days';
  create index wa_seen_day on wa_seen (day);
  grant select, insert, delete on wa_seen to denuncia_app;
`;

const TALKING = `
  create table wa_events (
    id uuid primary key,
    lane bytea not null,
    turn integer not null,
    state text not null default 'new' check (state in ('new', 'failed')),
    attempts integer not null default 0,
    day date not null,
    sealed bytea not null,
    unique (lane, turn)
  );
  comment on table wa_events is 'Messages waiting for the bot; a row is gone when it was answered';
  comment on column wa_events.lane is 'keyed hash of the sender: one message at a time per lane, in turn';
  create index wa_events_new on wa_events (lane, turn) where state = 'new';
  create index wa_events_failed on wa_events (day) where state = 'failed';
  grant select, insert, update, delete on wa_events to denuncia_app;

  create table wa_sessions (
    id uuid primary key,
    ticket bytea not null unique,
    day date not null,
    sealed bytea not null
  );
  comment on table wa_sessions is 'Conversations: draft, reply address and, until the receipt is sent, folio and access code';
  comment on column wa_sessions.ticket is 'of a conversation that waits for its folio the keyed hash of its handover, else random: in clear nothing tells who reported';
  comment on column wa_sessions.day is 'last activity';
  create index wa_sessions_day on wa_sessions (day);
  grant select, insert, update, delete on wa_sessions to denuncia_app;

  create table wa_aliases (
    alias bytea primary key,
    session_id uuid not null references wa_sessions on delete cascade
  );
  comment on table wa_aliases is 'Keyed hashes of the phone and the business-scoped id under which a person is known';
  create index wa_aliases_session on wa_aliases (session_id);
  grant select, insert, update, delete on wa_aliases to denuncia_app;
`;

const REPORTING = `
  create table wa_handovers (
    id uuid primary key,
    institution_id uuid not null references institutions,
    state text not null check (state in ('waiting', 'opened')),
    attempts integer not null default 0,
    day date not null,
    sealed bytea not null
  );
  comment on table wa_handovers is 'Confirmed reports on their way to a case, without their sender: the transaction that opens the case writes no row of a sender, else xmin would pair them';
  comment on column wa_handovers.sealed is 'waiting: the report with its folio and access code; opened: what the receipt says beyond those';
  create index wa_handovers_waiting on wa_handovers (institution_id, attempts, id) where state = 'waiting';
  create index wa_handovers_opened on wa_handovers (id) where state = 'opened';
  grant select, insert, update, delete on wa_handovers to denuncia_app;

  create table wa_outbox (
    id uuid primary key,
    lane bytea,
    turn integer,
    state text not null check (state in ('waiting', 'sending', 'sent', 'delivered', 'failed', 'unknown', 'expired')),
    day date not null,
    sealed bytea,
    check ((state in ('waiting', 'sending')) = (sealed is not null)),
    check ((sealed is null) = (lane is null) and (sealed is null) = (turn is null)),
    unique (lane, turn)
  );
  comment on table wa_outbox is 'Messages to people; address and text are destroyed when Graph accepts them, and after 24 hours whatever happens';
  comment on column wa_outbox.id is 'random; travels to Meta and comes back in the statuses of the message';
  create index wa_outbox_open on wa_outbox (lane, turn) where sealed is not null;
  create index wa_outbox_day on wa_outbox (day);
  grant select, insert, update, delete on wa_outbox to denuncia_app;
`;

/**
 * Rows here live for seconds and carry ciphertext and transaction ids that must not stay as dead tuples: vacuum takes
 * them at its next round, however few they are.
 */
const CLEANING = `
  do $$
  declare t text;
  begin
    foreach t in array array['wa_inbox_keys', 'wa_inbox', 'wa_events', 'wa_sessions', 'wa_aliases', 'wa_handovers', 'wa_outbox'] loop
      execute format('alter table %I set (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0)', t);
    end loop;
  end $$;
`;
