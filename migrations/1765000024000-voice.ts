import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A report may come as a voice. Its case waits for the recording. */
export class Voice1765000024000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
    await runner.query(changed(MOVES_NO_CASE, `${MOVES_NO_CASE}, 'TRANSCRIPT_WRITTEN'`));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(changed(`${MOVES_NO_CASE}, 'TRANSCRIPT_WRITTEN'`, MOVES_NO_CASE));
    await runner.query(DOWN);
  }
}

const UP = `
  alter table cases add column awaits_voice boolean not null default false;
  comment on column cases.awaits_voice is 'the report is a voice whose recording has not arrived; false again once it has, so that later nothing in clear tells of a voice';
  grant update (awaits_voice) on cases to denuncia_app;
  create index cases_awaits_voice on cases (institution_id, urgency, next_due_on, id) where awaits_voice;
  create index cases_by_area_awaits_voice on cases (area_id, urgency, next_due_on, id) where awaits_voice;
`;

const DOWN = `
  drop index cases_by_area_awaits_voice;
  drop index cases_awaits_voice;
  alter table cases drop column awaits_voice;
`;

/** The list in `case_needs_its_entry`, as 1765000020000 left it, without its last bracket. */
const MOVES_NO_CASE = `'DEADLINE_WARNING', 'DEADLINE_BREACHED', 'EVIDENCE_RECEIVED'`;

/** Changes the list of events of `case_needs_its_entry`. What was before stands there once, at its end. */
export function changed(before: string, after: string): string {
  return `
    do $do$
    declare
      known text := pg_get_functiondef('case_needs_its_entry()'::regprocedure);
      before text := $t$${before})$t$;
    begin
      if length(known) - length(replace(known, before, '')) <> length(before) then
        raise exception 'case_needs_its_entry does not have this list once: %', before;
      end if;
      execute replace(known, before, $t$${after})$t$);
    end $do$`;
}
