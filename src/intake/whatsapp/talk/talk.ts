import { Injectable, type OnModuleInit } from '@nestjs/common';
import { newAccessCode, newFolio } from '../../../cases/folio.js';
import { CatalogsReader, type CatalogSnapshot } from '../../../catalogs/catalogs.reader.js';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { Sweeper } from '../../../platform/jobs/sweeper.js';
import { Log } from '../../../platform/logging.js';
import { Channel, NOBODY, SWEEPS } from '../channel.js';
import { toConversationEvent } from '../conversation/conversation-input.js';
import type { ReportDraft } from '../conversation/conversation-state.js';
import { step } from '../conversation/conversation.js';
import { lockAll, senderLock, tryLock } from '../locks.js';
import { replyAddress } from '../meta/sender.js';
import { Outbox } from '../sending/outbox.js';
import type { AliasMove, MessageEvent } from '../meta/webhook-events.js';
import { WhatsAppKeys } from '../whatsapp-keys.js';
import { Events } from './events.js';
import { Handovers } from './handovers.js';
import { Sessions, type Conversation, type Pending, type Session } from './sessions.js';

/** Events of one lane in a row: somebody who sends hundreds of photos lets the others through in between. */
const FAIR_SHARE = 50;

/**
 * Answers people. One event, one transaction: the event is gone, the conversation goes on, its answers lie in the
 * outbox and a confirmed report is handed over, or none of it.
 */
@Injectable()
export class Talk implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly catalogs: CatalogsReader,
    private readonly channel: Channel,
    private readonly keys: WhatsAppKeys,
    private readonly events: Events,
    private readonly sessions: Sessions,
    private readonly outbox: Outbox,
    private readonly handovers: Handovers,
    private readonly sweeper: Sweeper,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    if (this.channel.settings) this.sweeper.register({ name: SWEEPS.talk, every: 5_000, run: () => this.run() });
  }

  /** @returns events answered */
  async run(): Promise<number> {
    const lanes = await this.events.lanes();
    if (lanes.length === 0) return 0;
    const institutionId = await this.channel.institutionId();
    if (institutionId === undefined) {
      this.log.warning('whatsapp-institution-unknown', { day: this.channel.today });
      return 0;
    }
    let answered = 0;
    for (const lane of lanes) answered += await this.serve(institutionId, lane);
    return answered;
  }

  private async serve(institutionId: string, lane: Buffer): Promise<number> {
    for (let answered = 0; answered < FAIR_SHARE; answered++) {
      let current: string | undefined;
      try {
        const found = await this.database.tx(NOBODY, async (tx) => {
          if (!(await tryLock(tx, `wa-lane/${lane.toString('hex')}`))) return false;
          const head = await this.events.head(tx, lane);
          if (!head) return false;
          current = head.id;
          const event = this.events.open(head);
          if (event.kind === 'message') await this.answer(tx, institutionId, event);
          else await this.move(tx, event);
          await this.events.remove(tx, head.id);
          return true;
        });
        if (!found) return answered;
      } catch (error) {
        this.log.fault('whatsapp-event-failed', error);
        if (current !== undefined) await this.events.fail(current);
        return answered;
      }
    }
    return FAIR_SHARE;
  }

  private async answer(tx: Tx, institutionId: string, event: MessageEvent): Promise<void> {
    const aliases = this.keys.aliases(event.sender);
    // Whatever a person is known by: two lanes of one person must not talk at the same time.
    await lockAll(tx, aliases.map(senderLock));
    const catalog = await this.catalogs.snapshot(tx, institutionId);
    const session = await this.sessions.find(tx, event.sender);
    const before = session && !this.sessions.isOver(session.conversation) ? session.conversation : undefined;
    const { state, effects } = step(
      before?.state,
      toConversationEvent(event, (id) => this.keys.message(id)),
      this.channel.contextOf(catalog),
    );
    // A reaction or a word in a group from somebody who never wrote to us leaves nothing.
    if (!before && effects.length === 0) return;

    const to = { lane: aliases[0]!, address: event.replyTo };
    await this.outbox.put(
      tx,
      to,
      effects.flatMap((effect) => (effect.type === 'send' ? [effect.message] : [])),
    );
    let pending = before?.pending;
    for (const effect of effects) {
      if (effect.type === 'submit') pending = await this.handOver(tx, catalog, effect.report, pending);
    }
    if (!pending && effects.some(({ type }) => type === 'forget')) {
      if (session) await this.sessions.drop(tx, session.id);
      return;
    }
    const bsuid = event.sender.bsuid === undefined ? before?.bsuid : to.lane.toString('base64');
    const after: Conversation = {
      state,
      address: to.address,
      lane: to.lane.toString('base64'),
      activeAt: this.clock.now().getTime(),
      ...(bsuid === undefined ? {} : { bsuid }),
      ...(pending ? { pending } : {}),
    };
    await this.sessions.save(tx, after, { id: session?.id, sender: event.sender });
  }

  /** Folio and access code are drawn here, so that the case can be opened by a transaction that knows no sender. */
  private async handOver(
    tx: Tx,
    { institution }: CatalogSnapshot,
    report: ReportDraft,
    pending: Pending | undefined,
  ): Promise<Pending> {
    // The conversation takes no second report before the first has its folio; overwriting would lose that folio.
    if (pending) throw new Error('a report of this conversation is still on its way');
    const year = Number(this.clock.today(institution.timeZone).slice(0, 4));
    const folio = newFolio(institution.prefix, year);
    const accessCode = newAccessCode();
    return {
      folio,
      accessCode,
      handoverId: await this.handovers.hand(tx, institution.id, { report, folio, accessCode }),
    };
  }

  /**
   * A person changed number or id: their conversation follows. Where the new identifiers have a conversation of their
   * own already, the one with something in it stays; two with something in them stay apart.
   */
  private async move(tx: Tx, { from, to }: AliasMove): Promise<void> {
    await lockAll(tx, [...this.keys.aliases(from), ...this.keys.aliases(to)].map(senderLock));
    const session = await this.sessions.find(tx, from);
    const address = replyAddress(to);
    if (!session || !address) return;
    const other = await this.sessions.find(tx, to);
    if (other && other.id !== session.id) {
      if (!isIdle(other) && !isIdle(session)) return;
      if (isIdle(session)) return this.sessions.drop(tx, session.id);
      await this.sessions.drop(tx, other.id);
    }
    const lane = this.keys.aliases(to)[0]!.toString('base64');
    const { bsuid: _old, ...conversation } = session.conversation;
    const moved: Conversation = { ...conversation, address, lane, ...(to.bsuid === undefined ? {} : { bsuid: lane }) };
    // The old number may soon be somebody else's.
    await this.sessions.unlearn(tx, session.id, from);
    await this.sessions.save(tx, moved, { id: session.id, sender: to });
  }
}

/** Nothing is lost with it. */
function isIdle({ conversation: { state, pending } }: Session): boolean {
  return !pending && (state as { draft?: unknown } | undefined)?.draft === undefined;
}
