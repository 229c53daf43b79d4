import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/tx.js';
import { Channel } from '../channel.js';
import { WhatsAppKeys } from '../whatsapp-keys.js';

/** Recognises what was taken before: Meta delivers everything at least once, for seven days. */
@Injectable()
export class Seen {
  constructor(
    private readonly keys: WhatsAppKeys,
    private readonly channel: Channel,
  ) {}

  /**
   * Step: take these items, each once. The claims and the work that follows commit together.
   * @param nameOf the text, before hashing, by which a repetition is recognised
   * @returns the items that were never taken before; of equal ones the first
   */
  async first<T>(tx: Tx, items: readonly T[], nameOf: (item: T) => string): Promise<T[]> {
    if (items.length === 0) return [];
    const claims = items.map((item) => ({ item, hash: this.keys.seen(nameOf(item)) }));
    const rows = await tx.query<{ hash: Buffer }>(
      `insert into wa_seen (hash, day) select distinct hash, $2::date from unnest($1::bytea[]) as hash
       on conflict do nothing returning hash`,
      [claims.map(({ hash }) => hash), this.channel.today],
    );
    const fresh = new Set(rows.map(({ hash }) => hash.toString('hex')));
    // Of two equal items in one batch, the second finds its hash taken.
    return claims.filter(({ hash }) => fresh.delete(hash.toString('hex'))).map(({ item }) => item);
  }
}
