import { DataStore, Upload } from '@tus/server';
import type { Readable } from 'node:stream';
import type { ReporterActor } from '../../platform/actor.js';
import { isReadable, unreadableField } from '../../platform/http/file-form.js';
import { isPlainText } from '../../platform/http/validation.js';
import { captionOf } from '../../work/evidence/read-form.js';
import type { Uploads } from '../../work/evidence/uploads/uploads.js';

/**
 * The uploads of one reporter, as the library of the protocol asks for them. It is made for one request: the
 * library does not tell a store who asks.
 */
export class TusStore extends DataStore {
  constructor(
    private readonly uploads: Uploads,
    private readonly actor: ReporterActor,
  ) {
    super();
    // Expiry goes by our own clock and not by the library's.
    this.extensions = ['creation', 'creation-with-upload', 'termination'];
  }

  /** The id of the upload is made here: the library knows it from the object that it gave. */
  override async create(upload: Upload): Promise<Upload> {
    const { filename, caption = '' } = upload.metadata ?? {};
    if (caption !== null && !isReadable(caption)) throw unreadableField('caption');
    upload.id = await this.uploads.begin(this.actor, {
      name: filename && isPlainText(filename) ? filename : undefined,
      caption: captionOf(caption ?? undefined),
      length: upload.size!,
    });
    return upload;
  }

  override write(stream: Readable, id: string): Promise<number> {
    return this.uploads.append(this.actor, id, stream as AsyncIterable<Buffer>);
  }

  /** Without what the sender told of the file: who found folio and code must not read it here. */
  override async getUpload(id: string): Promise<Upload> {
    const { length, offset } = await this.uploads.progress(this.actor, id);
    return new Upload({ id, size: length, offset });
  }

  override async remove(id: string): Promise<void> {
    await this.uploads.remove(this.actor, id);
  }
}
