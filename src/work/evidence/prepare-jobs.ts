/** Names of the jobs that make safe copies. Their subject is the id of a file. */
export const PREPARE = 'prepare-evidence';
export const PREPARE_LARGE = 'prepare-large-evidence';

/**
 * Bytes in the store up to which a file is small. A photo, a voice note or a letter is. A film beyond it may
 * take minutes.
 */
const SMALL = 16 * 1024 * 1024;

/**
 * The job of a file, by its size alone. `stored_bytes` tells the size anyway. The name of a job stands in
 * clear, so it must not tell a film from a photo.
 */
export function jobOf(storedBytes: number): string {
  return storedBytes > SMALL ? PREPARE_LARGE : PREPARE;
}
