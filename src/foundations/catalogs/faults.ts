import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

/**
 * Kinds of faults in the LGRA: not grave faults of public servants (49, 50), grave faults of public servants
 * (52 to 64), and faults of private parties (66 to 73).
 */
export type FaultKind = 'no_grave' | 'grave' | 'particulares';

export interface Fault {
  /** Article of the LGRA as text: '52', '55-56', '63 Bis'. */
  article: string;
  kind: FaultKind;
  /** Short Spanish name. */
  name: string;
}

interface Row {
  tipo: FaultKind;
  articulo_lgra: string;
  nombre: string;
}

let loaded: readonly Fault[] | undefined;

/** Returns the 27 faults of LGRA 49 to 73 in the order of the law (origin: `data/README.md`). */
export function faults(): readonly Fault[] {
  loaded ??= load();
  return loaded;
}

function load(): readonly Fault[] {
  const csv = readFileSync(new URL('./data/lgra_faltas.csv', import.meta.url), 'utf8');
  return parse<Row>(csv, { columns: true }).map((row) =>
    Object.freeze({ article: row.articulo_lgra, kind: row.tipo, name: row.nombre }),
  );
}

/** Finds the fault of this article, written as in the catalogue ('63 Bis'). */
export function findFault(article: string): Fault | undefined {
  return faults().find((fault) => fault.article === article);
}
