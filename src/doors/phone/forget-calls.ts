import { Injectable } from '@nestjs/common';
import { system } from '../../platform/actor.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { Sweep, type Owner } from '../../platform/jobs/sweep.js';
import { Calls } from './calls/calls.js';
import { FollowUps } from './follow-up/follow-ups.js';

/** Deletes calls and follow-ups that are over. It goes by days and cannot open what it deletes. */
@Injectable()
export class ForgetCalls {
  constructor(
    private readonly database: Database,
    private readonly calls: Calls,
    private readonly followUps: FollowUps,
    private readonly clock: Clock,
  ) {}

  /** @returns 0: one run deletes everything that it finds */
  @Sweep({ name: 'phone-forget', ofReporters: true, every: 600_000, per: 'institution' })
  async run({ id, timeZone }: Owner): Promise<0> {
    const today = this.clock.today(timeZone);
    await this.database.tx(system('phone-forget', id), async (tx) => {
      await this.calls.dropOver(tx, id, today);
      await this.followUps.dropOver(tx, id, today);
    });
    return 0;
  }
}
