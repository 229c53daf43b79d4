import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Files that people send over WhatsApp. While there is a draft, a file belongs to nobody: only the draft, which is
 * sealed, names it. When the report is a case, a second row with another id says, sealed, which file goes into which
 * case. No id and no name of the store is the same in both, and no transaction writes both: not the one that sends the
 * report either.
 *
 * Not one of these rows has an instant or an identifier of a sender in clear.
 */
export class WhatsAppFiles1765000028000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(`${OBJECTS}
      union all select w.object from wa_files w where w.object = any (names);
    end $$;
    comment on function objects_of_evidence(text[]) is 'which of these random names belong to evidence or an upload of any institution, or to a file on its way from a chat: the others are remains'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`${OBJECTS};
  end $$;
    comment on function objects_of_evidence(text[]) is 'which of these random names belong to evidence or an upload of any institution: the others are remains'`);
    await runner.query('drop table wa_case_files, wa_files');
  }
}

const TABLES = `
  create table wa_files (
    id uuid primary key,
    state text not null default 'waiting' check (state in ('waiting', 'kept', 'lost')),
    day date not null,
    due bytea not null,
    object text collate "C" unique check (object ~ '^[0-9a-f]{40}$'),
    sealed bytea not null,
    check ((state = 'kept') = (object is not null))
  );
  comment on table wa_files is 'Files that people sent, until they are evidence; only the sealed draft or report names them';
  comment on column wa_files.state is 'waiting: still with the provider; kept: in the store of files; lost: could not be had';
  comment on column wa_files.day is 'of its message, or the last day on which a draft or a report named it';
  comment on column wa_files.due is 'sealed: when it is fetched, or fetched again; always of one length';
  create index wa_files_waiting on wa_files (id) where state = 'waiting';
  create index wa_files_day on wa_files (day);
  grant select, insert, update, delete on wa_files to denuncia_app;

  create table wa_case_files (
    id uuid primary key,
    institution_id uuid not null references institutions,
    case_id uuid not null references cases,
    sealed bytea not null
  );
  comment on table wa_case_files is 'Files of reports that are cases by now, on their way into the evidence; which file it is lies sealed';
  grant select, insert, delete on wa_case_files to denuncia_app;

  alter table wa_files set (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0);
  alter table wa_case_files set (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0);
`;

const OBJECTS = `
  create or replace function objects_of_evidence(names text[]) returns setof text
    language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  begin
    return query select f.object from evidence_files f where f.object = any (names)
      union all select p.object from upload_parts p where p.object = any (names)`;
