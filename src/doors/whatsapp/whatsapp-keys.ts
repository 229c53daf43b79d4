import { Injectable } from '@nestjs/common';
import { openJson, sealPaddedJson } from '../../platform/crypto/aead.js';
import { KeyRing } from '../../platform/crypto/keyring.js';
import type { Person } from './person.js';

/**
 * Ciphertexts come in steps of this many bytes, so that their length does not tell a greeting from a
 * denuncia.
 */
const BLOCK = 4096;

/**
 * Keyed hashes and seals of the channel. A plain hash of a phone is useless: 10^10 numbers are tried in
 * minutes.
 */
@Injectable()
export class WhatsAppKeys {
  constructor(private readonly ring: KeyRing) {}

  /**
   * What a person is found by, the strongest first. The number in the label is the version of the scheme:
   * after a change, or with another pepper, older conversations are simply not found and end by themselves.
   */
  aliases({ identifiers }: Person): Buffer[] {
    return identifiers.map((key) => this.ring.hash('wa-sender/1', key));
  }

  /** The strongest of them: in its lane wait the messages of a person. */
  alias(person: Person): Buffer {
    // No gateway gives a person without an identifier.
    return this.aliases(person)[0]!;
  }

  /** What a message is known by inside a conversation; its own id holds the phone in clear. */
  message(messageId: string): string {
    return this.ring.hash('wa-message', messageId).toString('base64url');
  }

  /** What a delivery is recognised by when it comes again. */
  seen(source: string): Buffer {
    return this.ring.hash('wa-seen', source);
  }

  /**
   * Ties an opened case to the receipt of its submission for whoever holds the pepper, and for nobody else.
   */
  ticket(submissionId: string): Buffer {
    return this.ring.hash('wa-ticket', submissionId);
  }

  seal(table: string, row: string, value: unknown): Buffer {
    return sealPaddedJson(this.ring.session, value, { table, row, field: 'sealed' }, BLOCK);
  }

  /** @throws Error when the row was moved, damaged or sealed under another key */
  open<T>(table: string, row: string, sealed: Buffer): T {
    return openJson<T>(this.ring.session, sealed, { table, row, field: 'sealed' });
  }
}
