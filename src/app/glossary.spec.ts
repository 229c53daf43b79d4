import { expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const glossary = readFileSync(join(root, 'docs/glossary.md'), 'utf8');
const rows = glossary
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (word |-)/.test(line))
  .map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'),
);

/** A receipt that an older version left carries the old word. */
const OLDER_ROWS = ['doors/whatsapp/gateway/outbox.ts: HANDOVER'];

/** Words in capitals in the last column of the glossary. */
const avoided = rows.flatMap((cells) => cells.at(-1)!.match(/\b[A-Z]{3,}\b/g) ?? []);

/**
 * The words of which names are made, without strings and comments: those belong to the API, to laws and to
 * people.
 */
function wordsOf(code: string): Set<string> {
  const bare = code
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .replace(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|"(?:[^"\\\n]|\\.)*"/g, '');
  const words = (bare.match(/[A-Za-z]+/g) ?? []).flatMap((name) => [name, ...name.split(/(?=[A-Z])/)]);
  return new Set(words.map((word) => word.toUpperCase().replace(/S$/, '')));
}

it('no source calls a thing by a word that the glossary gives up', () => {
  expect(avoided.length).toBeGreaterThan(10);
  const found = sources.flatMap((path) => {
    const words = wordsOf(readFileSync(join(root, 'src', path), 'utf8'));
    return avoided.filter((word) => words.has(word)).map((word) => `${path}: ${word}`);
  });
  expect(found).toEqual(OLDER_ROWS);
});

it('each word stands in the glossary once', () => {
  const words = rows.flatMap(([word]) => word!.split(',').map((one) => one.trim()));
  const twice = words.filter((word, at) => words.indexOf(word) !== at);
  // A step of a flow and a step of a transaction are both said so by those who work with them.
  expect(twice).toEqual(['step']);
});
