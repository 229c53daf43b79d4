/** What happened, in order, as the page and the control API show it. */

export interface Entry {
  /** Grows by one with every entry. */
  n: number;
  at: string;
  /** The id of the person whom it is about; absent: nobody in particular. */
  person?: string;
  /** Of the conversation, or raw: a webhook, a call of the Graph API. */
  kind: 'said' | 'answered' | 'status' | 'read' | 'typing' | 'clock' | 'webhook' | 'graph';
  content: Record<string, unknown>;
}

/** Enough for a conversation; a load test must not fill the memory. */
const MOST = 2_000;

export class Journal {
  private entries: Entry[] = [];
  private count = 0;

  /** @param at milliseconds since 1970 */
  note(at: number, kind: Entry['kind'], content: Entry['content'], person?: string): void {
    this.count += 1;
    this.entries.push({
      n: this.count,
      at: new Date(at).toISOString(),
      kind,
      content,
      ...(person === undefined ? {} : { person }),
    });
    if (this.entries.length > MOST) this.entries = this.entries.slice(-MOST / 2);
  }

  /** Entries after the n-th about a person, and those about everybody. */
  since(n: number, person?: string): Entry[] {
    return this.entries.filter((entry) => entry.n > n && isAbout(entry, person));
  }
}

function isAbout(entry: Entry, person?: string): boolean {
  return person === undefined || entry.person === undefined || entry.person === person;
}
