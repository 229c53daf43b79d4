import type { MigrationInterface, QueryRunner } from 'typeorm';

/** People who handle a case are told when harmful software is found in a file of it. */
export class QuarantineNotices1765000023000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(kinds([...KINDS, 'evidence_quarantined']));
    // A reporter who sends ten such files is one notice until somebody reads it.
    await runner.query(`create unique index notices_evidence_quarantined on notices (account_id, case_id)
      where kind = 'evidence_quarantined' and read_at is null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index notices_evidence_quarantined`);
    await runner.query(`delete from notices where kind = 'evidence_quarantined'`);
    await runner.query(kinds(KINDS));
  }
}

/** As in 1765000006000. */
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
];

function kinds(all: readonly string[]): string {
  return `alter table notices drop constraint notices_kind_check,
    add constraint notices_kind_check check (kind in (${all.map((kind) => `'${kind}'`).join(', ')}))`;
}
