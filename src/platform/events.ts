import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { Tx } from './database/tx.js';
import { declaredMethods, noteOn } from './declared-methods.js';

/**
 * Who must listen to an event. `required`: the start fails when nobody listens. `optional`: it is right when
 * nobody listens. Every event says which, so that an event without listeners is a decision and not a mistake.
 */
export type Listeners = 'required' | 'optional';

/** Everything that the modules declared, for the check at the start. */
const declared: (EventType<unknown> | Question<unknown, unknown>)[] = [];

/**
 * A kind of event that happens in a transaction. The module in which it happens declares it once, beside its
 * types: `export const CaseAssigned = new EventType<{ to: string }>('case-assigned', 'required')`.
 */
export class EventType<Event> {
  /** Only for the compiler. It separates events of the same form. */
  declare readonly event: (event: Event) => void;

  constructor(
    readonly name: string,
    readonly listeners: Listeners,
  ) {
    declared.push(this as EventType<never> as EventType<unknown>);
  }
}

/**
 * A question that a module asks in a transaction, without knowing who answers. Exactly one listener must
 * answer.
 */
export class Question<Asked, Answer> {
  /** Only for the compiler. */
  declare readonly asked: (asked: Asked) => Answer;

  constructor(readonly name: string) {
    declared.push(this as Question<never, Answer> as Question<unknown, unknown>);
  }
}

const LISTENS = Symbol('listens');

type Listener<Event, Answer> = (tx: Tx, event: Event) => Promise<Answer>;
/**
 * Decorator of a method that listens. The compiler refuses a method that takes another event or gives another
 * answer.
 */
type Listens<Event, Answer> = <Method extends Listener<Event, Answer>>(
  target: object,
  name: string,
  method: TypedPropertyDescriptor<Method>,
) => void;
type Kind = EventType<never> | Question<never, unknown>;

/**
 * Lets a method of a provider listen. The method runs in the transaction in which the event happens, exactly
 * once for each event. When the method fails, the transaction fails too.
 */
export function On<Event>(kind: EventType<Event>): Listens<Event, void> {
  return (_target, _name, method) => noteOn(LISTENS, method.value!, kind);
}

/** Lets a method of a provider answer a question, in the transaction in which it is asked. */
export function Answers<Asked, Answer>(kind: Question<Asked, Answer>): Listens<Asked, Answer> {
  return (_target, _name, method) => noteOn(LISTENS, method.value!, kind);
}

/**
 * How modules speak to the modules above them, which they do not know. It works inside one transaction and in
 * this process only. Nothing of it is stored or sent.
 */
@Injectable()
export class Events implements OnModuleInit {
  private readonly listeners = new Map<Kind, Listener<never, unknown>[]>();

  constructor(private readonly discovery: DiscoveryService) {}

  /** @throws Error when a required event has no listener, or when a question does not have exactly one */
  onModuleInit(): void {
    for (const { noted, call } of declaredMethods<Kind>(this.discovery, LISTENS))
      this.listen(noted, call as Listener<never, unknown>);
    const faults = declared.flatMap((kind) => {
      const heard = this.of(kind as Kind).length;
      if (!('listeners' in kind)) return heard === 1 ? [] : [`${kind.name} is answered by ${heard}`];
      return heard === 0 && kind.listeners === 'required' ? [`nobody listens to ${kind.name}`] : [];
    });
    if (faults.length > 0) throw new Error(`Events: ${faults.join('; ')}`);
  }

  /** Calls all listeners of an event, one after the other. */
  async tell<Event>(tx: Tx, kind: EventType<Event>, event: Event): Promise<void> {
    for (const listener of this.of(kind as EventType<never>)) await listener(tx, event as never);
  }

  async ask<Asked, Answer>(tx: Tx, kind: Question<Asked, Answer>, asked: Asked): Promise<Answer> {
    const [answer] = this.of(kind as Question<never, Answer>);
    return answer!(tx, asked as never) as Promise<Answer>;
  }

  /** Adds a listener that no class declares. */
  on<Event>(kind: EventType<Event>, listener: Listener<Event, void>): void {
    this.listen(kind as EventType<never>, listener as Listener<never, unknown>);
  }

  private listen(kind: Kind, listener: Listener<never, unknown>): void {
    this.listeners.set(kind, [...this.of(kind), listener]);
  }

  private of(kind: Kind): readonly Listener<never, unknown>[] {
    return this.listeners.get(kind) ?? [];
  }
}
