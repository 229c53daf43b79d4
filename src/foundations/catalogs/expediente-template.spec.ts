import { describe, expect, it } from '@jest/globals';
import { DEFAULT_EXPEDIENTE_TEMPLATE, templateFaults } from './expediente-template.js';

describe('a template of expedientes', () => {
  it.each([
    DEFAULT_EXPEDIENTE_TEMPLATE,
    '{number}-{year}',
    'OIC/{municipality}/{type}.{area}_{year} {number}',
  ])('is right: %s', (template) => {
    expect(templateFaults(template)).toEqual([]);
  });

  it.each([
    ['{area}/{number}', 'the year is missing'],
    ['{area}/{year}', 'the number is missing'],
    ['{number}/{number}/{year}', 'the number stands twice'],
    ['{consecutivo}/{number}/{year}', 'a placeholder is unknown'],
    ['{number/{year}', 'a brace is not closed'],
    ['{type}{number}/{year}', 'the number stands beside a placeholder'],
    ['A{number}/{year}', 'the number stands beside a letter'],
    ['{number}1/{year}', 'the number stands beside a digit'],
    ['{number}/{year} ', 'it ends with a space'],
    ['{number}/{year}\n', 'there is a line break'],
    [`{number}/{year}/${'A'.repeat(80)}`, 'it is too long'],
  ])('is refused: %j, because %s', (template) => {
    expect(templateFaults(template)).not.toEqual([]);
  });
});
