import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A person who pauses in the middle of a report hears that it is not presented yet, and once more before the draft
 * ends. When that is due lies sealed: in clear it would tell to the second when somebody wrote.
 */
export class WhatsAppReminders1765000027000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table wa_sessions add column wakes bytea;
      comment on column wa_sessions.wakes is 'sealed: when the bot says something by itself; always of one length'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table wa_sessions drop column wakes');
  }
}
