import type { MigrationInterface, QueryRunner } from 'typeorm';
import { changed } from './1765000024000-voice.js';

/** The original of a file opens only with two people: a handler asks, a head of the area or an auditor agrees. */
export class OriginalRequests1765000025000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(kindsOf('approvals', [...APPROVAL_KINDS, 'evidence_original']));
    await runner.query(kindsOf('notices', [...NOTICE_KINDS, 'approval_answered']));
    await runner.query(UP);
    await runner.query(changed(MOVES_NO_CASE, `${MOVES_NO_CASE}, ${ORIGINAL}`));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(changed(`${MOVES_NO_CASE}, ${ORIGINAL}`, MOVES_NO_CASE));
    await runner.query(DOWN);
    await runner.query(kindsOf('notices', NOTICE_KINDS));
    await runner.query(kindsOf('approvals', APPROVAL_KINDS));
  }
}

const UP = `
  create table original_requests (
    approval_id uuid primary key references approvals,
    evidence_id uuid not null references evidence,
    case_id uuid not null references cases,
    institution_id uuid not null references institutions,
    asked_seq integer not null,
    answer_seq integer
  );
  comment on table original_requests is 'Which original a request for two people is about; its reason and its answer are entries of the case';
  create index original_requests_evidence on original_requests (evidence_id);
  create index original_requests_case on original_requests (case_id);
  alter table original_requests enable row level security;
  create policy of_visible_cases on original_requests to denuncia_app
    using (exists (select 1 from cases_in_scope c where c.id = case_id))
    with check ((select true from cases_in_scope c where c.id = case_id and c.institution_id is not distinct from original_requests.institution_id));
  grant select, insert, update (answer_seq) on original_requests to denuncia_app;
  create constraint trigger needs_its_entry after insert or update on original_requests deferrable initially deferred
    for each row execute function part_of_a_case_needs_its_entry('case_id');

  -- Who does not see the case does not see that somebody asks for a file of it. Administrators see no case.
  drop policy own_institution on approvals;
  create policy own_institution on approvals to denuncia_app
    using (institution_id = (select nullif(current_setting('app.institution', true), '')::uuid)
           and (kind <> 'evidence_original' or exists (select 1 from original_requests r where r.approval_id = approvals.id)))
    with check (institution_id = (select nullif(current_setting('app.institution', true), '')::uuid));
`;

const DOWN = `
  drop policy own_institution on approvals;
  create policy own_institution on approvals to denuncia_app
    using (institution_id = (select nullif(current_setting('app.institution', true), '')::uuid));
  drop table original_requests;
  delete from notices where kind = 'approval_answered'
    or approval_id in (select id from approvals where kind = 'evidence_original');
  delete from approvals where kind = 'evidence_original';
`;

/** As in 1765000006000. */
const APPROVAL_KINDS = ['account_creation', 'account_change', 'one_time_password'];

/** As in 1765000023000. */
const NOTICE_KINDS = [
  'deadline_warning',
  'deadline_breached',
  'reporter_wrote',
  'case_assigned',
  'assignee_left',
  'approval_requested',
  'access_changed',
  'routing_changed',
  'trail_broken',
  'evidence_quarantined',
];

function kindsOf(table: string, all: readonly string[]): string {
  return `alter table ${table} drop constraint ${table}_kind_check,
    add constraint ${table}_kind_check check (kind in (${all.map((kind) => `'${kind}'`).join(', ')}))`;
}

/** The list in `case_needs_its_entry`, as 1765000024000 left it, without its last bracket. */
const MOVES_NO_CASE = `'EVIDENCE_RECEIVED', 'TRANSCRIPT_WRITTEN'`;
const ORIGINAL = `'ORIGINAL_REQUESTED', 'ORIGINAL_AGREED', 'ORIGINAL_REFUSED'`;
