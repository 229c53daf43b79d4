import { Injectable, type OnModuleInit } from '@nestjs/common';
import { CatalogsReader } from '../../../catalogs/catalogs.reader.js';
import { Database } from '../../../platform/database/database.js';
import { Sweeper } from '../../../platform/jobs/sweeper.js';
import { Log } from '../../../platform/logging.js';
import { firstAnswer } from '../../acknowledgement.js';
import { Channel, NOBODY, SWEEPS } from '../channel.js';
import { step } from '../conversation/conversation.js';
import { Outbox } from '../sending/outbox.js';
import { Handovers, type Opened } from '../talk/handovers.js';
import { Sessions } from '../talk/sessions.js';

interface Row {
  id: string;
  sealed: Buffer;
  institution_id: string;
}

/**
 * Tells people their folio and access code. The session asks whether its handover was opened, not the other way round:
 * nothing in the case or its handover knows whom to tell. An opened handover that no session waits for has served.
 */
@Injectable()
export class SendReceipts implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly channel: Channel,
    private readonly handovers: Handovers,
    private readonly sessions: Sessions,
    private readonly outbox: Outbox,
    private readonly sweeper: Sweeper,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.sweeper.register({ name: SWEEPS.confirm, every: 5_000, run: () => this.run() });
  }

  /** @returns receipts written and handovers deleted */
  async run(): Promise<number> {
    const rows = await this.database.tx(NOBODY, (tx) =>
      tx.query<Row>(
        `select id, sealed, institution_id from wa_handovers where state = 'opened' order by random() limit 100`,
      ),
    );
    const served: string[] = [];
    let written = 0;
    for (const row of rows) {
      try {
        if (await this.tell(row)) written += 1;
        else served.push(row.id);
      } catch (error) {
        this.log.fault('whatsapp-receipt-failed', error);
      }
    }
    // Not in the transaction that tells: it would write a row of the case's transaction and one of the sender.
    if (served.length > 0) {
      await this.database.tx(NOBODY, (tx) => tx.query('delete from wa_handovers where id = any($1)', [served]));
    }
    return written + served.length;
  }

  /** @returns false when nobody waits for it any more */
  private async tell({ id, sealed, institution_id: institutionId }: Row): Promise<boolean> {
    return this.database.tx(NOBODY, async (tx) => {
      const session = await this.sessions.findWaiting(tx, id);
      const pending = session?.conversation.pending;
      if (!session || !pending) return false;
      const opened = this.handovers.open<Opened>(id, sealed);
      const { pending: _told, ...conversation } = session.conversation;
      const event = {
        type: 'receipt',
        folio: opened.folio ?? pending.folio,
        accessCode: pending.accessCode,
        ...(opened.dueOn === undefined ? {} : { acknowledgement: firstAnswer('es', opened.dueOn) }),
      } as const;
      const context = this.channel.contextOf(await this.catalogs.snapshot(tx, institutionId));
      const { state, effects } = step(conversation.state, event, context);
      const messages = effects.flatMap((effect) => (effect.type === 'send' ? [effect.message] : []));
      const to = { lane: Buffer.from(conversation.lane, 'base64'), address: conversation.address };
      await this.sessions.save(tx, { ...conversation, state }, { id: session.id });
      await this.outbox.put(tx, to, messages, true);
      return true;
    });
  }
}
