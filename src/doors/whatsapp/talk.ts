import { Injectable } from '@nestjs/common';
import { CatalogsReader, type CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { sqlStateOf } from '../../platform/database/sql-state.js';
import type { Tx } from '../../platform/database/tx.js';
import { Sweep } from '../../platform/jobs/sweep.js';
import { Log } from '../../platform/logging.js';
import { newAccessCode, newFolio } from '../../work/cases/folio.js';
import type { ConfirmedReport } from './bot/draft.js';
import { step, type StepResult } from './bot/engine.js';
import { textMessages, type OutgoingMessage } from './bot/messages.js';
import { TEXTS } from './bot/texts.js';
import { Channel, NOBODY, POLL, SWEEPS } from './channel.js';
import { incoming, personOf } from './gateway/incoming.js';
import { Lanes } from './gateway/lanes.js';
import { Outbox } from './gateway/outbox.js';
import type { ReplyAddress } from './gateway/sender.js';
import type { AliasMove, MessageEvent, Overflow, PersonalEvent } from './gateway/webhook-events.js';
import type { Person } from './person.js';
import { Passing } from './sessions/passing.js';
import { Sessions, type Conversation, type Session } from './sessions/sessions.js';
import { severalAtOnce } from './several-at-once.js';
import { Submissions } from './submission/submissions.js';
import { WhatsAppKeys } from './whatsapp-keys.js';

/** Events of one lane in a run: somebody who sends hundreds of photos lets the others through in between. */
const FAIR_SHARE = 2;
/** Lanes at once. Each holds a connection while it is worked. */
const PARALLEL = 4;
/** Part of the pool for them: an API in the same process needs the rest. */
const POOL_SHARE = 0.4;
/** Another worker, or another lane of the same person, was faster: serialization failure, deadlock. */
const OVERTAKEN: ReadonlySet<string> = new Set(['40001', '40P01']);

/** What is done when a transaction has committed. */
type Afterwards = () => void;
const NOTHING: Afterwards = () => undefined;

/**
 * Answers people. One event, one transaction: the event is gone, the conversation goes on, its answers lie in
 * the outbox and a confirmed report is submitted, or none of it.
 *
 * Several lanes at once, in any number of workers. Who works a lane has locked its first event. A person may
 * write in two lanes, with and without their account. The transaction sees one snapshot: of two which touch
 * the same conversation the second fails and comes again (ADR 0024).
 */
@Injectable()
export class Talk {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly catalogs: CatalogsReader,
    private readonly channel: Channel,
    private readonly keys: WhatsAppKeys,
    private readonly lanes: Lanes,
    private readonly sessions: Sessions,
    private readonly passing: Passing,
    private readonly outbox: Outbox,
    private readonly submissions: Submissions,
    private readonly log: Log,
  ) {}

  /** @returns events answered */
  @Sweep({ name: SWEEPS.talk, ofReporters: true, every: POLL, wakes: [SWEEPS.send] })
  async run(): Promise<number> {
    if (!this.channel.settings) return 0;
    const lanes = await this.lanes.waiting();
    if (lanes.length === 0) return 0;
    const institutionId = await this.channel.institutionId();
    if (institutionId === undefined) {
      this.log.warning('whatsapp-institution-unknown', { day: this.channel.today });
      return 0;
    }
    let answered = 0;
    await severalAtOnce(
      this.parallel,
      () => lanes.shift(),
      async (lane) => {
        const count = await this.serve(institutionId, lane);
        answered += count;
      },
    );
    return answered;
  }

  private get parallel(): number {
    const { max } = this.database.appPool.options;
    return Math.max(1, Math.min(PARALLEL, Math.floor(max * POOL_SHARE)));
  }

  /** A few events of one lane, each in its transaction. */
  private async serve(institutionId: string, lane: Buffer): Promise<number> {
    for (let answered = 0; answered < FAIR_SHARE; answered++) {
      let current: string | undefined;
      try {
        const work = async (tx: Tx): Promise<Afterwards | undefined> => {
          const head = await this.lanes.head(tx, lane);
          if (!head) return undefined;
          current = head.id;
          const { event, answers } = this.lanes.open(head);
          const done = await this.take(tx, institutionId, event, answers);
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

  /** @param answers lane for somebody who has none yet */
  private take(
    tx: Tx,
    institutionId: string,
    event: PersonalEvent | Overflow,
    answers: Buffer,
  ): Promise<Afterwards> {
    switch (event.kind) {
      case 'message':
        return this.answer(tx, institutionId, event, answers);
      case 'alias_move':
        return this.move(tx, event);
      case 'overflow':
        return this.halt(tx, institutionId, event, answers);
    }
  }

  /** One message: what is remembered of its person, what the bot makes of it, and what is left of that. */
  private async answer(
    tx: Tx,
    institutionId: string,
    event: MessageEvent,
    answers: Buffer,
  ): Promise<Afterwards> {
    const catalog = await this.catalogs.snapshot(tx, institutionId);
    const writer = await this.writerOf(tx, event, answers);
    const next = step(
      writer.remembered,
      incoming(event, (id) => this.keys.message(id)),
      this.channel.contextOf(catalog),
    );
    const { report, messages } = next;
    if (report) return this.submit(tx, catalog, writer, { report, messages });
    await this.outbox.put(tx, writer, next.messages);
    return this.remember(tx, writer, next);
  }

  private async writerOf(
    tx: Tx,
    { sender, replyTo }: MessageEvent | Overflow,
    answers: Buffer,
  ): Promise<Writer> {
    const person = personOf(sender);
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

  /** Only a draft is stored. Without one goes whatever the person was found by. */
  private async remember(tx: Tx, writer: Writer, { state }: StepResult): Promise<Afterwards> {
    const { person, alias, session, draft, lane } = writer;
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
      ...(account === undefined ? {} : { bsuid: account }),
    };
    await this.sessions.save(tx, after, { id: session?.id, person });
    return () => this.passing.forget(alias);
  }

  /**
   * Folio and access code are drawn here, so that the case can be opened by a transaction that knows no
   * sender. What is said now and the receipt wait under a lane of their own: no row that this transaction
   * leaves carries what a sender is found by, nor anything that their earlier answers carry.
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

  /** Tells somebody that what comes next is dropped. Their draft stays as it is. */
  private async halt(tx: Tx, institutionId: string, event: Overflow, answers: Buffer): Promise<Afterwards> {
    const catalog = await this.catalogs.snapshot(tx, institutionId);
    const writer = await this.writerOf(tx, event, answers);
    const text = TEXTS.tooMany(this.channel.contextOf(catalog), writer.draft !== undefined);
    await this.outbox.put(tx, writer, textMessages(text));
    return NOTHING;
  }

  /**
   * A person changed number or id: their draft follows. Where the new identifiers have a draft of their own
   * already, both stay apart.
   */
  private async move(tx: Tx, event: AliasMove): Promise<Afterwards> {
    const from = personOf(event.from);
    const to = personOf(event.to);
    const session = await this.sessions.find(tx, from);
    if (!session || to.identifiers.length === 0) return NOTHING;
    const other = await this.sessions.find(tx, to);
    if (other && other.id !== session.id) return NOTHING;
    const { bsuid: _old, ...conversation } = session.conversation;
    const account = to.hasAccount ? { bsuid: this.keys.alias(to).toString('base64') } : {};
    // The old number may soon be somebody else's.
    await this.sessions.unlearn(tx, session.id, from);
    await this.sessions.save(tx, { ...conversation, ...account }, { id: session.id, person: to });
    return NOTHING;
  }
}

/** Who wrote, and what is known of them. */
interface Writer {
  person: Person;
  alias: Buffer;
  session: Session | undefined;
  /** The conversation of the session, unless its time is over. */
  draft: Conversation | undefined;
  /** What the bot remembers of them: stored with a draft, in the memory of this process without one. */
  remembered: unknown;
  /** In which their answers wait. */
  lane: Buffer;
  address: ReplyAddress;
}
