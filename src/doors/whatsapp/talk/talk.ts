import { Injectable } from '@nestjs/common';
import { CatalogsReader, type CatalogSnapshot } from '../../../foundations/catalogs/catalogs.reader.js';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import { sqlStateOf } from '../../../platform/database/sql-state.js';
import type { Tx } from '../../../platform/database/tx.js';
import { Sweep } from '../../../platform/jobs/sweep.js';
import { Log } from '../../../platform/logging.js';
import { newAccessCode, newFolio } from '../../../work/cases/folio.js';
import { Channel, NOBODY, POLL, SWEEPS } from '../channel.js';
import { toConversationEvent } from '../conversation/conversation-input.js';
import type { Effect, ReportDraft } from '../conversation/conversation-state.js';
import { step } from '../conversation/conversation.js';
import { TEXTS } from '../conversation/texts.js';
import { textMessages, type OutgoingMessage } from '../meta/outgoing.js';
import type { ReplyAddress } from '../meta/sender.js';
import type { AliasMove, MessageEvent, PersonalEvent } from '../meta/webhook-events.js';
import { Outbox } from '../sending/outbox.js';
import { severalAtOnce } from '../several-at-once.js';
import type { Overflow } from '../webhook/allowance.js';
import { WhatsAppKeys } from '../whatsapp-keys.js';
import { Events } from './events.js';
import { Handovers } from './handovers.js';
import { Passing } from './passing.js';
import { Sessions } from './sessions.js';

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
 * Answers people. One event, one transaction: the event is gone, the conversation goes on, its answers lie in the
 * outbox and a confirmed report is handed over, or none of it.
 *
 * Several lanes at once, in any number of workers. Who works a lane has locked its first event. A person may write in two lanes,
 * with and without their business-scoped id: the transaction sees one snapshot, so that of two which touch the same conversation
 * the second fails and comes again (ADR 0024).
 */
@Injectable()
export class Talk {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly catalogs: CatalogsReader,
    private readonly channel: Channel,
    private readonly keys: WhatsAppKeys,
    private readonly events: Events,
    private readonly sessions: Sessions,
    private readonly passing: Passing,
    private readonly outbox: Outbox,
    private readonly handovers: Handovers,
    private readonly log: Log,
  ) {}

  /** @returns events answered */
  @Sweep({ name: SWEEPS.talk, every: POLL, wakes: [SWEEPS.send] })
  async run(): Promise<number> {
    if (!this.channel.settings) return 0;
    const lanes = await this.events.lanes();
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

  private async serve(institutionId: string, lane: Buffer): Promise<number> {
    for (let answered = 0; answered < FAIR_SHARE; answered++) {
      let current: string | undefined;
      try {
        const work = async (tx: Tx): Promise<Afterwards | undefined> => {
          const head = await this.events.head(tx, lane);
          if (!head) return undefined;
          current = head.id;
          const { event, answers } = this.events.open(head);
          const done = await this.take(tx, institutionId, event, answers);
          await this.events.remove(tx, head.id);
          return done;
        };
        const afterwards = await this.database.tx(NOBODY, work, { snapshot: true });
        if (!afterwards) return answered;
        afterwards();
      } catch (error) {
        if (OVERTAKEN.has(sqlStateOf(error))) return answered;
        this.log.fault('whatsapp-event-failed', error);
        if (current !== undefined) await this.events.fail(current);
        return answered;
      }
    }
    return FAIR_SHARE;
  }

  /** @param answers lane for somebody who has none yet */
  private take(tx: Tx, institutionId: string, event: PersonalEvent | Overflow, answers: Buffer): Promise<Afterwards> {
    switch (event.kind) {
      case 'message':
        return this.answer(tx, institutionId, event, answers);
      case 'alias_move':
        return this.move(tx, event);
      case 'overflow':
        return this.halt(tx, institutionId, event, answers);
    }
  }

  private async answer(tx: Tx, institutionId: string, event: MessageEvent, answers: Buffer): Promise<Afterwards> {
    const alias = this.keys.aliases(event.sender)[0]!;
    const catalog = await this.catalogs.snapshot(tx, institutionId);
    const session = await this.sessions.find(tx, event.sender);
    const before = session && !this.sessions.isOver(session.conversation) ? session.conversation : undefined;
    const { state, effects } = step(
      before ? before.state : this.passing.recall(alias),
      toConversationEvent(event, (id) => this.keys.message(id)),
      this.channel.contextOf(catalog),
    );
    const messages = messagesOf(effects);
    const report = effects.find((effect) => effect.type === 'submit')?.report;
    if (report) {
      await this.handOver(tx, catalog, event.replyTo, report, messages);
    } else {
      const lane = before?.answers === undefined ? answers : Buffer.from(before.answers, 'base64');
      await this.outbox.put(tx, { lane, address: event.replyTo }, messages);
      if (state.draft) {
        const bsuid = event.sender.bsuid === undefined ? before?.bsuid : alias.toString('base64');
        const activeAt = this.clock.now().getTime();
        const after = { state, answers: lane.toString('base64'), activeAt, ...(bsuid === undefined ? {} : { bsuid }) };
        await this.sessions.save(tx, after, { id: session?.id, sender: event.sender });
        return () => this.passing.forget(alias);
      }
    }
    // Only a draft is stored. With it goes whatever the person was found by.
    if (session) await this.sessions.drop(tx, session.id);
    return () => (report ? this.passing.forget(alias) : this.passing.remember(alias, state));
  }

  /** Tells somebody that what comes next is dropped. Their draft stays as it is. */
  private async halt(tx: Tx, institutionId: string, event: Overflow, answers: Buffer): Promise<Afterwards> {
    const catalog = await this.catalogs.snapshot(tx, institutionId);
    const session = await this.sessions.find(tx, event.sender);
    const draft = session && !this.sessions.isOver(session.conversation) ? session.conversation : undefined;
    const lane = draft?.answers === undefined ? answers : Buffer.from(draft.answers, 'base64');
    const text = TEXTS.tooMany(this.channel.contextOf(catalog), draft !== undefined);
    await this.outbox.put(tx, { lane, address: event.replyTo }, textMessages(text));
    return NOTHING;
  }

  /**
   * Folio and access code are drawn here, so that the case can be opened by a transaction that knows no sender. What is
   * said now and the receipt wait under a lane of their own: no row that this transaction leaves carries what a sender is
   * found by, nor anything that their earlier answers carry.
   */
  private async handOver(
    tx: Tx,
    { institution }: CatalogSnapshot,
    address: ReplyAddress,
    report: ReportDraft,
    messages: readonly OutgoingMessage[],
  ): Promise<void> {
    const year = Number(this.clock.today(institution.timeZone).slice(0, 4));
    const folio = newFolio(institution.prefix, year);
    const accessCode = newAccessCode();
    const handoverId = await this.handovers.hand(tx, institution.id, { report, folio, accessCode });
    await this.outbox.putConfirmed(tx, address, messages, { handoverId, folio, accessCode });
  }

  /**
   * A person changed number or id: their draft follows. Where the new identifiers have a draft of their own already, both
   * stay apart.
   */
  private async move(tx: Tx, { from, to }: AliasMove): Promise<Afterwards> {
    const session = await this.sessions.find(tx, from);
    const [alias] = this.keys.aliases(to);
    if (!session || !alias) return NOTHING;
    const other = await this.sessions.find(tx, to);
    if (other && other.id !== session.id) return NOTHING;
    const { bsuid: _old, ...conversation } = session.conversation;
    const moved = { ...conversation, ...(to.bsuid === undefined ? {} : { bsuid: alias.toString('base64') }) };
    // The old number may soon be somebody else's.
    await this.sessions.unlearn(tx, session.id, from);
    await this.sessions.save(tx, moved, { id: session.id, sender: to });
    return NOTHING;
  }
}

function messagesOf(effects: readonly Effect[]): OutgoingMessage[] {
  return effects.flatMap((effect) => (effect.type === 'send' ? [effect.message] : []));
}
