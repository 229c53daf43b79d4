import { Injectable } from '@nestjs/common';
import type { CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import type { NobodyActor } from '../../platform/actor.js';
import type { Municipality } from '../../foundations/catalogs/municipalities.js';
import { municipalityIn } from '../../foundations/catalogs/municipality-in-words.js';
import { Clock } from '../../platform/clock.js';
import { GENERAL_NOTICE } from '../../work/intake/general-notice.js';
import type { NamedMunicipality } from './bot/draft.js';
import type { ConversationContext } from './bot/state.js';

/** The actor under which the channel works: its tables belong to no institution. */
export const NOBODY: NobodyActor = { kind: 'nobody' };

/** Names of the sweeps. */
export const SWEEPS = {
  split: 'whatsapp-inbox',
  talk: 'whatsapp-talk',
  fetch: 'whatsapp-files',
  open: 'whatsapp-submissions',
  enter: 'whatsapp-evidence',
  confirm: 'whatsapp-receipts',
  send: 'whatsapp-send',
  remind: 'whatsapp-remind',
  menuCounts: 'whatsapp-menu-counts',
  menuForget: 'whatsapp-menu-forget',
  watch: 'whatsapp-watch',
  forget: 'whatsapp-forget',
} as const;

/**
 * Milliseconds between two rounds of the sweeps that answer people. A sweep wakes the one behind it only in
 * its own process (ADR 0014), and nobody should wait long for an answer.
 */
export const POLL = 1_000;
/**
 * Milliseconds between two openings of cases and two releases of receipts, at a fixed cadence. Everything
 * that was confirmed in that time goes together. So no row is written at the moment when somebody acted. A
 * folio comes within 30 s.
 */
export const CADENCE = 10_000;

/**
 * A draft lives this many hours after the person's last message. The bot promises this, and `forget.ts`
 * deletes the draft afterwards.
 */
export const DRAFT_HOURS = 72;

/**
 * SQL states that mean that another worker, or another lane of the same person, was faster: serialization
 * failure, deadlock.
 */
export const OVERTAKEN: ReadonlySet<string> = new Set(['40001', '40P01']);

/** What all parts of the channel need to know. */
@Injectable()
export class Channel {
  constructor(private readonly clock: Clock) {}

  /** The UTC day ('YYYY-MM-DD') that rows of the channel carry. */
  get today(): string {
    return this.dayBefore(0);
  }

  /** The UTC day `days` days ago. */
  dayBefore(days: number): string {
    return new Date(this.clock.now().getTime() - days * 24 * 3600_000).toISOString().slice(0, 10);
  }

  /** What the institution says about itself in a conversation. */
  contextOf(
    { institution, notice }: CatalogSnapshot,
    more: Pick<ConversationContext, 'menu' | 'reportsPhone'> = {},
  ): ConversationContext {
    return {
      ...more,
      institutionName: institution.name,
      municipalityIn: (text) => named(municipalityIn(text, institution.territory)),
      contactText: institution.contactText,
      ...(institution.webFormUrl === null ? {} : { webFormUrl: institution.webFormUrl }),
      privacyNotice:
        notice === null
          ? GENERAL_NOTICE
          : {
              version: notice.version,
              text: notice.text,
              ...(notice.url === null ? {} : { url: notice.url }),
            },
      draftHours: DRAFT_HOURS,
      today: this.clock.today(institution.timeZone),
    };
  }
}

/** As people call it. Alcaldías of Mexico City are municipalities of the catalogue too. */
function named(found: Municipality | undefined): NamedMunicipality | undefined {
  return found && { key: found.key, name: `${found.name}, ${found.stateName}` };
}
