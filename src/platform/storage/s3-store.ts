import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type ListMultipartUploadsCommandInput,
  type ListMultipartUploadsCommandOutput,
  type MultipartUpload,
} from '@aws-sdk/client-s3';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { isObjectName } from './object-name.js';
import { ObjectMissing, ObjectStore, StoreFailed, type StoredObject } from './object-store.js';
import { cleaned, isFailure, S3Service, type BucketSettings } from './s3-service.js';
import { abortUpload, sendObject, type Place } from './s3-upload.js';

/** Names that one request may remove. */
const BATCH = 1000;
/** Object with the id of the database that the store belongs to. */
const OWNER = 'owner';
const DAY_MS = 24 * 3_600_000;
/** Milliseconds for which a service may send nothing while an object is read. */
const SILENCE = 30_000;
/** Milliseconds after which no process that began at the same time still writes the owner. */
const SETTLE = 2_000;

/** A store in a bucket of a service with the interface of S3. */
export class S3Store extends ObjectStore {
  private readonly service: S3Service;
  /** Some services cannot remove several objects at once. */
  private batches = true;

  constructor(private readonly settings: BucketSettings) {
    super();
    this.service = new S3Service(settings);
  }

  async put(name: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const place = this.placeOf(name);
    try {
      await sendObject(this.service, place, bytes);
    } catch (error) {
      await this.removeOne(place).catch(() => undefined);
      throw error;
    }
  }

  async *read(name: string, range?: { from: number; to: number }): AsyncGenerator<Uint8Array> {
    const place = this.placeOf(name);
    if (range && range.to <= range.from) return;
    const body = await this.open(place, range && `bytes=${range.from}-${range.to - 1}`);
    const watch = (): NodeJS.Timeout => setTimeout(() => body?.destroy(new StoreFailed('Silence')), SILENCE);
    let timer = watch();
    try {
      // The connection is closed when nobody reads to the end.
      for await (const piece of (body ?? []) as AsyncIterable<Buffer>) {
        // The reader may take its time.
        clearTimeout(timer);
        yield piece;
        timer = watch();
      }
    } catch (error) {
      throw cleaned(error);
    } finally {
      clearTimeout(timer);
    }
  }

  async remove(names: readonly string[]): Promise<void> {
    const places = names.map((name) => this.placeOf(name));
    for (let from = 0; from < places.length; from += BATCH) {
      const batch = places.slice(from, from + BATCH);
      if (this.batches) this.batches = await this.removeBatch(batch);
      if (!this.batches) for (const place of batch) await this.removeOne(place);
    }
  }

  async *list(): AsyncGenerator<StoredObject> {
    let from: string | undefined;
    do {
      const command = { ...this.all(), ContinuationToken: from };
      const page = await this.service.request((client, options) =>
        client.send(new ListObjectsV2Command(command), options),
      );
      for (const { Key, LastModified } of page.Contents ?? []) {
        const name = this.nameOf(Key);
        if (name && LastModified) yield { name, day: LastModified.toISOString().slice(0, 10) };
      }
      from = page.IsTruncated ? page.NextContinuationToken : undefined;
      if (page.IsTruncated && !from) throw new StoreFailed('ListWithoutEnd');
    } while (from);
  }

  async removeRemains(): Promise<number> {
    let removed = 0;
    for await (const { Key, UploadId, Initiated } of this.uploads()) {
      const name = this.nameOf(Key);
      if (!name || !UploadId || !Initiated || Date.now() - Initiated.getTime() < DAY_MS) continue;
      await abortUpload(this.service, { ...this.placeOf(name), UploadId });
      removed += 1;
    }
    return removed;
  }

  /**
   * Two databases may begin at once with one empty bucket. A service that knows `If-None-Match` lets one of
   * them write. Another service keeps what was written last: then both wait until both have written.
   */
  async owner(id: string): Promise<string> {
    const found = await this.knownOwner();
    if (found !== undefined) return found;
    // The second time tells whether the service knows the condition: it refuses then.
    if ((await this.writeOwner(id)) && (await this.writeOwner(id))) await pause(SETTLE);
    const agreed = await this.knownOwner();
    if (agreed === undefined) throw new StoreFailed('OwnerNotKept');
    return agreed;
  }

  async knownOwner(): Promise<string | undefined> {
    try {
      return await this.service.request(async (client, options) => {
        const { Body } = await client.send(new GetObjectCommand(this.ownerPlace), options);
        return (await Body!.transformToString()).trim();
      });
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Cannot tell: a service says only when it is written to that it has no room. */
  async assertRoom(): Promise<void> {}

  private placeOf(name: string): Place {
    if (!isObjectName(name)) throw new Error('not the name of an object');
    return { Bucket: this.settings.bucket, Key: this.settings.prefix + name };
  }

  /** @returns undefined for what is not one of our objects */
  private nameOf(key = ''): string | undefined {
    const name = key.slice(this.settings.prefix.length);
    return key.startsWith(this.settings.prefix) && isObjectName(name) ? name : undefined;
  }

  private all(): { Bucket: string; Prefix: string } {
    return { Bucket: this.settings.bucket, Prefix: this.settings.prefix };
  }

  private get ownerPlace(): Place {
    return { Bucket: this.settings.bucket, Key: this.settings.prefix + OWNER };
  }

  /** @returns undefined when the range begins behind the last byte */
  private async open(place: Place, Range?: string): Promise<Readable | undefined> {
    try {
      const { Body, ContentRange } = await this.service.request((client, options) =>
        client.send(new GetObjectCommand({ ...place, Range }), options),
      );
      const body = Body as Readable;
      if (!Range || ContentRange) return body;
      // A service that does not know ranges sends the whole object.
      body.destroy();
      throw new StoreFailed('RangeIgnored');
    } catch (error) {
      if (isMissing(error)) throw new ObjectMissing();
      if (isFailure(error, 'InvalidRange', 416)) return undefined;
      throw error;
    }
  }

  private async removeOne(place: Place): Promise<void> {
    await this.service
      .request((client, options) => client.send(new DeleteObjectCommand(place), options))
      .catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
  }

  /** @returns false when the service does not know this request, or wants another digest in it */
  private async removeBatch(places: readonly Place[]): Promise<boolean> {
    const Delete = { Objects: places.map(({ Key }) => ({ Key })), Quiet: true };
    const command = { Bucket: this.settings.bucket, Delete };
    try {
      const { Errors = [] } = await this.service.request((client, options) =>
        client.send(new DeleteObjectsCommand(command), options),
      );
      const failed = Errors.find(({ Code }) => Code !== 'NoSuchKey');
      if (failed) throw cleaned(failed);
      return true;
    } catch (error) {
      if (isFailure(error, 400, 405, 411, 501)) return false;
      throw error;
    }
  }

  /** Uploads that were begun and not completed. A service that cannot list them has its own rule for them. */
  private async *uploads(): AsyncGenerator<MultipartUpload> {
    let from: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
    while (from) {
      const command: ListMultipartUploadsCommandInput = { ...this.all(), ...from };
      const page: ListMultipartUploadsCommandOutput | undefined = await this.service
        .request((client, options) => client.send(new ListMultipartUploadsCommand(command), options))
        .catch((error: unknown) => {
          if (!isFailure(error, 405, 501)) throw error;
          return undefined;
        });
      yield* page?.Uploads ?? [];
      from = page?.IsTruncated
        ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
        : undefined;
      if (from && !from.KeyMarker) throw new StoreFailed('ListWithoutEnd');
    }
  }

  /** @returns whether it was written: false when there is an owner already */
  private async writeOwner(id: string): Promise<boolean> {
    const write = (IfNoneMatch?: string): Promise<unknown> =>
      this.service.request((client, options) =>
        client.send(new PutObjectCommand({ ...this.ownerPlace, Body: `${id}\n`, IfNoneMatch }), options),
      );
    try {
      await write('*').catch((error: unknown) => {
        // These do not know the condition.
        if (!isFailure(error, 400, 501)) throw error;
        return write();
      });
      return true;
    } catch (error) {
      if (isFailure(error, 409, 412)) return false;
      throw error;
    }
  }
}

/** A bucket that is missing is a fault: its answer has the same status. */
function isMissing(error: unknown): boolean {
  return isFailure(error, 404) && error.code !== 'NoSuchBucket';
}
