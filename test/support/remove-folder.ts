import { rmSync } from 'node:fs';

/**
 * Removes a folder in which an embedded server was. The guard of a process that was killed looks after it a
 * moment later, and makes its lock there: then the folder is not empty, and is removed again.
 */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
