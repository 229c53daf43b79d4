import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { randomBytes, randomUUID } from 'node:crypto';
import type { StaffActor } from '../../../platform/actor.js';
import { Clock, isoWithOffset } from '../../../platform/clock.js';
import { KeyRing } from '../../../platform/crypto/keyring.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { decodeCursor, encodeCursor } from '../../../platform/http/paging.js';
import { AuditService } from '../../audit/audit.service.js';
import { CatalogsReader } from '../../catalogs/catalogs.reader.js';
import type { Channel } from '../../catalogs/channels.js';
import { badCursor, channelKeyNotFound } from '../errors.js';
import { ChannelKeyRow } from '../identity.entities.js';
import { institutionOf } from '../staff.js';
import { channelKeyHash } from './channel-credentials.js';

export interface ChannelKeyView {
  id: string;
  channel: Channel;
  label: string;
  active: boolean;
  /** ISO 8601 with the institution's offset. */
  createdAt: string;
  revokedAt: string | null;
}

export interface NewChannelKey {
  channel: Channel;
  label: string;
  /** Absent = a new key of 256 random bits. */
  key?: string;
}

/** Keys with which channel systems (a web form, a call-centre program, a gateway) file reports. */
@Injectable()
export class ChannelKeysService {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly audit: AuditService,
    private readonly keys: KeyRing,
    private readonly clock: Clock,
  ) {}

  /** Returns keys, newest first. Revoked keys stay in the list. */
  async list(
    actor: StaffActor,
    query: { cursor?: string; limit: number },
  ): Promise<{ items: ChannelKeyView[]; nextCursor: string | null }> {
    const after = query.cursor === undefined ? ['infinity', MAX_UUID] : afterCursor(query.cursor);
    const [rows, { institution }] = await this.database.tx(actor, (tx) =>
      Promise.all([
        tx.rows(
          ChannelKeyRow,
          '(created_at, id) < ($1::timestamptz, $2::uuid) order by created_at desc, id desc limit $3',
          [...after, query.limit + 1],
        ),
        this.catalogs.snapshot(tx, actor.institutionId),
      ]),
    );
    const page = rows.slice(0, query.limit);
    const last = page.at(-1);
    const more = rows.length > query.limit && last !== undefined;
    return {
      items: page.map((key) => channelKeyView(key, institution.timeZone)),
      nextCursor: more ? encodeCursor('created', [last.createdAt.toISOString(), last.id]) : null,
    };
  }

  /** Makes a key, which is shown only here. */
  async create(
    actor: StaffActor,
    input: { channel: Channel; label: string },
  ): Promise<{ id: string; key: string }> {
    return this.database.tx(actor, (tx) => this.add(tx, input));
  }

  /** Ends a key at once. Ending it again changes nothing. @throws DomainError CHANNEL_KEY_NOT_FOUND (404) */
  async revoke(actor: StaffActor, id: string): Promise<void> {
    await this.database.tx(actor, async (tx) => {
      const [key] = await tx.rows(ChannelKeyRow, 'id = $1 for update', [id]);
      if (!key) throw channelKeyNotFound();
      if (key.revokedAt) return;
      await tx.change(ChannelKeyRow, { id }, { revokedAt: this.clock.now() });
      await this.audit.record(tx, { event: 'CHANNEL_KEY_REVOKED', about: id, payload: { keyId: id } });
    });
  }

  /** Step: adds a key to the institution of the transaction's actor. */
  async add(tx: Tx, input: NewChannelKey): Promise<{ id: string; key: string }> {
    const id = randomUUID();
    const key = input.key ?? `dak_${randomBytes(32).toString('base64url')}`;
    await tx.insert(ChannelKeyRow, [
      {
        id,
        institutionId: institutionOf(tx.actor),
        channel: input.channel,
        label: input.label,
        keyHash: channelKeyHash(this.keys, key),
        createdAt: this.clock.now(),
      },
    ]);
    await this.audit.record(tx, {
      event: 'CHANNEL_KEY_CREATED',
      about: id,
      payload: { keyId: id, channel: input.channel },
    });
    return { id, key };
  }

  /**
   * Step: makes the key of a channel and label with this value, or gives an existing key this value. Writes
   * nothing when the key already has this value. This is for keys whose value comes from the environment
   * (demo data).
   */
  async set(tx: Tx, input: Required<NewChannelKey>): Promise<void> {
    const keyHash = channelKeyHash(this.keys, input.key);
    const [key] = await tx.rows(
      ChannelKeyRow,
      'channel = $1 and label = $2 order by created_at desc, id desc limit 1 for update',
      [input.channel, input.label],
    );
    if (!key) {
      await this.add(tx, input);
      return;
    }
    if (key.keyHash.equals(keyHash) && key.revokedAt === null) return;
    await tx.change(ChannelKeyRow, { id: key.id }, { keyHash, revokedAt: null });
    await this.audit.record(tx, {
      event: 'CHANNEL_KEY_CREATED',
      about: key.id,
      payload: { keyId: key.id, channel: input.channel, replaced: true },
    });
  }
}

const MAX_UUID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * Returns instant and id of the last row seen. Checks both, because somebody may have written the cursor by
 * hand.
 */
function afterCursor(cursor: string): string[] {
  const [instant, id] = decodeCursor(cursor, 'created', ['instant', 'uuid']);
  if (typeof instant !== 'string' || !INSTANT.test(instant) || Number.isNaN(Date.parse(instant)))
    throw badCursor();
  if (typeof id !== 'string' || !isUUID(id)) throw badCursor();
  return [instant, id];
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function channelKeyView(key: ChannelKeyRow, timeZone: string): ChannelKeyView {
  return {
    id: key.id,
    channel: key.channel as Channel,
    label: key.label,
    active: key.revokedAt === null,
    createdAt: isoWithOffset(key.createdAt, timeZone),
    revokedAt: key.revokedAt ? isoWithOffset(key.revokedAt, timeZone) : null,
  };
}
