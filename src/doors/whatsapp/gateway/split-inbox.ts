import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { claim } from '../../../platform/jobs/claims.js';
import type { DueRows } from '../../../platform/jobs/due-rows.js';
import { Sweep } from '../../../platform/jobs/sweep.js';
import { Log } from '../../../platform/logging.js';
import { Channel, NOBODY, POLL, SWEEPS } from '../channel.js';
import { WhatsAppKeys } from '../whatsapp-keys.js';
import { Allowance } from './allowance.js';
import { Inbox, type Delivery } from './inbox.js';
import { Lanes } from './lanes.js';
import { Outbox } from './outbox.js';
import {
  dedupSource,
  isPersonal,
  readWebhook,
  type PersonalEvent,
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
    private readonly keys: WhatsAppKeys,
    private readonly inbox: Inbox,
    private readonly allowance: Allowance,
    private readonly lanes: Lanes,
    private readonly outbox: Outbox,
    private readonly log: Log,
  ) {}

  /** The waiting deliveries that one run works. */
  @Sweep({ name: SWEEPS.split, ofReporters: true, every: POLL, wakes: [SWEEPS.talk], batch: BATCH })
  waiting(): DueRows<string> {
    return {
      page: async (after) => (after === undefined && this.channel.settings ? this.stage() : []),
      work: (ids) => this.split(ids),
      failed: (id) => this.fail(id),
    };
  }

  private async stage(): Promise<string[]> {
    const waiting = await this.inbox.waiting();
    return waiting.slice(0, Math.min(STAGE, Math.max(BATCH, Math.ceil(waiting.length * SHARE))));
  }

  private async split(ids: readonly string[]): Promise<number> {
    const { settled, afterwards } = await this.database.tx(NOBODY, async (tx) => {
      if (!(await claim(tx, SWEEPS.split))) return { settled: 0 };
      const deliveries = await this.inbox.read(tx, ids);
      const parsed = deliveries.map((delivery) => ({ delivery, events: readWebhook(delivery.rawBody) }));
      const ours = parsed.flatMap(({ events }) => events.filter((event) => !this.isForeign(event)));
      const { admitted, keep } = this.allowance.admit(await this.firstSeen(tx, ours));
      await this.lanes.append(tx, admitted);
      if (admitted.some(({ kind }) => kind === 'overflow')) {
        this.log.warning('whatsapp-sender-halted', { day: this.channel.today });
      }
      await this.outbox.takeStatuses(tx, ours.filter(isStatus));
      const unrouted = parsed.filter(({ events }) => events.some((event) => this.isForeign(event)));
      await this.settle(tx, deliveries, 'done');
      await this.settle(
        tx,
        unrouted.map(({ delivery }) => delivery),
        'unrouted',
      );
      this.report(ours, unrouted.length);
      return { settled: deliveries.length, afterwards: keep };
    });
    afterwards?.();
    return settled;
  }

  /**
   * Whether the event was sent to a number other than the configured one. This is another branch's number or
   * a mistake in the configuration.
   */
  private isForeign(event: WebhookEvent): boolean {
    return event.phoneNumberId !== undefined && event.phoneNumberId !== this.channel.settings?.phoneNumberId;
  }

  /** The events that were never taken before. Their claims and the work that follows commit together. */
  private async firstSeen(tx: Tx, events: readonly WebhookEvent[]): Promise<PersonalEvent[]> {
    const claims = events
      .filter(isPersonal)
      .map((event) => ({ event, hash: this.keys.seen(dedupSource(event) ?? '') }));
    if (claims.length === 0) return [];
    const rows = await tx.query<{ hash: Buffer }>(
      `insert into wa_seen (hash, day) select distinct hash, $2::date from unnest($1::bytea[]) as hash
       on conflict do nothing returning hash`,
      [claims.map(({ hash }) => hash), this.channel.today],
    );
    const fresh = new Set(rows.map(({ hash }) => hash.toString('hex')));
    // Of two equal events in one batch, the second finds its hash taken.
    return claims.filter(({ hash }) => fresh.delete(hash.toString('hex'))).map(({ event }) => event);
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

  /** Log alarms. An alarm carries a code and the day, nothing about a person. */
  private report(events: readonly WebhookEvent[], unrouted: number): void {
    const day = this.channel.today;
    if (unrouted > 0) this.log.warning('whatsapp-unrouted', { day });
    for (const event of events) {
      if (event.kind === 'account_error')
        this.log.warning('whatsapp-account-error', { code: event.code ?? 0, day });
      if (event.kind === 'unknown') this.log.warning('whatsapp-unknown', { code: event.what, day });
    }
  }
}

function isStatus(event: WebhookEvent): event is StatusEvent {
  return event.kind === 'status';
}
