import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { claim } from '../../../platform/jobs/claims.js';
import type { DueRows } from '../../../platform/jobs/due-rows.js';
import { Sweep } from '../../../platform/jobs/sweep.js';
import { Log } from '../../../platform/logging.js';
import { Channel, NOBODY, POLL, SWEEPS } from '../channel.js';
import type { KnownNumbers } from '../numbers/known-numbers.js';
import { NumberNews } from '../numbers/number-news.js';
import { Numbers } from '../numbers/numbers.js';
import { nameUnder } from '../numbers/whatsapp-number.js';
import { Allowance } from './allowance.js';
import { CountDelivered } from './count-delivered.js';
import { decisionFor } from './graph-errors.js';
import { Inbox, type Delivery } from './inbox.js';
import { Lanes } from './lanes.js';
import { Outbox } from './outbox.js';
import { Seen } from './seen.js';
import {
  dedupSource,
  isPersonal,
  readWebhook,
  type Routed,
  type StatusEvent,
  type WebhookEvent,
} from './webhook-events.js';

/** Deliveries per transaction. An hour's backlog is worked in seconds, and no lock lasts long. */
const BATCH = 50;
/**
 * Part of a backlog that is worked before the backlog is read again. The cost of reading grows with the
 * length of the backlog.
 */
const SHARE = 0.1;
/**
 * Most deliveries that are worked before the backlog is read again, because deliveries that came meanwhile
 * wait.
 */
const STAGE = 500;
/** Tries before an unreadable delivery is put aside: some minutes at one try a second. */
const TRIES = 300;

/**
 * Splits deliveries into events: every entry, change, message and status. Each message is taken once, however
 * often Meta sends it. Only one worker does this at a time, so that the lanes grow in the order in which
 * people wrote.
 */
@Injectable()
export class SplitInbox {
  constructor(
    private readonly database: Database,
    private readonly channel: Channel,
    private readonly numbers: Numbers,
    private readonly seen: Seen,
    private readonly inbox: Inbox,
    private readonly allowance: Allowance,
    private readonly lanes: Lanes,
    private readonly outbox: Outbox,
    private readonly delivered: CountDelivered,
    private readonly news: NumberNews,
    private readonly log: Log,
  ) {}

  /** The waiting deliveries that one run works. */
  @Sweep({ name: SWEEPS.split, ofReporters: true, every: POLL, wakes: [SWEEPS.talk], batch: BATCH })
  waiting(): DueRows<string> {
    return {
      page: async (after) => (after === undefined ? this.stage() : []),
      work: (ids) => this.split(ids),
      failed: (id) => this.fail(id),
    };
  }

  private async stage(): Promise<string[]> {
    if ((await this.numbers.now()).isEmpty) return [];
    const waiting = await this.inbox.waiting();
    return waiting.slice(0, Math.min(STAGE, Math.max(BATCH, Math.ceil(waiting.length * SHARE))));
  }

  private async split(ids: readonly string[]): Promise<number> {
    const numbers = await this.numbers.now();
    const { settled, afterwards } = await this.database.tx(NOBODY, async (tx) => {
      if (!(await claim(tx, SWEEPS.split))) return { settled: 0 };
      const deliveries = await this.inbox.read(tx, ids);
      const parsed = deliveries.map((delivery) => ({ delivery, events: routed(delivery, numbers) }));
      const events = parsed.flatMap((one) => one.events);
      const ours = events.flatMap(({ event }) => event ?? []);
      const personal = await this.seen.first(tx, ours.filter(isPersonal), (event) =>
        nameUnder(event.number, dedupSource(event) ?? ''),
      );
      const { admitted, keep } = this.allowance.admit(personal);
      await this.lanes.append(tx, admitted);
      if (admitted.some(({ kind }) => kind === 'overflow')) {
        this.log.warning('whatsapp-sender-halted', { day: this.channel.today });
      }
      const statuses = ours.filter(isStatus);
      await this.outbox.takeStatuses(tx, statuses);
      const count = await this.delivered.find(tx, numbers, statuses);
      const unrouted = parsed.filter((one) => one.events.some(({ refused }) => refused !== undefined));
      await this.settle(tx, deliveries, 'done');
      await this.settle(
        tx,
        unrouted.map(({ delivery }) => delivery),
        'unrouted',
      );
      this.report(events);
      const afterwards = (): void => {
        keep();
        count();
        for (const event of ours) this.learn(event);
      };
      return { settled: deliveries.length, afterwards };
    });
    afterwards?.();
    return settled;
  }

  private async settle(tx: Tx, deliveries: readonly Delivery[], state: 'done' | 'unrouted'): Promise<void> {
    await tx.query('update wa_inbox set state = $2, settled_on = $3 where id = any($1)', [
      deliveries.map(({ id }) => id),
      state,
      this.channel.today,
    ]);
  }

  private async fail(id: string): Promise<void> {
    const [row] = await this.database.tx(NOBODY, (tx) =>
      tx.query<{ state: string }>(
        `with changed as (
           update wa_inbox set attempts = attempts + 1,
                  state = case when attempts + 1 >= $2 then 'failed' else state end,
                  settled_on = case when attempts + 1 >= $2 then $3::date end
            where id = $1 and state = 'new' returning state)
         select state from changed`,
        [id, TRIES, this.channel.today],
      ),
    );
    if (row?.state === 'failed') this.log.warning('whatsapp-delivery-put-aside', { day: this.channel.today });
  }

  /** Note what an event says about its number: that a message arrived, or why none does. */
  private learn(event: Routed<WebhookEvent>): void {
    if (event.kind === 'status' && (event.status === 'delivered' || event.status === 'read'))
      this.news.note(event.number, 'connected');
    const code =
      event.kind === 'status' ? event.errorCode : event.kind === 'account_error' ? event.code : undefined;
    const state = code === undefined ? undefined : decisionFor(code).state;
    if (state !== undefined) this.news.note(event.number, state);
  }

  /** Log alarms. An alarm carries a code and the day, nothing about a person. */
  private report(events: readonly Sorted[]): void {
    const day = this.channel.today;
    for (const code of new Set(events.flatMap(({ refused }) => refused ?? [])))
      this.log.warning('whatsapp-unrouted', { code, day });
    for (const { event, told = event } of events) {
      if (told?.kind === 'account_error')
        this.log.warning('whatsapp-account-error', { code: told.code ?? 0, day });
      if (told?.kind === 'unknown') this.log.warning('whatsapp-unknown', { code: told.what, day });
    }
  }
}

/**
 * Why an event is not worked: no number of ours, one that is off, or one that the app that signed may not
 * speak for.
 */
type Refused = 'unknown-number' | 'number-off' | 'other-app';

interface Sorted {
  /** The event, when it came for a number of ours. */
  event?: Routed<WebhookEvent>;
  /** An event that names no number: nothing is done with it but to log it. */
  told?: WebhookEvent;
  refused?: Refused;
}

/** The events of a delivery, each with the number that it is for, or with the reason why it is for none. */
function routed({ rawBody, signers }: Delivery, numbers: KnownNumbers): Sorted[] {
  return readWebhook(rawBody).map((event): Sorted => {
    if (event.phoneNumberId === undefined) return { told: event };
    const number = numbers.ofMeta(event.phoneNumberId);
    if (!number) return { refused: 'unknown-number' };
    if (!signers.includes(number.id)) return { refused: 'other-app' };
    return number.active ? { event: within(event, number.id) } : { refused: 'number-off' };
  });
}

/** An answer to a message goes out from the number that was written to. */
function within(event: WebhookEvent, number: string): Routed<WebhookEvent> {
  return event.kind === 'message'
    ? { ...event, number, replyTo: { ...event.replyTo, from: number } }
    : { ...event, number };
}

function isStatus(event: Routed<WebhookEvent>): event is Routed<StatusEvent> {
  return event.kind === 'status';
}
