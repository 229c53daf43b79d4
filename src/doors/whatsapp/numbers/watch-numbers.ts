import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { system } from '../../../platform/actor.js';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { Sweep } from '../../../platform/jobs/sweep.js';
import { Log } from '../../../platform/logging.js';
import { RouteMetrics } from '../../../platform/metrics.js';
import { CatalogsReader } from '../../../foundations/catalogs/catalogs.reader.js';
import { NoticeWriter } from '../../../work/notifications/notice-writer.js';
import { SWEEPS } from '../channel.js';
import { lookAtNumber } from '../gateway/graph-number.js';
import { Pace } from '../gateway/pace.js';
import { severalAtOnce } from '../several-at-once.js';
import { WHATSAPP_CONFIG, type WhatsAppConfig } from '../whatsapp.config.js';
import { Deliveries } from './deliveries.js';
import type { ConnectedNumber } from './known-numbers.js';
import { NumberNews } from './number-news.js';
import { nextState } from './next-state.js';
import type { NumberState } from './number-states.js';
import { Numbers } from './numbers.js';
import { StateRecord } from './state-record.js';
import { ENVIRONMENT, type WhatsAppNumber } from './whatsapp-number.js';

/** Milliseconds between two looks at all numbers. Meta permits 200 calls an hour. */
const EVERY = 600_000;
const HOUR = 3600_000;
/** Numbers that are looked at together. */
const PARALLEL = 4;
/** Share of the free messages behind which administrators are told. */
const NEAR = 0.8;

/** What the last round found of a number, for the metrics of this process. */
interface Found {
  isDown: boolean;
  /** Share of the free messages; undefined without a limit. */
  used?: number;
}

/**
 * Looks at every number on its own, whatever people write: Meta is asked for it at fixed times. What messages
 * said meanwhile is added on the hour, and a check does not take it back. So state, health, metric and notice
 * tell at most in which hour messages began to fail, or to arrive again.
 */
@Injectable()
export class WatchNumbers implements OnModuleInit {
  private found = new Map<string, Found>();
  private hour: number;

  constructor(
    @Inject(WHATSAPP_CONFIG) private readonly config: WhatsAppConfig,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly catalogs: CatalogsReader,
    private readonly numbers: Numbers,
    private readonly states: StateRecord,
    private readonly news: NumberNews,
    private readonly deliveries: Deliveries,
    private readonly notices: NoticeWriter,
    private readonly metrics: RouteMetrics,
    private readonly pace: Pace,
    private readonly log: Log,
  ) {
    this.hour = this.hourNow();
  }

  onModuleInit(): void {
    this.show(
      'whatsapp_number_down',
      'Whether messages of a number do not go out; by the id of the number',
      (one) => (one.isDown ? 1 : 0),
    );
    this.show(
      'whatsapp_free_messages_ratio',
      'Roughly which share of the free messages of the month a number has used, up to yesterday',
      ({ used }) => used,
    );
  }

  /** @returns 0: one run looks at all */
  @Sweep({ name: SWEEPS.watch, ofReporters: true, every: EVERY, steady: true })
  async run(): Promise<0> {
    const told = this.isNewHour() ? this.news.take() : new Map<string, NumberState>();
    const all = (await this.numbers.now()).all.filter(({ active, number }) => active && number !== undefined);
    const found = new Map<string, Found>();
    await this.deliveries.write();
    let failure: { error: unknown } | undefined;
    const left = [...all];
    await severalAtOnce(
      PARALLEL,
      () => left.shift(),
      // A number that fails must not keep the others from being looked at.
      (one) =>
        this.watch(one, told.get(one.id)).then(
          (seen) => void found.set(one.id, seen),
          (error: unknown) => {
            failure = { error };
            const before = this.found.get(one.id);
            if (before) found.set(one.id, before);
          },
        ),
    );
    this.found = found;
    await this.forgetEnvironment(all.find(({ id }) => id === ENVIRONMENT)?.number);
    if (failure) throw failure.error;
    return 0;
  }

  private async watch(one: ConnectedNumber, told: NumberState | undefined): Promise<Found> {
    const { id, freeMessages } = one;
    const number = one.number!;
    const { graphUrl: baseUrl, apiVersion } = this.config;
    const timeoutMs = this.pace.graphTimeoutMs;
    const look = await lookAtNumber({ ...one, baseUrl, apiVersion, timeoutMs });
    return this.database.tx(system('whatsapp', number.institutionId), async (tx) => {
      const current = (await this.states.all(tx)).of(id).state;
      const state = nextState(current, look.state, told);
      if (state !== current) await this.turn(tx, number, state);
      const { about, told: isTold } = (await this.deliveries.rough(tx, number.institutionId)).of(id);
      const used = freeMessages === null ? undefined : about / freeMessages;
      if (used !== undefined && used >= NEAR && !isTold) {
        await this.notices.tellAdministrators(tx, number.institutionId, 'whatsapp_free_messages');
        await this.deliveries.noteTold(tx, id);
      }
      await this.deliveries.forget(tx, number.institutionId);
      const isDown = state !== 'connected' && state !== 'unchecked';
      return { isDown, ...(used === undefined ? {} : { used }) };
    });
  }

  /** Step: note a new state. Whoever administers is told once when the number no longer works. */
  private async turn(tx: Tx, { id, institutionId }: WhatsAppNumber, state: NumberState): Promise<void> {
    const { institution } = await this.catalogs.snapshot(tx, institutionId);
    const day = this.clock.today(institution.timeZone);
    const isNew = await this.states.note(tx, { number: id, institutionId, state, day });
    // Another worker was faster, and told.
    if (!isNew || state === 'connected') return;
    this.log.alarm('whatsapp-number-down', { code: state });
    await this.notices.tellAdministrators(tx, institutionId, 'whatsapp_number_down');
  }

  /**
   * The environment names no number any more, or that of another institution. Its state would stay for ever.
   */
  private async forgetEnvironment(own: WhatsAppNumber | undefined): Promise<void> {
    const others = (await this.catalogs.institutions()).filter(({ id }) => id !== own?.institutionId);
    for (const { id } of others)
      await this.database.tx(system('whatsapp', id), (tx) => this.states.forget(tx, ENVIRONMENT));
  }

  private isNewHour(): boolean {
    const now = this.hourNow();
    if (now === this.hour) return false;
    this.hour = now;
    return true;
  }

  private hourNow(): number {
    return Math.floor(this.clock.now().getTime() / HOUR);
  }

  /** @param of undefined: the number has no such line */
  private show(name: string, help: string, of: (found: Found) => number | undefined): void {
    const found = (): ReadonlyMap<string, Found> => this.found;
    new Gauge({
      name,
      help,
      labelNames: ['number'],
      registers: [this.metrics.registry],
      collect() {
        this.reset();
        for (const [number, one] of found()) {
          const value = of(one);
          if (value !== undefined) this.set({ number }, value);
        }
      },
    });
  }
}
