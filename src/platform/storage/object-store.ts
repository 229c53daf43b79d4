/**
 * Objects that a store holds: sealed bytes under random names. Nothing about them is in clear but their name,
 * their padded length and the day on which they were stored.
 */
export interface StoredObject {
  name: string;
  /** Day on which the store says that it got the object: `2026-11-28`, UTC. */
  day: string;
}

/** The store has no room for what it was given, or would keep too little. Nothing was stored. */
export class NoRoom extends Error {
  constructor(options?: ErrorOptions) {
    super('the store of files has no room', options);
    this.name = 'NoRoom';
  }
}

/** The store refused a request, or could not be reached. It tells a code, and no name or address. */
export class StoreFailed extends Error {
  constructor(
    readonly code: string,
    readonly status?: number,
  ) {
    super(`the store of files failed: ${code}${status === undefined ? '' : ` (${status})`}`);
    this.name = 'StoreFailed';
  }
}

/** The store does not hold an object of this name. */
export class ObjectMissing extends Error {
  constructor() {
    super('a stored object is missing');
    this.name = 'ObjectMissing';
  }
}

/**
 * Where sealed files lie: a folder, or a service with the interface of S3. Any number of processes use one
 * store at once. An object is written once and never changed. The names are made with `objectName`.
 */
export abstract class ObjectStore {
  /**
   * Stores an object. When this resolves, a crash at any instant loses nothing of it. When it rejects, no
   * object of that name is there.
   * @throws NoRoom, and whatever `bytes` throws
   */
  abstract put(name: string, bytes: AsyncIterable<Uint8Array>): Promise<void>;

  /**
   * Reads an object, or the bytes from `from` up to but not including `to`.
   * @throws ObjectMissing, before the first byte
   */
  abstract read(name: string, range?: { from: number; to: number }): AsyncIterable<Uint8Array>;

  /** Removes objects. An object that is not there is no fault. */
  abstract remove(names: readonly string[]): Promise<void>;

  /** Lists all objects, in any order. Objects that are being stored may be among them. */
  abstract list(): AsyncIterable<StoredObject>;

  /**
   * Removes what stores that were interrupted more than a day or two ago left behind. @returns how many
   */
  abstract removeRemains(): Promise<number>;

  /**
   * Returns the id of the database that this store belongs to. An empty store is given the id.
   */
  abstract owner(id: string): Promise<string>;

  /** Returns the id of that database, undefined for an empty store. Writes nothing. */
  abstract knownOwner(): Promise<string | undefined>;

  /**
   * Tells whether so many bytes can be stored now, as far as the store can tell.
   * @throws NoRoom
   */
  abstract assertRoom(bytes: number): Promise<void>;
}
