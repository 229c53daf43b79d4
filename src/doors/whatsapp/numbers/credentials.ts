import { Injectable } from '@nestjs/common';
import type { SealContext } from '../../../platform/crypto/aead.js';
import { KeyRing } from '../../../platform/crypto/keyring.js';
import type { WaNumberRow } from '../whatsapp.entities.js';
import { numberErrors } from './errors.js';

/** What a number speaks to Meta with. Never in an answer, a log line, a metric or the trail. */
export interface Credentials {
  accessToken: string;
  /** The app's secret, with which Meta signs. */
  appSecret: string;
  /** The secret before the last change. It is still valid until somebody ends it. */
  previousAppSecret?: string;
  /** What Meta shows when it verifies the webhook. */
  verifyToken: string;
}

/** What an administrator sends of them. */
export interface GivenCredentials {
  accessToken?: string;
  appSecret?: string;
  /** null: the former secret ends. */
  previousAppSecret?: null;
  verifyToken?: string;
}

interface Replaced {
  set: Partial<WaNumberRow>;
  names: string[];
}

const NAMES = ['accessToken', 'appSecret', 'previousAppSecret', 'verifyToken'] as const;
/** In place of credentials that do not open. None of these is ever stored. */
const NONE: Credentials = { accessToken: '', appSecret: '', verifyToken: '' };

/**
 * Sealed credentials have a multiple of this many bytes. So a row does not show whether there are two
 * secrets.
 */
const BLOCK = 2048;

/**
 * Seals the credentials of numbers under the key-encryption key, as the keys of cases are. A change of the
 * key of drafts must not end the connection of a number.
 */
@Injectable()
export class SealedCredentials {
  constructor(private readonly ring: KeyRing) {}

  /** @param id of the number */
  seal(id: string, credentials: Credentials): Buffer {
    const text = Buffer.from(JSON.stringify(credentials));
    const room = Math.ceil(text.length / BLOCK) * BLOCK - text.length;
    return this.ring.wrap(Buffer.concat([text, Buffer.alloc(room, 0x20)]), contextOf(id));
  }

  /** @throws Error when they were sealed under another key, or for another number */
  open(id: string, sealed: Buffer): Credentials {
    return JSON.parse(this.ring.unwrap(sealed, contextOf(id)).toString('utf8')) as Credentials;
  }

  /** Undefined when the row was damaged or moved. */
  openable({ id, sealed }: Pick<WaNumberRow, 'id' | 'sealed'>): Credentials | undefined {
    try {
      return this.open(id, sealed);
    } catch {
      return undefined;
    }
  }

  /**
   * What a request changes of the credentials of a number.
   * @param day local day on which it does
   * @returns the columns to write, and the names of those that are replaced or end; both empty when none are
   * @throws WHATSAPP_CREDENTIALS_UNREADABLE when some are given, not all three, and the others do not open
   */
  replace(row: WaNumberRow, given: GivenCredentials, day: string): Replaced {
    const { accessToken, appSecret, previousAppSecret, verifyToken } = given;
    const isAll = accessToken !== undefined && appSecret !== undefined && verifyToken !== undefined;
    if (
      Object.values({ accessToken, appSecret, previousAppSecret, verifyToken }).every(
        (one) => one === undefined,
      )
    )
      return { set: {}, names: [] };
    const old = this.openable(row) ?? (isAll ? NONE : undefined);
    if (!old) throw numberErrors.unreadable();
    const now: Credentials = { ...old };
    const set: Partial<WaNumberRow> = {};
    if (accessToken !== undefined) [now.accessToken, set.accessTokenOn] = [accessToken, day];
    if (verifyToken !== undefined) [now.verifyToken, set.verifyTokenOn] = [verifyToken, day];
    if (appSecret !== undefined && appSecret !== old.appSecret) {
      [now.appSecret, set.appSecretOn] = [appSecret, day];
      [now.previousAppSecret, set.previousAppSecretOn] = [old.appSecret, row.appSecretOn];
    }
    if (previousAppSecret === null || old === NONE) {
      delete now.previousAppSecret;
      set.previousAppSecretOn = null;
    }
    const names = NAMES.filter((name) => now[name] !== old[name]);
    if (names.length === 0) return { set: {}, names: [] };
    return { set: { ...set, sealed: this.seal(row.id, now) }, names };
  }
}

function contextOf(id: string): SealContext {
  return { table: 'wa_numbers', row: id, field: 'sealed' };
}
