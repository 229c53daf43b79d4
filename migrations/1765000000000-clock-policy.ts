import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Whether the clock of the service may stand elsewhere than that of the database server. Only the owner can say so. A demo
 * and the tests live in other months; in production a free clock is refused at boot, and the database checks every day
 * and time that the service claims against its own clock.
 */
export class ClockPolicy1765000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table clock_policy (
        only_row boolean primary key default true check (only_row),
        free boolean not null default false
      );
      comment on table clock_policy is 'free: the clock of the service may stand in another month (demo, tests); set by the owner only';
      insert into clock_policy default values;

      create function clock_is_free() returns boolean
        language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
          select free from clock_policy $$;
      revoke all on function clock_is_free() from public;
      grant execute on function clock_is_free() to denuncia_app`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop function clock_is_free(); drop table clock_policy`);
  }
}
