import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { CatalogsReader } from '../../../foundations/catalogs/catalogs.reader.js';
import { system } from '../../../platform/actor.js';
import { Clock, daysBefore } from '../../../platform/clock.js';
import { KeyRing } from '../../../platform/crypto/keyring.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { Sweep, type Owner } from '../../../platform/jobs/sweep.js';
import { Log } from '../../../platform/logging.js';
import { plainWords } from '../../../platform/typed-text.js';
import type { Noted } from '../bot/menu/noted.js';
import { SWEEPS } from '../channel.js';
import { WhatsAppKeys } from '../whatsapp-keys.js';

/** Milliseconds between two writes of what was counted. */
const WRITE = 30_000;
/** Most different questions of one day. A flood must not fill the table. */
const QUESTIONS_A_DAY = 500;
/** Days for which a question is kept. */
export const QUESTION_DAYS = 90;
/** Milliseconds between two looks for questions that are too old. */
const FORGET = 3600_000;
/** Most that memory keeps while nothing can be written. */
const MOST = 50_000;

interface Count {
  option: string;
  language: string;
  asked: number;
  useful: number;
  notUseful: number;
}
type Question = Extract<Noted, { what: 'unanswered' }>;

/**
 * Counts what people ask. A count is written later, together with others, in a transaction that touches no
 * row of any person: the transaction that answers somebody changes their session. What a process has counted
 * and not written is lost when it dies.
 */
@Injectable()
export class MenuCounts implements BeforeApplicationShutdown {
  private pending = new Map<string, Noted[]>();
  private size = 0;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly catalogs: CatalogsReader,
    private readonly ring: KeyRing,
    private readonly keys: WhatsAppKeys,
    private readonly log: Log,
  ) {}

  /** Note something in memory. To be called when the answer is committed. */
  note(institutionId: string, noted: Noted): void {
    if (this.size >= MOST) return;
    this.size += 1;
    const list = this.pending.get(institutionId);
    if (list) list.push(noted);
    else this.pending.set(institutionId, [noted]);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.write();
  }

  /** @returns what was written */
  @Sweep({ name: SWEEPS.menuCounts, ofReporters: true, every: WRITE })
  async write(): Promise<number> {
    const pending = [...this.pending];
    this.pending = new Map();
    this.size = 0;
    let written = 0;
    for (const [institutionId, noted] of pending) {
      try {
        await this.add(institutionId, noted);
        written += noted.length;
      } catch (error) {
        for (const one of noted) this.note(institutionId, one);
        this.log.faultWithoutTime('whatsapp-menu-counts-failed', error);
      }
    }
    return written;
  }

  private async add(institutionId: string, noted: readonly Noted[]): Promise<void> {
    await this.database.tx(system('whatsapp-menu', institutionId), async (tx) => {
      const { institution } = await this.catalogs.snapshot(tx, institutionId);
      const day = this.clock.today(institution.timeZone);
      await tx.query(ADD, [institutionId, day, JSON.stringify(counted(noted))]);
      const questions = noted.filter((one): one is Question => one.what === 'unanswered');
      if (questions.length > 0) await this.addQuestions(tx, { institutionId, day }, questions);
    });
  }

  private async addQuestions(
    tx: Tx,
    { institutionId, day }: { institutionId: string; day: string },
    questions: readonly Question[],
  ): Promise<void> {
    const asked = this.equalOnes(institutionId, questions);
    const hashes = [...asked.keys()].map((hash) => Buffer.from(hash, 'hex'));
    const known = await tx.query<{ hash: string }>(
      `select encode(words_hash, 'hex') as hash from menu_questions
        where institution_id = $1 and day = $2 and words_hash = any($3)`,
      [institutionId, day, hashes],
    );
    const [today] = await tx.query<{ count: number }>(
      'select count(*)::int as count from menu_questions where institution_id = $1 and day = $2',
      [institutionId, day],
    );
    const before = new Set(known.map(({ hash }) => hash));
    let room = QUESTIONS_A_DAY - today!.count;
    const rows = [...asked].flatMap(([hash, { question, language, times }]) => {
      if (!before.has(hash) && room-- <= 0) return [];
      const id = randomUUID();
      const sealed = this.keys.seal('menu_questions', id, question).toString('hex');
      return [{ id, hash, language, times, sealed }];
    });
    await tx.query(ADD_QUESTIONS, [institutionId, day, JSON.stringify(rows)]);
  }

  /** Equal questions as one, by the hash of their words, in one order. */
  private equalOnes(
    institutionId: string,
    questions: readonly Question[],
  ): Map<string, Question & { times: number }> {
    const asked = new Map<string, Question & { times: number }>();
    for (const one of questions) {
      const words = `${institutionId}\0${plainWords(one.question)}`;
      const hash = this.ring.hash('menu-question', words).toString('hex');
      const known = asked.get(hash);
      if (known) known.times += 1;
      else asked.set(hash, { ...one, times: 1 });
    }
    return new Map([...asked].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  /** Delete questions that are older than they may get. @returns how many */
  @Sweep({ name: SWEEPS.menuForget, ofReporters: true, every: FORGET, per: 'institution' })
  async forget({ id, timeZone }: Owner): Promise<number> {
    const oldest = daysBefore(this.clock.today(timeZone), QUESTION_DAYS);
    const gone = await this.database.tx(system('whatsapp-menu', id), (tx) =>
      tx.query('delete from menu_questions where institution_id = $1 and day < $2 returning id', [
        id,
        oldest,
      ]),
    );
    return gone.length;
  }
}

/** One row per option and language, in one order, so that two processes never wait for each other. */
function counted(noted: readonly Noted[]): Count[] {
  const counts = new Map<string, Count>();
  for (const one of noted) {
    if (one.what === 'unanswered') continue;
    const { option, language } = one;
    const name = `${option}\0${language}`;
    const count = counts.get(name) ?? { option, language, asked: 0, useful: 0, notUseful: 0 };
    if (one.what === 'answered') count.asked += 1;
    else if (one.useful) count.useful += 1;
    else count.notUseful += 1;
    counts.set(name, count);
  }
  return [...counts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, count]) => count);
}

const ADD = `
  insert into menu_counts (institution_id, day, option, language, asked, useful, not_useful)
  select $1, $2::date, c.option, c.language, c.asked, c.useful, c."notUseful"
    from json_to_recordset($3::json) as c (option text, language text, asked int, useful int, "notUseful" int)
      on conflict (institution_id, day, option, language) do update
     set asked = menu_counts.asked + excluded.asked, useful = menu_counts.useful + excluded.useful,
         not_useful = menu_counts.not_useful + excluded.not_useful`;

const ADD_QUESTIONS = `
  insert into menu_questions (id, institution_id, day, words_hash, language, times, sealed)
  select q.id, $1, $2::date, decode(q.hash, 'hex'), q.language, q.times, decode(q.sealed, 'hex')
    from json_to_recordset($3::json) as q (id uuid, hash text, language text, times int, sealed text)
      on conflict (institution_id, words_hash, day) do update set times = menu_questions.times + excluded.times`;
