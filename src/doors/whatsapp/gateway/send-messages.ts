import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { Sweep } from '../../../platform/jobs/sweep.js';
import { Log } from '../../../platform/logging.js';
import { Channel, NOBODY, POLL, SWEEPS } from '../channel.js';
import { severalAtOnce } from '../several-at-once.js';
import { GraphClient, type SendResult } from './graph-client.js';
import { Outbox, type Letter } from './outbox.js';
import { Pace } from './pace.js';

/**
 * Lanes worked at once. An exchange with Graph takes some 300 ms, and a number may send 80 messages a second.
 */
const PARALLEL = 8;
/**
 * Messages of one lane in a run. A run ends with its longest lane. Without this limit, a person with forty
 * waiting answers would delay the messages to others by twelve seconds.
 */
const FAIR_SHARE = 2;
/** Messages in a run, which takes some three seconds. The next run includes messages written meanwhile. */
const MOST = 80;
/** Lanes checked in a run. Most of them may have to wait, which costs little. */
const LANES = 200;
/**
 * Of these lanes, this many are those with the earliest messages. The others are drawn at random from all
 * lanes, so that waiting lanes do not hide them.
 */
const FIRST = 100;
/**
 * When a letter was taken this long ago, the process that took it has died. An exchange ends after ten
 * seconds at most.
 */
const TAKEN_MS = 60_000;
/**
 * Longest wait before a retry. Meta asks for 4^n seconds after the limit of one pair, but nobody waits more
 * than five minutes for an answer.
 */
const LONGEST_RETRY_S = 300;
/**
 * Longest wait before a receipt is repeated. If the receipt did arrive, each repetition is one more message
 * to the person.
 */
const LONGEST_REPEAT_S = 3600;
/**
 * Wait while the channel is down. Every message fails until somebody repairs token, permission, network or
 * certificate. One try a minute shows when this is done.
 */
const CHANNEL_RETRY_S = 60;
/** Outcomes that end the run, because other messages would fail in the same way. */
const DOWN: ReadonlySet<string> = new Set(['channel_down', 'not_connected']);

interface Taken {
  id: string;
  letter: Letter;
}

/**
 * Sends the waiting messages, those to one person one after the other. A message is marked as taken before it
 * is sent and ended afterwards, each in its own transaction. So no connection is held while Graph works.
 */
@Injectable()
export class SendMessages {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly channel: Channel,
    private readonly outbox: Outbox,
    private readonly pace: Pace,
    private readonly log: Log,
  ) {}

  /** @returns messages that ended, sent or not */
  @Sweep({ name: SWEEPS.send, ofReporters: true, every: POLL })
  async run(): Promise<number> {
    if (!this.channel.settings) return 0;
    const rows = await this.database.tx(NOBODY, (tx) =>
      tx.query<{ lane: Buffer }>(
        `select lane from (
           select lane, row_number() over (order by min(turn), random()) as rank
             from wa_outbox where sealed is not null and state <> 'held' group by lane) as open
          order by least(rank, $1), random() limit $2`,
        [FIRST + 1, LANES],
      ),
    );
    const lanes = rows.map(({ lane }) => lane);
    const graph = this.graph();
    let ended = 0;
    let down = false;
    const next = (): Buffer | undefined => (down || ended >= MOST ? undefined : lanes.shift());
    await severalAtOnce(PARALLEL, next, async (lane) => {
      const result = await this.serve(graph, lane);
      ended += result.ended;
      down ||= result.down;
    });
    return ended;
  }

  private async serve(graph: GraphClient, lane: Buffer): Promise<{ ended: number; down: boolean }> {
    for (let ended = 0; ended < FAIR_SHARE; ended++) {
      const taken = await this.database.tx(NOBODY, (tx) => this.take(tx, lane));
      if (taken === 'nothing') return { ended, down: false };
      if (taken === 'ended') continue;
      const { address, message } = taken.letter;
      const result = await graph.sendMessage({ ...address, message, opaque: taken.id });
      const over = await this.conclude(taken, result);
      if (!over) return { ended, down: !result.ok && DOWN.has(result.outcome) };
    }
    return { ended: FAIR_SHARE, down: false };
  }

  /**
   * Mark the first message of the lane as taken. A second process waits for this row and then sees that it is
   * taken. Only this row is locked, so no deadlock can occur.
   */
  private async take(tx: Tx, lane: Buffer): Promise<Taken | 'ended' | 'nothing'> {
    const now = this.clock.now().getTime();
    const [head] = await tx.query<{ id: string; state: 'held' | 'waiting' | 'sending'; sealed: Buffer }>(
      'select id, state, sealed from wa_outbox where lane = $1 order by turn limit 1 for update',
      [lane],
    );
    if (!head || head.state === 'held') return 'nothing';
    const { id, state } = head;
    const letter = this.outbox.open(id, head.sealed);
    if (!letter || this.outbox.isExpired(letter)) {
      await this.outbox.end(tx, id, letter, 'expired');
      this.alarm('whatsapp-expired');
      return 'ended';
    }
    if (state === 'waiting' && (letter.notBefore ?? 0) > now) return 'nothing';
    if (state === 'sending' && (letter.takenAt ?? 0) + TAKEN_MS > now) return 'nothing';
    // The message may have gone before its process died.
    if (state === 'sending' && !letter.receipt) {
      await this.outbox.end(tx, id, letter, 'unknown');
      return 'ended';
    }
    const taken: Letter = { ...letter, takenAt: now };
    await tx.query(`update wa_outbox set state = 'sending', sealed = $2 where id = $1`, [
      id,
      this.outbox.seal(id, taken),
    ]);
    return { id, letter: taken };
  }

  /** @returns false when the message stays and its lane has to wait */
  private async conclude(taken: Taken, result: SendResult): Promise<boolean> {
    if (result.ok) return this.end(taken, 'sent');
    const { outcome, code } = result;
    switch (outcome) {
      case 'rejected':
        this.alarm('whatsapp-rejected', code);
        return this.end(taken, 'failed');
      case 'unknown':
        this.alarm('whatsapp-answer-lost', code);
        if (!taken.letter.receipt) return this.end(taken, 'unknown');
        return this.putBack(taken, Math.min(LONGEST_REPEAT_S, backOff(taken)));
      case 'retry':
        this.alarm('whatsapp-limit', code);
        return this.putBack(taken, Math.min(LONGEST_RETRY_S, backOff(taken)));
      case 'not_connected':
        this.alarm('whatsapp-not-connected', code);
        return this.putBack(taken, Math.min(CHANNEL_RETRY_S, backOff(taken)));
      case 'channel_down':
        this.alarm('whatsapp-channel-down', code);
        return this.putBack(taken, CHANNEL_RETRY_S);
    }
  }

  private async end({ id, letter }: Taken, state: 'sent' | 'failed' | 'unknown'): Promise<true> {
    await this.database.tx(NOBODY, (tx) => this.outbox.end(tx, id, letter, state));
    return true;
  }

  private async putBack({ id, letter }: Taken, seconds: number): Promise<false> {
    const { takenAt: _taken, ...rest } = letter;
    const notBefore = this.clock.now().getTime() + seconds * 1000;
    const sealed = this.outbox.seal(id, { ...rest, attempts: letter.attempts + 1, notBefore });
    await this.database.tx(NOBODY, (tx) =>
      tx.query(`update wa_outbox set state = 'waiting', sealed = $2 where id = $1 and state = 'sending'`, [
        id,
        sealed,
      ]),
    );
    return false;
  }

  private alarm(event: string, code?: number | string): void {
    this.log.warning(event, { ...(code === undefined ? {} : { code }), day: this.channel.today });
  }

  private graph(): GraphClient {
    const { graphUrl, apiVersion, accessToken, phoneNumberId } = this.channel.settings!;
    const timeoutMs = this.pace.graphTimeoutMs;
    return new GraphClient({ baseUrl: graphUrl, apiVersion, accessToken, phoneNumberId, timeoutMs });
  }
}

/** Seconds to wait before the next try. */
function backOff({ letter }: Taken): number {
  return 4 ** (letter.attempts + 1);
}
