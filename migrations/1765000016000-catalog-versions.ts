import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A version of the catalogues of each institution, so that a process can keep them in memory and know with one look that nothing
 * has changed. Numbers come from a sequence: one that a transaction took and gave up is never given again, so that a version
 * stands for one content.
 */
export class CatalogVersions1765000016000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create sequence catalog_version_numbers;
      create table catalog_versions (
        institution_id uuid primary key references institutions on delete cascade,
        version bigint not null
      );
      comment on table catalog_versions is 'changes with every change of the institution, its areas, categories, closures and notices';
      alter table catalog_versions enable row level security;
      create policy everybody_reads on catalog_versions for select to denuncia_app using (true);
      grant select on catalog_versions to denuncia_app;

      create function catalog_changed() returns trigger
        language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
      declare
        changed jsonb := to_jsonb(coalesce(new, old));
        institution uuid := coalesce(changed ->> 'institution_id', changed ->> 'id')::uuid;
      begin
        -- With an institution its version goes too.
        if tg_op = 'DELETE' and tg_table_name = 'institutions' then return null; end if;
        insert into catalog_versions (institution_id, version) values (institution, nextval('catalog_version_numbers'))
          on conflict (institution_id) do update set version = excluded.version;
        return null;
      end $$;
      revoke all on function catalog_changed() from public;

      ${TABLES.map(
        (table) => `create trigger catalog_changed after insert or update or delete on ${table}
          for each row execute function catalog_changed();`,
      ).join('\n')}
      insert into catalog_versions (institution_id, version) select id, nextval('catalog_version_numbers') from institutions`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ${TABLES.map((table) => `drop trigger catalog_changed on ${table};`).join('\n')}
      drop function catalog_changed();
      drop table catalog_versions;
      drop sequence catalog_version_numbers`);
  }
}

const TABLES = ['institutions', 'areas', 'categories', 'calendar_closures', 'privacy_notices'];
