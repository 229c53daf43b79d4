import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { Database } from '../database/database.js';
import { declaredMethods, noteOn } from '../declared-methods.js';
import { Events, Question } from '../events.js';
import { workDueRows, type DueRows } from './due-rows.js';
import { Sweeper, type Schedule } from './sweeper.js';

/** The owner of the work that a sweep does in one turn. */
export interface Owner {
  id: string;
  /** IANA name of its time zone. */
  timeZone: string;
}
/** Stands for what belongs to no institution. Its days are UTC days. */
export interface Installation {
  id: null;
  timeZone: 'UTC';
}
const INSTALLATION: Installation = { id: null, timeZone: 'UTC' };

/** Asks for the institutions of this installation, in the order in which they have their turns. */
export const Owners = new Question<null, readonly Owner[]>('owners-of-sweeps');

export interface SweepDeclaration extends Schedule {
  /**
   * Runs once for each institution, one after the other. An institution whose turn fails does not hold up the
   * others. `with installation`: also runs once before them, for what belongs to no institution.
   */
  per?: 'institution' | 'institution, with installation';
  /** For a sweep that answers with rows: how many rows are worked in one transaction. Without it, one row. */
  batch?: number;
  /**
   * For a sweep that answers with rows: after this much work the other sweeps have their turn. Without it,
   * all rows are worked.
   */
  share?: number;
}

/** The count of what a run has worked, or the rows that are to be worked now. */
type Outcome = Promise<number> | DueRows<unknown>;
type Declares<Method> = <M extends Method>(
  target: object,
  name: string,
  method: TypedPropertyDescriptor<M>,
) => void;

const SWEEP = Symbol('sweep');

/**
 * Declares background work that table state shows. The method claims its rows, so that any number of workers
 * may run it at once. It returns how many rows it worked, or which rows are due and how to work on them. It
 * must be safe to repeat at any instant.
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

/** Finds the declared sweeps and gives them to the sweeper. */
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
