import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Injectable, Module, type INestApplicationContext, type Type } from '@nestjs/common';
import type { Tx } from './database/tx.js';

/** Events are declared once per program, so that each test has a program of its own. */
type Program = typeof import('./events.js');
let program: Program;
let core: typeof import('@nestjs/core');
let app: INestApplicationContext | undefined;

beforeEach(async () => {
  jest.resetModules();
  program = await import('./events.js');
  core = await import('@nestjs/core');
});
afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function start(...listeners: Type[]): Promise<InstanceType<Program['Events']>> {
  @Module({ imports: [core.DiscoveryModule], providers: [program.Events, ...listeners] })
  class App {}
  app = await core.NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
  return app.get(program.Events);
}

const TX = { one: 'transaction' } as unknown as Tx;

describe('an event', () => {
  it('reaches every method that listens, in its transaction, one after the other', async () => {
    const { EventType, On } = program;
    const Rang = new EventType<{ times: number }>('rang', 'required');
    const heard: string[] = [];

    @Injectable()
    class Door {
      private readonly name = 'door';
      @On(Rang)
      async open(tx: Tx, { times }: { times: number }): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, 5));
        heard.push(`${this.name} ${times} ${tx === TX}`);
      }
    }
    @Injectable()
    class Dog {
      @On(Rang)
      async bark(): Promise<void> {
        heard.push('dog');
      }
      @On(Rang)
      async sniff(): Promise<void> {
        heard.push('nose');
      }
    }
    const events = await start(Door, Dog);
    await events.tell(TX, Rang, { times: 2 });
    expect(heard).toEqual(['door 2 true', 'dog', 'nose']);
  });

  it('fails when a listener fails, and the others behind it hear nothing', async () => {
    const { EventType, On } = program;
    const Rang = new EventType<object>('rang', 'required');
    const heard: string[] = [];

    @Injectable()
    class Doors {
      @On(Rang)
      async first(): Promise<void> {
        throw new Error('stuck');
      }
      @On(Rang)
      async second(): Promise<void> {
        heard.push('second');
      }
    }
    const events = await start(Doors);
    await expect(events.tell(TX, Rang, {})).rejects.toThrow('stuck');
    expect(heard).toEqual([]);
  });

  it('that must be heard and is not ends the start', async () => {
    new program.EventType<object>('rang', 'required');
    await expect(start()).rejects.toThrow('Events: nobody listens to rang');
  });

  it('that nobody has to hear may go unheard', async () => {
    const Rang = new program.EventType<object>('rang', 'optional');
    const events = await start();
    await expect(events.tell(TX, Rang, {})).resolves.toBeUndefined();
  });
});

describe('a question', () => {
  it('is answered by the one who does', async () => {
    const { Answers, Question } = program;
    const HowMany = new Question<string, number>('how-many');

    @Injectable()
    class Counter {
      @Answers(HowMany)
      async count(_tx: Tx, word: string): Promise<number> {
        return word.length;
      }
    }
    const events = await start(Counter);
    await expect(events.ask(TX, HowMany, 'four')).resolves.toBe(4);
  });

  it.each([0, 2])('that %i answer ends the start', async (count) => {
    const { Answers, Question } = program;
    const HowMany = new Question<string, number>('how-many');
    const answering = Array.from({ length: count }, () => {
      @Injectable()
      class Counter {
        @Answers(HowMany)
        async count(): Promise<number> {
          return 1;
        }
      }
      return Counter;
    });
    await expect(start(...answering)).rejects.toThrow(`Events: how-many is answered by ${count}`);
  });
});
