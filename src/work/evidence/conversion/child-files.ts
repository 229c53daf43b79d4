import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the child needs of this installation. All of it is public source; nothing is written there. */
export interface ChildFiles {
  /** The compiled program and the folder it lies in. */
  program: string;
  folder: string;
  /** Says that the compiled files are ES modules. */
  packageJson: string;
  /** Where sharp, what it needs and the font lie, by their names. */
  modules: string;
  moduleNames: string[];
}

/** sharp, its compiled part, what it loads (some lie below sharp when versions differ), and a font. */
const MODULES = ['sharp', '@img', 'detect-libc', 'semver', '@fontsource'];

/**
 * The child runs compiled on its own, because Node 20 reads no TypeScript. Under Jest this file is a source:
 * then the child is what `scripts/build.mjs` made of its own.
 */
export function findChildFiles(): ChildFiles {
  const here = dirname(fileURLToPath(import.meta.url));
  const root = rootAbove(here);
  const compiled = import.meta.url.endsWith('.ts') ? join(root, 'dist', here.slice(root.length)) : here;
  const folder = join(compiled, 'cage');
  const main = createRequire(import.meta.url).resolve('sharp');
  const modules = main.slice(0, main.lastIndexOf('/node_modules/') + '/node_modules'.length);
  return {
    program: join(folder, 'child.js'),
    folder,
    packageJson: join(root, 'package.json'),
    modules,
    moduleNames: MODULES.filter((name) => existsSync(join(modules, name))),
  };
}

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder));
}
