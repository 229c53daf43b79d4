import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { Database } from '../database/database.js';
import { declaredMethods, noteOn } from '../declared-methods.js';
import { Events, Question } from '../events.js';
import { workDueRows, type DueRows } from './due-rows.js';
import { Sweeper, type Schedule } from './sweeper.js';

/** Whose work a sweep does in one turn. */
export interface Owner {
  id: string;
  /** IANA name of its zone. */
  timeZone: string;
}
/** What belongs to no institution. Its days are those of UTC. */
export interface Installation {
  id: null;
  timeZone: 'UTC';
}
const INSTALLATION: Installation = { id: null, timeZone: 'UTC' };

/** The institutions of this installation, in the order in which they have their turns. */
export const Owners = new Question<null, readonly Owner[]>('owners-of-sweeps');

export interface SweepDeclaration extends Schedule {
  /**
   * Runs once for each institution, one after the other: one whose turn fails holds up no other. `with
   * installation`: and once before them for what belongs to none.
   */
  per?: 'institution' | 'institution, with installation';
  /** Of a sweep that answers with rows: how many are worked in one transaction; 1 without it. */
  batch?: number;
  /**
   * Of a sweep that answers with rows: after so many the others have their turn; without it all are worked.
   */
  share?: number;
}

/** What a run has worked, or the rows that are now to be worked. */
type Outcome = Promise<number> | DueRows<unknown>;
type Declares<Method> = <M extends Method>(
  target: object,
  name: string,
  method: TypedPropertyDescriptor<M>,
) => void;

const SWEEP = Symbol('sweep');

/**
 * Background work that table state already shows. The method claims its rows, so that any number of workers
 * may run it at once, and returns how many it worked, or which rows are due and how one works them. It must
 * be safe to repeat at any instant.
 */
export function Sweep(declaration: SweepDeclaration & { per?: undefined }): Declares<() => Outcome>;
export function Sweep(
  declaration: SweepDeclaration & { per: 'institution' },
): Declares<(owner: Owner) => Outcome>;
export function Sweep(
  declaration: SweepDeclaration & { per: 'institution, with installation' },
): Declares<(owner: Owner | Installation) => Outcome>;
export function Sweep(declaration: SweepDeclaration): Declares<(owner: never) => Outcome> {
  return (_target, _name, method) => noteOn(SWEEP, method.value!, declaration);
}

/** Finds the sweeps that methods declare and gives them to the sweeper. */
@Injectable()
export class DeclaredSweeps implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly sweeper: Sweeper,
    private readonly database: Database,
    private readonly events: Events,
  ) {}

  onModuleInit(): void {
    for (const { noted, call } of declaredMethods<SweepDeclaration>(this.discovery, SWEEP)) {
      const work = (owner?: Owner | Installation): Promise<number> =>
        this.turn(noted, call(owner) as Outcome);
      this.sweeper.register({ ...noted, run: noted.per ? () => this.forEach(noted, work) : work });
    }
  }

  private async forEach(
    { name, per }: SweepDeclaration,
    work: (owner: Owner | Installation) => Promise<number>,
  ): Promise<number> {
    const institutions = await this.database.tx({ kind: 'nobody' }, (tx) =>
      this.events.ask(tx, Owners, null),
    );
    let worked = 0;
    for (const owner of per === 'institution' ? institutions : [INSTALLATION, ...institutions]) {
      try {
        worked += await work(owner);
      } catch (error) {
        this.sweeper.failed(name, error);
      }
    }
    return worked;
  }

  private async turn(
    { name, batch = 1, share = Infinity }: SweepDeclaration,
    outcome: Outcome,
  ): Promise<number> {
    if (!('page' in outcome)) return outcome;
    return workDueRows(outcome, { batch, share }, (error) => this.sweeper.failed(name, error));
  }
}
