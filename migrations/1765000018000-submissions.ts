import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A confirmed report on its way to a case is a submission. "Handover" is left to what it means in a service with people:
 * a person takes over a chat. What lies sealed in the rows keeps its seal.
 */
export class Submissions1765000018000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
  alter table wa_handovers rename to wa_submissions;
  alter index wa_handovers_next rename to wa_submissions_next;
  alter index wa_handovers_pkey rename to wa_submissions_pkey;
  comment on table wa_opened is 'Cases opened from submissions, until their receipts are released: written by the transaction of the case, which touches no other row of the channel but the submission it deletes';
  comment on column wa_opened.ticket is 'keyed hash of the submission, whose id the held receipt carries sealed'`);
  }

  /** A receipt that waits for its case names its submission as only this version reads it: let it finish first. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
  do $$ begin
    if exists (select from wa_outbox where state = 'held') then
      raise exception 'WhatsApp reports are on their way to a case: let workers of the present version finish, then migrate';
    end if;
  end $$;
  alter table wa_submissions rename to wa_handovers;
  alter index wa_submissions_next rename to wa_handovers_next;
  alter index wa_submissions_pkey rename to wa_handovers_pkey;
  comment on table wa_opened is 'Cases opened from handovers, until their receipts are released: written by the transaction of the case, which touches no other row of the channel but the handover it deletes';
  comment on column wa_opened.ticket is 'keyed hash of the handover, whose id the held receipt carries sealed'`);
  }
}
