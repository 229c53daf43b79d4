import type { Acquaintance } from './acquaintances.js';
import { DAY } from './clock.js';
import { ControlError, optional, type Description, type Speaker } from './control-say.js';
import type { Part } from './envelope.js';
import type { Json } from './http.js';
import type { Account } from './numbers.js';
import { canonical, withOne, type Person } from './people.js';
import type { WhatsAppStandin } from './standin.js';

/** `people` of the control API: who writes, what they say, what they see. */
export class PeopleControl {
  constructor(
    private readonly standin: WhatsAppStandin,
    private readonly speaker: Speaker,
  ) {}

  add(body: Json): Json {
    const phone = optional(body, 'phone') ?? mexicanNumber(this.standin);
    if (!/^\d{8,15}$/.test(phone)) throw new ControlError('phone has 8 to 15 digits and no plus sign');
    const bsuid = `MX.${this.standin.dice.digits(20)}`;
    return viewOf(this.standin.people.meet({ phone, bsuid, name: 'Persona', ...givenOf(body) }));
  }

  change(id: string | undefined, body: Json): Json {
    const known = this.byId(id);
    const { person } = known;
    const { mode, ...rest } = body;
    const phone =
      mode === '521' ? withOne(person.phone) : mode === '52' ? canonical(person.phone) : person.phone;
    known.person = { ...person, phone, ...givenOf(rest) };
    return viewOf(known);
  }

  view(id: string | undefined): Json {
    return viewOf(this.byId(id));
  }

  /** Each thing is a webhook of its own, all at once, as Meta sends an album; `together`: one for all. */
  async say(id: string | undefined, account: Account, body: Json): Promise<Json> {
    const known = this.byId(id);
    callbackOf(account);
    const descriptions = (Array.isArray(body.say) ? body.say : [body.say]) as Description[];
    const parts = descriptions.flatMap((one) => this.speaker.partsOf(one ?? {}, known, account));
    const bundles: Part[][] = body.together === true ? [parts] : parts.map((part) => [part]);
    const said = await Promise.all(
      bundles.map((bundle) => this.standin.sayTo(account, known.person, bundle)),
    );
    return { ids: said.flatMap(({ ids }) => ids), statuses: said.map(({ status }) => status) };
  }

  async changeNumber(id: string | undefined, account: Account, body: Json): Promise<Json> {
    const known = this.byId(id);
    const phone = optional(body, 'phone') ?? mexicanNumber(this.standin);
    await this.standin.changeNumber(callbackOf(account), known.person, phone, account);
    return viewOf(known);
  }

  /** What happened after the n-th entry, and until when free-form answers may come. */
  conversation(id: string | undefined, account: Account, after: number): Json {
    const known = this.byId(id);
    const { journal, clock } = this.standin;
    const heardAt = known.heardAt.get(account.phoneNumberId);
    return {
      entries: journal.since(Number.isFinite(after) ? after : 0, known.id),
      now: new Date(clock.now()).toISOString(),
      openUntil: heardAt === undefined ? null : new Date(heardAt + DAY).toISOString(),
    };
  }

  /** @throws ControlError */
  byId(id: string | undefined): Acquaintance {
    const known = this.standin.people.byId(id ?? '');
    if (!known) throw new ControlError('There is no such person.', 404);
    return known;
  }
}

export function viewOf({ id, person }: Acquaintance): Json {
  return { id, ...person };
}

export function callbackOf({ callback }: Account): string {
  if (callback === undefined) throw new ControlError('The number has no callback yet.', 409);
  return callback;
}

/** What may be said of a person. `null` takes it back. */
function givenOf(body: Json): Partial<Person> {
  const names = [
    'name',
    'username',
    'bsuid',
    'parentBsuid',
    'identityKeyHash',
    'hidesPhone',
    'blocksUs',
    'odd',
  ];
  const given = names.filter((name) => name in body).map((name) => [name, body[name] ?? undefined]);
  return Object.fromEntries(given) as Partial<Person>;
}

/** A number that no telephone has: the two digits behind the area are zero. */
function mexicanNumber({ dice }: WhatsAppStandin): string {
  return `5215500${dice.digits(6)}`;
}
