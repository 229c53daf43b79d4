import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A confirmed report leaves nothing that a sender is found by (ADR 0013). The session goes with the confirmation; where
 * the receipt goes lies sealed in its row of the outbox, `held` until the case is open. The transaction that opens the
 * case deletes the handover and inserts into a table of its own: a row that one transaction wrote and the other changed
 * would join the two by its id, for whoever looked before and after.
 *
 * Work is claimed by locking a row of `work_claims`: an advisory lock can be taken by any login (ADR 0014).
 */
export class WhatsAppReceipts1765000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(nothingLeftIn('wa_handovers'));
    await runner.query(RECEIPTS);
    await runner.query(CLAIMS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(nothingLeftIn('wa_handovers', `wa_outbox where state = 'held'`));
    await runner.query(BACK);
  }
}

/** Where a receipt goes lies sealed where only the program that wrote it looks: let that one finish first. */
function nothingLeftIn(...places: string[]): string {
  return `
    do $$ begin
      if ${places.map((place) => `exists (select from ${place})`).join(' or ')} then
        raise exception 'WhatsApp reports are on their way to a case: let workers of the present version finish, then migrate';
      end if;
    end $$`;
}

const RECEIPTS = `
  alter table wa_sessions drop column ticket;
  comment on table wa_sessions is 'Unfinished reports; a conversation without one is not stored';

  drop index wa_handovers_waiting, wa_handovers_opened;
  alter table wa_handovers drop column state;
  comment on column wa_handovers.sealed is 'the report with its folio and access code';
  create index wa_handovers_next on wa_handovers (institution_id, attempts, id);

  create table wa_opened (
    ticket bytea primary key,
    sealed bytea not null
  );
  comment on table wa_opened is 'Cases opened from handovers, until their receipts are released: written by the transaction of the case, which touches no other row of the channel but the handover it deletes';
  comment on column wa_opened.ticket is 'keyed hash of the handover, whose id the held receipt carries sealed';
  comment on column wa_opened.sealed is 'what the receipt says beyond folio and access code';
  alter table wa_opened set (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0);
  grant select, insert, delete on wa_opened to denuncia_app;

  alter table wa_outbox drop constraint wa_outbox_state_check, drop constraint wa_outbox_check;
  alter table wa_outbox
    add constraint wa_outbox_state_check
      check (state in ('held', 'waiting', 'sending', 'sent', 'delivered', 'failed', 'unknown', 'expired')),
    add constraint wa_outbox_check check ((state in ('held', 'waiting', 'sending')) = (sealed is not null));
  comment on table wa_outbox is 'Messages to people; address and text are destroyed when Graph accepts them, and 24 hours after they could go whatever happens; of a receipt the whole row';
  comment on column wa_outbox.lane is 'random: keeps messages in order, tells nothing of whom they go to';
  comment on column wa_outbox.state is 'held: a receipt whose case is not open yet';
  create index wa_outbox_held on wa_outbox (id) where state = 'held';
`;

const CLAIMS = `
  create table work_claims (
    name text primary key,
    locked boolean not null default true check (locked)
  );
  comment on table work_claims is 'One row per kind of work that one worker at a time does; it is claimed by locking the row';
  comment on column work_claims.locked is 'never changes: to lock a row a login needs the right to update a column of it';
  insert into work_claims (name) values ('whatsapp-inbox'), ('whatsapp-talk'), ('whatsapp-receipts');
  grant select, update (locked) on work_claims to denuncia_app;
`;

const BACK = `
  drop table work_claims;

  drop index wa_outbox_held;
  alter table wa_outbox drop constraint wa_outbox_state_check, drop constraint wa_outbox_check;
  alter table wa_outbox
    add constraint wa_outbox_state_check
      check (state in ('waiting', 'sending', 'sent', 'delivered', 'failed', 'unknown', 'expired')),
    add constraint wa_outbox_check check ((state in ('waiting', 'sending')) = (sealed is not null));
  comment on table wa_outbox is 'Messages to people; address and text are destroyed when Graph accepts them, and after 24 hours whatever happens';
  comment on column wa_outbox.lane is null;
  comment on column wa_outbox.state is null;

  drop table wa_opened;

  drop index wa_handovers_next;
  alter table wa_handovers add column state text not null check (state in ('waiting', 'opened'));
  comment on column wa_handovers.sealed is 'waiting: the report with its folio and access code; opened: what the receipt says beyond those';
  create index wa_handovers_waiting on wa_handovers (institution_id, attempts, id) where state = 'waiting';
  create index wa_handovers_opened on wa_handovers (id) where state = 'opened';

  alter table wa_sessions add column ticket bytea not null unique default decode(replace(gen_random_uuid()::text, '-', ''), 'hex');
  alter table wa_sessions alter column ticket drop default;
  comment on table wa_sessions is 'Conversations: draft, reply address and, until the receipt is sent, folio and access code';
  comment on column wa_sessions.ticket is 'of a conversation that waits for its folio the keyed hash of its handover, else random: in clear nothing tells who reported';
`;
