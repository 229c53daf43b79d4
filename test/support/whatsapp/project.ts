import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The folder of the project, from the sources and from `dist` alike. Files that are no TypeScript are read
 * from the sources only: the build leaves them out.
 */
export const PROJECT = ((): string => {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
})();
