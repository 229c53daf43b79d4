import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a wrong clock leaves behind is found and taken back. Two small indexes hold the marks that can contradict their days. A function
 * tells the newest instant of the trail, with which a clock that has gone back is recognised (ADR 0030).
 */
export class ClockWatch1765000008000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create index sla_clocks_overdue on sla_clocks (institution_id, due_on) where state = 'breached' and stopped_at is null;
      create index sla_clocks_warned on sla_clocks (institution_id, warn_on) where state = 'running' and warned_at is not null;

      create function newest_entry_at() returns timestamptz
        language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
          select max(newest.at)
            from institutions i,
                 lateral (select e.at from audit_entries e where e.institution_id = i.id and e.case_id is null
                           order by e.day desc, coalesce(e.at, '-infinity') desc, e.id desc limit 1) newest $$;
      revoke all on function newest_entry_at() from public;
      grant execute on function newest_entry_at() to denuncia_app`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function newest_entry_at(); drop index sla_clocks_warned, sla_clocks_overdue');
  }
}
