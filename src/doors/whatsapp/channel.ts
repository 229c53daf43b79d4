import { Inject, Injectable } from '@nestjs/common';
import { CatalogsReader, type CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import type { NobodyActor } from '../../platform/actor.js';
import { Clock } from '../../platform/clock.js';
import { GENERAL_NOTICE } from '../../work/intake/general-notice.js';
import type { ConversationContext } from './bot/state.js';
import { WHATSAPP_CONFIG, type WhatsAppConfig } from './whatsapp.config.js';

/** Under which the channel works: its tables belong to no institution. */
export const NOBODY: NobodyActor = { kind: 'nobody' };

/** Names of the sweeps. */
export const SWEEPS = {
  split: 'whatsapp-inbox',
  talk: 'whatsapp-talk',
  open: 'whatsapp-submissions',
  confirm: 'whatsapp-receipts',
  send: 'whatsapp-send',
  forget: 'whatsapp-forget',
} as const;

/**
 * Milliseconds between two looks of what answers people: nothing wakes it, and nobody should wait for an
 * answer.
 */
export const POLL = 1_000;
/**
 * Milliseconds between two openings of cases and two releases of receipts, whatever was confirmed meanwhile:
 * what came in that time goes together, and no row is written in the moment in which somebody acted. A folio
 * comes within 30 s.
 */
export const CADENCE = 10_000;

/** A draft lives this long after the person's last message. The bot promises it, `forget.ts` keeps it. */
export const DRAFT_HOURS = 72;

/** The one number this installation answers, and the institution behind it. */
@Injectable()
export class Channel {
  private institution?: string;

  constructor(
    @Inject(WHATSAPP_CONFIG) private readonly config: WhatsAppConfig | null,
    private readonly catalogs: CatalogsReader,
    private readonly clock: Clock,
  ) {}

  /** Undefined: the channel is off. */
  get settings(): WhatsAppConfig | undefined {
    return this.config ?? undefined;
  }

  /** The UTC day ('YYYY-MM-DD') that rows of the channel carry. */
  get today(): string {
    return this.dayBefore(0);
  }

  /** The UTC day so many days ago. */
  dayBefore(days: number): string {
    return new Date(this.clock.now().getTime() - days * 24 * 3600_000).toISOString().slice(0, 10);
  }

  /** Undefined until an institution of that code, or any of the demo, was set up. */
  async institutionId(): Promise<string | undefined> {
    if (this.institution === undefined) {
      const code = this.settings?.institution;
      const all = await this.catalogs.institutions();
      // Neither code nor id ever change, so that keeping the answer needs no agreement between processes.
      this.institution = all.find((one) => (code === undefined ? one.demo : one.code === code))?.id;
    }
    return this.institution;
  }

  /** What the institution says about itself in a conversation. */
  contextOf({ institution, notice }: CatalogSnapshot): ConversationContext {
    return {
      institutionName: institution.name,
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
    };
  }
}
