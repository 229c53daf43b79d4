import { findCategory, type CatalogSnapshot } from '../../../foundations/catalogs/catalogs.reader.js';
import { categoryLabel, municipalityLabel } from '../../../foundations/catalogs/labels.js';
import { spelledDay } from '../../../platform/days.js';
import type { Language } from '../../../platform/http/language.js';
import type { Mode } from '../../../work/cases/case.entities.js';
import type { PhoneDraft } from './call.request.js';

/**
 * What the operator reads to the caller before the report is filed: all that was written down, and nothing
 * else. Codes are read by their names; one without a name is not read, and `missing` says so. Null when
 * nothing was written down.
 */
export function readBack(draft: PhoneDraft, catalog: CatalogSnapshot, language: Language): string | null {
  const words = WORDS[language];
  const { place, occurred } = draft;
  const told = [
    draft.mode && words.mode[draft.mode],
    named(words.category, categoryName(draft.category, catalog, language)),
    draft.voice ? words.voice : undefined,
    draft.narrative && words.narrative(draft.narrative),
    named(words.municipality, draft.municipality && municipalityLabel(draft.municipality)),
    place?.description && words.place(place.description),
    place?.latitude !== undefined && place.longitude !== undefined
      ? words.point(place.latitude, place.longitude)
      : undefined,
    when(occurred?.from, occurred?.to, language),
    ...(draft.accused ?? []).map(({ name, position, unit, description }) =>
      someone(words.accused, [name, position, unit, description]),
    ),
    ...(draft.witnesses ?? []).map(({ name, contact }) => someone(words.witness, [name, contact])),
    someone(words.reporter, [draft.reporter?.name, draft.reporter?.email, draft.reporter?.phone]),
    draft.privacyNotice && words.notice,
  ].filter((part) => part !== undefined && part !== '');
  return told.length === 0 ? null : [words.begin, ...told, words.end].join(' ');
}

function categoryName(
  code: string | undefined,
  catalog: CatalogSnapshot,
  language: Language,
): string | undefined {
  const category = code === undefined ? undefined : findCategory(catalog, { code });
  return category && categoryLabel(category, language);
}

function named(say: (name: string) => string, name: string | null | undefined): string | undefined {
  return name ? say(name) : undefined;
}

function when(from: string | undefined, to: string | undefined, language: Language): string | undefined {
  const words = WORDS[language];
  const day = (one: string): string => spelledDay(one, language);
  if (from !== undefined && from === to) return words.on(day(from));
  if (from !== undefined && to !== undefined) return words.between(day(from), day(to));
  if (from !== undefined) return words.since(day(from));
  return to === undefined ? undefined : words.until(day(to));
}

function someone(say: (who: string) => string, parts: readonly (string | undefined)[]): string | undefined {
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? undefined : say(known.join(', '));
}

/** A sentence with one full stop, whether or not what it quotes ends with one. */
function ended(sentence: string): string {
  return /[.!?…]["»]?$/.test(sentence) ? sentence : `${sentence}.`;
}

interface Words {
  begin: string;
  end: string;
  mode: Record<Mode, string>;
  category(name: string): string;
  narrative(text: string): string;
  voice: string;
  municipality(name: string): string;
  place(text: string): string;
  point(latitude: number, longitude: number): string;
  on(day: string): string;
  between(from: string, to: string): string;
  since(day: string): string;
  until(day: string): string;
  accused(who: string): string;
  witness(who: string): string;
  reporter(who: string): string;
  notice: string;
}

const WORDS: Readonly<Record<Language, Words>> = {
  es: {
    begin: 'Le leo lo que anoté.',
    end: '¿Es correcto? ¿Quiere cambiar o agregar algo?',
    mode: {
      anonymous: 'La denuncia es anónima: en ella no van su nombre ni su teléfono.',
      confidential: 'La denuncia es confidencial: quienes la atienden no ven sus datos.',
      identified: 'La denuncia lleva sus datos: el área que la atiende puede verlos.',
    },
    category: (name) => `Trata de: ${name}.`,
    narrative: (text) => ended(`Usted contó lo siguiente: «${text}»`),
    voice: 'Su relato, o parte de él, va en una grabación.',
    municipality: (name) => `Ocurrió en ${name}.`,
    place: (text) => ended(`Lugar: ${text}`),
    point: (latitude, longitude) => `Punto en el mapa: ${latitude}, ${longitude}.`,
    on: (day) => `Fue el ${day}.`,
    between: (from, to) => `Fue entre el ${from} y el ${to}.`,
    since: (day) => `Fue desde el ${day}.`,
    until: (day) => `Fue hasta el ${day}.`,
    accused: (who) => ended(`Señala a: ${who}`),
    witness: (who) => ended(`Testigo: ${who}`),
    reporter: (who) => `Sus datos: ${who}.`,
    notice: 'Aceptó el aviso de privacidad.',
  },
  en: {
    begin: 'I will read to you what I wrote down.',
    end: 'Is that right? Would you like to change or add anything?',
    mode: {
      anonymous: 'The report is anonymous: neither your name nor your telephone is in it.',
      confidential: 'The report is confidential: those who work it do not see your data.',
      identified: 'The report carries your data: the area that works it can see them.',
    },
    category: (name) => `It is about: ${name}.`,
    narrative: (text) => ended(`You told us this: "${text}"`),
    voice: 'Your account, or a part of it, is a recording.',
    municipality: (name) => `It happened in ${name}.`,
    place: (text) => ended(`Place: ${text}`),
    point: (latitude, longitude) => `Point on the map: ${latitude}, ${longitude}.`,
    on: (day) => `It was on ${day}.`,
    between: (from, to) => `It was between ${from} and ${to}.`,
    since: (day) => `It was from ${day} on.`,
    until: (day) => `It was until ${day}.`,
    accused: (who) => ended(`You name: ${who}`),
    witness: (who) => ended(`Witness: ${who}`),
    reporter: (who) => `Your data: ${who}.`,
    notice: 'You accepted the privacy notice.',
  },
};
