import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Whether the disk of the database has room again can only be found out by writing: the application sees no disk of its server, and
 * a row that fits into a page that is there already proves nothing. So after a write that found no room the application calls
 * `try_room` until it succeeds: it takes 1 MB of new pages and of log, and gives them back.
 */
export class RoomTrials1765000012000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table room_trials (filler text not null);
      alter table room_trials alter column filler set storage plain;
      comment on table room_trials is 'always empty: filled and emptied by try_room';

      create function try_room() returns void
        language plpgsql security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '5s'
      as $$
      begin
        -- New files each time: pages that an earlier trial left in the old one would be used again and prove nothing.
        truncate room_trials;
        insert into room_trials select repeat('x', 7000) from generate_series(1, 128);
        truncate room_trials;
      end
      $$;
      revoke all on function try_room() from public;
      grant execute on function try_room() to denuncia_app;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function try_room()');
    await runner.query('drop table room_trials');
  }
}
