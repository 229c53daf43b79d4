import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { Sweep } from '../../../platform/jobs/sweep.js';
import { Log } from '../../../platform/logging.js';
import { Channel, NOBODY, POLL, SWEEPS } from '../channel.js';
import type { ConnectedNumber, KnownNumbers } from '../numbers/known-numbers.js';
import { NumberNews } from '../numbers/number-news.js';
import { Numbers } from '../numbers/numbers.js';
import { severalAtOnce } from '../several-at-once.js';
import { WHATSAPP_CONFIG, type WhatsAppConfig } from '../whatsapp.config.js';
import { GraphClient, type SendResult } from './graph-client.js';
import { decisionFor } from './graph-errors.js';
import { numberOf, Outbox, type Letter } from './outbox.js';
import { Pace } from './pace.js';
import { RestingNumbers } from './resting-numbers.js';

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
 * Wait while a number is down. Every message of it fails until somebody repairs token, permission, network or
 * certificate. One try a minute shows when this is done. Other numbers go on meanwhile.
 */
const CHANNEL_RETRY_S = 60;
interface Taken {
  id: string;
  letter: Letter;
  number: ConnectedNumber;
  lane: Buffer;
}

interface Run {
  numbers: KnownNumbers;
  /** Ids of the numbers that this run leaves. */
  down: Set<string>;
}

/**
 * Sends the waiting messages, those to one person one after the other. A message is marked as taken before it
 * is sent and ended afterwards, each in its own transaction. So no connection is held while Graph works.
 */
@Injectable()
export class SendMessages {
  private readonly resting: RestingNumbers;

  constructor(
    @Inject(WHATSAPP_CONFIG) private readonly config: WhatsAppConfig,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly channel: Channel,
    private readonly numbers: Numbers,
    private readonly outbox: Outbox,
    private readonly news: NumberNews,
    private readonly pace: Pace,
    private readonly log: Log,
  ) {
    this.resting = new RestingNumbers(clock);
  }

  /** @returns messages that ended, sent or not */
  @Sweep({ name: SWEEPS.send, ofReporters: true, every: POLL })
  async run(): Promise<number> {
    const numbers = await this.numbers.now();
    if (numbers.isEmpty) return 0;
    const lanes = await this.waiting(numbers);
    const run: Run = { numbers, down: new Set() };
    let ended = 0;
    const next = (): Buffer | undefined => (ended >= MOST ? undefined : lanes.shift());
    await severalAtOnce(PARALLEL, next, async (lane) => {
      ended += await this.serve(run, lane);
    });
    return ended;
  }

  /**
   * Lanes to look at. Those of a number that rests, or that is off, are left out: there may be many, and they
   * would hide those of the others.
   */
  private async waiting(numbers: KnownNumbers): Promise<Buffer[]> {
    const rows = await this.database.tx(NOBODY, (tx) =>
      tx.query<{ lane: Buffer }>(
        `select lane from (
           select lane, row_number() over (order by min(turn), random()) as rank
             from wa_outbox where sealed is not null and state <> 'held' and lane <> all($3::bytea[]) group by lane) as open
          order by least(rank, $1), random() limit $2`,
        [FIRST + 1, LANES, this.resting.waiting(numbers)],
      ),
    );
    return rows.map(({ lane }) => lane);
  }

  /** @returns messages of the lane that ended */
  private async serve(run: Run, lane: Buffer): Promise<number> {
    for (let ended = 0; ended < FAIR_SHARE; ended++) {
      const taken = await this.database.tx(NOBODY, (tx) => this.take(tx, run, lane));
      if (taken === 'nothing') return ended;
      if (taken === 'ended') continue;
      const { address, message } = taken.letter;
      const graph = this.graph(taken.number);
      const result = await graph.sendMessage({ ...address, message, opaque: taken.id });
      if (reachOf(result) === 'number') run.down.add(taken.number.id);
      else this.resting.wake(taken.number);
      const over = await this.conclude(taken, result);
      if (!over) return ended;
    }
    return FAIR_SHARE;
  }

  /**
   * Mark the first message of the lane as taken. A second process waits for this row and then sees that it is
   * taken. Only this row is locked, so no deadlock can occur.
   */
  private async take(tx: Tx, { numbers, down }: Run, lane: Buffer): Promise<Taken | 'ended' | 'nothing'> {
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
    const number = numbers.active(letter.address.from);
    if (!number || down.has(number.id) || this.resting.rests(number)) {
      this.resting.remember(lane, numberOf(letter));
      return 'nothing';
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
    return { id, letter: taken, number, lane };
  }

  /** @returns false when the message stays and its lane has to wait */
  private async conclude(taken: Taken, result: SendResult): Promise<boolean> {
    if (result.ok) return this.end(taken, 'sent');
    const { outcome, code } = result;
    switch (outcome) {
      case 'rejected':
        this.alarm('whatsapp-rejected', code);
        return reachOf(result) === 'person' ? this.endAll(taken) : this.end(taken, 'failed');
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
        this.learn(taken.number, code);
        this.resting.rest(taken.number, CHANNEL_RETRY_S);
        return this.putBack(taken, CHANNEL_RETRY_S);
    }
  }

  private async end({ id, letter }: Taken, state: 'sent' | 'failed' | 'unknown'): Promise<true> {
    await this.database.tx(NOBODY, (tx) => this.outbox.end(tx, id, letter, state));
    return true;
  }

  /**
   * End a message and all that wait behind it for the same person, because nothing reaches this person. A
   * receipt that is still held ends when it is released and tried.
   */
  private async endAll({ id, letter, lane }: Taken): Promise<true> {
    await this.database.tx(NOBODY, async (tx) => {
      const rows = await tx.query<{ id: string; sealed: Buffer }>(
        `select id, sealed from wa_outbox where lane = $1 and id <> $2 and state = 'waiting' order by turn for update`,
        [lane, id],
      );
      await this.outbox.end(tx, id, letter, 'failed');
      for (const row of rows)
        await this.outbox.end(tx, row.id, this.outbox.open(row.id, row.sealed), 'failed');
    });
    return true;
  }

  /** Note why nothing goes. An answer without a code is not from Meta, and says nothing about the number. */
  private learn({ id }: ConnectedNumber, code: number | undefined): void {
    const state = code === undefined ? undefined : decisionFor(code).state;
    if (state !== undefined) this.news.note(id, state);
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

  private graph({ accessToken, phoneNumberId }: ConnectedNumber): GraphClient {
    const { graphUrl, apiVersion } = this.config;
    const timeoutMs = this.pace.graphTimeoutMs;
    return new GraphClient({ baseUrl: graphUrl, apiVersion, accessToken, phoneNumberId, timeoutMs });
  }
}

/** How far a failure reaches: to all messages of the number, to all to the person, or no further. */
function reachOf(result: SendResult): 'number' | 'person' | undefined {
  if (result.ok) return undefined;
  if (result.outcome === 'not_connected' || result.outcome === 'channel_down') return 'number';
  return result.code === undefined ? undefined : decisionFor(result.code).reach;
}

/** Seconds to wait before the next try. */
function backOff({ letter }: Taken): number {
  return 4 ** (letter.attempts + 1);
}
