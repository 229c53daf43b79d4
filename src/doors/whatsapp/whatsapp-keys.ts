import { Injectable } from '@nestjs/common';
import { open, openJson, seal, sealPaddedJson } from '../../platform/crypto/aead.js';
import { KeyRing } from '../../platform/crypto/keyring.js';
import type { Person } from './person.js';

/**
 * Ciphertexts are padded to a multiple of this many bytes. So their length does not show whether it is a
 * greeting or a report.
 */
const BLOCK = 4096;

/**
 * Keyed hashes and seals of the channel. A plain hash of a phone is useless: all 10^10 numbers can be tried
 * in minutes.
 */
@Injectable()
export class WhatsAppKeys {
  constructor(private readonly ring: KeyRing) {}

  /**
   * The hashes by which a person is found, the strongest first. The number in the label is the version of the
   * scheme. After a new version or with another pepper, older conversations are not found and end by
   * themselves.
   */
  aliases({ identifiers }: Person): Buffer[] {
    return identifiers.map((key) => this.ring.hash('wa-sender/1', key));
  }

  /** The strongest of these hashes. It names the lane in which the person's messages wait. */
  alias(person: Person): Buffer {
    // Every gateway gives a person at least one identifier.
    return this.aliases(person)[0]!;
  }

  /** The name of a message inside a conversation. The message's own id holds the phone in clear. */
  message(messageId: string): string {
    return this.ring.hash('wa-message', messageId).toString('base64url');
  }

  /** A number below `end` that always belongs to this text, and that nobody without the pepper can know. */
  place(text: string, end: number): number {
    return this.ring.hash('wa-place', text).readUInt32BE(0) % end;
  }

  /** The hash by which a repeated event is recognised. */
  seen(source: string): Buffer {
    return this.ring.hash('wa-seen', source);
  }

  /**
   * Connect an opened case to the receipt of its submission. Only the holder of the pepper can see this
   * connection.
   */
  ticket(submissionId: string): Buffer {
    return this.ring.hash('wa-ticket', submissionId);
  }

  seal(table: string, row: string, value: unknown): Buffer {
    return sealPaddedJson(this.ring.session, value, { table, row, field: 'sealed' }, BLOCK);
  }

  /** Seal an instant in milliseconds. Every instant has the same length. */
  sealInstant(table: string, row: string, at: number): Buffer {
    return seal(this.ring.session, String(at).padStart(15, '0'), { table, row, field: 'at' });
  }

  /** Undefined when it was sealed under another key. */
  openInstant(table: string, row: string, sealed: Buffer): number | undefined {
    try {
      return Number(open(this.ring.session, sealed, { table, row, field: 'at' }).toString());
    } catch {
      return undefined;
    }
  }

  /** @throws Error when the row was moved, damaged or sealed under another key */
  open<T>(table: string, row: string, sealed: Buffer): T {
    return openJson<T>(this.ring.session, sealed, { table, row, field: 'sealed' });
  }
}
