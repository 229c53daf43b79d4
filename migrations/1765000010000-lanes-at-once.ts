import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Lanes of WhatsApp are worked several at once, by any number of workers: who works one has locked its first event (ADR 0024). The
 * claim that let one worker talk at a time goes. A worker of the version before, which locks no event, then stops with an error
 * instead of answering beside the others.
 */
export class LanesAtOnce1765000010000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`delete from work_claims where name = 'whatsapp-talk'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`insert into work_claims (name) values ('whatsapp-talk')`);
  }
}
