import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import { DomainError } from '../../../platform/errors.js';
import { Sweep } from '../../../platform/jobs/sweep.js';
import { Log } from '../../../platform/logging.js';
import { NoRoom, ObjectStore } from '../../../platform/storage/object-store.js';
import { storeSealed, type SealedObject } from '../../../platform/storage/sealed-object.js';
import { examined } from '../../../work/evidence/incoming-file.js';
import { Channel, NOBODY, POLL, SWEEPS } from '../channel.js';
import { GraphMedia, MediaRefused } from '../gateway/graph-media.js';
import { Pace } from '../gateway/pace.js';
import { severalAtOnce } from '../several-at-once.js';
import { Numbers } from '../numbers/numbers.js';
import type { KnownNumbers } from '../numbers/known-numbers.js';
import { WHATSAPP_CONFIG, type WhatsAppConfig } from '../whatsapp.config.js';
import { WaFileRow } from '../whatsapp.entities.js';
import { contextOf, Files, LIFE, type FileDetails } from './files.js';

/** Rows looked at together. */
const PAGE = 1_000;
/** Files fetched at once by a process. A slow one must not hold up all others. */
const PARALLEL = 4;
/** Milliseconds for which a worker has a file for itself: longer than any fetch may take. */
const LEASE = 15 * 60_000;
/**
 * Milliseconds from the message, after which a refusal ends it. Earlier it may be our token or our number
 * that Meta refuses, until somebody repairs them.
 */
const DOUBT = 24 * 3600_000;
/** Milliseconds to the next try: five seconds first, four times as much each time, an hour at most. */
const FIRST_PAUSE = 5_000;
const LONGEST_PAUSE = 3600_000;

/** What came of a try. */
type Fetched =
  { content: SealedObject } | { again: 'refused' | 'unavailable' | 'no-room' } | { lost: string };

/**
 * Fetches the files of people from the provider, sealed while they come. A fetch is repeated until the file
 * is there, or can never be: one answer with an error must not lose evidence.
 */
@Injectable()
export class FetchFiles {
  constructor(
    @Inject(WHATSAPP_CONFIG) private readonly config: WhatsAppConfig,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly channel: Channel,
    private readonly numbers: Numbers,
    private readonly files: Files,
    private readonly store: ObjectStore,
    private readonly log: Log,
    private readonly pace: Pace,
  ) {}

  /** @returns number of files that were tried */
  @Sweep({ name: SWEEPS.fetch, ofReporters: true, every: POLL })
  async run(): Promise<number> {
    const numbers = await this.numbers.now();
    if (numbers.isEmpty) return 0;
    let after: string | undefined;
    let tried = 0;
    do {
      const page = await this.due(after);
      await severalAtOnce(
        PARALLEL,
        () => page.ids.shift(),
        async (id) => {
          tried += await this.fetch(numbers, id);
        },
      );
      after = page.last;
    } while (after !== undefined);
    return tried;
  }

  private async due(after: string | undefined): Promise<{ ids: string[]; last?: string }> {
    const rows = await this.database.tx(NOBODY, (tx) =>
      tx.query<Pick<WaFileRow, 'id' | 'due'>>(
        `select id, due from wa_files where state = 'waiting' and ($1::uuid is null or id > $1) order by id limit $2`,
        [after ?? null, PAGE],
      ),
    );
    const now = this.clock.now().getTime();
    const ids = rows.filter((row) => (this.files.openDue(row) ?? now + 1) <= now).map(({ id }) => id);
    return rows.length < PAGE ? { ids } : { ids, last: rows.at(-1)!.id };
  }

  private async fetch(numbers: KnownNumbers, id: string): Promise<number> {
    try {
      const details = await this.take(id);
      if (!details) return 0;
      const media = this.mediaOf(numbers, details);
      const fetched = await this.bytes(media, id, details);
      if ('content' in fetched) await this.keep(id, { ...details, content: fetched.content });
      else await this.postpone(id, details, fetched);
      // Our copy is safe, or will never be.
      if (!('again' in fetched)) await media?.remove(details.reference.id);
      return 1;
    } catch (error) {
      this.log.faultWithoutTime('whatsapp-file-failed', error);
      return 0;
    }
  }

  /** Undefined while the number is off that the file was sent to: no other may fetch it. */
  private mediaOf(numbers: KnownNumbers, { number }: FileDetails): GraphMedia | undefined {
    const own = numbers.active(number);
    if (!own) return undefined;
    const { accessToken, phoneNumberId } = own;
    const { graphUrl: baseUrl, apiVersion } = this.config;
    const options = { baseUrl, apiVersion, accessToken, phoneNumberId };
    return new GraphMedia(options, () => this.pace.graphTimeoutMs);
  }

  /** Takes a file for this process. Undefined when another one has it, or it is gone. */
  private async take(id: string): Promise<FileDetails | undefined> {
    return this.database.tx(NOBODY, async (tx) => {
      const [row] = await tx.rows(WaFileRow, `id = $1 and state = 'waiting' for update skip locked`, [id]);
      const now = this.clock.now().getTime();
      const due = row && this.files.openDue(row);
      if (due === undefined || due > now) return undefined;
      await tx.query('update wa_files set due = $2 where id = $1', [id, this.files.sealDue(id, now + LEASE)]);
      return this.files.open(row!);
    });
  }

  private async bytes(
    media: GraphMedia | undefined,
    id: string,
    { reference }: FileDetails,
  ): Promise<Fetched> {
    if (!media) return { again: 'unavailable' };
    try {
      const { bytes } = await examined(await media.open(reference));
      return { content: await storeSealed(this.store, bytes, contextOf(id)) };
    } catch (error) {
      // Empty, too large, or a program: it will never be evidence.
      if (error instanceof DomainError) return { lost: error.code };
      if (error instanceof NoRoom) return { again: 'no-room' };
      return { again: error instanceof MediaRefused ? 'refused' : 'unavailable' };
    }
  }

  private async keep(id: string, details: FileDetails & { content: SealedObject }): Promise<void> {
    const { object } = details.content;
    const kept = await this.database.tx(NOBODY, (tx) =>
      tx.query(
        `update wa_files set state = 'kept', object = $2, sealed = $3 where id = $1 and state = 'waiting' returning 1`,
        [id, object, this.files.seal(id, details)],
      ),
    );
    // Its message was deleted meanwhile, or its draft.
    if (kept.length === 0) await this.store.remove([object]).catch(() => undefined);
  }

  private async postpone(
    id: string,
    { content: _none, ...details }: FileDetails,
    failed: Exclude<Fetched, { content: SealedObject }>,
  ): Promise<void> {
    const tries = details.tries + 1;
    const now = this.clock.now().getTime();
    const limit = 'again' in failed && failed.again === 'refused' ? DOUBT : LIFE;
    const isLost = 'lost' in failed || now - details.since >= limit;
    const code = 'lost' in failed ? failed.lost : failed.again;
    if (isLost || ((tries - 1) & tries) === 0)
      this.log.warning(isLost ? 'whatsapp-file-lost' : 'whatsapp-file-waits', {
        code,
        day: this.channel.today,
      });
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 4 ** details.tries);
    await this.database.tx(NOBODY, (tx) =>
      tx.query(`update wa_files set state = $2, due = $3, sealed = $4 where id = $1 and state = 'waiting'`, [
        id,
        isLost ? 'lost' : 'waiting',
        this.files.sealDue(id, now + pause),
        this.files.seal(id, { ...details, tries }),
      ]),
    );
  }
}
