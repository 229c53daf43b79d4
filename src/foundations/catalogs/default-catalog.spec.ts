import { describe, expect, it } from '@jest/globals';
import {
  DEFAULT_AREAS,
  DEFAULT_CATEGORIES,
  FALLBACK_AREA,
  FALLBACK_CATEGORY,
  type InstitutionKind,
} from './default-catalog.js';
import { DEFAULT_ROUTING_RULES } from './default-routing-rules.js';
import { findFault } from './faults.js';
import { findMunicipality } from './municipalities.js';
import { isShortCode } from './short-codes.js';

const kinds: InstitutionKind[] = ['federal', 'municipal'];

describe.each(kinds)('the default catalogue of a %s institution', (kind) => {
  const areas = DEFAULT_AREAS[kind].map(({ code }) => code);
  const categories = DEFAULT_CATEGORIES[kind].map(({ code }) => code);
  const rules = DEFAULT_ROUTING_RULES[kind];

  it('names each area and category once, in upper snake case', () => {
    expect(new Set(areas).size).toBe(areas.length);
    expect(new Set(categories).size).toBe(categories.length);
    for (const code of [...areas, ...categories]) expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
  });

  it('gives each category a short code of its own for expedientes', () => {
    const codes = DEFAULT_CATEGORIES[kind].map(({ shortCode }) => shortCode!);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.filter((code) => !isShortCode(code))).toEqual([]);
  });

  it('has the fallback area and category', () => {
    expect(areas).toContain(FALLBACK_AREA);
    expect(categories).toContain(FALLBACK_CATEGORY);
  });

  it('fits into one WhatsApp list of 10 rows, 24 characters and 72 of description', () => {
    expect(categories.length).toBeLessThanOrEqual(10);
    for (const { label, description } of DEFAULT_CATEGORIES[kind]) {
      expect(label.length).toBeLessThanOrEqual(24);
      expect(description.length).toBeLessThanOrEqual(72);
    }
  });

  it('cites only articles of the catalogue of faults', () => {
    const cited = DEFAULT_CATEGORIES[kind].flatMap(({ articles }) => articles);
    expect(cited.filter((article) => !findFault(article))).toEqual([]);
  });

  it('routes only to its own areas, by its own categories and known municipalities', () => {
    for (const { when, area, category } of rules) {
      expect(areas).toContain(area);
      for (const code of [when.category, category]) if (code) expect(categories).toContain(code);
      if (when.municipality) expect(findMunicipality(when.municipality)).toBeDefined();
    }
  });

  it('gives every category but the fallback one a rule of its own', () => {
    const routed = rules.filter(({ when }) => when.category && !when.words).map(({ when }) => when.category);
    expect([...routed].sort()).toEqual(categories.filter((code) => code !== FALLBACK_CATEGORY).sort());
  });

  it('ends with the one rule without conditions, to the desk', () => {
    const unconditional = rules.filter(({ when }) => Object.keys(when).length === 0);
    expect(unconditional).toEqual([rules.at(-1)]);
    expect(rules.at(-1)?.area).toBe(FALLBACK_AREA);
  });

  it('writes words in lower case without accents', () => {
    for (const word of rules.flatMap(({ when }) => when.words ?? [])) expect(word).toMatch(/^[a-zñ]{4,}$/);
  });

  it('keeps ordinary words out of the word rules', () => {
    const words = rules.flatMap(({ when }) => when.words ?? []);
    const ordinary = ['acosta', 'coyotepec', 'estafeta', 'armado', 'desviacion', 'derecho', 'moral', 'favor'];
    expect(ordinary.filter((text) => words.some((word) => text.startsWith(word)))).toEqual([]);
  });
});

describe('the default categories', () => {
  it('mean the same wherever the same code is used', () => {
    const byCode = new Map(DEFAULT_CATEGORIES.federal.map((category) => [category.code, category]));
    for (const category of DEFAULT_CATEGORIES.municipal) {
      const twin = byCode.get(category.code);
      if (twin) expect(category).toEqual(twin);
    }
  });
});
