import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What needs two people: an account that comes to see cases, or a new password for one that does. An administrator asks, an
 * auditor or the head of the areas concerned agrees. And notices that belong to no case.
 */
export class Approvals1765000006000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(APPROVALS);
    await runner.query(NOTICES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index notices_trail_broken;
      delete from notices where case_id is null;
      alter table notices drop constraint notices_kind_check, drop constraint notices_subject,
        drop column approval_id, drop column about_account_id, alter column case_id set not null,
        add constraint notices_kind_check
          check (kind in ('deadline_warning', 'deadline_breached', 'reporter_wrote', 'case_assigned', 'assignee_left'));
      drop table approvals;
      drop trigger two_people_once on institutions;
      drop function two_people_stay();
      -- PostgreSQL 15 would keep the right on the dropped column.
      revoke update (two_people_since) on institutions from denuncia_app;
      alter table institutions drop column two_people_since`);
  }
}

const APPROVALS = `
  alter table institutions add column two_people_since date;
  comment on column institutions.two_people_since is 'since when somebody could agree to what an administrator asks; never set back, or an administrator would deactivate them first';
  update institutions i set two_people_since = current_date
    where exists (select from accounts a where a.institution_id = i.id and a.roles && array['auditor', 'area_head']);
  grant update (two_people_since) on institutions to denuncia_app;
  create function two_people_stay() returns trigger language plpgsql as $$
  begin
    raise exception 'two people stay two people' using errcode = '42501';
  end $$;
  revoke all on function two_people_stay() from public;
  create trigger two_people_once before update of two_people_since on institutions for each row
    when (old.two_people_since is not null and new.two_people_since is distinct from old.two_people_since)
    execute function two_people_stay();

  create table approvals (
    id uuid primary key,
    institution_id uuid not null references institutions,
    kind text not null check (kind in ('account_creation', 'account_change', 'one_time_password')),
    account_id uuid references accounts,
    request jsonb not null,
    reason text,
    requested_by uuid not null references accounts,
    requested_at timestamptz not null,
    expires_at timestamptz not null,
    state text not null check (state in ('open', 'unconfirmed', 'agreed', 'refused')),
    decided_by uuid references accounts,
    decided_at timestamptz,
    answer text,
    check ((state in ('agreed', 'refused')) = (decided_at is not null)),
    check (decided_by is null or decided_by <> requested_by)
  );
  comment on table approvals is 'Acts on accounts that see cases, from the request of an administrator to the answer of a second person';
  comment on column approvals.request is 'e-mail, name, roles and areas of staff; never a password';
  comment on column approvals.state is 'unconfirmed: done while nobody could agree yet, and shown to the first who can';
  comment on column approvals.decided_by is 'null when the operator of the machine decided, because nobody active could';
  create index approvals_institution on approvals (institution_id, requested_at, id);
  alter table approvals enable row level security;
  create policy own_institution on approvals to denuncia_app
    using (institution_id = (select nullif(current_setting('app.institution', true), '')::uuid));
  grant select, insert, update (account_id, state, decided_by, decided_at, answer) on approvals to denuncia_app;
  create constraint trigger needs_its_entry after insert or update on approvals deferrable initially deferred
    for each row execute function row_needs_its_entry('id', 'APPROVAL_|DONE_WITHOUT_APPROVAL');
`;

const NOTICES = `
  alter table notices alter column case_id drop not null,
    add column approval_id uuid references approvals,
    add column about_account_id uuid references accounts,
    drop constraint notices_kind_check,
    add constraint notices_kind_check check (kind in ('deadline_warning', 'deadline_breached', 'reporter_wrote', 'case_assigned', 'assignee_left',
      'approval_requested', 'access_changed', 'routing_changed', 'trail_broken')),
    add constraint notices_subject check (case_id is not null or kind in ('approval_requested', 'access_changed', 'routing_changed', 'trail_broken'));
  -- Whoever has not read that something is wrong with the trail is told once, not with every look at it.
  create unique index notices_trail_broken on notices (account_id, coalesce(case_id, '00000000-0000-0000-0000-000000000000'))
    where kind = 'trail_broken' and read_at is null;
`;
