import { Controller, Get, Header, Inject, NotFoundException, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { judge, knownTimes } from '../foundations/audit/clock-watch.js';
import { Clock } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { Database } from '../platform/database/database.js';
import { assertSchema } from '../platform/database/migrator.js';
import { Disk } from '../platform/disk.js';
import { StartError } from '../platform/errors.js';
import { Public } from '../platform/http/access.js';
import { unauthenticated } from '../platform/http/credentials-refused.js';
import { RouteMetrics } from '../platform/metrics.js';
import { CONFIG } from '../platform/platform.module.js';
import { shared } from '../platform/shared-look.js';
import { Converters } from '../work/evidence/converters.js';
import { MIGRATIONS } from './migrations.js';

/**
 * Milliseconds to wait for the database. A database that is frozen or behind a cut line gives neither an
 * answer nor an error.
 */
const PROBE_LIMIT = 3_000;

/** A worker without a heartbeat for this many milliseconds is reported as stale. */
const STALE_MS = 60_000;

/** Probes and metrics for machines. They are not in the API's document. */
@ApiExcludeController()
@Controller()
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly metrics: RouteMetrics,
    private readonly disk: Disk,
    private readonly converters: Converters,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('health/live')
  @Public('ignored', 'staff')
  live(): { status: 'up' } {
    return { status: 'up' };
  }

  /**
   * Ready means: the database answers, has room, and has the schema that this program knows. A stale worker,
   * a wrong clock, held releases, a WhatsApp number that does not work and the cage of converters are shown,
   * but do not refuse.
   */
  @Get('health/ready')
  @Public('ignored', 'staff')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Record<string, string>> {
    const found = { ...(await this.look()), ...this.room(), ...this.cage() };
    if (found.status !== 'up') void reply.status(503);
    return found;
  }

  /**
   * Report a full disk. Without room for the database nothing can be received. Without room for the log,
   * lines are lost and the service goes on. Without room for files, uploads are refused and reports are not.
   */
  private room(): Record<string, string> {
    return {
      ...(this.disk.isFull('database') ? { status: 'down', disk: 'full' } : {}),
      ...(this.disk.isFull('log') ? { log: 'full' } : {}),
      ...(this.disk.isFull('files') ? { files: 'full' } : {}),
    };
  }

  /** Tell how converters are confined, in a process that converts. It was tried at the start. */
  private cage(): Record<string, string> {
    const { confinement } = this.converters;
    return confinement ? { converters: confinement } : {};
  }

  /**
   * Probe the database, shared by simultaneous requests. Each probe opens a connection, and a stranger who
   * asks again and again must not take all connections of the database.
   */
  private readonly look = shared(async (): Promise<Record<string, string>> => {
    try {
      return await this.database.probe(PROBE_LIMIT, async (client) => {
        await assertSchema(client, MIGRATIONS);
        const now = this.clock.now();
        const known = await knownTimes(client);
        const fresh = known.beat && Math.abs(now.getTime() - known.beat.getTime()) < STALE_MS;
        const clock = judge(now, known);
        const held = await client.query(
          'select 1 from institutions where release_hold(id) is not null limit 1',
        );
        const [whatsapp] = (await client.query<{ down: boolean }>('select whatsapp_is_down() as down')).rows;
        return {
          status: 'up',
          database: 'up',
          schema: 'up',
          worker: fresh ? 'up' : 'stale',
          ...(clock ? { clock } : {}),
          ...(held.rows.length > 0 ? { releases: 'held' } : {}),
          ...(whatsapp?.down ? { whatsapp: 'down' } : {}),
        };
      });
    } catch (error) {
      if (error instanceof StartError) return { status: 'down', database: 'up', schema: 'wrong' };
      return { status: 'down', database: 'unreachable' };
    }
  });

  /** Needs the token, or the loopback port of `METRICS_PORT`. */
  @Get('metrics')
  @Public('ignored', 'staff')
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  async prometheus(@Req() request: FastifyRequest): Promise<string> {
    const expected = this.config.metricsToken;
    const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (expected === undefined) throw new NotFoundException();
    const [a, b] = [Buffer.from(given), Buffer.from(expected)];
    if (a.length !== b.length || !timingSafeEqual(a, b)) throw unauthenticated('metrics');
    return this.metrics.registry.metrics();
  }
}
