import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module, type INestApplicationContext, type Type } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { Clock, ManualClock } from '../clock.js';
import { Database } from '../database/database.js';
import type { Tx } from '../database/tx.js';
import { Answers, Events } from '../events.js';
import { Log } from '../logging.js';
import type { DueRows } from './due-rows.js';
import { DeclaredSweeps, Owners, Sweep, type Installation, type Owner } from './sweep.js';
import { Sweeper } from './sweeper.js';

const OWNERS: readonly Owner[] = [
  { id: 'one', timeZone: 'America/Mexico_City' },
  { id: 'two', timeZone: 'America/Tijuana' },
];

@Injectable()
class Institutions {
  @Answers(Owners)
  async list(): Promise<readonly Owner[]> {
    return OWNERS;
  }
}

/** Of a database, the one thing that is used here: that the question is asked in a transaction. */
const DATABASE = { tx: (_actor: unknown, work: (tx: Tx) => Promise<unknown>) => work({} as Tx) };

let app: INestApplicationContext | undefined;
let ran: string[];
beforeEach(() => {
  ran = [];
});
afterEach(() => app?.close());

async function start(...sweeps: Type[]): Promise<Sweeper> {
  const values = [
    { provide: Database, useValue: DATABASE },
    { provide: Log, useValue: new Log('silent') },
    { provide: Clock, useValue: new ManualClock(new Date('2026-11-10T16:00:00Z')) },
  ];
  @Module({
    imports: [DiscoveryModule],
    providers: [...values, Events, Sweeper, DeclaredSweeps, Institutions, ...sweeps],
  })
  class App {}
  app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
  return app.get(Sweeper);
}

describe('a declared sweep', () => {
  it('runs as a method of its class', async () => {
    @Injectable()
    class Cleaning {
      private readonly work = 3;
      @Sweep({ name: 'cleaning', every: 1_000 })
      async run(): Promise<number> {
        return this.work;
      }
    }
    const sweeper = await start(Cleaning);
    expect(await sweeper.run('cleaning')).toBe(3);
  });

  it('has a turn for each institution; one that fails keeps nobody else from it', async () => {
    @Injectable()
    class Cleaning {
      @Sweep({ name: 'cleaning', every: 1_000, per: 'institution' })
      async run({ id, timeZone }: Owner): Promise<number> {
        ran.push(`${id} ${timeZone}`);
        if (id === 'one') throw new Error('broken');
        return 1;
      }
    }
    const sweeper = await start(Cleaning);
    expect(await sweeper.run('cleaning')).toBe(1);
    expect(ran).toEqual(['one America/Mexico_City', 'two America/Tijuana']);
  });

  it('has one for the installation too, before the others', async () => {
    @Injectable()
    class Cleaning {
      @Sweep({ name: 'cleaning', every: 1_000, per: 'institution, with installation' })
      async run({ id, timeZone }: Owner | Installation): Promise<number> {
        ran.push(`${id} ${timeZone}`);
        return 1;
      }
    }
    const sweeper = await start(Cleaning);
    expect(await sweeper.run('cleaning')).toBe(3);
    expect(ran[0]).toBe('null UTC');
  });

  it('may answer with the rows that are due: so many in one transaction, so many in one turn', async () => {
    @Injectable()
    class Cleaning {
      @Sweep({ name: 'cleaning', every: 1_000, per: 'institution', batch: 2, share: 4 })
      due({ id }: Owner): DueRows<number> {
        return {
          page: async (after = 0) => [1, 2, 3].map((step) => after + step),
          work: async (rows) => {
            ran.push(`${id} ${rows.join('+')}`);
            return rows.length;
          },
        };
      }
    }
    const sweeper = await start(Cleaning);
    expect(await sweeper.run('cleaning')).toBe(12);
    expect(ran).toEqual(['one 1+2', 'one 3', 'one 4+5', 'one 6', 'two 1+2', 'two 3', 'two 4+5', 'two 6']);
  });

  it('needs a name that no other has', async () => {
    @Injectable()
    class Cleaning {
      @Sweep({ name: 'cleaning', every: 1_000 })
      async first(): Promise<number> {
        return 0;
      }
      @Sweep({ name: 'cleaning', every: 1_000 })
      async second(): Promise<number> {
        return 0;
      }
    }
    await expect(start(Cleaning)).rejects.toThrow('two sweeps are called cleaning');
  });
});

describe('how a sweep fares', () => {
  it('is told once it runs: failing while its last run failed, for one institution or for all', async () => {
    let broken = true;
    @Injectable()
    class Cleaning {
      @Sweep({ name: 'cleaning', every: 30, per: 'institution' })
      async run({ id }: Owner): Promise<number> {
        if (broken && id === 'two') throw new Error('broken');
        return 0;
      }
    }
    const sweeper = await start(Cleaning);
    const failing = (): boolean | undefined =>
      sweeper.health().find(({ name }) => name === 'cleaning')?.failing;
    expect(failing()).toBeUndefined();
    sweeper.start(async () => undefined);
    while (!failing()) await new Promise((resolve) => setTimeout(resolve, 5));
    broken = false;
    while (failing()) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(sweeper.health().every(({ late }) => !late)).toBe(true);
  });
});
