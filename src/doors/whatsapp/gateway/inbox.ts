import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { Clock } from '../../../platform/clock.js';
import { open, openJson, seal, sealJson, type SealContext } from '../../../platform/crypto/aead.js';
import { KeyRing } from '../../../platform/crypto/keyring.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { Channel, NOBODY } from '../channel.js';
import type { KnownNumbers } from '../numbers/known-numbers.js';
import { Numbers } from '../numbers/numbers.js';
import { ENVIRONMENT } from '../numbers/whatsapp-number.js';
import { WhatsAppKeys } from '../whatsapp-keys.js';
import { inTurns } from './in-turns.js';
import { writerOf } from './incoming.js';
import { isPersonal, readWebhook } from './webhook-events.js';

/**
 * When a delivery came: the milliseconds, then the number of earlier deliveries in the same process. The
 * names of its senders follow. Only these names distinguish a flood of one sender from the message of
 * another. Behind them stand the ids of the numbers for which the app that signed may speak. A row of an
 * older version has no names, or no ids: then the app of the environment signed it.
 */
type Arrival = [milliseconds: number, count: number, senders?: string[], signers?: string[]];

/** A webhook as it came. */
export interface Delivery {
  id: string;
  /** Unchanged. */
  rawBody: Buffer;
  /** Ids of the numbers for which it may speak (`KnownNumbers.signers`). */
  signers: readonly string[];
}

interface Placed {
  id: string;
  /** Number of failed tries, then the arrival. */
  order: number[];
  senders?: string[];
}

interface Sealed {
  id: string;
  day: string;
  /** The key of the day. */
  wrapped: Buffer;
}

/** Waiting deliveries that are sorted at once. A larger backlog is worked in stages. */
const LOOK_AHEAD = 50_000;
/** Rows read in one statement. Other work of the process runs between two statements. */
const PAGE = 2_000;

/**
 * The raw inbox. A delivery is on disk before Meta gets its answer, because Meta's data cannot be fetched
 * again. Each body is sealed under a key of its day. This key is destroyed when the last body of the day is
 * no longer needed.
 */
@Injectable()
export class Inbox {
  private count = 0;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly ring: KeyRing,
    private readonly keys: WhatsAppKeys,
    private readonly channel: Channel,
    private readonly numbers: Numbers,
  ) {}

  /**
   * Store the bytes durably. Before Meta gets its 200, the bytes are read only to note the senders whose turn
   * they belong to.
   * @param signers ids of the numbers for which the bytes may speak. They are noted now: a secret that is
   *   changed while the bytes wait must not make them worthless.
   */
  async store(rawBody: Buffer, signers: string[]): Promise<void> {
    const senders = this.sendersOf(rawBody, await this.numbers.now(), signers);
    this.count += 1;
    const arrival: Arrival = [this.clock.now().getTime(), this.count, senders, signers];
    const day = this.channel.today;
    const id = randomUUID();
    await this.database.tx(
      NOBODY,
      async (tx) => {
        const key = await this.keyOf(tx, day);
        await tx.query(
          `insert into wa_inbox (id, day, state, arrival, body) values ($1, $2, 'new', $3, $4)`,
          [
            id,
            day,
            sealJson(key, arrival, rowContext(id, 'arrival')),
            seal(key, rawBody, rowContext(id, 'body')),
          ],
        );
      },
      { pool: 'intake' },
    );
  }

  /**
   * Ids of the deliveries that wait. The deliveries of one sender keep their order of arrival. The senders
   * take turns, so that a flood of one sender does not delay the first message of another. Deliveries that
   * failed before come last.
   */
  async waiting(): Promise<string[]> {
    const rows = await this.arrivals();
    rows.sort((one, other) => compare(one.order, other.order));
    if (rows.some(({ senders }) => senders === undefined)) return rows.map(({ id }) => id);
    const isFresh = ({ order }: Placed): boolean => order[0] === 0;
    const fresh = inTurns(rows.filter(isFresh), ({ senders }) => senders!);
    return [...fresh, ...rows.filter((row) => !isFresh(row))].map(({ id }) => id);
  }

  /** Whether a delivery waits to be taken apart. */
  async isWaiting(): Promise<boolean> {
    const [row] = await this.database.tx(NOBODY, (tx) =>
      tx.query<{ found: boolean }>(`select exists (select from wa_inbox where state = 'new') as found`),
    );
    return row!.found;
  }

  /**
   * Read in one snapshot. Otherwise, of two deliveries that come meanwhile, the second could be seen without
   * the first.
   */
  private arrivals(): Promise<Placed[]> {
    const read = async (tx: Tx): Promise<Placed[]> => {
      const keys = new Map<string, Buffer>();
      const placed: Placed[] = [];
      for (let last = NIL; placed.length < LOOK_AHEAD;) {
        const rows = await tx.query<Sealed & { arrival: Buffer; attempts: number }>(
          `select i.id, i.arrival, i.attempts, i.day::text, k.wrapped from wa_inbox i join wa_inbox_keys k using (day)
            where i.state = 'new' and i.id > $1 order by i.id limit $2`,
          [last, PAGE],
        );
        for (const row of rows) {
          if (!keys.has(row.day)) keys.set(row.day, this.unwrap(row));
          const arrival = openJson<Arrival>(keys.get(row.day)!, row.arrival, rowContext(row.id, 'arrival'));
          const [milliseconds, count, senders] = arrival;
          placed.push({ id: row.id, order: [row.attempts, milliseconds, count], senders });
        }
        if (rows.length < PAGE) break;
        last = rows.at(-1)!.id;
      }
      return placed;
    };
    return this.database.tx(NOBODY, read, { snapshot: true });
  }

  /** Step: read the raw bytes of the deliveries that still wait, in the given order. */
  async read(tx: Tx, ids: readonly string[]): Promise<Delivery[]> {
    const rows = await tx.query<Sealed & { arrival: Buffer; body: Buffer }>(
      `select i.id, i.arrival, i.body, i.day::text, k.wrapped from wa_inbox i join wa_inbox_keys k using (day)
        where i.id = any($1) and i.state = 'new' order by array_position($1::uuid[], i.id)`,
      [ids],
    );
    return rows.map((row) => {
      const key = this.unwrap(row);
      const [, , , signers = [ENVIRONMENT]] = openJson<Arrival>(
        key,
        row.arrival,
        rowContext(row.id, 'arrival'),
      );
      return { id: row.id, rawBody: open(key, row.body, rowContext(row.id, 'body')), signers };
    });
  }

  /** Only of numbers for which the signer may speak: else it could put people of others behind its own. */
  private sendersOf(rawBody: Buffer, numbers: KnownNumbers, signers: readonly string[]): string[] {
    const lanes = readWebhook(rawBody)
      .filter(isPersonal)
      .flatMap((event) => {
        const number = numbers.ofMeta(event.phoneNumberId)?.id ?? ENVIRONMENT;
        if (!signers.includes(number)) return [];
        return [this.keys.alias(writerOf({ ...event, number })).toString('base64url')];
      });
    return [...new Set(lanes)];
  }

  private async keyOf(tx: Tx, day: string): Promise<Buffer> {
    const kept = await this.findKey(tx, day);
    if (kept) return kept;
    const key = this.ring.newKey();
    // The first key of the day wins, whichever process made it. All other calls use this key.
    await tx.query('insert into wa_inbox_keys (day, wrapped) values ($1, $2) on conflict do nothing', [
      day,
      seal(this.ring.inbox, key, keyContext(day)),
    ]);
    return (await this.findKey(tx, day))!;
  }

  private async findKey(tx: Tx, day: string): Promise<Buffer | undefined> {
    const [row] = await tx.query<{ wrapped: Buffer }>('select wrapped from wa_inbox_keys where day = $1', [
      day,
    ]);
    return row && this.unwrap({ day, wrapped: row.wrapped });
  }

  private unwrap({ day, wrapped }: Pick<Sealed, 'day' | 'wrapped'>): Buffer {
    return open(this.ring.inbox, wrapped, keyContext(day));
  }
}

const NIL = '00000000-0000-0000-0000-000000000000';

function compare(one: readonly number[], other: readonly number[]): number {
  for (const [index, value] of one.entries()) {
    if (value !== other[index]) return value - other[index]!;
  }
  return 0;
}

function rowContext(id: string, field: 'arrival' | 'body'): SealContext {
  return { table: 'wa_inbox', row: id, field };
}
function keyContext(day: string): SealContext {
  return { table: 'wa_inbox_keys', row: day, field: 'wrapped' };
}
