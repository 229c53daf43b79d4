import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { CatalogsReader, type CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { sqlStateOf } from '../../platform/database/sql-state.js';
import type { Tx } from '../../platform/database/tx.js';
import { Sweep } from '../../platform/jobs/sweep.js';
import { Log } from '../../platform/logging.js';
import { newAccessCode, newFolio } from '../../work/cases/folio.js';
import { LIMITS } from '../../work/evidence/limits.js';
import type { ConfirmedReport } from './bot/draft.js';
import { filesOf, patienceFor, step, type StepResult } from './bot/engine.js';
import { textMessages, type OutgoingMessage } from './bot/messages.js';
import { TEXTS } from './bot/texts.js';
import { Channel, NOBODY, OVERTAKEN, POLL, SWEEPS } from './channel.js';
import { Files, type ArrivedFile } from './files/files.js';
import { incoming, personOf } from './gateway/incoming.js';
import { Lanes } from './gateway/lanes.js';
import { Outbox } from './gateway/outbox.js';
import type { ReplyAddress } from './gateway/sender.js';
import type { AliasMove, MessageEvent, Overflow, PersonalEvent, Routed } from './gateway/webhook-events.js';
import { MenuCounts } from './menus/menu-counts.js';
import { MenusReader } from './menus/menus.reader.js';
import type { KnownNumbers } from './numbers/known-numbers.js';
import { Numbers } from './numbers/numbers.js';
import type { WhatsAppNumber } from './numbers/whatsapp-number.js';
import type { Person } from './person.js';
import { Passing } from './sessions/passing.js';
import { Sessions, type Conversation, type Session } from './sessions/sessions.js';
import { severalAtOnce } from './several-at-once.js';
import { Submissions } from './submission/submissions.js';
import { WhatsAppKeys } from './whatsapp-keys.js';

/** Events of one lane in a run. A person who sends hundreds of photos must not delay the others. */
const FAIR_SHARE = 2;
/** Lanes worked at once. Each holds a connection meanwhile. */
const PARALLEL = 4;
/** Part of the pool for these lanes. An API in the same process needs the rest. */
const POOL_SHARE = 0.4;
/** Work to do after a transaction has committed. */
type Afterwards = () => void;
const NOTHING: Afterwards = () => undefined;

/**
 * Answers people. One event is one transaction: the event is removed, the conversation changes, the answers
 * go to the outbox, and a confirmed report is submitted. All of this happens or none of it.
 *
 * Several lanes run at once, in any number of workers. A worker locks the first event of its lane. A person
 * may write in two lanes, with and without their account. The transaction sees one snapshot. When two
 * transactions touch the same conversation, the second fails and is tried again (ADR 0024).
 */
@Injectable()
export class Talk {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly catalogs: CatalogsReader,
    private readonly channel: Channel,
    private readonly numbers: Numbers,
    private readonly keys: WhatsAppKeys,
    private readonly lanes: Lanes,
    private readonly sessions: Sessions,
    private readonly passing: Passing,
    private readonly files: Files,
    private readonly outbox: Outbox,
    private readonly submissions: Submissions,
    private readonly menus: MenusReader,
    private readonly counts: MenuCounts,
    private readonly log: Log,
  ) {}

  /** @returns number of events answered */
  @Sweep({ name: SWEEPS.talk, ofReporters: true, every: POLL, wakes: [SWEEPS.send] })
  async run(): Promise<number> {
    const numbers = await this.numbers.now();
    if (numbers.isEmpty) return 0;
    const lanes = await this.lanes.waiting();
    let answered = 0;
    await severalAtOnce(
      this.parallel,
      () => lanes.shift(),
      async (lane) => {
        const count = await this.serve(numbers, lane);
        answered += count;
      },
    );
    return answered;
  }

  private get parallel(): number {
    const { max } = this.database.appPool.options;
    return Math.max(1, Math.min(PARALLEL, Math.floor(max * POOL_SHARE)));
  }

  /** Answer a few events of one lane, each in its own transaction. */
  private async serve(numbers: KnownNumbers, lane: Buffer): Promise<number> {
    for (let answered = 0; answered < FAIR_SHARE; answered++) {
      let current: string | undefined;
      try {
        const work = async (tx: Tx): Promise<Afterwards | undefined> => {
          const head = await this.lanes.head(tx, lane);
          if (!head) return undefined;
          current = head.id;
          const { event, answers } = this.lanes.open(head);
          const own = numbers.active(event.number);
          if (!own) return this.putAside(tx, head.id);
          if (!own.number) return this.leave();
          const done = await this.take(tx, own.number, event, answers);
          await this.lanes.remove(tx, head.id);
          return done;
        };
        const afterwards = await this.database.tx(NOBODY, work, { snapshot: true });
        if (!afterwards) return answered;
        afterwards();
      } catch (error) {
        if (OVERTAKEN.has(sqlStateOf(error))) return answered;
        this.log.faultWithoutTime('whatsapp-event-failed', error);
        if (current !== undefined) await this.lanes.fail(current);
        return answered;
      }
    }
    return FAIR_SHARE;
  }

  /** The number was switched off while the event waited. */
  private async putAside(tx: Tx, id: string): Promise<Afterwards> {
    await this.lanes.putAside(tx, id);
    this.log.warning('whatsapp-event-put-aside', { day: this.channel.today });
    return NOTHING;
  }

  /** The institution is not set up yet. The event waits. */
  private leave(): undefined {
    this.log.warning('whatsapp-institution-unknown', { day: this.channel.today });
  }

  /** @param answers lane for the answers to a person who has none yet */
  private take(
    tx: Tx,
    number: WhatsAppNumber,
    event: Routed<PersonalEvent | Overflow>,
    answers: Buffer,
  ): Promise<Afterwards> {
    switch (event.kind) {
      case 'message':
        return this.answer(tx, number, event, answers);
      case 'alias_move':
        return this.move(tx, event);
      case 'overflow':
        return this.halt(tx, number, event, answers);
    }
  }

  /** Answer one message: recall what is known about its person, let the bot react, and keep the result. */
  private async answer(
    tx: Tx,
    number: WhatsAppNumber,
    event: Routed<MessageEvent>,
    answers: Buffer,
  ): Promise<Afterwards> {
    const catalog = await this.catalogs.snapshot(tx, number.institutionId);
    const menu = await this.menus.menu(tx, number, this.clock.today(catalog.institution.timeZone));
    const writer = await this.writerOf(tx, event, answers);
    const arrived = fileOf(event);
    const known = filesOf(writer.remembered);
    const lostFiles = await this.files.lost(tx, known);
    const filesFull = arrived !== undefined && (await this.files.bytes(tx, known)) >= LIMITS.caseBytes;
    const next = step(
      writer.remembered,
      incoming(event, (id) => this.keys.message(id), arrived?.id),
      {
        ...this.channel.contextOf(catalog, { menu, reportsPhone: number.reportsPhone }),
        lostFiles,
        filesFull,
      },
    );
    const { report, messages, noted } = next;
    // The files of a report are not touched here: their rows know this person's session.
    if (report) return this.submit(tx, catalog, writer, { report, messages });
    const before = filesOf(writer.session?.conversation.state);
    const removed = await this.files.follow(tx, { before, after: filesOf(next.state), arrived });
    await this.outbox.put(tx, writer, next.messages);
    const done = await this.remember(tx, writer, next);
    return () => {
      removed();
      done();
      if (noted) this.counts.note(number.institutionId, noted);
    };
  }

  private async writerOf(
    tx: Tx,
    { sender, number, replyTo }: Routed<MessageEvent | Overflow>,
    answers: Buffer,
  ): Promise<Writer> {
    const person = personOf(sender, number);
    const alias = this.keys.alias(person);
    const session = await this.sessions.find(tx, person);
    const draft = session && !this.sessions.isOver(session.conversation) ? session.conversation : undefined;
    return {
      person,
      alias,
      session,
      draft,
      remembered: draft ? draft.state : this.passing.recall(alias),
      lane: draft?.answers === undefined ? answers : Buffer.from(draft.answers, 'base64'),
      address: replyTo,
    };
  }

  /**
   * Store the conversation only when it has a draft. Without a draft, delete the session and everything by
   * which the person was found.
   */
  private async remember(tx: Tx, writer: Writer, { state, patience }: StepResult): Promise<Afterwards> {
    const { person, alias, session, draft, lane, address } = writer;
    if (!state.draft) {
      if (session) await this.sessions.drop(tx, session.id);
      return () => this.passing.remember(alias, state);
    }
    const account = person.hasAccount ? alias.toString('base64') : draft?.bsuid;
    const activeAt = this.clock.now().getTime();
    const after = {
      state,
      answers: lane.toString('base64'),
      activeAt,
      address,
      ...(account === undefined ? {} : { bsuid: account }),
    };
    await this.sessions.save(tx, after, { id: session?.id, person, patience });
    return () => this.passing.forget(alias);
  }

  /**
   * Submit a confirmed report. Folio and access code are drawn here, so that a transaction that knows no
   * sender can open the case. The messages and the receipt wait in a lane of their own. So no row that this
   * transaction leaves holds an identifier of the sender or anything that their earlier answers hold.
   */
  private async submit(
    tx: Tx,
    { institution }: CatalogSnapshot,
    { alias, session, address }: Writer,
    { report, messages }: { report: ConfirmedReport; messages: readonly OutgoingMessage[] },
  ): Promise<Afterwards> {
    const year = Number(this.clock.today(institution.timeZone).slice(0, 4));
    const folio = newFolio(institution.prefix, year);
    const accessCode = newAccessCode();
    const submissionId = await this.submissions.submit(tx, institution.id, { report, folio, accessCode });
    await this.outbox.putConfirmed(tx, address, messages, { submissionId, folio, accessCode });
    if (session) await this.sessions.drop(tx, session.id);
    return () => this.passing.forget(alias);
  }

  /** Tell a person that their next messages are dropped. Their draft stays unchanged. */
  private async halt(
    tx: Tx,
    number: WhatsAppNumber,
    event: Routed<Overflow>,
    answers: Buffer,
  ): Promise<Afterwards> {
    const catalog = await this.catalogs.snapshot(tx, number.institutionId);
    const writer = await this.writerOf(tx, event, answers);
    const text = TEXTS.tooMany(this.channel.contextOf(catalog), writer.draft !== undefined);
    await this.outbox.put(tx, writer, textMessages(text));
    return NOTHING;
  }

  /**
   * Move the draft of a person who changed number or id. If the new identifiers already have a draft, both
   * drafts stay separate.
   */
  private async move(tx: Tx, event: Routed<AliasMove>): Promise<Afterwards> {
    const from = personOf(event.from, event.number);
    const to = personOf(event.to, event.number);
    const session = await this.sessions.find(tx, from);
    if (!session || to.identifiers.length === 0) return NOTHING;
    const other = await this.sessions.find(tx, to);
    if (other && other.id !== session.id) return NOTHING;
    const { bsuid: _old, ...conversation } = session.conversation;
    const account = to.hasAccount ? { bsuid: this.keys.alias(to).toString('base64') } : {};
    // The old number may soon belong to somebody else.
    await this.sessions.unlearn(tx, session.id, from);
    const patience = patienceFor(conversation.state);
    await this.sessions.save(tx, { ...conversation, ...account }, { id: session.id, person: to, patience });
    return NOTHING;
  }
}

/** The file of a message, under an id that is ours. */
function fileOf({ content, number }: Routed<MessageEvent>): ArrivedFile | undefined {
  if (content.type !== 'media' || content.media === 'sticker' || !content.reference) return undefined;
  return { id: randomUUID(), reference: content.reference, number };
}

/** The person who wrote, and what is known about them. */
interface Writer {
  person: Person;
  alias: Buffer;
  session: Session | undefined;
  /** The conversation of the session, unless its time is over. */
  draft: Conversation | undefined;
  /** What the bot remembers: stored with a draft; without a draft only in the memory of this process. */
  remembered: unknown;
  /** The lane in which their answers wait. */
  lane: Buffer;
  address: ReplyAddress;
}
