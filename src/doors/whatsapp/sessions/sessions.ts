import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { Clock } from '../../../platform/clock.js';
import type { Tx } from '../../../platform/database/tx.js';
import { asRecord } from '../../../platform/json-reading.js';
import { Channel, DRAFT_HOURS } from '../channel.js';
import type { Person } from '../person.js';
import { WhatsAppKeys } from '../whatsapp-keys.js';

/** The sealed content of a conversation with a draft. */
export interface Conversation {
  /** What the bot remembers. It may come from another version. */
  state: unknown;
  /**
   * Base64 of the lane in which answers wait. The lane is random, so that no waiting message shows how its
   * receiver is found.
   */
  answers?: string;
  /**
   * Base64 of the alias of the person's account, when it was ever seen. WhatsApp calls it the business-scoped
   * id.
   */
  bsuid?: string;
  /** Time of the last message, in milliseconds. */
  activeAt: number;
  /** Where a reminder goes, as the gateway writes it. Sessions of an older version have none. */
  address?: unknown;
}

export interface Session {
  id: string;
  conversation: Conversation;
}

const HOUR = 3600_000;
/** Sessions that are looked at together for a reminder. */
const PAGE = 1_000;
/** Name under which the instant of a reminder is sealed. */
const WAKES = 'wa_sessions.wakes';
/** Seconds: ten years. A row does not show whether something is still to be said. */
const NEVER = 315_360_000;

/** Conversations with a draft. They are found by the keyed hashes of the person's identifiers. */
@Injectable()
export class Sessions {
  constructor(
    private readonly clock: Clock,
    private readonly keys: WhatsAppKeys,
    private readonly channel: Channel,
  ) {}

  /**
   * Step: find the session of a person and lock it. A phone alone does not open the session of a person with
   * another account. Phone numbers go to new owners, and a new owner must not read what the old owner wrote.
   */
  async find(tx: Tx, person: Person): Promise<Session | undefined> {
    const aliases = this.keys.aliases(person);
    const rows = await tx.query<{ alias: Buffer; id: string; sealed: Buffer }>(
      `select a.alias, s.id, s.sealed from wa_aliases a join wa_sessions s on s.id = a.session_id
        where a.alias = any($1::bytea[]) order by s.id for update of s`,
      [aliases],
    );
    const own = person.hasAccount ? aliases[0]!.toString('base64') : undefined;
    for (const alias of aliases) {
      const row = rows.find((candidate) => candidate.alias.equals(alias));
      if (!row) continue;
      const session = this.open(row);
      const { bsuid } = session.conversation;
      if (own === undefined || bsuid === undefined || bsuid === own) return session;
    }
    return undefined;
  }

  /**
   * Step: store a conversation and the hashes by which its person is found.
   * @param of.patience seconds after the last message when the bot says something by itself; absent: never
   */
  async save(
    tx: Tx,
    conversation: Conversation,
    of: { id?: string; person: Person; patience?: number },
  ): Promise<void> {
    const id = of.id ?? randomUUID();
    await tx.query(
      `insert into wa_sessions (id, day, sealed, wakes) values ($1, $2, $3, $4)
       on conflict (id) do update set day = excluded.day, sealed = excluded.sealed, wakes = excluded.wakes`,
      [
        id,
        this.channel.today,
        this.keys.seal('wa_sessions', id, conversation),
        this.wakes(id, conversation, of.patience),
      ],
    );
    await this.know(tx, id, of.person);
  }

  /**
   * Ids of the sessions whose person has been silent for so long that the bot says something.
   * @param after the last id of the page before
   * @returns with the last id of a full page
   */
  async silent(tx: Tx, after: string | undefined): Promise<{ ids: string[]; last?: string }> {
    const rows = await tx.query<{ id: string; wakes: Buffer }>(
      `select id, wakes from wa_sessions where wakes is not null and ($1::uuid is null or id > $1) order by id limit $2`,
      [after ?? null, PAGE],
    );
    const now = this.clock.now().getTime();
    const ids = rows
      .filter(({ id, wakes }) => (this.keys.openInstant(WAKES, id, wakes) ?? now + 1) <= now)
      .map(({ id }) => id);
    return rows.length < PAGE ? { ids } : { ids, last: rows.at(-1)!.id };
  }

  /**
   * Step: the session, locked, when its person is still silent. Undefined when another worker has it, or when
   * a message of the person waits: it comes first.
   */
  async lockSilent(tx: Tx, id: string): Promise<Session | undefined> {
    const [row] = await tx.query<{ id: string; sealed: Buffer; wakes: Buffer }>(
      `select id, sealed, wakes from wa_sessions s where id = $1 and wakes is not null
          and not exists (select from wa_aliases a join wa_events e on e.lane = a.alias and e.state = 'new'
                           where a.session_id = s.id)
          for update skip locked`,
      [id],
    );
    const wakes = row && this.keys.openInstant(WAKES, id, row.wakes);
    return wakes !== undefined && wakes <= this.clock.now().getTime() ? this.open(row!) : undefined;
  }

  /** Step: store what the bot has said by itself. The life of the draft does not begin anew. */
  async keepSilent(tx: Tx, { id, conversation }: Session, patience: number | undefined): Promise<void> {
    await tx.query('update wa_sessions set sealed = $2, wakes = $3 where id = $1', [
      id,
      this.keys.seal('wa_sessions', id, conversation),
      this.wakes(id, conversation, patience),
    ]);
  }

  private wakes(id: string, { activeAt }: Conversation, patience = NEVER): Buffer {
    return this.keys.sealInstant(WAKES, id, activeAt + patience * 1_000);
  }

  /** Step: delete a session and all hashes that lead to it. */
  async drop(tx: Tx, id: string): Promise<void> {
    await tx.query('delete from wa_sessions where id = $1', [id]);
  }

  /** Step: delete these identifiers of a person from a session. */
  async unlearn(tx: Tx, id: string, person: Person): Promise<void> {
    await tx.query('delete from wa_aliases where session_id = $1 and alias = any($2::bytea[])', [
      id,
      this.keys.aliases(person),
    ]);
  }

  /** Whether nobody continued the draft in time, or there is no draft. */
  isOver({ state, activeAt }: Conversation): boolean {
    return asRecord(state).draft === undefined || activeAt + DRAFT_HOURS * HOUR <= this.clock.now().getTime();
  }

  /** @throws Error when it was sealed under another key */
  open({ id, sealed }: { id: string; sealed: Buffer }): Session {
    return { id, conversation: this.keys.open<Conversation>('wa_sessions', id, sealed) };
  }

  private async know(tx: Tx, id: string, person: Person): Promise<void> {
    await tx.query(
      `insert into wa_aliases (alias, session_id) select alias, $2::uuid from unnest($1::bytea[]) as alias
       on conflict (alias) do update set session_id = excluded.session_id
         where wa_aliases.session_id <> excluded.session_id`,
      [this.keys.aliases(person), id],
    );
  }
}
