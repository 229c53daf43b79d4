import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { route, RuleSet, type RoutingFacts, type RoutingRule } from './routing.js';
import { wordsOf } from './word-index.js';

const rule = (id: string, over: Partial<RoutingRule> = {}): RoutingRule => ({
  id,
  ifCategoryId: null,
  ifMunicipality: null,
  ifChannel: null,
  ifWords: [],
  areaId: `area-${id}`,
  categoryId: null,
  priority: null,
  ...over,
});
const facts = (over: Partial<RoutingFacts> = {}): RoutingFacts => ({
  categoryId: null,
  otherCategoryId: 'other',
  municipality: '15002',
  channel: 'web',
  text: 'Me amenazaron en la Ventanilla 3',
  ...over,
});
const go = (rules: RoutingRule[], f: RoutingFacts) =>
  route(new RuleSet(rules), f, {
    fallbackAreaId: 'desk',
    priorityOf: () => 'normal',
    areaInForce: (area) => area !== 'area-ended',
  });

describe('routing', () => {
  it('takes the first rule whose conditions all hold', () => {
    const rules = [
      rule('a', { ifChannel: 'phone' }),
      rule('b', { ifWords: ['amenaz'], ifMunicipality: '15002', priority: 'urgent' }),
      rule('c', { ifWords: ['amenaz'] }),
    ];
    expect(go(rules, facts())).toEqual({
      areaId: 'area-b',
      categoryId: null,
      priority: 'urgent',
      ruleId: 'b',
    });
    expect(go(rules, facts({ municipality: null })).ruleId).toBe('c');
  });

  it('sends what no rule matches to the fallback desk', () => {
    expect(go([rule('a', { ifWords: ['bache'] })], facts())).toEqual({
      areaId: 'desk',
      categoryId: null,
      priority: 'normal',
      ruleId: null,
    });
  });

  it('finds the words of its own rules, whatever an earlier set had', () => {
    const before = [rule('a', { ifWords: ['bache'] }), rule('b', { ifWords: ['amenaz', 'golpe'] })];
    const after: [RoutingRule[], number[]][] = [
      [[rule('a', { ifWords: ['bache'] }), rule('b', { ifWords: ['amenaz', 'golpe'] })], [1]],
      [[rule('a', { ifWords: ['amenaz', 'golpe'] }), rule('b', { ifWords: ['bache'] })], [0]],
      [
        [rule('a', { ifWords: ['ventanilla'] }), rule('b', { ifWords: ['amenaz', 'golpe'] })],
        [0, 1],
      ],
      [[rule('a', { ifWords: ['bache'] }), rule('b', { ifWords: ['golpe'] })], []],
      [[rule('b', { ifWords: ['amenaz', 'golpe'] })], [0]],
      [[], []],
    ];
    for (const [rules, found] of after) {
      const set = new RuleSet(rules, new RuleSet(before));
      expect([...set.withWordsIn(facts().text)].sort()).toEqual(found);
    }
  });

  it('passes over a rule that leads to an ended area', () => {
    expect(go([rule('ended'), rule('b')], facts()).ruleId).toBe('b');
  });

  it('keeps the category the reporter stated, and replaces none or "other"', () => {
    const rules = [rule('a', { categoryId: 'fraud' })];
    expect(go(rules, facts({ categoryId: 'works' })).categoryId).toBe('works');
    expect(go(rules, facts({ categoryId: 'other' })).categoryId).toBe('fraud');
    expect(go(rules, facts()).categoryId).toBe('fraud');
  });

  it('matches beginnings of words without accents and case, phrases in order', () => {
    const one = (word: string, text: string) =>
      go([rule('a', { ifWords: [word] })], facts({ text })).ruleId === 'a';
    expect(one('gestor', 'Un GESTOR falso')).toBe(true);
    expect(one('inscripcion', 'por la inscripción')).toBe(true);
    expect(one('tres', 'me entrestecí')).toBe(false);
    expect(one('pidio dinero', 'me PIDIÓ dinero ayer')).toBe(true);
    expect(one('dinero pidio', 'me pidió dinero')).toBe(false);
    expect(wordsOf('Engaño, ÑANDÚ')).toEqual(['engano', 'nandu']);
  });

  it('always gives an area, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string(),
        (text) => go([rule('a', { ifWords: [text.slice(0, 3)] })], facts({ text })).areaId !== '',
      ),
    );
  });
});
