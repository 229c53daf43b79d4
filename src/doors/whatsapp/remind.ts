import { Injectable } from '@nestjs/common';
import { CatalogsReader } from '../../foundations/catalogs/catalogs.reader.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { sqlStateOf } from '../../platform/database/sql-state.js';
import { Sweep } from '../../platform/jobs/sweep.js';
import { Log } from '../../platform/logging.js';
import { filesOf, remind } from './bot/engine.js';
import { Channel, NOBODY, OVERTAKEN, SWEEPS } from './channel.js';
import { Files } from './files/files.js';
import { Inbox } from './gateway/inbox.js';
import { Outbox } from './gateway/outbox.js';
import type { ReplyAddress } from './gateway/sender.js';
import type { KnownNumbers } from './numbers/known-numbers.js';
import { Numbers } from './numbers/numbers.js';
import { Sessions } from './sessions/sessions.js';

/** Milliseconds between two looks. */
const LOOK = 5_000;
/** Milliseconds: free words may be sent for so long after the last message of a person. */
const WINDOW = 24 * 3600_000;

/**
 * Tells people who pause in their account how to go on, once, and within a day that nothing is presented. The
 * bot decides what is said (`bot/reminders.ts`).
 */
@Injectable()
export class Remind {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly catalogs: CatalogsReader,
    private readonly channel: Channel,
    private readonly numbers: Numbers,
    private readonly sessions: Sessions,
    private readonly files: Files,
    private readonly outbox: Outbox,
    private readonly inbox: Inbox,
    private readonly log: Log,
  ) {}

  /** @returns 0: one run tells everybody */
  @Sweep({ name: SWEEPS.remind, ofReporters: true, every: LOOK, wakes: [SWEEPS.send] })
  async run(): Promise<number> {
    const numbers = await this.numbers.now();
    if (numbers.isEmpty) return 0;
    // What was not taken apart yet may hold a message of whoever seems silent.
    if (await this.inbox.isWaiting()) return 0;
    let after: string | undefined;
    do {
      const from: string | undefined = after;
      const page = await this.database.tx(NOBODY, (tx) => this.sessions.silent(tx, from));
      for (const id of page.ids) await this.tell(numbers, id);
      after = page.last;
    } while (after !== undefined);
    return 0;
  }

  /** Nothing happens when the person has written meanwhile, or another worker was faster. */
  private async tell(numbers: KnownNumbers, id: string): Promise<void> {
    try {
      await this.database.tx(
        NOBODY,
        async (tx) => {
          const session = await this.sessions.lockSilent(tx, id);
          if (!session) return;
          const { conversation } = session;
          const { state, activeAt, answers } = conversation;
          const address = conversation.address as ReplyAddress | undefined;
          const number = numbers.active(address?.from)?.number;
          // The number was switched off: nothing is said, as at the end of the window.
          if (!number) return this.sessions.keepSilent(tx, session, undefined);
          const isOpen =
            activeAt + WINDOW > this.clock.now().getTime() && !this.sessions.isOver(conversation);
          const catalog = await this.catalogs.snapshot(tx, number.institutionId);
          const lostFiles = await this.files.lost(tx, filesOf(state));
          const next = remind(state, { ...this.channel.contextOf(catalog), lostFiles });
          const { messages } = next;
          const isSaid = isOpen && address !== undefined && answers !== undefined;
          if (isSaid) {
            const lane = Buffer.from(answers, 'base64');
            await this.outbox.put(tx, { lane, address }, messages);
          }
          await this.sessions.keepSilent(
            tx,
            // What was not said is not told either.
            { id, conversation: { ...conversation, state: isSaid ? next.state : state } },
            isSaid ? next.patience : undefined,
          );
        },
        { snapshot: true },
      );
    } catch (error) {
      if (!OVERTAKEN.has(sqlStateOf(error))) this.log.faultWithoutTime('whatsapp-reminder-failed', error);
    }
  }
}
