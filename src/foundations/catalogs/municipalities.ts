import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { plainWords } from '../../platform/typed-text.js';

/** A municipality of the table. `data/README.md` gives origin, licence and limits of the table. */
export interface Municipality {
  /** INEGI key of five characters: state and municipality. It is text, because it may start with zero. */
  key: string;
  /** Unique within its state. */
  name: string;
  /** Its seat (cabecera), which may have another name. */
  seat: string;
  /** First two characters of the key. */
  stateKey: string;
  stateName: string;
  /** IANA zone, derived from the Ley de los Husos Horarios. */
  timeZone: string;
}

export interface State {
  key: string;
  name: string;
}

interface Row {
  cvegeo: string;
  cve_ent: string;
  nom_ent: string;
  nom_mun: string;
  nom_cab: string;
  tz_iana_derivada: string;
}

interface Territory {
  all: readonly Municipality[];
  byKey: ReadonlyMap<string, Municipality>;
  byState: ReadonlyMap<string, readonly Municipality[]>;
  states: readonly State[];
}

let loaded: Territory | undefined;

/** Read at first use, because the entry points that only print SQL or secrets need no catalogue. */
function territory(): Territory {
  loaded ??= load();
  return loaded;
}

function load(): Territory {
  const csv = readFileSync(new URL('./data/inegi_municipios.csv', import.meta.url), 'utf8');
  const rows = parse<Row>(csv, { columns: true });
  const named = new Map<string, number>();
  for (const row of rows) named.set(nameInState(row), (named.get(nameInState(row)) ?? 0) + 1);
  const all = rows.map((row) =>
    Object.freeze({
      key: row.cvegeo,
      name: named.get(nameInState(row)) === 1 ? row.nom_mun : withSeat(row),
      seat: row.nom_cab,
      stateKey: row.cve_ent,
      stateName: row.nom_ent,
      timeZone: row.tz_iana_derivada,
    }),
  );
  all.sort((a, b) => (a.key < b.key ? -1 : 1));
  const byState = groupByState(all);
  const states = [...byState].map(([key, [first]]) => Object.freeze({ key, name: first?.stateName ?? '' }));
  return { all, byKey: new Map(all.map((one) => [one.key, one])), byState, states };
}

const nameInState = ({ cve_ent, nom_mun }: Row): string => `${cve_ent} ${plainWords(nom_mun)}`;

/**
 * Adds the seat to a name. Two pairs in Oaxaca share a name, and their seats differ by the judicial district:
 * `San Juan Mixtepec (Distrito 08)`.
 */
function withSeat({ nom_mun, nom_cab }: Row): string {
  const rest = nom_cab.startsWith(`${nom_mun} `) ? nom_cab.slice(nom_mun.length + 1) : nom_cab;
  return `${nom_mun} (${rest})`;
}

function groupByState(all: readonly Municipality[]): Map<string, Municipality[]> {
  const groups = new Map<string, Municipality[]>();
  for (const one of all) {
    const group = groups.get(one.stateKey);
    if (group) group.push(one);
    else groups.set(one.stateKey, [one]);
  }
  return groups;
}

/** Finds the municipality with this INEGI key of five characters, e.g. '15002' (Acolman). */
export function findMunicipality(key: string): Municipality | undefined {
  return territory().byKey.get(key);
}

/**
 * Returns all 2,478 municipalities, or those of one state, ordered by key. The key of a state has two
 * characters, and an unknown state has none.
 */
export function municipalities(stateKey?: string): readonly Municipality[] {
  return stateKey === undefined ? territory().all : (territory().byState.get(stateKey) ?? []);
}

/** Returns the 32 states, ordered by key. */
export function states(): readonly State[] {
  return territory().states;
}
