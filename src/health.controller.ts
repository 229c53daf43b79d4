import { Controller, Get, Header, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MIGRATIONS } from './migrations.js';
import { Clock } from './platform/clock.js';
import type { Config } from './platform/config.js';
import { Database } from './platform/database/database.js';
import { assertSchema } from './platform/database/migrator.js';
import { DomainError, StartError } from './platform/errors.js';
import { Public } from './platform/http/access.js';
import { unauthenticated } from './platform/http/access.guard.js';
import { RouteMetrics } from './platform/metrics.js';
import { CONFIG } from './platform/platform.module.js';

/** Milliseconds: a database that is frozen or behind a cut line gives neither an answer nor an error. */
const PROBE_LIMIT = 3_000;
const UNREACHABLE = { status: 'down', database: 'unreachable' };

/** A worker that has not shown itself for this long is told to be stale. */
const STALE_MS = 60_000;

/** Probes and metrics: for machines, outside of the API's document. */
@ApiExcludeController()
@Controller()
export class HealthController {
  /** The probe under way: those of a frozen database must not take its connections one after the other. */
  private probe?: Promise<Record<string, string>>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly metrics: RouteMetrics,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('health/live')
  @Public()
  live(): { status: 'up' } {
    return { status: 'up' };
  }

  /** Ready = the database answers and its schema is the one this program knows. A stale worker is shown, not refused. */
  @Get('health/ready')
  @Public()
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Record<string, string>> {
    this.probe ??= this.look().finally(() => (this.probe = undefined));
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<Record<string, string>>((resolve) => {
      timer = setTimeout(() => resolve(UNREACHABLE), PROBE_LIMIT);
    });
    const found = await Promise.race([this.probe, limit]);
    clearTimeout(timer);
    if (found.status !== 'up') void reply.status(503);
    return found;
  }

  private async look(): Promise<Record<string, string>> {
    if (!(await this.database.ping())) return UNREACHABLE;
    try {
      await assertSchema(this.database.appPool, MIGRATIONS);
      const { rows } = await this.database.appPool.query<{ at: Date }>('select max(at) as at from heartbeats');
      const beat = rows[0]?.at;
      const fresh = beat && this.clock.now().getTime() - beat.getTime() < STALE_MS;
      return { status: 'up', database: 'up', schema: 'up', worker: fresh ? 'up' : 'stale' };
    } catch (error) {
      return error instanceof StartError ? { status: 'down', database: 'up', schema: 'wrong' } : UNREACHABLE;
    }
  }

  /** Needs the token, or the loopback port of `METRICS_PORT`. */
  @Get('metrics')
  @Public()
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  async prometheus(@Req() request: FastifyRequest): Promise<string> {
    const expected = this.config.metricsToken;
    const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (expected === undefined) throw new DomainError('NOT_FOUND', 404);
    const [a, b] = [Buffer.from(given), Buffer.from(expected)];
    if (a.length !== b.length || !timingSafeEqual(a, b)) throw unauthenticated();
    return this.metrics.registry.metrics();
  }
}
