import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import { PartBuffer } from './part-buffer.js';
import { StoreFailed } from './object-store.js';
import { isFailure, type S3Service } from './s3-service.js';

/** Bytes of a part. A service takes 10,000 parts of at least 5 MiB each: files up to 78 GiB. */
export const PART = 8 * 1024 * 1024;
/** Bytes in a millisecond that a line to the service must carry at least: 64 KiB in a second. */
const SLOWEST = 64;
/** Bytes in a millisecond that a service must put together from parts at least: 8 MiB in a second. */
const JOINING = 8 * 1024;

/** Where an object lies. */
export interface Place {
  Bucket: string;
  Key: string;
}

/**
 * Sends an object. What fits into one part goes in one request. Anything larger goes part after part, so that
 * the memory for it is one part. When it fails, no part is left. An object may be there: the service may have
 * taken the last request although no answer came.
 * @throws NoRoom, StoreFailed, and whatever `bytes` throws
 */
export async function sendObject(
  service: S3Service,
  place: Place,
  bytes: AsyncIterable<Uint8Array>,
): Promise<void> {
  const parts = new PartBuffer(PART, bytes);
  try {
    const first = await parts.next();
    if (parts.ended) await sendWhole(service, place, first);
    else await sendParts(service, place, first, parts);
  } catch (error) {
    await parts.close().catch(() => undefined);
    throw error;
  }
}

async function sendWhole(service: S3Service, place: Place, body: Buffer): Promise<void> {
  const command = { ...place, Body: body, ContentLength: body.length };
  await service.request(
    (client, options) => client.send(new PutObjectCommand(command), options),
    body.length / SLOWEST,
  );
}

async function sendParts(service: S3Service, place: Place, first: Buffer, rest: PartBuffer): Promise<void> {
  const { UploadId } = await service.request((client, options) =>
    client.send(new CreateMultipartUploadCommand(place), options),
  );
  if (!UploadId) throw new StoreFailed('UploadWithoutId');
  const upload = { ...place, UploadId };
  try {
    const Parts: CompletedPart[] = [];
    let size = 0;
    for (let part = first; part.length > 0; part = await rest.next()) {
      const command = { ...upload, PartNumber: Parts.length + 1, Body: part, ContentLength: part.length };
      const { ETag } = await service.request(
        (client, options) => client.send(new UploadPartCommand(command), options),
        part.length / SLOWEST,
      );
      Parts.push({ PartNumber: command.PartNumber, ETag });
      size += part.length;
    }
    const command = { ...upload, MultipartUpload: { Parts } };
    await service.request(
      (client, options) => client.send(new CompleteMultipartUploadCommand(command), options),
      size / JOINING,
    );
  } catch (error) {
    await abortUpload(service, upload).catch(() => undefined);
    throw error;
  }
}

/** Removes the parts of an upload that was not completed. */
export async function abortUpload(service: S3Service, upload: Place & { UploadId: string }): Promise<void> {
  await service
    .request((client, options) => client.send(new AbortMultipartUploadCommand(upload), options))
    .catch((error: unknown) => {
      if (!isFailure(error, 'NoSuchUpload')) throw error;
    });
}
