import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Menus of the chat, by version, and what is counted of them. Nothing here tells who asked. */
export class Menus1765000032000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table menu_questions, menu_counts, menus');
    await runner.query('alter table wa_numbers drop constraint wa_numbers_of_institution');
  }
}

const OWN = `institution_id = (select nullif(current_setting('app.institution', true), '')::uuid)`;
const KIND = `split_part((select current_setting('app.actor', true)), ':', 1)`;

const UP = `
  alter table wa_numbers add constraint wa_numbers_of_institution unique (institution_id, id);

  create table menus (
    id uuid primary key,
    institution_id uuid not null references institutions,
    number_id uuid,
    version integer not null check (version >= 1),
    valid_from date not null,
    content json not null,
    published_at timestamptz not null,
    unique nulls not distinct (institution_id, number_id, version),
    foreign key (institution_id, number_id) references wa_numbers (institution_id, id)
  );
  comment on table menus is 'What the chat offers and answers, by version; a published version does not change';
  comment on column menus.content is 'json, not jsonb: the trail has the SHA-256 of this text';
  comment on column menus.number_id is 'the number whose menu it is; null: of every number without one of its own';
  comment on column menus.valid_from is 'first local day; of the versions that have begun, the one that began last holds';
  alter table menus enable row level security;
  create policy everybody_reads on menus for select to denuncia_app using (true);
  create policy own_institution_inserts on menus for insert to denuncia_app with check (${OWN});
  grant select, insert on menus to denuncia_app;
  create constraint trigger needs_its_entry after insert or update or delete on menus deferrable initially deferred
    for each row execute function row_needs_its_entry('id', 'MENU_');

  create table menu_counts (
    institution_id uuid not null references institutions,
    day date not null,
    option text not null,
    language text not null,
    asked integer not null default 0,
    useful integer not null default 0,
    not_useful integer not null default 0,
    primary key (institution_id, day, option, language)
  );
  comment on table menu_counts is 'How often an answer was given and how it was rated, by local day; of no person and no report';
  alter table menu_counts enable row level security;
  create policy own_institution on menu_counts to denuncia_app using (${OWN} and ${KIND} in ('staff', 'system'));
  grant select, insert, update on menu_counts to denuncia_app;

  create table menu_questions (
    id uuid primary key,
    institution_id uuid not null references institutions,
    day date not null,
    words_hash bytea not null,
    language text not null,
    times integer not null,
    sealed bytea not null,
    unique (institution_id, words_hash, day)
  );
  comment on table menu_questions is 'Questions that found no answer, without who asked, for ninety days';
  comment on column menu_questions.day is 'local day on which it was asked';
  comment on column menu_questions.words_hash is 'keyed hash of the words, so that equal questions are one';
  comment on column menu_questions.sealed is 'the question as it was asked first on that day, padded';
  create index menu_questions_by_day on menu_questions (institution_id, day);
  alter table menu_questions enable row level security;
  create policy own_institution on menu_questions to denuncia_app using (${OWN} and ${KIND} in ('staff', 'system'));
  grant select, insert, delete, update (times) on menu_questions to denuncia_app;
`;
