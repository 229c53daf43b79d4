import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { Clock } from '../../../platform/clock.js';
import { open, seal, type Place } from '../../../platform/crypto/aead.js';
import { KeyRing } from '../../../platform/crypto/keyring.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { WAKE } from '../../../platform/jobs/sweeper.js';
import { Channel, NOBODY, SWEEPS } from '../channel.js';

/** A webhook as it came. */
export interface Delivery {
  id: string;
  /** Orders deliveries: milliseconds, then how many came before in the same process. */
  arrival: [milliseconds: number, count: number];
  rawBody: Buffer;
}

/** Bytes before the raw body: milliseconds in eight, count in four. */
const ARRIVAL = 12;

/**
 * The raw inbox: what Meta sent is on disk before Meta is told so, because nothing can be fetched again. Each body is
 * sealed under a key of its day, which is destroyed when the last body of the day has served.
 */
@Injectable()
export class Inbox {
  private count = 0;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly ring: KeyRing,
    private readonly channel: Channel,
  ) {}

  /** Stores the bytes durably and wakes who works them; nothing else happens before Meta's 200. */
  async store(rawBody: Buffer): Promise<void> {
    const arrival = Buffer.alloc(ARRIVAL);
    arrival.writeBigUInt64BE(BigInt(this.clock.now().getTime()));
    arrival.writeUInt32BE((this.count = (this.count + 1) >>> 0), 8);
    const day = this.channel.today;
    const id = randomUUID();
    await this.database.tx(NOBODY, async (tx) => {
      const body = seal(await this.keyOf(tx, day), Buffer.concat([arrival, rawBody]), bodyPlace(id));
      await tx.query(`insert into wa_inbox (id, day, state, body) values ($1, $2, 'new', $3)`, [id, day, body]);
      await tx.query(WAKE, [SWEEPS.split]);
    });
  }

  /** New deliveries among these ids, in the order of their arrival. */
  async read(tx: Tx, ids: readonly string[]): Promise<Delivery[]> {
    const rows = await tx.query<{ id: string; body: Buffer; day: string; wrapped: Buffer }>(
      `select i.id, i.body, i.day::text, k.wrapped from wa_inbox i join wa_inbox_keys k using (day)
        where i.id = any($1) and i.state = 'new'`,
      [ids],
    );
    const deliveries = rows.map(({ id, body, day, wrapped }): Delivery => {
      const plain = open(open(this.ring.inbox, wrapped, keyPlace(day)), body, bodyPlace(id));
      const arrival: Delivery['arrival'] = [Number(plain.readBigUInt64BE()), plain.readUInt32BE(8)];
      return { id, arrival, rawBody: plain.subarray(ARRIVAL) };
    });
    return deliveries.sort(({ arrival: [one, before] }, { arrival: [other, after] }) => one - other || before - after);
  }

  private async keyOf(tx: Tx, day: string): Promise<Buffer> {
    const kept = await this.findKey(tx, day);
    if (kept) return kept;
    const key = this.ring.newKey();
    // The first of the day wins, in whatever process; the others use its key.
    await tx.query('insert into wa_inbox_keys (day, wrapped) values ($1, $2) on conflict do nothing', [
      day,
      seal(this.ring.inbox, key, keyPlace(day)),
    ]);
    return (await this.findKey(tx, day))!;
  }

  private async findKey(tx: Tx, day: string): Promise<Buffer | undefined> {
    const [row] = await tx.query<{ wrapped: Buffer }>('select wrapped from wa_inbox_keys where day = $1', [day]);
    return row && open(this.ring.inbox, row.wrapped, keyPlace(day));
  }
}

function bodyPlace(id: string): Place {
  return { table: 'wa_inbox', row: id, field: 'body' };
}
function keyPlace(day: string): Place {
  return { table: 'wa_inbox_keys', row: day, field: 'wrapped' };
}
