import { noiseMargin } from './noise-margin.js';
import { type NoisedCell } from './release-domain.js';

/** A published cell as the public reader loads it. */
export interface ReleasedCell extends NoisedCell {
  readonly period: string;
  /** ε of the version with which the cell was drawn. A filter over several years may mix versions. */
  readonly epsilon: number;
}

export const DIMENSIONS = ['category', 'territory', 'period'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** A sum of published cells. */
export interface PublicSum {
  /**
   * Raw sum, possibly negative, so that rows add up to their total exactly. Clamp with `display`, never
   * before adding.
   */
  readonly value: number;
  /** Number of cells in it. */
  readonly cells: number;
  /** Number of periods in the sum. Fewer than asked for when a category did not exist in all of them. */
  readonly periodCount: number;
  /** ± in whole reports. */
  readonly margin: number;
}

export interface PublicRow extends PublicSum {
  readonly dimensions: Readonly<Partial<Record<Dimension, string>>>;
}

export interface Displayed {
  /** Zero or more. */
  readonly value: number;
  /** True when the value is smaller than its margin: it cannot be distinguished from noise. */
  readonly belowMargin: boolean;
  /** What a table or chart shows. */
  readonly text: string;
}

export type Language = 'es' | 'en';

/**
 * Margin (±, whole reports) of a sum of `cells` cells of one ε. The exact figure lies within the margin at
 * least 95 times out of 100.
 */
export function margin(cells: number, epsilon: number): number {
  return noiseMargin(new Map([[epsilon, cells]]));
}

/**
 * Group cells by dimensions. Without dimensions all cells form one group. Without cells there is no group.
 * @param cells already filtered; may span periods and versions
 * @returns groups in the order of their dimensions' codes
 */
export function groupCells(cells: readonly ReleasedCell[], by: readonly Dimension[]): ReleasedCell[][] {
  const groups = new Map<string, ReleasedCell[]>();
  for (const cell of cells) {
    let key = '';
    for (const dimension of by) key += `${key && '|'}${cell[dimension]}`;
    const group = groups.get(key);
    if (group) group.push(cell);
    else groups.set(key, [cell]);
  }
  return [...groups.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, group]) => group);
}

/** Add up one group of `groupCells`. Every public number, CSV line and chart comes from here. */
export function sumGroup(group: readonly ReleasedCell[], by: readonly Dimension[]): PublicRow {
  return { dimensions: pickDimensions(group[0]!, by), ...totalOf(group) };
}

/** Sums of cells by dimensions, as `groupCells` orders them. */
export function sumCells(cells: readonly ReleasedCell[], by: readonly Dimension[]): PublicRow[] {
  return groupCells(cells, by).map((group) => sumGroup(group, by));
}

/** Sum of all given cells. Without cells, value and margin are zero. */
export function totalOf(cells: readonly ReleasedCell[]): PublicSum {
  const byEpsilon = new Map<number, number>();
  const periods = new Set<string>();
  let value = 0;
  for (const cell of cells) {
    value += cell.value;
    byEpsilon.set(cell.epsilon, (byEpsilon.get(cell.epsilon) ?? 0) + 1);
    periods.add(cell.period);
  }
  return { value, cells: cells.length, periodCount: periods.size, margin: noiseMargin(byEpsilon) };
}

function pickDimensions(cell: ReleasedCell, by: readonly Dimension[]): Partial<Record<Dimension, string>> {
  return Object.fromEntries(by.map((dimension) => [dimension, cell[dimension]]));
}

/**
 * Show a sum to people. A number below its margin is not printed. The margin is not printed in its place
 * either: "< 3" would claim that the true count is smaller, and nobody knows that.
 */
export function display(sum: Pick<PublicSum, 'value' | 'margin'>, language: Language = 'es'): Displayed {
  const value = Math.max(0, sum.value);
  const belowMargin = sum.value < sum.margin;
  const text = belowMargin ? (language === 'es' ? '< margen' : '< margin') : String(value);
  return { value, belowMargin, text };
}

/** The highest certainty that somebody can reach who starts at 50 %: e^ε/(1+e^ε), between 0.5 and 1. */
export function certaintyBound(epsilon: number): number {
  return 1 / (1 + Math.exp(-epsilon));
}

/**
 * Explain to people what the noise promises, with numbers from ε (percentages rounded to whole ones).
 *
 * The unit is one report. ε limits what anybody can learn about whether a report exists. Somebody may already
 * know that the report exists and doubt only between two cells. That person compares two noised numbers, so
 * the bound is that of 2ε. Without this second bound the statement would promise too much.
 * @param epsilon of the table shown.
 * @param otherTables ε of the other tables about the same reports that are published today (not those
 *   planned).
 */
export function privacyStatement(
  epsilon: number,
  otherTables: readonly number[] = [],
): Record<Language, string> {
  const total = Number([epsilon, ...otherTables].reduce((sum, next) => sum + next, 0).toFixed(6));
  const tables = otherTables.length + 1;
  const exists = percent(certaintyBound(epsilon));
  const where = percent(certaintyBound(2 * epsilon));
  const together = percent(certaintyBound(total));
  return {
    es: [
      `Cada casilla lleva ruido aleatorio (Laplace discreta, ε = ${epsilon}) para proteger a quien denuncia.`,
      `Aun con cualquier otra información, nadie puede pasar con esta tabla de 50 % a más de ${exists} de certeza sobre si existe una denuncia determinada;`,
      `quien ya sabe que existe y solo duda entre dos casillas no pasa de ${where}.`,
      tables === 1
        ? `Es la única tabla publicada sobre estas denuncias: el total por denuncia es ε = ${total}.`
        : `Hoy se publican ${tables} tablas sobre estas denuncias: el total por denuncia es ε = ${total} y, con todas juntas, la certeza de que existe no pasa de ${together}.`,
      'La unidad protegida es una denuncia: quien presenta varias queda menos protegido con cada una.',
      'El margen contiene el dato exacto al menos 95 de cada 100 veces.',
    ].join(' '),
    en: [
      `Every cell carries random noise (discrete Laplace, ε = ${epsilon}) to protect those who report.`,
      `Whatever else they know, nobody can move with this table from 50 % to more than ${exists} certainty that a given report exists;`,
      `somebody who already knows that it exists and only doubts between two cells gets no further than ${where}.`,
      tables === 1
        ? `It is the only table published about these reports: the total per report is ε = ${total}.`
        : `Today ${tables} tables about these reports are published: the total per report is ε = ${total} and, with all of them, certainty that it exists stays within ${together}.`,
      'The protected unit is one report: a person who files several is less protected with each.',
      'The margin holds the exact figure at least 95 times out of 100.',
    ].join(' '),
  };
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
